"""A service that only writes its outbox starts and serves while the broker is away."""

from collections.abc import Sequence

import pytest

from xueshi_kit.bus import Bus, BusUnavailableError, Message
from xueshi_kit.bus.deferred import DeferredBus


class _Log:
    """Keeps what is published; the rest of a bus is not asked for here."""

    def __init__(self) -> None:
        self.published: list[Message] = []
        self.closed = False

    async def publish(self, messages: Sequence[Message]) -> None:
        self.published.extend(messages)

    async def close(self) -> None:
        self.closed = True


async def test_it_is_opened_at_the_first_call_and_again_after_a_failure() -> None:
    log = _Log()
    answers: list[Exception | _Log] = [BusUnavailableError("away"), log]
    opened = 0

    async def open_it() -> Bus:
        nonlocal opened
        opened += 1
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[return-value]

    bus = DeferredBus(open_it)
    assert opened == 0
    with pytest.raises(BusUnavailableError):
        await bus.publish([Message("t", 0, "k", b"1")])
    await bus.publish([Message("t", 0, "k", b"2")])
    await bus.publish([Message("t", 0, "k", b"3")])
    assert [message.value for message in log.published] == [b"2", b"3"]
    assert opened == 2
    await bus.close()
    assert log.closed


async def test_closing_one_that_was_never_opened_opens_nothing() -> None:
    async def open_it() -> Bus:
        raise AssertionError

    await DeferredBus(open_it).close()
