"""Events as protobuf messages: where each is published, how it is keyed, cut into slices and put on the bus."""

import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from google.protobuf.message import Message as Proto

from xueshi.options.v1 import topic_pb2
from xueshi_kit.bus import Topic

Item = TypeVar("Item", bound=Proto)
Event = TypeVar("Event", bound=Proto)

MAX_SLICE_BYTES = 256 * 1024
"""A slice ends here, so that a poison slice is quickly taken apart and no broker limit is near."""


def topic_of(event: type[Proto]) -> Topic:
    """Return the topic that the event's `.proto` names. An event without one is a programming error."""
    options = event.DESCRIPTOR.GetOptions()
    if not options.HasExtension(topic_pb2.topic):
        message = f"{event.DESCRIPTOR.full_name} names no topic"
        raise LookupError(message)
    named = options.Extensions[topic_pb2.topic]
    return Topic(named.name, compacted=named.compacted, retention_days=named.retention_days or 30)


def bucket_of(key: bytes, buckets: int) -> int:
    """Return the partition of a key, 0 … buckets - 1: the same for relay, topics and both buses."""
    return zlib.crc32(key) % buckets


def slices(
    items: Iterable[Item], make: Callable[[list[Item]], Event], max_bytes: int = MAX_SLICE_BYTES
) -> Iterator[Event]:
    """Yield events that hold the items in order, none larger than about `max_bytes`."""
    batch: list[Item] = []
    size = 0
    for item in items:
        item_bytes = item.ByteSize() + 8
        if batch and size + item_bytes > max_bytes:
            yield make(batch)
            batch, size = [], 0
        batch.append(item)
        size += item_bytes
    if batch:
        yield make(batch)
