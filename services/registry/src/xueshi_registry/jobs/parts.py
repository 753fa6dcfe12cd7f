"""Work on all people, divided among processes; what they find comes as they find it."""

import multiprocessing
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Protocol, TypeVar

import structlog
import uvloop

from xueshi_kit.service import spare_collections
from xueshi_kit.telemetry import set_up_logging
from xueshi_registry.store.sweep import Part, parts

log = structlog.get_logger()

_MOST_PROCESSES = 4
_STOP_SECONDS = 10.0


class Found(Protocol):
    """What some people's part of the work has found."""

    @property
    def people(self) -> int:
        """How many people."""

    @property
    def rows(self) -> int:
        """How much was read for them."""


FoundT = TypeVar("FoundT", bound=Found)
Work = Callable[[Part], AsyncIterator[FoundT]]
"""What a process does, made of module-level functions: it is sent to the process."""


class PartFailedError(Exception):
    """A process ended before its part was done; it has logged why."""


def usual_processes() -> int:
    """Return how many processes there are unless told: one for each CPU, at most four."""
    return min(_MOST_PROCESSES, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2)


def run(work: Work[FoundT], processes: int) -> Iterator[FoundT]:
    """Do the work on all people in so many processes; yield what is found. Raises PartFailedError."""
    with ExitStack() as stack:
        children = [stack.enter_context(_child(work, part)) for part in parts(processes)]
        pipes = [pipe for pipe, _ in children]
        while pipes:
            ready = wait(pipes)
            for pipe in [each for each in pipes if each in ready]:
                try:
                    found: FoundT = pipe.recv()
                except EOFError:
                    pipes.remove(pipe)
                else:
                    yield found
        for _, process in children:
            process.join(_STOP_SECONDS)
            if process.exitcode != 0:
                raise PartFailedError


@contextmanager
def _child(work: Work[FoundT], part: Part) -> Iterator[tuple[Connection, SpawnProcess]]:
    """Start a process, and end it at the end, done or not."""
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(work, part, sending))
    process.start()
    sending.close()
    try:
        yield receiving, process
    finally:
        receiving.close()
        process.terminate()
        process.join(_STOP_SECONDS)


def _work(work: Work[Any], part: Part, sending: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted too, and ends its children
    set_up_logging("registry")
    spare_collections()
    try:
        uvloop.run(_send(work(part), sending))
    except Exception:
        log.exception("recomputing.part_failed")
        raise SystemExit(1) from None


async def _send(results: AsyncIterator[Any], sending: Connection) -> None:
    async for result in results:
        sending.send(result)
