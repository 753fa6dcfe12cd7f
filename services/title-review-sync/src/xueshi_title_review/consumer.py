"""What title-review-sync listens to."""

from collections.abc import Sequence
from typing import Any

from xueshi.certificates.v1.proofs_pb2 import ProofChanged
from xueshi.registry.v1.transcripts_pb2 import TranscriptChanged
from xueshi.titlereview.v1.verified_hours_pb2 import Acknowledgement
from xueshi_kit.db import Transaction
from xueshi_kit.inbox import Subscription
from xueshi_title_review.handlers import Desk, take_acknowledgements, take_proofs, take_transcripts
from xueshi_title_review.wire import events as wire


def subscriptions(desk: Desk) -> list[Subscription[Any]]:
    """Return the subscriptions: transcripts and proofs of our own, acknowledgements from outside."""

    async def on_transcripts(tx: Transaction, events: Sequence[TranscriptChanged]) -> None:
        await take_transcripts(tx, desk, wire.newest_transcripts(events))

    async def on_proofs(tx: Transaction, events: Sequence[ProofChanged]) -> None:
        await take_proofs(tx, desk, wire.proof_states(events))

    async def on_acknowledgements(tx: Transaction, events: Sequence[Acknowledgement]) -> None:
        await take_acknowledgements(tx, desk, wire.acknowledgements(events))

    return [
        Subscription("title-review.transcripts", TranscriptChanged, on_transcripts),
        Subscription("title-review.proofs", ProofChanged, on_proofs),
        Subscription(
            "title-review.acknowledgements",
            Acknowledgement,
            on_acknowledgements,
            key_field="subject_ref",
            outside=True,
        ),
    ]
