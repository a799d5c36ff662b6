"""One client's connection from PRELOGIN to its end: [MS-TDS] 3.3.5 (server details).

Reads requests from the packet stream, answers with tokens; runs in a thread of its own.
"""

import itertools
import struct
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tests.tds_server import tokens
from tests.tds_server.errors import SqlError, database_does_not_exist, unknown_procedure
from tests.tds_server.faults import LOGIN, Fault
from tests.tds_server.login import TDS_7_2, TDS_7_3_B, Login, parse_login, parse_prelogin, prelogin_answer
from tests.tds_server.packets import (
    LARGEST_PACKET,
    SMALLEST_PACKET,
    ConnectionGoneError,
    Message,
    PacketStream,
    PacketType,
)
from tests.tds_server.rpc import after_headers, parse_call
from tests.tds_server.source import SourceSession
from tests.tds_server.translate import Action, Verb, translate
from tests.tds_server.tsql import Token, literal, spelled, statements, substitute
from tests.tds_server.wire_types import Column

if TYPE_CHECKING:
    from tests.tds_server.server import TdsServer

_FATAL_SEVERITY = 20


class _CancelledError(Exception):
    """The client's attention was seen between two rows."""


class Session:
    """Serves one connection."""

    def __init__(self, server: "TdsServer", stream: PacketStream, spid: int) -> None:
        self._server = server
        self._stream = stream
        self._spid = spid
        self._tds_version = 0
        self._login: Login | None = None
        self._source: SourceSession | None = None
        self._transactions = itertools.count(1)

    def run(self) -> None:
        """Serve until the client leaves or a fault ends the connection."""
        try:
            if not self._log_in():
                return
            while True:
                self._answer(self._stream.read_message())
        except (ConnectionGoneError, OSError):
            return
        finally:
            if self._source is not None:
                self._source.close()

    # --- login, 3.3.5.1 to 3.3.5.3 ---

    def _log_in(self) -> bool:
        message = self._stream.read_message()
        if message.type == PacketType.PRELOGIN:
            parse_prelogin(message.payload)
            self._stream.write(prelogin_answer())
            self._stream.end_message()
            message = self._stream.read_message()
        if message.type != PacketType.LOGIN7:
            raise ValueError(f"expected LOGIN7, got packet type {message.type:#x}")
        login = parse_login(message.payload)
        self._server.record_login(login)
        if login.tds_version < TDS_7_2:
            raise ValueError(f"TDS version {login.tds_version:#x}: this server speaks 7.2 and later")
        self._tds_version = min(login.tds_version, self._server.tds_version)
        errors = self._login_errors(login)
        if errors:
            self._stream.write(b"".join(map(tokens.error, errors)) + tokens.done(tokens.DONE, tokens.DONE_ERROR))
            self._stream.end_message()
            return False
        self._login = login
        self._source = self._server.open_source()
        self._welcome(login)
        return True

    def _login_errors(self, login: Login) -> list[SqlError]:
        fault = self._server.faults.take(LOGIN)
        if fault is not None:
            self._wait(fault)
            if fault.cut:
                self._stream.cut(reset=fault.reset)
            if fault.error is not None:
                return [fault.error]
        return self._server.check_login(login)

    def _welcome(self, login: Login) -> None:
        wanted = self._server.packet_size or login.packet_size or self._stream.packet_size
        size = max(SMALLEST_PACKET, min(wanted, LARGEST_PACKET))
        database = self._server.database
        self._stream.write(
            tokens.environment_text(tokens.ENV_DATABASE, database, "master")
            + tokens.info(5701, f"Changed database context to '{database}'.")
            + tokens.collation_change()
            + tokens.environment_text(tokens.ENV_LANGUAGE, "us_english")
            + tokens.info(5703, "Changed language setting to us_english.", state=1)
            + tokens.login_ack(self._tds_version)
            + tokens.environment_text(tokens.ENV_PACKET_SIZE, str(size), str(self._stream.packet_size))
            + tokens.done(tokens.DONE, 0)
        )
        self._stream.end_message()
        self._stream.packet_size = size  # from the message after this one on (2.2.7.9, type 4)

    # --- requests, 3.3.5.4 to 3.3.5.8 ---

    def _answer(self, message: Message) -> None:
        try:
            if message.type == PacketType.SQL_BATCH:
                text = after_headers(message.payload).decode("utf-16-le")
                self._server.record(text, "batch", self._spid, message.packets)
                self._run(text, statements(text), tokens.DONE)
            elif message.type == PacketType.RPC:
                self._call(message)
            elif message.type == PacketType.ATTENTION:
                self._stream.write(tokens.done(tokens.DONE, tokens.DONE_ATTENTION))
            else:
                self._fail(SqlError(50000, f"packet type {message.type:#x} is not served here"), tokens.DONE)
        except SqlError as error:
            self._fail(error, tokens.DONE)
        except _CancelledError:
            self._stream.read_message()  # the attention itself
            self._stream.write(tokens.done(tokens.DONE, tokens.DONE_ATTENTION))
        self._stream.end_message()

    def _call(self, message: Message) -> None:
        call = parse_call(message.payload)
        if call.procedure.lower() != "sp_executesql" or not call.parameters:
            self._server.record(call.procedure, "rpc", self._spid, message.packets)
            self._fail(unknown_procedure(call.procedure), tokens.DONEPROC)
            return
        text = str(call.parameters[0].value)
        self._server.record(text, "rpc", self._spid, message.packets)
        values = {name: literal(value) for name, value in call.statement_parameters().items()}
        self._run(text, [substitute(statement, values) for statement in statements(text)], tokens.DONEINPROC)

    def _run(self, text: str, batch: list[list[Token]], done: int) -> None:
        fault = self._server.faults.take(text)
        if fault is not None:
            self._wait(fault)
            if fault.after_bytes is not None:
                self._stream.cut_after(fault.after_bytes)
            if fault.strikes_at_once:
                self._strike(fault)
        try:
            for i, statement in enumerate(batch):
                more = tokens.DONE_MORE if done == tokens.DONEINPROC or i + 1 < len(batch) else 0
                self._execute(statement, done, more, fault)
        except SqlError as error:
            self._fail(error, done)
            return
        if done == tokens.DONEINPROC:
            self._stream.write(tokens.return_status(0) + tokens.done(tokens.DONEPROC, 0))
        elif not batch:
            self._stream.write(tokens.done(done, 0))

    def _execute(self, statement: list[Token], done: int, more: int, fault: Fault | None) -> None:
        scripted = self._server.scripted_answer(spelled(statement))
        if scripted is not None:
            self._send_rows(scripted[0], iter(scripted[1]), done, more, fault)
            return
        action = translate(statement, self._server.types, self._server.constants(self._opened()))
        if action.verb is Verb.QUERY:
            columns, rows = self._opened().query(action.argument, action.items)
            self._send_rows(columns, rows, done, more, fault)
        else:
            self._stream.write(self._change(action) + tokens.done(done, more))

    def _opened(self) -> SourceSession:
        assert self._source is not None
        return self._source

    def _change(self, action: Action) -> bytes:
        """Do what changes the session; return the tokens that tell of it."""
        source = self._opened()
        if action.verb is Verb.USE:
            if action.argument.lower() != self._server.database.lower():
                raise database_does_not_exist(action.argument)
            changed = tokens.environment_text(tokens.ENV_DATABASE, action.argument, action.argument)
            return changed + tokens.info(5701, f"Changed database context to '{action.argument}'.")
        if action.verb is Verb.ISOLATION:
            source.set_isolation(action.argument)
        elif action.verb is Verb.BEGIN:
            source.begin()
            return tokens.environment_bytes(tokens.ENV_BEGIN, struct.pack("<Q", next(self._transactions)))
        elif action.verb is Verb.COMMIT:
            source.commit()
            return tokens.environment_bytes(tokens.ENV_COMMIT, b"", bytes(8))
        elif action.verb is Verb.ROLLBACK:
            source.rollback()
            return tokens.environment_bytes(tokens.ENV_ROLLBACK, b"", bytes(8))
        return b""

    # --- responses ---

    def _send_rows(
        self, columns: list[Column], rows: Iterator[Sequence[Any]], done: int, more: int, fault: Fault | None
    ) -> None:
        bitmaps = self._server.null_bitmaps and self._tds_version >= TDS_7_3_B
        encoder = tokens.RowEncoder(columns, self._tds_version, null_bitmaps=bitmaps)
        stream = self._stream
        stream.write(tokens.column_metadata(columns, self._tds_version))
        count, packets = 0, stream.packets_sent
        for row in rows:
            if fault is not None and fault.strikes_at_row(count):
                self._strike(fault)
            stream.write(encoder.encode(row))
            count += 1
            if stream.packets_sent != packets:
                packets = stream.packets_sent
                if stream.something_waits():
                    raise _CancelledError
        if fault is not None and fault.strikes_at_row(count):
            self._strike(fault)
        self._stream.write(tokens.done(done, more | tokens.DONE_COUNT, count, tokens.COMMAND_SELECT))

    def _wait(self, fault: Fault) -> None:
        if fault.delay_seconds and self._stream.something_waits(fault.delay_seconds):
            raise _CancelledError

    def _strike(self, fault: Fault) -> None:
        if fault.cut:
            self._stream.flush()
            self._stream.cut(reset=fault.reset)
        if fault.error is not None:
            if fault.error.number == 1205:
                self._opened().abandon()
            raise fault.error

    def _fail(self, error: SqlError, done: int) -> None:
        self._stream.write(
            tokens.error(error)
            + tokens.done(tokens.DONE if done == tokens.DONE else tokens.DONEPROC, tokens.DONE_ERROR)
        )
        if error.severity >= _FATAL_SEVERITY:
            self._stream.end_message()
            self._stream.cut(reset=False)
