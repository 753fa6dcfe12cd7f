"""A group member in a process of its own, to be killed or frozen: it reads commands and answers with JSON lines.

`poll` answers with the values read, `commit` commits the last poll and answers `"done"` or the error's name.
"""

import asyncio
import json
import sys

from xueshi_kit.bus import BusError, Received
from xueshi_kit.bus.embedded import EmbeddedBus
from xueshi_kit.bus.kafka import KafkaBus


async def main(kind: str, url: str, buckets: int, *, lease_seconds: float, group: str, topic: str) -> None:
    """Join, then obey until the input ends."""
    if kind == "kafka":
        bus: KafkaBus | EmbeddedBus = await KafkaBus.open(url, buckets, session_seconds=lease_seconds)
    else:
        bus = await EmbeddedBus.open(url, buckets, lease_seconds=lease_seconds)
    received: list[Received] = []
    async with bus.consume(group, [topic]) as consumer:
        while command := (await asyncio.to_thread(sys.stdin.readline)).strip():
            answer: object = "done"
            if command == "poll":
                received = await consumer.poll(1000, 1.0)
                answer = [(message.value or b"").decode() for message in received]
            else:
                try:
                    await consumer.commit(received)
                except BusError as error:
                    answer = type(error).__name__
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()
    await bus.close()


if __name__ == "__main__":
    kind, url, buckets, lease_seconds, group, topic = sys.argv[1:]
    asyncio.run(main(kind, url, int(buckets), lease_seconds=float(lease_seconds), group=group, topic=topic))
