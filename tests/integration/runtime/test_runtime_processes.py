"""The supervisor: readiness, restarts with back-off, an ordered stop, and no process left behind."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from xueshi_cli.runtime.child import Child, ChildSpec
from xueshi_cli.runtime.errors import ChildFailedError
from xueshi_cli.runtime.ports import free_ports, is_free, remembered_ports
from xueshi_cli.runtime.processes import BackOff, State, Status, Supervisor

REPOSITORY = Path(__file__).parents[3]
QUICK = BackOff(first_seconds=0.05, limit_seconds=0.2, max_in_row=3)

Spec = Callable[..., ChildSpec]


@pytest.fixture
def spec(tmp_path: Path) -> Spec:
    """Give a function that describes a child running a Python script."""

    def make(script: str, name: str = "child", **options: object) -> ChildSpec:
        command = (sys.executable, "-u", "-c", textwrap.dedent(script))
        return ChildSpec(name, command, tmp_path / f"{name}.log", **options)  # type: ignore[arg-type]

    return make


async def until(true: Callable[[], object], seconds: float = 15.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what is waited for are processes and files
            await asyncio.sleep(0.02)


def is_gone(pid: int) -> bool:
    """Tell whether the process has ended; one that nobody has reaped yet (a zombie) has."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] == "Z"
    except ProcessLookupError:
        return True
    except FileNotFoundError:  # it went between the two lines, or the system has no /proc
        return sys.platform == "linux"


async def test_environment_and_output_arrive(spec: Spec) -> None:
    child = Child(spec("import os; print(os.environ['GREETING'])", env={"GREETING": "你好"}))
    child.spawn()
    await until(lambda: child.pid is None)
    assert child.spec.log_file.read_text("utf-8") == "你好\n"
    assert child.exit_code == 0


async def test_http_readiness_waits_for_a_200(spec: Spec) -> None:
    (port,) = free_ports(1)
    script = f"""
        import http.server, time
        began = time.monotonic()
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200 if time.monotonic() - began > 0.5 and self.path == "/readyz" else 503)
                self.end_headers()
        http.server.HTTPServer(("127.0.0.1", {port}), Handler).serve_forever()
    """
    began = time.monotonic()
    async with Supervisor() as supervisor:
        await supervisor.start([spec(script, ready=f"http://127.0.0.1:{port}/readyz")])
        assert time.monotonic() - began > 0.5
        assert supervisor.statuses()[0].state is State.READY
    assert is_free(port)


async def test_what_is_never_ready_is_ended_and_reported(spec: Spec) -> None:
    async def never(_pid: int) -> bool:
        await asyncio.sleep(0)
        return False

    child = Child(spec("import time; time.sleep(60)", ready=never, ready_seconds=0.3))
    with pytest.raises(ChildFailedError, match=r"child was not ready after 0\.3 seconds; its log: .*child\.log"):
        await child.start()
    assert child.pid is None


async def test_a_first_start_that_fails_is_reported_with_its_exit_code(spec: Spec) -> None:
    async def never(_pid: int) -> bool:
        await asyncio.sleep(0)
        return False

    async with Supervisor(QUICK) as supervisor:
        with pytest.raises(ChildFailedError, match="child ended with exit code 3 before it was ready"):
            await supervisor.start([spec("raise SystemExit(3)", ready=never)])
        assert supervisor.statuses()[0].state is State.FAILED


async def test_a_crashed_child_comes_back(spec: Spec) -> None:
    seen: list[Status] = []
    async with Supervisor(QUICK, seen.append) as supervisor:
        await supervisor.start([spec("import time; time.sleep(60)")])
        first = supervisor.statuses()[0].pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await until(lambda: supervisor.statuses()[0].restarts == 1 and supervisor.statuses()[0].state is State.READY)
        status = supervisor.statuses()[0]
        assert status.pid not in {first, None}
        assert status.last_exit == "SIGKILL"
    states = [status.state for status in seen]
    assert states == [State.STARTING, State.READY, State.RESTARTING, State.READY, State.STOPPED]


async def test_a_child_that_keeps_crashing_is_given_up(spec: Spec, tmp_path: Path) -> None:
    counter = tmp_path / "starts"
    script = f"open({str(counter)!r}, 'a').write('x'); raise SystemExit(7)"
    async with Supervisor(QUICK) as supervisor:
        await supervisor.start([spec(script)])
        with pytest.raises(ChildFailedError, match=r"child crashed too often \(exit code 7\)"):
            await supervisor.wait()
    assert counter.read_text() == "x" * (1 + QUICK.max_in_row)


def test_back_off_doubles_up_to_its_limit() -> None:
    delays = [BackOff(first_seconds=0.5, limit_seconds=10).delay_seconds(n) for n in range(1, 8)]
    assert delays == [0.5, 1, 2, 4, 8, 10, 10]


async def test_stop_goes_in_reverse_order_of_the_stages(spec: Spec, tmp_path: Path) -> None:
    ends = tmp_path / "ends"
    script = """
        import signal, sys, time
        def end(*_):
            time.sleep(0.2)
            open({ends!r}, "a").write({name!r} + " ")
            sys.exit(0)
        signal.signal(signal.SIGTERM, end)
        open({started!r}, "w").close()
        time.sleep(60)
    """

    def stage(name: str) -> ChildSpec:
        started = tmp_path / f"{name}.started"

        async def ready(_pid: int) -> bool:
            await asyncio.sleep(0)
            return started.exists()

        return spec(script.format(ends=str(ends), name=name, started=str(started)), name=name, ready=ready)

    async with Supervisor() as supervisor:
        await supervisor.start([stage("database")])
        await supervisor.start([stage("service")])
    assert ends.read_text() == "service database "
    assert [status.state for status in supervisor.statuses()] == [State.STOPPED, State.STOPPED]


DEAF = """
    import signal, subprocess, sys, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    open({pids!r}, "w").write(str(grandchild.pid))
    time.sleep(60)
"""


async def test_what_ignores_sigterm_is_killed_with_its_children(spec: Spec, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    child = Child(spec(DEAF.format(pids=str(pids)), stop_seconds=0.3))
    await child.start()
    await until(lambda: pids.exists() and pids.read_text())
    leader, grandchild = child.pid, int(pids.read_text())
    assert leader is not None
    await child.stop()
    assert child.exit_code == -signal.SIGKILL
    await until(lambda: is_gone(leader) and is_gone(grandchild))


async def test_a_crash_takes_the_grandchildren_along(spec: Spec, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    async with Supervisor(QUICK) as supervisor:
        await supervisor.start([spec(DEAF.format(pids=str(pids)), stop_seconds=0.1)])
        await until(lambda: pids.exists() and pids.read_text())
        grandchild, leader = int(pids.read_text()), supervisor.statuses()[0].pid
        assert leader is not None
        os.kill(leader, signal.SIGKILL)
        await until(lambda: is_gone(grandchild))


SUPERVISED = """
import asyncio, sys
from pathlib import Path
from xueshi_cli.runtime.child import ChildSpec
from xueshi_cli.runtime.processes import Supervisor

async def main():
    child = (sys.executable, "-c", sys.argv[1])
    specs = [ChildSpec(name, child, Path(sys.argv[2], name), stop_seconds=float(sys.argv[3])) for name in ("a", "b")]
    async with Supervisor() as supervisor:
        await supervisor.start(specs)
        print(*(status.pid for status in supervisor.statuses()), flush=True)
        await supervisor.wait()
    print("stopped by", supervisor.asked_to_stop.name, flush=True)

asyncio.run(main())
"""
DEAF_SLEEPER = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"


def supervised(folder: Path, script: str, stop_seconds: float) -> tuple[subprocess.Popen[str], list[int]]:
    """Start a supervisor of two such children in a process of its own; return it and the children's ids."""
    supervisor = subprocess.Popen(
        [sys.executable, "-c", SUPERVISED, script, str(folder), str(stop_seconds)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "cli" / "src")},
    )
    assert supervisor.stdout is not None
    pids = [int(pid) for pid in supervisor.stdout.readline().split()]
    assert len(pids) == 2
    assert not any(map(is_gone, pids))
    time.sleep(0.3)  # until the script has set its signal handlers
    return supervisor, pids


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_everything_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    supervisor, pids = supervised(tmp_path, "import time; time.sleep(60)", 10)
    supervisor.send_signal(number)
    output, _ = supervisor.communicate(timeout=15)
    assert output == f"stopped by {number.name}\n"
    assert supervisor.returncode == 0
    assert all(map(is_gone, pids))


async def test_a_second_signal_hurries(tmp_path: Path) -> None:
    supervisor, pids = supervised(tmp_path, DEAF_SLEEPER, 60)
    supervisor.send_signal(signal.SIGINT)
    await asyncio.sleep(0.5)
    assert not any(map(is_gone, pids))
    supervisor.send_signal(signal.SIGINT)
    supervisor.communicate(timeout=15)
    assert all(map(is_gone, pids))


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
async def test_no_orphan_is_left_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    supervisor, pids = supervised(tmp_path, DEAF_SLEEPER, 60)
    supervisor.kill()
    supervisor.communicate(timeout=15)
    await until(lambda: all(map(is_gone, pids)))


async def test_the_wait_for_readiness_ends_by_a_signal_too(spec: Spec) -> None:
    async def never(_pid: int) -> bool:
        await asyncio.sleep(0)
        return False

    asyncio.get_running_loop().call_later(0.5, os.kill, os.getpid(), signal.SIGTERM)
    async with Supervisor() as supervisor:
        await supervisor.start([spec("import time; time.sleep(60)", ready=never)])
    assert supervisor.asked_to_stop is signal.SIGTERM
    assert supervisor.statuses()[0].pid is None


def test_ports_are_remembered_while_they_are_free(tmp_path: Path) -> None:
    file = tmp_path / "ports"
    ports = remembered_ports(file, 3)
    assert len(set(ports)) == 3
    assert remembered_ports(file, 3) == ports
    assert len(remembered_ports(file, 4)) == 4
