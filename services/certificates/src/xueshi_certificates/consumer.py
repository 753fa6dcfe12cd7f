"""What certificates listen to."""

from collections.abc import Sequence
from typing import Any

from xueshi.registry.v1.transcripts_pb2 import TranscriptChanged
from xueshi_certificates.handlers import Tools, take_transcripts
from xueshi_certificates.wire.events import newest_transcripts
from xueshi_kit.db import Transaction
from xueshi_kit.inbox import Subscription


def subscriptions(tools: Tools) -> list[Subscription[Any]]:
    """Return the one subscription: the registry's transcripts."""

    async def on_transcripts(tx: Transaction, events: Sequence[TranscriptChanged]) -> None:
        await take_transcripts(tx, tools, newest_transcripts(events))

    return [Subscription("certificates.transcripts", TranscriptChanged, on_transcripts)]
