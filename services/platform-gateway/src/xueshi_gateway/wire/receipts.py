"""The receipt of a delivery: a result for each record, in order, and their counts."""

from collections.abc import Mapping, Sequence

from msgspec import UNSET, Struct, UnsetType
from msgspec.json import Encoder

from xueshi_gateway.domain.versions import Accepted, Outcome, Refused
from xueshi_rulebook import Rulebook

_encode = Encoder().encode


class Words(Struct):
    """The same words in Chinese and English."""

    zh: str
    en: str


class Result(Struct, omit_defaults=True):
    """What became of one record. A refused one says why, where in the body, and what to do."""

    record_id: str | None
    status: str
    version: int | UnsetType = UNSET
    code: str | UnsetType = UNSET
    pointer: str | UnsetType = UNSET
    message: Words | UnsetType = UNSET


class Counts(Struct):
    """How many records were accepted, repeated and refused."""

    accepted: int
    duplicate: int
    rejected: int


class Receipt(Struct):
    """What a platform gets for a delivery, and gets again for the same bytes."""

    delivery: str
    counts: Counts
    results: list[Result]


Messages = Mapping[str, Words]


def rejection_messages(rulebook: Rulebook) -> Messages:
    """Return what is said for each code: the reason and what to do, from the rulebook's guidance."""
    catalogue = [rulebook.guidance(code) for code in rulebook.guidance_codes()]
    return {
        each.code: Words(f"{each.reason_zh}{each.todo_zh}", f"{each.reason_en} {each.todo_en}") for each in catalogue
    }


def encode_receipt(delivery: str, outcomes: Sequence[Outcome], messages: Messages) -> bytes:
    """Return the receipt as JSON. Pointers lead from the root of the delivery's body."""
    results = [_result(place, outcome, messages) for place, outcome in enumerate(outcomes)]
    accepted = sum(isinstance(each, Accepted) for each in outcomes)
    rejected = sum(isinstance(each, Refused) for each in outcomes)
    counts = Counts(accepted, len(outcomes) - accepted - rejected, rejected)
    return _encode(Receipt(delivery, counts, results))


def _result(place: int, outcome: Outcome, messages: Messages) -> Result:
    if isinstance(outcome, Accepted):
        return Result(outcome.content.record_id, "accepted", outcome.version)
    if isinstance(outcome, Refused):
        pointer = f"/data/records/{place}{outcome.pointer}"
        return Result(outcome.record_id, "rejected", UNSET, outcome.code, pointer, messages[outcome.code])
    return Result(outcome.record_id, "duplicate", outcome.version)
