"""One child process: how it is started, found ready, stopped, and kept from outliving its supervisor."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import httpx

from xueshi_cli.runtime import launch
from xueshi_cli.runtime.errors import ChildFailedError, FolderInUseError

POLL_SECONDS = 0.05
_HTTP_SECONDS = 2.0
_KILL_SECONDS = 5.0

Ready = Callable[[int], Awaitable[bool]]
"""Tells whether the process of this id is ready."""


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """What to run and how to treat it.

    `ready` is a URL that answers 200, or an async callable that is given the process id; None means ready as soon as
    it runs. `stop_signals` are
    sent to the process in turn, each followed by `stop_seconds` of patience; SIGKILL to the whole group comes last.
    `orphan_signal` is what the kernel sends to it if the supervisor dies. `lock_file` is held locked while it lives.
    """

    name: str
    command: tuple[str, ...]
    log_file: Path
    env: Mapping[str, str] = field(default_factory=dict)
    ready: str | Ready | None = None
    ready_seconds: float = 30.0
    stop_signals: tuple[signal.Signals, ...] = (signal.SIGTERM,)
    stop_seconds: float = 15.0
    orphan_signal: signal.Signals = signal.SIGKILL
    lock_file: Path | None = None
    user: str | None = None


@dataclass(frozen=True, slots=True)
class _Leash:
    """The JSON argument of `launch.py`."""

    parent: int
    orphan_signal: int
    lock_file: str | None
    user: str | None
    lock_seconds: float = 5.0


class Child:
    """A running (or ended) process of a spec.

    Start it from a thread that lives as long as the process should: the kernel takes the end of the starting
    *thread* for the parent's death. It is bound to no event loop, so that a session of tests may hold one.
    """

    def __init__(self, spec: ChildSpec) -> None:
        """Describe the child; `start` runs it."""
        self.spec = spec
        self._process: subprocess.Popen[bytes] | None = None
        self._swept = True

    @property
    def pid(self) -> int | None:
        """The process id while it runs, else None."""
        return None if self._process is None or self._process.poll() is not None else self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How the process ended (negative: by that signal); None while it runs or before its start."""
        return None if self._process is None else self._process.poll()

    def spawn(self) -> None:
        """Start the process in a session and group of its own, its output appended to the log file."""
        spec = self.spec
        leash = _Leash(
            parent=os.getpid(),
            orphan_signal=spec.orphan_signal,
            lock_file=None if spec.lock_file is None else str(spec.lock_file),
            user=spec.user,
        )
        spec.log_file.parent.mkdir(parents=True, exist_ok=True)
        with spec.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", launch.__file__, json.dumps(asdict(leash)), *spec.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={**os.environ, **spec.env},
                start_new_session=True,
            )
        self._swept = False

    async def start(self) -> None:
        """Start the process and wait until it is ready; on failure nothing of it is left running.

        Raises `FolderInUseError` when the lock is another's, else `ChildFailedError`.
        """
        self.spawn()
        await self.wait_ready()

    async def wait_ready(self) -> None:
        """Wait until the started process is ready; errors as for `start`."""
        deadline = time.monotonic() + self.spec.ready_seconds
        try:
            while not await self._is_ready():
                self._check_alive()
                if time.monotonic() >= deadline:
                    self._fail(f"was not ready after {self.spec.ready_seconds:g} seconds")
                await asyncio.sleep(POLL_SECONDS)
            self._check_alive()
        except BaseException:
            await self.kill()
            raise

    async def stop(self, hurry: asyncio.Event | None = None) -> None:
        """Ask the process to end, signal by signal; kill what stays. `hurry`, once set, goes straight to the kill."""
        for number in self.spec.stop_signals:
            if self.pid is None:
                break
            self._signal(number)
            await self._wait_end(self.spec.stop_seconds, hurry)
        await self.kill()

    async def kill(self) -> None:
        """End the process and whatever is left of its group at once (kill -9)."""
        if self._process is None or self._swept:
            return
        self._swept = True  # once only: later the group's number may be somebody else's
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._wait_end(_KILL_SECONDS)

    async def _is_ready(self) -> bool:
        ready, pid = self.spec.ready, self.pid
        if pid is None:
            return False
        if ready is None:
            return True
        if not isinstance(ready, str):
            return await ready(pid)
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=_HTTP_SECONDS) as client:
                return (await client.get(ready)).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    async def _wait_end(self, seconds: float, hurry: asyncio.Event | None = None) -> None:
        deadline = time.monotonic() + seconds
        while self.pid is not None and time.monotonic() < deadline:
            if hurry is not None and hurry.is_set():
                return
            await asyncio.sleep(POLL_SECONDS)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def _check_alive(self) -> None:
        code = self.exit_code
        if code == launch.LOCK_REFUSED and self.spec.lock_file is not None:
            message = f"{self.spec.name}: another server runs on {self.spec.lock_file.parent}; stop it first"
            raise FolderInUseError(message)
        if code is not None:
            self._fail(f"ended with {describe_exit(code)} before it was ready")

    def _fail(self, what: str) -> None:
        message = f"{self.spec.name} {what}; its log: {self.spec.log_file}"
        raise ChildFailedError(message)


def describe_exit(code: int) -> str:
    """Return an exit code in words: `exit code 1`, `SIGKILL`."""
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
