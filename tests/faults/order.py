"""Whether a topic kept its order, and what at-least-once delivery allows.

A message may stand on a topic again, any number of times and at any later place, if it is the very same: the same
event id, key, partition and bytes. Consumers know it by the id (the inbox), readers of compacted topics by the
revision. Everything else must rise: taken at their *first* occurrences, the messages of one subject never go back.

| topic | subject | rises |
| --- | --- | --- |
| gateway.hour-records | person and record | version, strictly |
| gateway.platforms | platform | revision, strictly |
| registry.hours | person | position in the feed, strictly |
| registry.transcripts | person and period | revision, strictly |
| verification.decisions | person and record | (version, registration decided), may stay |
| certificates.proofs | person and period | revision of the transcript proven, may stay |
| title-review.verified-hours | subject and period | revision, strictly |

On a compacted topic the last message of a key, repeats included, must be its newest besides: nobody may start with an
old state.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from xueshi.certificates.v1.proofs_pb2 import ProofChanged
from xueshi.gateway.v1.hour_records_pb2 import HourRecordsAccepted
from xueshi.gateway.v1.platforms_pb2 import PlatformChanged
from xueshi.registry.v1.hours_pb2 import HoursChanged
from xueshi.registry.v1.transcripts_pb2 import TranscriptChanged
from xueshi.titlereview.v1.verified_hours_pb2 import VerifiedHours
from xueshi.verification.v1.decisions_pb2 import HoursDecided
from xueshi_cli.site.layout import (
    DECISIONS,
    HOUR_RECORDS,
    HOURS,
    PLATFORMS,
    PROOFS,
    TRANSCRIPTS,
    VERIFIED_HOURS,
)

Rank = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """One message as it stands on a topic."""

    topic: str
    bucket: int
    offset: int
    key: str
    event_id: str
    value: bytes

    @property
    def place(self) -> str:
        """Where it stands, for people."""
        return f"{self.topic}/{self.bucket}/{self.offset}"


@dataclass(frozen=True, slots=True)
class Rule:
    """What rises on a topic: the subjects of a message with their ranks, in its own order."""

    ranks: Callable[[bytes], Iterator[tuple[str, Rank]]]
    may_stay: bool = False


def _hour_records(value: bytes) -> Iterator[tuple[str, Rank]]:
    event = HourRecordsAccepted.FromString(value)
    for each in event.records:
        yield f"{event.platform}/{each.record_id} of {each.person_key.hex()}", (each.version,)


def _platforms(value: bytes) -> Iterator[tuple[str, Rank]]:
    event = PlatformChanged.FromString(value)
    yield event.platform, (event.revision,)


def _hours(value: bytes) -> Iterator[tuple[str, Rank]]:
    for each in HoursChanged.FromString(value).changes:
        yield each.person_key.hex(), (each.position,)


def _decisions(value: bytes) -> Iterator[tuple[str, Rank]]:
    for each in HoursDecided.FromString(value).decisions:
        subject = f"{each.platform}/{each.record_id} of {each.person_key.hex()}"
        yield subject, (each.version, each.registration_position)


def _transcripts(value: bytes) -> Iterator[tuple[str, Rank]]:
    event = TranscriptChanged.FromString(value)
    yield f"{event.person_key.hex()}:{event.period}", (event.revision,)


def _proofs(value: bytes) -> Iterator[tuple[str, Rank]]:
    event = ProofChanged.FromString(value)
    yield f"{event.person_key.hex()}:{event.period}", (event.transcript_revision,)


def _verified_hours(value: bytes) -> Iterator[tuple[str, Rank]]:
    event = VerifiedHours.FromString(value)
    yield f"{event.subject_ref}:{event.period}", (event.revision,)


RULES: dict[str, Rule] = {
    HOUR_RECORDS: Rule(_hour_records),
    PLATFORMS: Rule(_platforms),
    HOURS: Rule(_hours),
    TRANSCRIPTS: Rule(_transcripts),
    DECISIONS: Rule(_decisions, may_stay=True),
    PROOFS: Rule(_proofs, may_stay=True),
    VERIFIED_HOURS: Rule(_verified_hours),
}
COMPACTED = (PLATFORMS, TRANSCRIPTS, PROOFS, VERIFIED_HOURS)


def in_place(messages: Iterable[Seen]) -> list[Seen]:
    """Return messages in the order of their partitions."""
    return sorted(messages, key=lambda each: (each.topic, each.bucket, each.offset))


def firsts(messages: Iterable[Seen]) -> tuple[list[Seen], list[str]]:
    """Return the first occurrence of each event in order, and what stands there again without being the same."""
    known: dict[tuple[str, str], Seen] = {}
    wrong: list[str] = []
    for each in in_place(messages):
        first = known.setdefault((each.topic, each.event_id), each)
        if (first.key, first.bucket, first.value) != (each.key, each.bucket, each.value):
            wrong.append(f"{each.place} repeats the event of {first.place} with another content")
    return list(known.values()), wrong


def out_of_order(messages: Sequence[Seen]) -> list[str]:
    """Return every place where a topic goes back, or repeats an event otherwise than it was."""
    found, wrong = firsts(messages)
    reached: dict[tuple[str, str], tuple[Rank, str]] = {}
    for each in found:
        rule = RULES[each.topic]
        for subject, rank in rule.ranks(each.value):
            before = reached.get((each.topic, subject))
            if before is not None and (rank < before[0] or (rank == before[0] and not rule.may_stay)):
                wrong.append(f"{each.place}: {subject} is at {rank} after {before[0]} at {before[1]}")
            reached[each.topic, subject] = (rank, each.place)
    for topic in COMPACTED:
        wrong += _old_at_the_end([each for each in messages if each.topic == topic], reached)
    return wrong


def last_states(messages: Iterable[Seen], topic: str) -> dict[str, Seen]:
    """Return the last message of each key of a topic."""
    return {each.key: each for each in in_place(each for each in messages if each.topic == topic)}


def _old_at_the_end(messages: Iterable[Seen], reached: dict[tuple[str, str], tuple[Rank, str]]) -> list[str]:
    wrong = []
    for each in {each.key: each for each in in_place(messages)}.values():
        for subject, rank in RULES[each.topic].ranks(each.value):
            newest, place = reached[each.topic, subject]
            if rank < newest:
                wrong.append(f"{each.place}: the last of {subject} is {rank}, older than {newest} at {place}")
    return wrong
