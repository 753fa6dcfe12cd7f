"""What becomes of each record of a delivery: accepted as which version, a duplicate, or refused.

Pure: the histories of the named records come in, outcomes go out. A record that is refused does not take its id.
"""

from collections.abc import Callable, Iterable
from typing import Literal, TypeVar

from msgspec import Struct

from xueshi_records import Record, Void

Change = Literal["completed", "corrected", "voided"]
Content = TypeVar("Content", Record, Void)


class History(Struct, gc=False):
    """The versions of one record. `versions` gives the version of each content that was ever accepted."""

    live: int
    live_digest: bytes
    person_key: bytes
    is_void: bool
    versions: dict[bytes, int]

    def enter(self, version: int, digest: bytes, person_key: bytes, *, is_void: bool) -> None:
        """Make `version` the live one."""
        self.live, self.live_digest, self.person_key, self.is_void = version, digest, person_key, is_void
        self.versions[digest] = version


class Candidate(Struct, gc=False):
    """A well-formed record with the digest of its content."""

    content: Record | Void
    digest: bytes


class Refused(Struct, gc=False):
    """A record that is not taken: why, where (a pointer within the record), and its id where that can be repeated.

    `form` is the learning form that does not fit the kind of subject, where that is why.
    """

    record_id: str | None
    code: str
    pointer: str
    form: str = ""


class Repeated(Struct, gc=False):
    """Content that was accepted before, as `version`."""

    record_id: str
    version: int


class Accepted(Struct, gc=False):
    """A new version. `former_key` is the person of the version before, where a correction has changed the person."""

    content: Record | Void
    digest: bytes
    version: int
    person_key: bytes
    former_key: bytes | None = None


Outcome = Accepted | Repeated | Refused
PersonKeyOf = Callable[[Record], bytes]


def settle(
    change: Change, candidates: Iterable[Candidate | Refused], histories: dict[str, History], key_of: PersonKeyOf
) -> list[Outcome]:
    """Return the outcome of each record, in order.

    `histories` is brought up to date, so that repeats within one delivery are seen; `key_of` gives a person's key
    (16 bytes) and is asked for accepted records only.
    """
    decide = _DECISIONS[change]
    return [
        candidate if isinstance(candidate, Refused) else decide(candidate, histories, key_of)
        for candidate in candidates
    ]


def _complete(candidate: Candidate, histories: dict[str, History], key_of: PersonKeyOf) -> Outcome:
    record, digest = candidate.content, candidate.digest
    record_id = record.record_id
    history = histories.get(record_id)
    if history is None:
        person_key = key_of(record)  # type: ignore[arg-type]
        histories[record_id] = History(1, digest, person_key, False, {digest: 1})  # noqa: FBT003 - positional is faster
        return Accepted(record, digest, 1, person_key)
    if history.is_void:
        return Refused(record_id, "VOIDED", "/record_id")
    # The first report may come again after a correction: it is a repeat, not a conflict.
    version = history.versions.get(digest)
    if version is None:
        return Refused(record_id, "CONFLICT", "/record_id")
    return Repeated(record_id, version)


def _correct(candidate: Candidate, histories: dict[str, History], key_of: PersonKeyOf) -> Outcome:
    record, digest = candidate.content, candidate.digest
    history = histories.get(record.record_id)
    if history is None:
        return Refused(record.record_id, "UNKNOWN_RECORD", "/record_id")
    if history.is_void:
        return Refused(record.record_id, "VOIDED", "/record_id")
    if digest == history.live_digest:
        return Repeated(record.record_id, history.live)
    person_key = key_of(record)  # type: ignore[arg-type]
    former_key = None if person_key == history.person_key else history.person_key
    history.enter(history.live + 1, digest, person_key, is_void=False)
    return Accepted(record, digest, history.live, person_key, former_key)


def _void(candidate: Candidate, histories: dict[str, History], _key_of: PersonKeyOf) -> Outcome:
    void, digest = candidate.content, candidate.digest
    history = histories.get(void.record_id)
    if history is None:
        return Refused(void.record_id, "UNKNOWN_RECORD", "/record_id")
    if digest == history.live_digest:
        return Repeated(void.record_id, history.live)
    if history.is_void:
        return Refused(void.record_id, "VOIDED", "/record_id")
    history.enter(history.live + 1, digest, history.person_key, is_void=True)
    return Accepted(void, digest, history.live, history.person_key)


_DECISIONS: dict[Change, Callable[[Candidate, dict[str, History], PersonKeyOf], Outcome]] = {
    "completed": _complete,
    "corrected": _correct,
    "voided": _void,
}
