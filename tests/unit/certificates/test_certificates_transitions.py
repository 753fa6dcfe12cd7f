from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from tests.unit.certificates.proof_samples import compliant, content_of, entry
from xueshi_certificates.domain.content import Basis, Content, Entry, Reason, Status
from xueshi_certificates.domain.transitions import (
    NOTHING,
    Decision,
    Ending,
    NothingToProveError,
    decide,
    decide_on_request,
    is_moot,
)

SHORT = content_of(entry("R-1", 3000), entry("R-2", 5500, "professional"))


def test_no_proof_while_hours_are_short() -> None:
    assert decide(None, SHORT) == NOTHING


@pytest.mark.parametrize("valid", [None, compliant(), SHORT])
@pytest.mark.parametrize("now", [compliant(), SHORT])
def test_what_is_moot_decides_nothing(valid: Content | None, now: Content) -> None:
    moot = is_moot(proven=valid is not None, compliant=now.compliant)
    assert moot == (valid is None and now is SHORT)
    assert not moot or decide(valid, now) == NOTHING


def test_a_proof_when_the_requirement_is_first_met() -> None:
    assert decide(None, compliant()) == Decision(issue=Basis.REQUIREMENT_MET)


def test_nothing_while_the_proof_says_what_is() -> None:
    assert decide(compliant(), compliant()) == NOTHING


def test_another_edition_of_the_rulebook_changes_no_proof() -> None:
    now = replace(compliant(), rulebook="book-2", rule_ids=("FJ-01", "FJ-03"))
    assert decide(compliant(), now) == NOTHING


def test_more_hours_supersede() -> None:
    now = content_of(*compliant().entries, entry("R-3", 450))
    assert decide(compliant(), now) == Decision(Ending(Status.SUPERSEDED, Reason.MORE_HOURS), Basis.REQUIREMENT_MET)


def test_freed_hours_credited_to_an_entry_supersede() -> None:
    before = content_of(*compliant().entries, entry("R-3", 100))
    now = content_of(*compliant().entries, entry("R-3", 450))
    assert decide(before, now).ending == Ending(Status.SUPERSEDED, Reason.MORE_HOURS)


def test_a_corrected_title_supersedes() -> None:
    first, second = compliant().entries
    now = content_of(replace(first, course_title="新标题", version=2), second)
    ending = Ending(Status.SUPERSEDED, Reason.CONTENT_CORRECTED)
    assert decide(compliant(), now) == Decision(ending, Basis.REQUIREMENT_MET)


def test_a_corrected_name_supersedes() -> None:
    ending = Ending(Status.SUPERSEDED, Reason.HOLDER_CORRECTED)
    assert decide(compliant(), compliant(), holder_changed=True) == Decision(ending, Basis.REQUIREMENT_MET)


def test_a_void_revokes_and_names_the_record() -> None:
    first, _ = compliant().entries
    ending = Ending(Status.REVOKED, Reason.HOURS_WITHDRAWN, (("fj-online", "R-2"),))
    assert decide(compliant(), content_of(first)) == Decision(ending, None)


def test_a_void_that_leaves_the_requirement_met_revokes_and_issues_anew() -> None:
    before = content_of(*compliant().entries, entry("R-3", 450))
    ending = Ending(Status.REVOKED, Reason.HOURS_WITHDRAWN, (("fj-online", "R-3"),))
    assert decide(before, compliant()) == Decision(ending, Basis.REQUIREMENT_MET)


def test_lost_hours_revoke_even_when_others_came() -> None:
    first, second = compliant().entries
    now = content_of(replace(first, credited_centihours=2900), second, entry("R-3", 800))
    assert decide(compliant(), now).ending == Ending(Status.REVOKED, Reason.HOURS_WITHDRAWN, (("fj-online", "R-1"),))


@pytest.mark.parametrize("changes", [{"kind": "professional"}, {"passed": False}])
def test_hours_that_moved_to_another_kind_or_lost_their_result_revoke(changes: dict[str, object]) -> None:
    before = content_of(*compliant().entries, entry("R-3", 450))
    now = content_of(*compliant().entries, entry("R-3", 450, **changes))  # type: ignore[arg-type]
    assert decide(before, now).ending == Ending(Status.REVOKED, Reason.HOURS_WITHDRAWN, (("fj-online", "R-3"),))


def test_a_verdict_that_fell_without_a_loss_revokes() -> None:
    now = replace(compliant(), verdict="short")
    assert decide(compliant(), now) == Decision(Ending(Status.REVOKED, Reason.REQUIREMENT_NOT_MET), None)


def test_a_requested_proof_grows_with_the_hours_until_the_requirement_is_met() -> None:
    more = content_of(*SHORT.entries, entry("R-3", 100, "professional"))
    assert decide(SHORT, more) == Decision(Ending(Status.SUPERSEDED, Reason.MORE_HOURS), Basis.REQUESTED)
    met = content_of(*SHORT.entries, entry("R-3", 500, "professional"))
    assert decide(SHORT, met) == Decision(Ending(Status.SUPERSEDED, Reason.MORE_HOURS), Basis.REQUIREMENT_MET)


def test_a_revoked_requested_proof_is_asked_for_anew() -> None:
    assert decide(SHORT, content_of(entry("R-1", 3000))).issue is None


def test_on_request_a_short_proof_is_issued_once() -> None:
    assert decide_on_request(None, SHORT) == Decision(issue=Basis.REQUESTED)
    assert decide_on_request(SHORT, SHORT) == NOTHING


def test_on_request_nothing_is_proven_without_hours() -> None:
    with pytest.raises(NothingToProveError):
        decide_on_request(None, content_of())


class ProofsFollowTranscripts(RuleBasedStateMachine):
    """Random stamps, corrections, voids and requests: what a reader of the proofs may rely on holds after each."""

    records = Bundle("records")

    def __init__(self) -> None:
        super().__init__()
        self.stamped: dict[str, Entry] = {}
        self.valid: Content | None = None
        self.proofs = 0
        self.ended: list[Status] = []

    @rule(target=records, kind=st.sampled_from(["public", "professional"]), hours=st.integers(1, 4000))
    def stamp(self, kind: str, hours: int) -> str:
        """Stamp another record."""
        record_id = f"R-{len(self.stamped)}-{self.proofs}-{hours}"
        self.stamped[record_id] = entry(record_id, hours, kind)
        self._follow()
        return record_id

    @rule(record=records)
    def void(self, record: str) -> None:
        """Take a record away."""
        gone = self.stamped.pop(record, None)
        before = self.valid
        self._follow()
        if gone is not None and before is not None:
            assert self.ended[-1] is Status.REVOKED

    @rule(record=records, hours=st.integers(1, 4000))
    def correct(self, record: str, hours: int) -> None:
        """Change a record's hours."""
        known = self.stamped.get(record)
        if known is None:
            return
        before, ends = self.valid, len(self.ended)
        self.stamped[record] = replace(known, credited_centihours=hours, version=known.version + 1)
        self._follow()
        if before is not None:
            fell = hours < known.credited_centihours
            assert self.ended[ends:] == [Status.REVOKED if fell else Status.SUPERSEDED]

    @rule()
    def repeat(self) -> None:
        """Say the same transcript again."""
        proofs = self.proofs
        self._follow()
        assert self.proofs == proofs

    @rule()
    def request(self) -> None:
        """Ask for a proof as the holder would."""
        if self.stamped:
            self._carry_out(decide_on_request(self.valid, self._now()))
            assert self.valid is not None

    @invariant()
    def a_valid_proof_says_exactly_what_is_stamped(self) -> None:
        """Hold for every valid proof."""
        if self.valid is not None:
            assert self.valid == self._now()

    @invariant()
    def who_meets_the_requirement_has_a_valid_proof(self) -> None:
        """Hold without anybody's asking."""
        if self._now().compliant:
            assert self.valid is not None

    @invariant()
    def every_proof_but_the_valid_one_has_ended_once(self) -> None:
        """Count the ends."""
        assert len(self.ended) == self.proofs - (self.valid is not None)

    def _now(self) -> Content:
        return content_of(*self.stamped.values())

    def _follow(self) -> None:
        self._carry_out(decide(self.valid, self._now()))

    def _carry_out(self, decision: Decision) -> None:
        if decision.ending is not None:
            assert self.valid is not None
            self.ended.append(decision.ending.status)
            self.valid = None
        if decision.issue is not None:
            assert self.valid is None
            self.valid = self._now()
            self.proofs += 1


ProofsFollowTranscripts.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestProofsFollowTranscripts = ProofsFollowTranscripts.TestCase
