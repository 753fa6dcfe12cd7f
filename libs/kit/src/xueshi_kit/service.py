"""How every service runs: `python -m xueshi_<service> api|worker|relay|all|migrate|parked|replay`, and its own jobs.

A stopping API first says that it is not ready and asks clients to close their connections, then stops accepting:
measured under rolling restarts this breaks no request, where a plain sleep before the stop does.
"""

import argparse
import asyncio
import gc
import os
import signal
import socket
import sys
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import structlog
import uvicorn
import uvloop
from fastapi import FastAPI

from xueshi_kit.bus import BusUnavailableError
from xueshi_kit.connection import connection_class
from xueshi_kit.events import topic_of
from xueshi_kit.inbox import Subscription, Worker
from xueshi_kit.migrations import upgrade
from xueshi_kit.outbox import Relay
from xueshi_kit.settings import ServiceSettings
from xueshi_kit.telemetry import set_up_logging, set_up_tracing
from xueshi_kit.wiring import Parts

log = structlog.get_logger()

BUS_RETRY_SECONDS = 1.0
GARBAGE_OBJECTS = 200_000
"""How many more objects are made than freed before the collector looks."""
ROLES = ("all", "api", "worker", "relay", "migrate", "parked", "replay")


@dataclass(slots=True)
class Service:
    """A wired service: what its `app.build` returns.

    `published` are the events that it says, so that their topics exist; `background` runs beside the consumers,
    `beside_api` where requests are answered.
    """

    name: str
    parts: Parts
    app: FastAPI
    subscriptions: Sequence[Subscription[Any]] = ()
    published: Sequence[type[Any]] = ()
    background: Sequence[Callable[[], Coroutine[Any, Any, None]]] = ()
    beside_api: Sequence[Callable[[], Coroutine[Any, Any, None]]] = ()
    relay: Relay = field(init=False)

    def __post_init__(self) -> None:
        """Make the relay and give the API the means to wake it after a commit."""
        # Containers of one host may share its name and a process id; the lease needs a name of this relay alone.
        holder = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        lease = self.parts.settings.relay_lease_seconds
        self.relay = Relay(self.parts.db, self.parts.bus, self.parts.outbox, holder=holder, lease_seconds=lease)
        self.app.state.wake_relay = self.relay.wake
        self.app.state.body_seconds = self.parts.settings.body_seconds

    def workers(self) -> list[Worker[Any]]:
        """Return a worker for each subscription."""
        return [
            Worker(self.parts.db, self.parts.bus, each, after_commit=self.relay.wake) for each in self.subscriptions
        ]


@dataclass(frozen=True, slots=True)
class Job:
    """A role of one service's own, which runs to its end beside the service; `run` returns the exit code.

    `describe` adds its arguments to its parser.
    """

    role: str
    help: str
    describe: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace, ServiceSettings], int]


def main(
    name: str,
    package: str,
    settings: Callable[[], ServiceSettings],
    build: Callable[[Any], Awaitable[Service]],
    jobs: Sequence[Job] = (),
) -> None:
    """Run a service in one of its roles, or one of its jobs; the process's exit code says how it ended."""
    arguments = _parser(package, jobs).parse_args()
    loaded = settings()
    set_up_logging(name, loaded.log_level)
    for job in jobs:
        if job.role == arguments.role:
            sys.exit(job.run(arguments, loaded))
    if arguments.role == "migrate":
        if loaded.owner_database_url is None:
            sys.exit("XUESHI_OWNER_DATABASE_URL is not set: migrations run under the owner role.")
        upgrade(package, loaded.owner_database_url.get_secret_value())
        return
    provider = set_up_tracing(name, loaded.otlp_endpoint)
    try:
        uvloop.run(_run(arguments.role, arguments.key, loaded, build))
    finally:
        if provider is not None:
            provider.shutdown()


def _parser(package: str, jobs: Sequence[Job]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m {package}")
    parser.set_defaults(key="")
    roles = parser.add_subparsers(dest="role", required=True)
    for role in ROLES:
        roles.add_parser(role)
    roles.choices["replay"].add_argument("--key", required=True, help="the key whose parked events to apply")
    for job in jobs:
        job.describe(roles.add_parser(job.role, help=job.help, description=job.help))
    return parser


async def _run(role: str, key: str, settings: ServiceSettings, build: Callable[[Any], Awaitable[Service]]) -> None:
    service = await build(settings)
    spare_collections()
    try:
        if role == "parked":
            await _list_parked(service)
        elif role == "replay":
            await _replay(service, key)
        else:
            await serve(service, role)
    finally:
        await service.parts.close()


def spare_collections() -> None:
    """Have the garbage collector leave alone what stays for good, and run rarely.

    A batch makes some ten thousand objects that are gone with it, without cycles. With Python's own threshold
    a third of the time of accepting, and of recomputing, goes into looking through all that the libraries have made.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_OBJECTS, 10, 10)


async def serve(service: Service, role: str = "all") -> None:
    """Run the service's parts for `role` until SIGTERM or SIGINT, or until one part fails."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_log_stray)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    tasks: list[asyncio.Task[None]] = []
    bus_is_there = asyncio.create_task(_await_bus(service))

    def start(name: str, part: Callable[[], Coroutine[Any, Any, None]]) -> None:
        tasks.append(asyncio.create_task(_after(bus_is_there, part), name=name))

    if role in {"all", "relay"} and service.published:
        start("relay", service.relay.run)
    if role in {"all", "worker"}:
        for worker in service.workers():
            start(worker.consumer, worker.run)
            start("watchdog", partial(worker.watch, service.parts.settings.stall_seconds))
        tasks.extend(asyncio.create_task(each(), name="background") for each in service.background)
    if role in {"all", "api"}:
        tasks.extend(asyncio.create_task(each(), name="beside api") for each in service.beside_api)
    server = _Server(_uvicorn_config(service))
    # Every role answers /healthz, /readyz and /metrics; only the API's roles are sent other requests.
    tasks.append(asyncio.create_task(server.serve(), name="api"))
    stopping = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait([*tasks, stopping], return_when=asyncio.FIRST_COMPLETED)
    if stopping in done:
        service.app.state.draining = True
        await asyncio.sleep(service.parts.settings.drain_seconds)
    server.should_exit = True
    await _finish(tasks)
    stopping.cancel()
    bus_is_there.cancel()
    for task in done - {stopping}:
        log.error("service.part_ended", part=task.get_name(), exc_info=task.exception())
        sys.exit(1)


async def _await_bus(service: Service) -> None:
    """Return once the bus can be had and has the service's topics; the API does not wait for that."""
    events = [*service.published, *(each.event for each in service.subscriptions)]
    while events:
        try:
            await service.parts.bus.ensure_topics([topic_of(each) for each in events])
        except BusUnavailableError:
            log.warning("service.bus_unavailable")
            await asyncio.sleep(BUS_RETRY_SECONDS)
        else:
            return


async def _after(condition: asyncio.Task[None], part: Callable[[], Coroutine[Any, Any, None]]) -> None:
    await asyncio.shield(condition)
    await part()


def _log_stray(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log an error that no task has handled; asyncio's own line would hold the error's text."""
    log.error("service.stray_error", exc_info=context.get("exception"))


async def _finish(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Let the API answer what it has; cancel the others, which leave nothing half done."""
    api = [task for task in tasks if task.get_name() == "api"]
    others = [task for task in tasks if task.get_name() != "api"]
    await asyncio.wait(api, timeout=15)
    for task in others:
        task.cancel()
    for task in others:
        with suppress(asyncio.CancelledError, Exception):
            await task


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: `serve` above decides when it stops."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def _uvicorn_config(service: Service) -> uvicorn.Config:
    return uvicorn.Config(
        service.app,
        host=service.parts.settings.host,
        port=service.parts.settings.port,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=10,
        http=connection_class(service.parts.settings.head_seconds),
        ws="none",
        server_header=False,
    )


async def _list_parked(service: Service) -> None:
    async with service.parts.db.transaction() as tx:
        rows = await tx.sql.fetch(
            "SELECT consumer, key, count(*) AS events, min(parked_at) AS since, min(error) AS error"
            " FROM parked GROUP BY consumer, key ORDER BY since"
        )
    for row in rows:
        sys.stdout.write(
            f"{row['consumer']}\t{row['key']}\t{row['events']}\t{row['since'].isoformat()}\t{row['error']}\n"
        )


async def _replay(service: Service, key: str) -> None:
    done = 0
    try:
        for worker in service.workers():
            done += await worker.replay(key)
    except Exception as error:
        log.exception("service.replay_failed")
        sys.exit(f"{done} events replayed; the next one fails with {type(error).__name__}")
    sys.stdout.write(f"{done} events replayed\n")
