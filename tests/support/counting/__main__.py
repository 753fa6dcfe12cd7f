"""The counting service as a process, run as every service is; `XUESHI_SCENE` names what goes wrong in it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from tests.support.counting.bus import PrivateBus
from tests.support.counting.service import Counting
from xueshi.gateway.v1.hour_records_pb2 import HourRecordsAccepted
from xueshi_kit.db import Transaction
from xueshi_kit.service import Service, main
from xueshi_kit.settings import ServiceSettings
from xueshi_kit.web import create_app
from xueshi_kit.wiring import open_parts


class Settings(ServiceSettings):
    """The kit's settings and the test's."""

    topic_prefix: str = "test"
    scene: str = ""
    """`hang`: the handler never ends. `deaf`: the consumer gets nothing. `crash`: a background part fails."""


class Hanging(Counting):
    """Never ends a batch."""

    async def handle(self, tx: Transaction, events: Sequence[HourRecordsAccepted]) -> None:
        """Wait for ever."""
        assert tx
        assert events
        await for_ever()


async def for_ever() -> None:
    """Wait without an end."""
    await asyncio.Event().wait()


async def crash() -> None:
    """Fail after a moment, with a text that must not be logged."""
    await asyncio.sleep(0.1)
    message = "secret of 359900199003070011"
    raise RuntimeError(message)


async def end() -> None:
    """End as no part should."""


async def build(settings: Settings) -> Service:
    """Wire the service."""
    parts = await open_parts("counting", settings)
    bus = PrivateBus(parts.bus, settings.topic_prefix)
    if settings.scene == "deaf":
        bus.before_poll = for_ever
    kind = Hanging if settings.scene == "hang" else Counting
    counting = kind(parts.db, bus, settings.database_url.get_secret_value(), outbox=parts.outbox)
    app = create_app("Counting", "Counts.", ready={"database": parts.db.ping})

    @app.get("/work")
    async def work() -> dict[str, str]:
        await asyncio.sleep(0.005)
        return {"done": "yes"}

    background = {"crash": [crash], "end": [end]}.get(settings.scene, [])
    wired = replace(parts, bus=bus)
    return Service("counting", wired, app, [counting.subscription()], [HourRecordsAccepted], background)


def read_settings() -> Settings:
    """Read the environment."""
    return Settings()


if __name__ == "__main__":
    main("counting", "tests.support.counting", read_settings, build)
