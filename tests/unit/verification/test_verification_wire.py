"""Events and cursors: what is read and written, and what is refused."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from xueshi.registry.v1 import hours_pb2
from xueshi_kit.events import MAX_SLICE_BYTES
from xueshi_kit.problems import Problem
from xueshi_verification.api.paging import key_of, next_cursor, position
from xueshi_verification.api.refusals import details_of, refusal_of
from xueshi_verification.domain import errors
from xueshi_verification.domain.model import (
    AuthorityId,
    Decision,
    ItemKey,
    OfficerId,
    PersonKey,
    PlatformId,
    Reason,
    RecordId,
)
from xueshi_verification.wire.events import read_changes, write_decisions

KEY = UUID(int=7)
AT = datetime(2025, 6, 3, 1, 0, 0, 123000, tzinfo=UTC)


def _decision(reason: Reason | None) -> Decision:
    return Decision(
        key=ItemKey(PlatformId("p"), RecordId("r"), PersonKey(KEY)),
        version=3,
        outcome="returned",
        authority=AuthorityId("a"),
        authority_name="住建",
        officer=OfficerId("wu"),
        reason=reason,
        rule_ids=("FJ-08",),
        rulebook="hash",
        registered_rulebook="registered",
        registration_position=9,
        decided_at=AT,
    )


def test_a_registration_is_read_with_its_days_and_moment() -> None:
    change = hours_pb2.HoursChange(
        platform="p",
        record_id="r",
        version=3,
        person_key=KEY.bytes,
        state="registered",
        position=9,
        changed_at_ms=int(AT.timestamp() * 1000),
        registration=hours_pb2.Registration(first_on=20240, last_on=20241),
        registered_rulebook="registered",
    )
    [read] = read_changes([hours_pb2.HoursChanged(changes=[change])])
    assert read.registration is not None
    assert (read.registration.first_on, read.registration.last_on) == (date(2025, 6, 1), date(2025, 6, 2))
    assert (read.key.person_key, read.version, read.position, read.changed_at) == (KEY, 3, 9, AT)
    assert read.registration.registered_rulebook == "registered"


def test_a_registration_that_an_older_registry_told_was_judged_by_the_rulebook_of_its_change() -> None:
    change = hours_pb2.HoursChange(
        person_key=KEY.bytes, state="registered", rulebook="one", registration=hours_pb2.Registration()
    )
    [read] = read_changes([hours_pb2.HoursChanged(changes=[change])])
    assert read.registration is not None
    assert read.registration.registered_rulebook == "one"


def test_only_a_registration_carries_one() -> None:
    change = hours_pb2.HoursChange(person_key=KEY.bytes, state="held", registration=hours_pb2.Registration())
    [read] = read_changes([hours_pb2.HoursChanged(changes=[change])])
    assert read.registration is None


def test_a_person_key_of_another_length_is_an_error() -> None:
    with pytest.raises(ValueError, match="16"):
        list(read_changes([hours_pb2.HoursChanged(changes=[hours_pb2.HoursChange(person_key=b"short")])]))


def test_a_decision_is_written_whole() -> None:
    [event] = write_decisions([_decision(Reason("OTHER", "理由"))], {"hash": {"FJ-08": "甲号 一"}})
    assert [(each.rulebook, dict(each.by_rule)) for each in event.clauses] == [("hash", {"FJ-08": "甲号 一"})]
    [written] = event.decisions
    assert (written.outcome, written.version, written.person_key) == ("returned", 3, KEY.bytes)
    assert (written.reason_code, written.reason, written.officer) == ("OTHER", "理由", "wu")
    assert written.registration_position == 9
    assert written.decided_at_ms == int(AT.timestamp() * 1000)


def test_slices_stay_below_their_limit_and_lose_nothing() -> None:
    events = list(write_decisions([_decision(Reason("OTHER", "理" * 500))] * 400, {}))
    assert len(events) > 1
    assert all(event.ByteSize() <= MAX_SLICE_BYTES for event in events)
    assert sum(len(event.decisions) for event in events) == 400


def test_a_cursor_continues_after_the_last_row_of_a_full_page() -> None:
    assert next_cursor([1, 2], 3, int) is None
    assert key_of(next_cursor([1, 2, 3], 3, int), position, 0) == 3
    assert key_of(None, position, 0) == 0


@pytest.mark.parametrize("cursor", ["x", "LTE", "%", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA", "中文"])
def test_a_foreign_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Problem) as refused:
        key_of(cursor, position, 0)
    assert refused.value.status == 422


def test_every_refusal_has_words() -> None:
    plain = set(errors.VerificationError.__subclasses__()) - {errors.AuthorityInvalidError}
    built = [
        errors.StaleVersionError(2),
        errors.ClaimedError(AT),
        errors.DecidedError("stamped"),
        errors.NotWaitingError("held"),
        errors.NotStampedError("held"),
    ]
    known = {type(each): each for each in built}
    for kind in plain:
        error = known.get(kind) or kind()
        refusal = refusal_of(error)
        assert refusal.zh
        assert refusal.en
        assert 400 <= refusal.status < 500
        assert bool(details_of(error)) is (kind in known)
