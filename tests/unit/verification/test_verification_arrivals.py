"""What a batch of changes comes to, whatever its cuts."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xueshi_verification.domain.arrivals import Change, Effects, Known, fold
from xueshi_verification.domain.model import (
    OPEN,
    WAITING,
    ItemKey,
    PersonKey,
    PlatformId,
    RecordId,
    Registration,
)

AT = datetime(2025, 6, 3, tzinfo=UTC)
REGISTRATION = Registration(
    jurisdiction="fujian",
    region="350504",
    industry=5,
    employer="",
    employer_name="",
    subject_kind="professional",
    learning_form="conference",
    registered_by="submitted",
    course_title="",
    major="",
    first_on=date(2025, 6, 1),
    last_on=date(2025, 6, 1),
    passed=True,
    score="",
    person_label="",
    registered_rulebook="",
)


def _key(record_id: str, person: int = 0) -> ItemKey:
    return ItemKey(PlatformId("p"), RecordId(record_id), PersonKey(UUID(int=person)))


def _change(state: str, version: int = 1, key: ItemKey | None = None, credited: int = 100, position: int = 1) -> Change:
    return Change(
        key=key or _key("r"),
        version=version,
        state=state,
        position=position,
        claimed_centihours=100,
        credited_centihours=credited,
        changed_at=AT,
        registration=REGISTRATION if state == "registered" else None,
    )


@dataclass
class Table:
    """What the items' table holds after effects: version, state, credited hours."""

    rows: dict[ItemKey, tuple[int, str, int]] = field(default_factory=dict)

    def hear(self, changes: list[Change]) -> Effects:
        """Apply one batch."""
        effects = fold({key: Known(row[0], row[1]) for key, row in self.rows.items()}, changes)
        for key, change in effects.opened.items():
            self.rows[key] = (change.version, WAITING, change.credited_centihours)
        for key, change in effects.closed.items():
            self.rows[key] = (change.version, change.state, self.rows[key][2])
        for key, change in effects.credited.items():
            version, state, _ = self.rows[key]
            if version == change.version:
                self.rows[key] = (version, state, change.credited_centihours)
        return effects

    def waiting(self) -> dict[ItemKey, tuple[int, int]]:
        """Return what waits: version and credited hours."""
        return {key: (row[0], row[2]) for key, row in self.rows.items() if row[1] in OPEN}


changes = st.builds(
    _change,
    state=st.sampled_from(["registered", "held", "voided", "credited", "queued", "stamped", "returned", "revoked"]),
    version=st.integers(1, 3),
    key=st.sampled_from([_key("a"), _key("b"), _key("a", person=1)]),
    credited=st.integers(0, 800),
)


def _in_version_order(listed: list[Change]) -> list[Change]:
    """Let no record's version fall: a partition keeps the registry's order."""
    reached: dict[ItemKey, int] = {}
    ordered: list[Change] = []
    for each in listed:
        reached[each.key] = max(each.version, reached.get(each.key, 0))
        ordered.append(each._replace(version=reached[each.key]))
    return ordered


histories = st.lists(changes, max_size=20).map(_in_version_order)


@given(histories, st.data())
def test_where_a_batch_is_cut_changes_nothing_about_what_waits(listed: list[Change], data: st.DataObject) -> None:
    # An officer refuses what stands here: a refusal comes back in a later batch than each registration of its record.
    refused = {each.key for each in listed if each.state in {"returned", "revoked"}}
    seen = {n for n, each in enumerate(listed, 1) if each.state == "registered" and each.key in refused}
    longest = {0, len(listed)} | seen
    whole, parts = Table(), Table()
    for start, end in pairwise(sorted(longest)):
        whole.hear(listed[start:end])
    for start, end in pairwise(sorted(longest | data.draw(st.sets(st.integers(0, len(listed)))))):
        parts.hear(listed[start:end])
    assert whole.waiting() == parts.waiting()


@given(histories)
def test_what_waits_is_the_newest_version_heard_of(listed: list[Change]) -> None:
    table = Table()
    table.hear(listed)
    for key, (version, _) in table.waiting().items():
        heard = [each for each in listed if each.key == key and each.state in {"registered", "held", "voided"}]
        first_seen = next(n for n, each in enumerate(heard) if each.state == "registered")
        assert version == max(each.version for each in heard[first_seen:])


@pytest.mark.parametrize(
    ("state", "before"),
    [
        *(("voided", before) for before in ("waiting", "unrouted", "stamped", "returned", "revoked", "held")),
        *(("held", before) for before in ("waiting", "unrouted", "stamped")),
    ],
)
def test_a_hold_or_void_ends_what_stands(state: str, before: str) -> None:
    effects = fold({_key("r"): Known(1, before)}, [_change(state)])
    assert [each.state for each in effects.closed.values()] == [state]


@pytest.mark.parametrize("refused", ["returned", "revoked"])
@pytest.mark.parametrize("cut", [True, False])
def test_what_was_refused_stays_so_through_a_hold_and_a_release(refused: str, *, cut: bool) -> None:
    known, crossing = {_key("r"): Known(1, refused)}, [_change("held"), _change("registered", position=9)]
    for batch in [[each] for each in crossing] if cut else [crossing]:
        effects = fold(known, batch)
        assert not effects.opened
        assert not effects.closed
    assert [each.position for each in effects.repeated.values()] == [9]


@pytest.mark.parametrize("refused", ["returned", "revoked"])
@pytest.mark.parametrize(
    ("after", "opens"), [(_change("registered", 2), True), (_change("held", 2), False), (_change("voided"), False)]
)
def test_a_correction_or_void_goes_past_a_refusal(refused: str, after: Change, *, opens: bool) -> None:
    effects = fold({_key("r"): Known(1, refused)}, [_change("registered", position=9), after])
    assert bool(effects.opened) is opens
    assert bool(effects.closed) is not opens
    assert not effects.repeated


@pytest.mark.parametrize(("before", "closes"), [("waiting", True), ("unrouted", True), ("returned", False)])
def test_a_return_made_elsewhere_ends_what_waits_and_an_echo_changes_nothing(before: str, *, closes: bool) -> None:
    effects = fold({_key("r"): Known(1, before)}, [_change("returned")])
    assert bool(effects.closed) is closes


@pytest.mark.parametrize("state", ["registered", "held", "voided", "credited"])
def test_an_older_version_changes_nothing(state: str) -> None:
    assert fold({_key("r"): Known(2, "waiting")}, [_change(state, 1)]) == Effects({}, {}, {}, {})


def test_an_older_opening_gives_way_within_a_batch() -> None:
    effects = fold({}, [_change("registered", 1), _change("registered", 2), _change("credited", 2, credited=50)])
    [opened] = effects.opened.values()
    assert (opened.version, opened.credited_centihours) == (2, 50)
    assert not effects.credited


def test_what_nobody_has_seen_needs_no_closing() -> None:
    assert fold({}, [_change("registered"), _change("voided", 2)]) == Effects({}, {}, {}, {})
    assert fold({}, [_change("held")]) == Effects({}, {}, {}, {})


def test_hours_of_a_version_that_is_not_here_change_nothing() -> None:
    changes_of_both = [_change("credited", 1, credited=50), _change("credited", 2, credited=10)]
    effects = fold({_key("r"): Known(1, "waiting")}, changes_of_both)
    assert [each.credited_centihours for each in effects.credited.values()] == [50]
