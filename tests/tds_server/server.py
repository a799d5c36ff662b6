"""The listening side: accepts connections on the loopback interface, one thread per session.

Tests own the object: they add faults, scripted answers and read what the clients sent.
"""

import re
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote

from tests.tds_server.errors import SqlError, cannot_open_database, login_failed
from tests.tds_server.faults import Fault, FaultList
from tests.tds_server.login import SERVER_VERSION, TDS_7_4, Login
from tests.tds_server.packets import PacketStream
from tests.tds_server.session import Session
from tests.tds_server.source import SourceSession
from tests.tds_server.wire_types import Column, WireType

_VERSION_TEXT = (
    "Microsoft SQL Server 2022 (RTM-CU13) - {}.{}.{}.4 (X64)\n\tDeveloper Edition (64-bit) on Linux, test server"
)
_JOIN_SECONDS = 10

Answer = Sequence[Sequence[Any]] | Callable[[str], Sequence[Sequence[Any]]]


@dataclass(frozen=True)
class Statement:
    """What a client sent: ``kind`` is batch or rpc; ``packets`` says in how many packets the request came."""

    text: str
    kind: str
    session: int
    packets: int


class TdsServer:
    """A SQL Server as far as the loader can tell, in this process. Use as a context manager or call ``stop()``.

    ``types`` maps table and column to the type on the wire; PostgreSQL's own type decides for other columns.
    ``packet_size`` overrides the client's wish; ``null_bitmaps`` False sends ROW tokens only; ``tds_version``
    is the highest spoken (numbers in ``login.py``).
    """

    def __init__(
        self,
        postgres_url: str,
        users: Mapping[str, str],
        *,
        database: str = "cord",
        types: Mapping[str, Mapping[str, WireType]] | None = None,
        packet_size: int | None = None,
        null_bitmaps: bool = True,
        snapshot_allowed: bool = True,
        tds_version: int = TDS_7_4,
    ) -> None:
        self.database = database
        self.types: Mapping[str, Mapping[str, WireType]] = types or {}
        self.packet_size = packet_size
        self.null_bitmaps = null_bitmaps
        self.tds_version = tds_version
        self.faults = FaultList()
        self.failures: list[BaseException] = []  # what this server itself did wrong; a test should end with none
        self.statements: list[Statement] = []
        self.logins: list[Login] = []
        self._postgres_url = postgres_url
        self._users = dict(users)
        self._snapshot_allowed = snapshot_allowed
        self._scripted: list[tuple[re.Pattern[str], list[Column], Answer]] = []
        self._sockets: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._accepting = threading.Thread(target=self._accept, name=f"tds-accept-{self.port}")
        self._accepting.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()

    # --- for tests ---

    def url(self, user: str | None = None, password: str | None = None, database: str | None = None) -> str:
        """Return a SQLAlchemy URL; what is not given is right."""
        user = user or next(iter(self._users))
        password = self._users.get(user, "") if password is None else password
        host = f"127.0.0.1:{self.port}"
        return f"mssql+pymssql://{quote(user, safe='')}:{quote(password, safe='')}@{host}/{database or self.database}"

    def inject(self, fault: Fault) -> None:
        """Let ``fault`` wait for its statement."""
        self.faults.add(fault)

    def answer(self, pattern: str, columns: Sequence[Column], rows: Answer) -> None:
        """Answer statements that match ``pattern`` with fixed rows, or with what a function makes of the statement.

        Statements are matched as ``tsql.spelled`` writes them: keywords in capitals, one space between tokens.
        """
        self._scripted.append((re.compile(pattern, re.IGNORECASE), list(columns), rows))

    def sent(self, pattern: str) -> list[str]:
        """Return the statements clients sent that match ``pattern``, in order."""
        return [s.text for s in self.statements if re.search(pattern, s.text, re.IGNORECASE | re.DOTALL)]

    def drop_connections(self) -> None:
        """Break every open connection, as a restart of the server would."""
        with self._lock:
            open_sockets = list(self._sockets)
        for connection in open_sockets:
            _shut(connection)

    def stop(self) -> None:
        """Break every connection and stop listening."""
        _shut(self._listener)
        self._listener.close()
        self._accepting.join(_JOIN_SECONDS)
        self.drop_connections()
        for thread in self._threads:
            thread.join(_JOIN_SECONDS)

    # --- for sessions ---

    def check_login(self, login: Login) -> list[SqlError]:
        """Return the errors that answer a login, none when it is good."""
        if self._users.get(login.user) != login.password:
            return [login_failed(login.user)]
        if login.database and login.database.lower() != self.database.lower():
            return [cannot_open_database(login.database), login_failed(login.user)]
        return []

    def open_source(self) -> SourceSession:
        """Return a new session with the source database."""
        return SourceSession(
            self._postgres_url, self.types, database=self.database, snapshot_allowed=self._snapshot_allowed
        )

    def record(self, text: str, kind: str, session: int, packets: int) -> None:
        """Remember a statement."""
        with self._lock:
            self.statements.append(Statement(text, kind, session, packets))

    def record_login(self, login: Login) -> None:
        """Remember a login."""
        with self._lock:
            self.logins.append(login)

    def scripted_answer(self, statement: str) -> tuple[list[Column], list[Sequence[Any]]] | None:
        """Return the fixed answer for ``statement``, if a test gave one."""
        for pattern, columns, rows in self._scripted:
            if pattern.search(statement):
                return columns, list(rows(statement) if callable(rows) else rows)
        return None

    def constants(self, source: SourceSession) -> dict[str, str]:
        """Return what functions and variables stand for, as PostgreSQL text."""
        major, minor, build = SERVER_VERSION
        now = "(clock_timestamp() at time zone 'utc')"
        return {
            "@@VERSION": "'" + _VERSION_TEXT.format(major, minor, build) + "'::text",
            "@@SPID": "pg_backend_pid()",
            "@@TRANCOUNT": str(source.open_transactions),
            "SCHEMA_NAME()": "'dbo'::text",
            "DB_NAME()": f"'{self.database}'::text",
            "SERVERPROPERTY(PRODUCTVERSION)": f"'{major}.{minor}.{build}.4'::text",
            "SERVERPROPERTY(EDITION)": "'Developer Edition (64-bit)'::text",
            "SERVERPROPERTY(ENGINEEDITION)": "3",
            "DB_ID()": "5",
            "SYSUTCDATETIME()": now,
            "SYSDATETIME()": now,
            "GETUTCDATE()": now,
            "FN_LISTEXTENDEDPROPERTY(" + " , ".join(["DEFAULT"] * 7) + ")": "(select where false) as no_property",
        }

    def _accept(self) -> None:
        for spid in range(51, 1_000_000):  # numbers up to 50 belong to SQL Server itself
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection, spid), name=f"tds-{self.port}-{spid}")
            with self._lock:
                self._sockets.add(connection)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, spid: int) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            Session(self, PacketStream(connection, spid), spid).run()
        except Exception as error:  # noqa: BLE001 - shown to the test that owns the server
            self.failures.append(error)
        finally:
            with self._lock:
                self._sockets.discard(connection)
            connection.close()


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # closed already
