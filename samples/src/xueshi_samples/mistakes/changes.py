"""Corrections and voids (contract, Versions): of records that stand, and of ids that were never sent.

A proof follows as soon as a year's requirement is met. So that nobody has one for a while only, hours are taken away
only from people who stay compliant or never were, and each person has one change at most.
"""

from xueshi_samples.draft import Draft, as_record
from xueshi_samples.learning import LAST_DAY, Workshop
from xueshi_samples.ledger import YearTotals, year_totals
from xueshi_samples.mistakes.choice import choose, untouched
from xueshi_samples.rules import DAY_CAP_CENTIHOURS, requirement_of, verdict_of
from xueshi_samples.submission import ACCEPTED, Mailbag, Submission, rejected

_MENDED_NAME_SHARE = 0.003
_CORRECTED_SHARE = 0.008
_VOIDED_SHARE = 0.006
_VOIDED_RIVAL_SHARE = 0.0005
_UNKNOWN_SHARE = 0.001
_STEP_CENTIHOURS = 100
_REASONS = ("重复报送", "学员信息有误", "课程已撤销", "系统测试数据")


class Changes:
    """Makes the changes of a world."""

    def __init__(self, shop: Workshop, mail: Mailbag) -> None:
        self._shop = shop
        self._mail = mail
        self._totals = year_totals(shop.drafts)
        self._changed: set[str] = set()

    def make(self) -> None:
        """Submit the records that change, and their changes."""
        for draft in choose(self._shop, _MENDED_NAME_SHARE, self._first_of_person, _misnamed):
            self._mend_name(draft)
        for draft in choose(self._shop, _CORRECTED_SHARE, self._first_of_person):
            self._correct(draft)
        for draft in choose(self._shop, _VOIDED_RIVAL_SHARE, self._can_void, _competing):
            self._void(draft)
        for draft in choose(self._shop, _VOIDED_SHARE, self._can_void):
            self._void(draft)
        self._change_unknown()

    def _first_of_person(self, draft: Draft) -> bool:
        """Tell whether nothing of the person's has changed yet, and let this record be what does."""
        person = draft.learner.person.id
        if person in self._changed:
            return False
        self._changed.add(person)
        return True

    def _can_void(self, draft: Draft) -> bool:
        return self._can_lose(draft, draft.centihours) and self._first_of_person(draft)

    def _can_lose(self, draft: Draft, centihours: int) -> bool:
        person = draft.learner.person
        requirement = requirement_of(person.main_on(LAST_DAY))
        stamped = self._totals.get(person.id, YearTotals()).stamped
        less = stamped | {draft.course.kind: stamped.get(draft.course.kind, 0) - centihours}
        stays = verdict_of(requirement, less) == "compliant"
        return draft.fate != "stamped" or stays or verdict_of(requirement, stamped) != "compliant"

    def _mend_name(self, draft: Draft) -> None:
        first = self._mail.first(draft)
        draft.name_sent, draft.hold = draft.learner.person.name, None
        self._resubmit(draft, first)

    def _correct(self, draft: Draft) -> None:
        """Add or take an hour on the last day, else change the score."""
        first = self._mail.first(draft)
        day, centihours = draft.parts[-1]
        alone = not draft.as_range and self._shop.diary.alone(draft)
        if alone and centihours + _STEP_CENTIHOURS <= DAY_CAP_CENTIHOURS and self._shop.dice.chance(0.4):
            draft.parts = [*draft.parts[:-1], (day, centihours + _STEP_CENTIHOURS)]
        elif alone and centihours > _STEP_CENTIHOURS and self._can_lose(draft, _STEP_CENTIHOURS):
            draft.parts = [*draft.parts[:-1], (day, centihours - _STEP_CENTIHOURS)]
        else:
            draft.score = draft.score - 1 if draft.score > 60 else 61
        self._resubmit(draft, first)

    def _resubmit(self, draft: Draft, first: Submission) -> None:
        draft.mark, draft.version = "corrected", draft.version + 1
        self._mail.after(first, as_record(draft), ACCEPTED, "hour_records.corrected")

    def _void(self, draft: Draft) -> None:
        first = self._mail.first(draft)
        draft.mark, draft.voided = "voided", True
        void = {"record_id": draft.record_id, "reason": self._shop.dice.pick(_REASONS)}
        self._mail.after(first, void, ACCEPTED, "hour_records.voided")

    def _change_unknown(self) -> None:
        """Correct and void ids that were never sent, as after a slip in the platform's own books."""
        unknown = rejected("UNKNOWN_RECORD")
        for draft in choose(self._shop, _UNKNOWN_SHARE, untouched):
            stray_id = f"{draft.record_id}-0"
            self._mail.stray(draft, as_record(draft) | {"record_id": stray_id}, unknown, "hour_records.corrected")
            void = {"record_id": f"{draft.record_id}-1", "reason": self._shop.dice.pick(_REASONS)}
            self._mail.stray(draft, void, unknown, "hour_records.voided")


def _misnamed(draft: Draft) -> bool:
    return draft.mark == "NAME_MISMATCH"


def _competing(draft: Draft) -> bool:
    return draft.mark == "overlap"
