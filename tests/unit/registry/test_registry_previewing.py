"""What a draft makes of one person: whose outcome, hours and verdict differ, and by which rule."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.support.rulebooks import draft
from tests.unit.registry.accounts import DAY, KEY, RULEBOOK, VERSIONS, kept, live, standing
from xueshi_registry.domain.model import Employer, Person, Platform
from xueshi_registry.domain.previewing import Draft, Effect, preview
from xueshi_registry.domain.standing import Kept, Live, Prospect
from xueshi_registry.domain.versions import Versions
from xueshi_rulebook import Rulebook, read_rulebook

PERSON = Person(KEY, b"n", "陈* 3599", claimed=False, name_state="provisional")
PLATFORM = Platform("p1", "active", "province", "350000", frozenset({("professional", 5, "")}))
EMPLOYER = Employer("91350100M000100X55", "福州某公司", "350102", 5)
LOWER_CAP = {'rule: FJ-03, hours: "8"': 'rule: FJ-03, hours: "6"'}

LOWERED = {
    'counts: [public], hours: "30"': 'counts: [public], hours: "0.5"',
    'counts: [professional], hours: "60"': 'counts: [professional], hours: "8"',
    'hours: "90"': 'hours: "8.5"',
}
NEXT = date(2025, 6, 2)


def tried(rulebook: Rulebook, records: Sequence[Live], transcripts: Sequence[Kept] = ()) -> Effect:
    """Try a rulebook on a person of these records."""
    person = Prospect(PERSON, [], {EMPLOYER.uscc: EMPLOYER}, records, transcripts)
    return preview(person, Draft(rulebook, VERSIONS, {"p1": PLATFORM}))


@pytest.fixture
def lower_cap(tmp_path: Path) -> Rulebook:
    """Return the rulebook with six hours a day."""
    return read_rulebook(draft(tmp_path / "draft", LOWER_CAP))


def test_the_same_rules_change_nothing() -> None:
    records = [live(standing(1, 500, 500)), live(standing(2, 500, 300))]
    assert tried(RULEBOOK, records, [kept(800)]) == Effect([], Counter(), 0, 1)


def test_a_lower_cap_takes_hours_and_no_verdict_where_none_depends_on_them(lower_cap: Rulebook) -> None:
    records = [live(standing(1, 500, 500)), live(standing(2, 500, 300))]
    assert tried(lower_cap, records, [kept(800)]) == Effect([], Counter(), 1, 1)


def test_an_exception_that_was_granted_stays(lower_cap: Rulebook) -> None:
    excepted = live(standing(1, 900, 900, cap_exempt=True))
    assert tried(lower_cap, [excepted], [kept(900)]).recredited == 0


def test_an_exemption_goes_with_the_rule_that_gave_it(tmp_path: Path) -> None:
    exempting = "submitters: {list: [platform], clause: 附件2 一（一）}\n"
    given = f"{exempting}    day_cap_exempt: {{reading: {{zh: 试, en: tried}}}}\n"
    former = read_rulebook(draft(tmp_path / "former", {exempting: given}))
    versions = Versions({former.hash: former.canonical})
    record = live(standing(1, 900, 900, cap_exempt=True, rulebook=former.hash))
    transcript = kept(900, rulebook=former.hash)
    person = Prospect(PERSON, [], {}, [record], [transcript])
    assert preview(person, Draft(RULEBOOK, versions, {"p1": PLATFORM})).recredited == 1
    assert preview(person, Draft(former, versions, {"p1": PLATFORM})).recredited == 0


def test_a_range_is_filled_anew(lower_cap: Rulebook) -> None:
    spanned = standing(1, 0, 0)._replace(days=[DAY, NEXT], claimed=[800, 100], credited=[800, 100])
    record = live(spanned, learned_days=(), learned_range=(DAY, NEXT), centihours=900)
    assert tried(lower_cap, [record], [kept(900)]).recredited == 1
    assert tried(RULEBOOK, [record], [kept(900)]).recredited == 0


def test_what_is_not_stamped_moves_no_verdict(tmp_path: Path) -> None:
    rulebook = read_rulebook(draft(tmp_path / "draft", LOWERED))
    records = [live(standing(1, 800, 800)), live(standing(2, 50, 50, subject_kind="public", days=[NEXT]))]
    transcript = kept(0, kinds=["professional", "public"], registered=[800, 50], stamped=[800, 50])
    assert len(tried(rulebook, records, [transcript]).flips) == 1
    waiting = [each._replace(standing=each.standing._replace(state="registered")) for each in records]
    assert tried(rulebook, waiting, [transcript._replace(stamped=[0, 0])]) == Effect([], Counter(), 0, 1)


def test_a_held_record_that_the_draft_lets_through_takes_its_place_behind_the_others() -> None:
    held = live(standing(1, 500, 0, state="held", place=None))._replace(code="OUT_OF_SCOPE")
    effect = tried(RULEBOOK, [held, live(standing(2, 800, 800))], [kept(800)])
    assert effect.outcomes == {("held OUT_OF_SCOPE", "counts"): 1}
    assert effect.recredited == 0


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"name_digest": b"other"}, "NAME_MISMATCH"),
        ({"industry": 6}, "SCOPE_UNCONFIRMED"),
        ({"employer": "91350100M000100Y43"}, "EMPLOYER_UNKNOWN"),
    ],
)
def test_what_no_rule_decides_stays_held(fields: dict[str, Any], code: str) -> None:
    held = live(standing(1, 500, 0, state="held", place=None), **fields)._replace(code=code)
    assert tried(RULEBOOK, [held]) == Effect([], Counter(), 0, 0)


def test_a_verdict_flips_by_the_lines_and_rules_that_changed(tmp_path: Path) -> None:
    rulebook = read_rulebook(draft(tmp_path / "draft", LOWERED))
    public = live(standing(2, 50, 50, subject_kind="public", days=[NEXT]))
    transcript = kept(0, kinds=["professional", "public"], registered=[800, 50], stamped=[800, 50])
    effect = tried(rulebook, [live(standing(1, 800, 800)), public], [transcript])
    (flip,) = effect.flips
    assert (flip.period, flip.verdict, flip.rules) == ("2025", ("short", "compliant"), ("FJ-01",))
    assert [(line.kind, line.required, line.counted) for line in flip.lines] == [
        ("public", (3000, 50), (50, 50)),
        ("professional", (6000, 800), (800, 800)),
        ("total", (9000, 850), (850, 850)),
    ]


def test_a_jurisdiction_that_is_gone_leaves_no_verdict() -> None:
    rest = {code: each for code, each in RULEBOOK.jurisdictions.items() if code != "fujian"}
    without = replace(RULEBOOK, jurisdictions=rest, _coverage={})
    effect = tried(without, [live(standing(1, 800, 800))], [kept(800)])
    assert [each.verdict for each in effect.flips] == [("short", "none")]
    assert effect.outcomes == {("counts", "held JURISDICTION_UNKNOWN"): 1}
