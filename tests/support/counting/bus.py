"""A bus with topics of one test's own and places where a test can hold it, break it or watch it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from xueshi_kit.bus import Bus, Consumer, Message, Received, Topic

Hook = Callable[[], Awaitable[None]]


async def nothing() -> None:
    """Do nothing at this place."""


@dataclass(slots=True)
class PrivateBus:
    """Puts a prefix before every topic, so that tests share a broker without reading each other's messages."""

    inner: Bus
    prefix: str
    before_publish: Hook = nothing
    """Awaited when a batch is about to go out; what it raises, `publish` raises."""
    after_publish: Hook = nothing
    """Awaited when a batch is in the log; what it raises, `publish` raises."""
    before_commit: Hook = nothing
    """Awaited after the effects, before the offsets; what it raises, `commit` raises."""
    before_poll: Hook = nothing
    published: list[Message] = field(default_factory=list)
    """What went out, under the names that the sender gave."""

    def named(self, topic: str) -> str:
        """Return the name of a topic on the bus itself."""
        return f"{self.prefix}.{topic}"

    async def ensure_topics(self, topics: Sequence[Topic]) -> None:
        """See `Bus.ensure_topics`."""
        await self.inner.ensure_topics([replace(topic, name=self.named(topic.name)) for topic in topics])

    async def publish(self, messages: Sequence[Message]) -> None:
        """See `Bus.publish`."""
        await self.before_publish()
        await self.inner.publish([replace(message, topic=self.named(message.topic)) for message in messages])
        self.published += messages
        await self.after_publish()

    @asynccontextmanager
    async def consume(self, group: str, topics: Sequence[str]) -> AsyncIterator[Consumer]:
        """See `Bus.consume`."""
        async with self.inner.consume(self.named(group), [self.named(topic) for topic in topics]) as consumer:
            yield _PrivateConsumer(consumer, self)

    async def lag(self, group: str, topics: Sequence[str]) -> dict[tuple[str, int], int]:
        """See `Bus.lag`."""
        behind = await self.inner.lag(self.named(group), [self.named(topic) for topic in topics])
        return {(topic.removeprefix(f"{self.prefix}."), bucket): lag for (topic, bucket), lag in behind.items()}

    async def tend(self) -> None:
        """See `Bus.tend`."""
        await self.inner.tend()

    async def close(self) -> None:
        """See `Bus.close`."""
        await self.inner.close()


@dataclass(slots=True)
class _PrivateConsumer:
    """A member whose messages bear the names that their sender gave."""

    inner: Consumer
    bus: PrivateBus

    async def poll(self, max_messages: int, timeout_seconds: float) -> list[Received]:
        """See `Consumer.poll`."""
        await self.bus.before_poll()
        received = await self.inner.poll(max_messages, timeout_seconds)
        return [replace(each, topic=each.topic.removeprefix(f"{self.bus.prefix}.")) for each in received]

    async def commit(self, received: Sequence[Received]) -> None:
        """See `Consumer.commit`."""
        await self.bus.before_commit()
        await self.inner.commit([replace(each, topic=self.bus.named(each.topic)) for each in received])

    async def rewind(self) -> None:
        """See `Consumer.rewind`."""
        await self.inner.rewind()
