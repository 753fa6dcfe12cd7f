"""Opens the bus that a service's settings name."""

from typing import Literal

from xueshi_kit.bus import Bus
from xueshi_kit.bus.embedded import EmbeddedBus
from xueshi_kit.bus.kafka import KafkaBus


async def open_bus(kind: Literal["kafka", "embedded"], url: str, buckets: int) -> Bus:
    """Open the bus at `url`: a PostgreSQL DSN for `embedded`, bootstrap servers `host:port,...` for `kafka`.

    `buckets` is the number of partitions of every topic. Raises `BusUnavailableError` where nothing answers (try
    again) and `BucketsMismatchError` where the log was made for another number.
    """
    if kind == "kafka":
        return await KafkaBus.open(url, buckets)
    return await EmbeddedBus.open(url, buckets)
