"""The embedded PostgreSQL: start, stop, crash, restart, a second server, what the log must not hold, and users."""

import asyncio
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from xueshi_cli.runtime.child import Child
from xueshi_cli.runtime.errors import ChildFailedError, FolderInUseError, MissingPartError
from xueshi_cli.runtime.postgres import EmbeddedPostgres

REPOSITORY = Path(__file__).parents[3]
CANARY = "359900199003070011"


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder that other users can reach too (pytest's own is root's alone)."""
    with tempfile.TemporaryDirectory(prefix="xueshi-runtime-") as name:
        Path(name).chmod(0o755)
        yield Path(name, "postgres")


@pytest.fixture(scope="module")
def initialised() -> Iterator[Path]:
    """Give a prepared folder to copy: initdb is the slow part."""
    with tempfile.TemporaryDirectory(prefix="xueshi-runtime-") as name:
        EmbeddedPostgres(Path(name)).prepare()
        yield Path(name)


@pytest.fixture
async def server(initialised: Path, folder: Path) -> AsyncIterator[EmbeddedPostgres]:
    shutil.copytree(initialised, folder)
    (folder / "port").unlink()
    server = EmbeddedPostgres(folder)
    await server.start()
    yield server
    await server.stop()


def owner_of(pid: int | None) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


async def run(server: EmbeddedPostgres, statement: str) -> object:
    connection = await asyncpg.connect(server.dsn)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


async def test_serves_with_the_promised_settings(server: EmbeddedPostgres) -> None:
    async def setting(name: str) -> object:
        return await run(server, f"SHOW {name}")

    assert await setting("data_checksums") == "on"
    assert await setting("server_encoding") == "UTF8"
    assert await setting("password_encryption") == "scram-sha-256"
    assert await setting("listen_addresses") == "127.0.0.1"
    assert await setting("fsync") == "on"
    assert await setting("synchronous_commit") == "on"
    assert await setting("wal_compression") in {"lz4", "pglz"}


async def test_a_wrong_password_is_refused(server: EmbeddedPostgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(server.dsn, password="guessed")


def test_secrets_are_readable_by_the_owner_only(server: EmbeddedPostgres, folder: Path) -> None:
    assert stat.S_IMODE((folder / "passwords.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not (folder / "superuser.password").exists()
    assert server.passwords.of("postgres") not in " ".join(server.child().command)


async def test_stop_and_start_keep_data_port_and_password(server: EmbeddedPostgres, folder: Path) -> None:
    await run(server, "CREATE TABLE kept (i int)")
    dsn = server.dsn
    await server.stop()
    assert server.pid is None
    again = EmbeddedPostgres(folder)
    try:
        assert await again.start() == dsn
        assert await run(again, "SELECT count(*) FROM kept") == 0
    finally:
        await again.stop()


async def test_another_port_is_taken_when_the_remembered_one_is_not_free(
    server: EmbeddedPostgres, folder: Path
) -> None:
    await server.stop()
    with socket.create_server(("127.0.0.1", server.port)):
        again = EmbeddedPostgres(folder)
        await again.start()
        assert again.port != server.port
        await again.stop()


async def test_committed_rows_survive_kill_9_and_restart_in_place(server: EmbeddedPostgres) -> None:
    await run(server, "CREATE TABLE t AS SELECT generate_series(1, 500) AS i")
    port = server.port
    await server.kill()
    assert server.pid is None
    await server.restart()
    assert server.port == port
    assert await run(server, "SELECT count(*) FROM t") == 500


async def test_a_stale_pid_file_that_names_a_living_stranger_does_not_stop_the_start(
    server: EmbeddedPostgres, folder: Path
) -> None:
    pid_file = folder / "data" / "postmaster.pid"
    left_behind = pid_file.read_text("utf-8").splitlines()
    await server.kill()
    # As after a reboot or in a new container: the same number, somebody else's process.
    with subprocess.Popen(["sleep", "60"]) as stranger:  # noqa: ASYNC220 - nothing to wait for
        pid_file.write_text("\n".join([str(stranger.pid), *left_behind[1:]]), "utf-8")
        try:
            await server.start()
            assert await run(server, "SELECT 1") == 1
        finally:
            stranger.kill()


async def test_a_second_server_on_the_folder_is_refused(server: EmbeddedPostgres, folder: Path) -> None:
    with pytest.raises(FolderInUseError, match="another server runs on"):
        await EmbeddedPostgres(folder).start()
    assert await run(server, "SELECT 1") == 1


async def test_a_second_server_that_skips_the_preparation_is_refused_too(server: EmbeddedPostgres) -> None:
    second = Child(server.child())
    with pytest.raises(FolderInUseError, match="another server runs on"):
        await second.start()
    assert await run(server, "SELECT 1") == 1


async def test_a_failed_start_names_the_log(folder: Path) -> None:
    server = EmbeddedPostgres(folder, settings={"shared_buffers": "1TB"})
    with pytest.raises(ChildFailedError, match=r"postgres\.log"):
        await server.start()
    assert server.pid is None


async def test_a_half_made_cluster_is_made_anew(folder: Path) -> None:
    (folder / "data.new" / "base").mkdir(parents=True)
    (folder / "data.new" / "PG_VERSION").write_text("18")
    server = EmbeddedPostgres(folder)
    try:
        await server.start()
        assert await run(server, "SELECT 1") == 1
    finally:
        await server.stop()


def test_missing_binaries_are_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BINDIR", "/nowhere")
    with pytest.raises(MissingPartError, match="/nowhere has no postgres"):
        EmbeddedPostgres(folder).prepare()


async def test_refused_rows_and_values_leave_no_trace_in_the_log(server: EmbeddedPostgres) -> None:
    await run(server, "CREATE TABLE person (number text PRIMARY KEY, age int CHECK (age > 0))")
    connection = await asyncpg.connect(server.dsn)
    await connection.execute("INSERT INTO person VALUES ($1, 1)", CANARY)
    for statement in (
        f"INSERT INTO person VALUES ('{CANARY}', 1)",  # noqa: S608 - the DETAIL shows the key
        f"INSERT INTO person VALUES ('{CANARY}2', 0)",  # noqa: S608 - the DETAIL shows the row
        f"SELECT '{CANARY}x'::int",  # the message itself shows the value
        f"SELEKT '{CANARY}'",  # the statement shows it
    ):
        with pytest.raises(asyncpg.PostgresError):
            await connection.execute(statement)
    with pytest.raises(asyncpg.UniqueViolationError):
        await connection.execute("INSERT INTO person VALUES ($1, 1)", CANARY)
    await connection.close()
    await server.stop()
    log = server.log_file.read_text("utf-8")
    assert "database system is ready to accept connections" in log
    assert CANARY not in log


SUPERVISOR = textwrap.dedent("""
    import asyncio, os, sys
    from pathlib import Path
    import asyncpg
    from xueshi_cli.runtime.postgres import EmbeddedPostgres

    async def main():
        server = EmbeddedPostgres(Path(sys.argv[1]))
        connection = await asyncpg.connect(await server.start())
        assert await connection.fetchval("SELECT 1") == 1
        sys.stdout.write(f"{os.geteuid()}\\n")
        await connection.close()
        sys.stdout.flush()
        if sys.argv[2:] == ["stay"]:
            await asyncio.sleep(60)
        await server.stop()

    asyncio.run(main())
""")


@pytest.mark.skipif(shutil.which("unshare") is None, reason="another user id needs a user namespace")
def test_an_ordinary_user_can_run_it(folder: Path) -> None:
    become = ["unshare", "-U", "--map-user=1000", "--map-group=1000"]
    done = subprocess.run(
        [*become, sys.executable, "-c", SUPERVISOR, str(folder)],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "cli" / "src")},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "1000\n"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become nobody")
async def test_root_without_user_namespaces_runs_it_as_nobody(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")  # and so without unshare
    server = EmbeddedPostgres(folder)
    try:
        await server.start()
        assert owner_of(server.pid) == 65534
        await server.kill()
        await server.restart()
        assert await run(server, "SELECT 1") == 1
    finally:
        await server.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
async def test_the_server_stops_in_order_when_its_supervisor_is_killed(folder: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "cli" / "src")}
    command = [sys.executable, "-c", SUPERVISOR, str(folder), "stay"]
    with subprocess.Popen(  # noqa: ASYNC220 - this interpreter
        command, stdout=subprocess.PIPE, env=environment
    ) as supervisor:
        assert supervisor.stdout is not None
        assert supervisor.stdout.readline()
        supervisor.kill()
    log_file = folder / "postgres.log"
    async with asyncio.timeout(15):
        while "database system is shut down" not in log_file.read_text("utf-8"):  # noqa: ASYNC110 - another's file
            await asyncio.sleep(0.05)
