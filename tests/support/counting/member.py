"""A consumer in a process of its own that stands still once its effects are committed and its offsets are not.

Arguments: kind of the bus, its address, lease in seconds, the service's database, the topics' prefix.
"""

import asyncio
import sys

from tests.support.counting.bus import PrivateBus
from tests.support.counting.service import BUCKETS, Counting
from xueshi_kit.bus.embedded import EmbeddedBus
from xueshi_kit.bus.kafka import KafkaBus
from xueshi_kit.db import Database


async def main(kind: str, url: str, lease_seconds: float, app_dsn: str, prefix: str) -> None:
    """Consume; say `reached` on standard output at the place to be killed."""
    if kind == "kafka":
        bus: KafkaBus | EmbeddedBus = await KafkaBus.open(url, BUCKETS, session_seconds=lease_seconds)
    else:
        bus = await EmbeddedBus.open(url, BUCKETS, lease_seconds=lease_seconds)

    async def stand_still() -> None:
        sys.stdout.write("reached\n")
        sys.stdout.flush()
        await asyncio.Event().wait()

    private = PrivateBus(bus, prefix, before_commit=stand_still)
    await Counting(Database(app_dsn, application="member"), private, app_dsn).worker().run()


if __name__ == "__main__":
    kind, url, lease_seconds, app_dsn, prefix = sys.argv[1:]
    asyncio.run(main(kind, url, float(lease_seconds), app_dsn, prefix))
