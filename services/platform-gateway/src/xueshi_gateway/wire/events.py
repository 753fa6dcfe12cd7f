"""Accepted records as events: each person's identity sealed, each slice holding one bucket's records.

Slices are filled in place: building each record by itself and copying it costs twice as much.
"""

from collections.abc import Iterable
from datetime import date, datetime

from msgspec import UNSET

from xueshi.gateway.v1.hour_records_pb2 import HourRecord, HourRecordsAccepted, Identity
from xueshi_gateway.domain.versions import Accepted, Change
from xueshi_kit.crypto import KeyedIndex, Sealer
from xueshi_kit.events import MAX_SLICE_BYTES, bucket_of
from xueshi_kit.outbox import OutboxEvent
from xueshi_records import LearnedRange, Learner, Record, Void, centihours
from xueshi_rulebook.identifiers import normalise_name

_EPOCH = date(1970, 1, 1).toordinal()
PERSON_CHANGED = "PERSON_CHANGED"
"""Reason of the void under the former person's key when a correction names another person."""


class People:
    """Turns a learner into what may be stored and sent: a person key, a digest of the name, a sealed identity."""

    def __init__(self, index: KeyedIndex, sealer: Sealer) -> None:
        """`index` and `sealer` hold the keys of people, not of this service's own secrets."""
        self._digest = index.digest
        self._seal = sealer.seal

    def key_of(self, record: Record) -> bytes:
        """Return the person key: the first 16 bytes of the keyed hash of ID type and normalised number."""
        learner = record.learner
        return self._digest(learner.id_type.encode(), learner.id_number.encode())[:16]

    def name_digest(self, learner: Learner, person_key: bytes) -> bytes:
        """Return the keyed hash by which the names that were given for one person are compared."""
        return self._digest(person_key.hex().encode(), normalise_name(learner.name).encode())

    def keyed(self, digest: bytes) -> bytes:
        """Return a content's digest as it is kept: without the key nobody can guess the person from it."""
        return self._digest(b"content", digest.hex().encode())

    def seal(self, learner: Learner, person_key: bytes) -> bytes:
        """Return the identity sealed, bound to the person key."""
        identity = Identity(id_type=learner.id_type, id_number=learner.id_number, name=learner.name)
        return self._seal(identity.SerializeToString(), person_key)


class SliceWriter:
    """Sorts the accepted records of one delivery into slices, one bucket each, none much over 256 KiB."""

    def __init__(self, platform: str, delivery: str, accepted_at: datetime, buckets: int, people: People) -> None:
        """`buckets` is the number of partitions of every topic."""
        self._platform = platform
        self._delivery = delivery
        self._accepted_at_ms = _milliseconds(accepted_at)
        self._buckets = buckets
        self._people = people
        self._open: dict[int, tuple[HourRecordsAccepted, int]] = {}
        self._events: list[OutboxEvent] = []

    def write(self, change: Change, accepted: Iterable[Accepted]) -> list[OutboxEvent]:
        """Return the slices as events, in the order in which each bucket's records came."""
        for each in accepted:
            if isinstance(each.content, Void):
                self._add_void(each, each.person_key, each.content.reason)
            elif each.former_key is None:
                self._add_record(each, each.content, change)
            else:
                self._add_void(each, each.former_key, PERSON_CHANGED)
                self._add_record(each, each.content, "completed")
        return self._events

    def _add_void(self, accepted: Accepted, person_key: bytes, reason: str) -> None:
        bucket, slice_ = self._slice_of(person_key)
        item = slice_.records.add(
            record_id=accepted.content.record_id,
            version=accepted.version,
            person_key=person_key,
            change="voided",
            reason=reason,
            digest=accepted.digest,
        )
        self._count(bucket, slice_, item)

    def _add_record(self, accepted: Accepted, record: Record, change: Change) -> None:
        learner, course, assessment, person_key = record.learner, record.course, record.assessment, accepted.person_key
        bucket, slice_ = self._slice_of(person_key)
        # Assigned one by one: naming the fields in the call costs twice as much.
        item = slice_.records.add()
        item.record_id = record.record_id
        item.version = accepted.version
        item.person_key = person_key
        item.change = change
        item.identity = self._people.seal(learner, person_key)
        item.name_digest = self._people.name_digest(learner, person_key)
        if record.employer is not UNSET:
            item.employer = record.employer
        item.subject_kind = record.subject_kind
        item.learning_form = record.learning_form
        item.course_id = course.id
        item.course_title = course.title
        if record.industry is not UNSET:
            item.industry = record.industry  # type: ignore[assignment]  # made an integer by the checks
        if record.major is not UNSET:
            item.major = record.major
        if record.credit_year is not UNSET:
            item.credit_year = record.credit_year
        item.centihours = centihours(record.hours)
        item.passed = assessment.passed
        if assessment.score is not UNSET:
            item.score = assessment.score
        item.completed_at_ms = _milliseconds(record.completed_at)
        item.digest = accepted.digest
        _add_learned(item, record)
        self._count(bucket, slice_, item)

    def _slice_of(self, person_key: bytes) -> tuple[int, HourRecordsAccepted]:
        """Return the bucket of a person and its open slice."""
        bucket = bucket_of(person_key, self._buckets)
        found = self._open.get(bucket)
        if found is not None:
            return bucket, found[0]
        slice_ = HourRecordsAccepted(
            platform=self._platform, delivery=self._delivery, accepted_at_ms=self._accepted_at_ms
        )
        self._open[bucket] = (slice_, 0)
        self._events.append(OutboxEvent(f"{self._platform}:{self._delivery}", person_key, slice_))
        return bucket, slice_

    def _count(self, bucket: int, slice_: HourRecordsAccepted, item: HourRecord) -> None:
        """Close a slice that is full; the next record of its bucket opens another."""
        size = self._open[bucket][1] + item.ByteSize()
        if size < MAX_SLICE_BYTES:
            self._open[bucket] = (slice_, size)
        else:
            del self._open[bucket]


def _add_learned(item: HourRecord, record: Record) -> None:
    learned = record.learned
    if isinstance(learned, LearnedRange):
        item.learned_range.from_on = learned.from_on.toordinal() - _EPOCH
        item.learned_range.to_on = learned.to_on.toordinal() - _EPOCH
        return
    add = item.learned_days.add
    for day in learned:
        each = add()
        each.on = day.on.toordinal() - _EPOCH
        each.centihours = centihours(day.hours)


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
