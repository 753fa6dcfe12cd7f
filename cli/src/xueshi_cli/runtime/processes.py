"""The supervisor of child processes: ready in stages, restarted after a crash, stopped in reverse order.

    async with Supervisor() as supervisor:
        await supervisor.start([postgres.child()])
        await supervisor.start([registry, verification])     # together, each awaited until ready
        await supervisor.wait()

SIGTERM or Ctrl-C cancels the body of the block wherever it stands; its end stops every child and swallows that
cancellation. A second signal kills what has not ended yet.
"""

import asyncio
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Self

from xueshi_cli.runtime.child import POLL_SECONDS, Child, ChildSpec, describe_exit
from xueshi_cli.runtime.errors import ChildFailedError, RuntimeFailure

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class State(StrEnum):
    """Where a child stands."""

    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Status:
    """One line of the listing. `restarts` counts all since the start; `last_exit` is in words, of the last crash."""

    name: str
    state: State
    pid: int | None
    restarts: int
    last_exit: str | None


@dataclass(frozen=True, slots=True)
class BackOff:
    """How long to wait before a crashed child's next start, and when to give up.

    The n-th crash in a row waits `first_seconds * 2**(n-1)`, at most `limit_seconds`; more than `max_in_row` is a
    failure. A child that stayed ready for `steady_seconds` starts counting anew.
    """

    first_seconds: float = 0.5
    limit_seconds: float = 10.0
    max_in_row: int = 8
    steady_seconds: float = 60.0

    def delay_seconds(self, in_row: int) -> float:
        """Return the wait before the start that follows the `in_row`-th crash in a row (from 1)."""
        return float(min(self.first_seconds * 2 ** (in_row - 1), self.limit_seconds))


class _Watched:
    """A child under watch, with the task that restarts it."""

    def __init__(self, spec: ChildSpec, back_off: BackOff, changed: Callable[[Status], None]) -> None:
        self.child = Child(spec)
        self._back_off = back_off
        self._changed = changed
        self._state = State.STARTING
        self._restarts = 0
        self._in_row = 0
        self._last_exit: str | None = None
        self._watch: asyncio.Task[None] | None = None

    @property
    def status(self) -> Status:
        return Status(self.child.spec.name, self._state, self.child.pid, self._restarts, self._last_exit)

    async def start(self) -> None:
        """Bring the child to readiness the first time: a failure here is the caller's to see, not retried."""
        self._move(State.STARTING)
        try:
            await self.child.start()
        except RuntimeFailure as error:
            self._last_exit = str(error)
            self._move(State.FAILED)
            raise
        self._move(State.READY)
        self._watch = asyncio.create_task(self._keep(), name=f"watch {self.child.spec.name}")

    async def stop(self, hurry: asyncio.Event) -> None:
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.wait([self._watch])
        await self.child.stop(hurry)
        self._move(State.STOPPED)

    async def _keep(self) -> None:
        """Restart the child whenever it ends, until it has crashed too often in a row."""
        while True:
            await self._until_it_ends()
            self._last_exit = describe_exit(self.child.exit_code or 0)
            await self.child.kill()  # whatever it left behind in its group
            if not await self._bring_back():
                self._move(State.FAILED)
                return

    async def _until_it_ends(self) -> None:
        since = time.monotonic()
        while self.child.pid is not None:  # noqa: ASYNC110 - a child is bound to no event loop, so it is polled
            await asyncio.sleep(POLL_SECONDS)
        if time.monotonic() - since >= self._back_off.steady_seconds:
            self._in_row = 0

    async def _bring_back(self) -> bool:
        """Start the child until it is ready again; False after too many crashes in a row."""
        while self._in_row < self._back_off.max_in_row:
            self._in_row += 1
            self._restarts += 1
            self._move(State.RESTARTING)
            await asyncio.sleep(self._back_off.delay_seconds(self._in_row))
            try:
                await self.child.start()
            except RuntimeFailure as error:
                self._last_exit = str(error)
            else:
                self._move(State.READY)
                return True
        return False

    def _move(self, state: State) -> None:
        self._state = state
        self._changed(self.status)


class Supervisor:
    """Starts children stage by stage, keeps them running, and stops them all."""

    def __init__(self, back_off: BackOff | None = None, changed: Callable[[Status], None] | None = None) -> None:
        """Hold no child yet; `changed` is called with the status at every change of any child's state."""
        self._back_off = back_off or BackOff()
        self._changed = changed or (lambda _status: None)
        self._stages: list[list[_Watched]] = []
        self._hurry = asyncio.Event()
        self._asked: signal.Signals | None = None
        self._body: asyncio.Task[object] | None = None

    @property
    def asked_to_stop(self) -> signal.Signals | None:
        """The signal that ended the block, or None."""
        return self._asked

    async def __aenter__(self) -> Self:
        """Listen for SIGTERM and Ctrl-C from here on."""
        self._body = asyncio.current_task()
        for number in _SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, self._on_signal, number)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Stop every child; swallow the cancellation if a signal of ours caused it."""
        if self._asked and self._body:
            self._body.uncancel()
        try:
            await self.stop()
        finally:
            for number in _SIGNALS:
                asyncio.get_running_loop().remove_signal_handler(number)
        return self._asked is not None and kind is asyncio.CancelledError

    async def start(self, specs: Sequence[ChildSpec]) -> None:
        """Start these together and return when all are ready: one stage.

        Raises the first failing child's `RuntimeFailure`; those of the stage that are not ready by then are ended.
        """
        stage = [_Watched(spec, self._back_off, self._changed) for spec in specs]
        self._stages.append(stage)
        starts = [asyncio.create_task(watched.start()) for watched in stage]
        try:
            await asyncio.gather(*starts)
        finally:
            for start in starts:
                start.cancel()
            if starts:
                await asyncio.wait(starts)

    async def wait(self) -> None:
        """Return never: end by a signal, or raise `ChildFailedError` when a child has crashed too often."""
        while True:
            failed = [status for status in self.statuses() if status.state is State.FAILED]
            if failed:
                message = "; ".join(f"{status.name} crashed too often ({status.last_exit})" for status in failed)
                raise ChildFailedError(message)
            await asyncio.sleep(POLL_SECONDS)

    def statuses(self) -> list[Status]:
        """Return every child's status, in the order of their start."""
        return [watched.status for stage in self._stages for watched in stage]

    async def stop(self) -> None:
        """Stop all children, the last stage first; those of one stage together."""
        for stage in reversed(self._stages):
            await asyncio.gather(*(watched.stop(self._hurry) for watched in stage))

    def _on_signal(self, number: signal.Signals) -> None:
        if self._asked is not None:
            self._hurry.set()
            return
        self._asked = number
        if self._body is not None:
            self._body.cancel()
