"""What holds a record before the rulebook assesses it, in every jurisdiction."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import pytest

from xueshi_registry.domain.judging import Judgement, World, employer_on, judge
from xueshi_registry.domain.model import NAME_PROVISIONAL, Content, Employer, Employment, Person, PersonKey, Platform
from xueshi_rulebook import load_rulebook

RULEBOOK = load_rulebook()
KEY = PersonKey(UUID(int=1))
USCC = "91350100M000100Y43"
FUZHOU, LUOJIANG, WENZHOU, SHAOGUAN = "350102", "350504", "330302", "440203"


LEARNED_ON = date(2025, 6, 1)


def content_of(kind: str, employer: str = USCC) -> Content:
    return Content(
        employer=employer,
        subject_kind=kind,
        learning_form="online",
        course_id="C-1",
        course_title="课程",
        industry=5,
        major="土木工程",
        learned_days=((LEARNED_ON, 400),),
        learned_range=None,
        centihours=400,
        passed=True,
        name_digest=b"name",
    )


def judged(
    region: str,
    kind: str,
    *,
    scopes: frozenset[tuple[str, int, str]] = frozenset(),
    base: str = "350000",
) -> Judgement:
    person = Person(KEY, b"name", "", claimed=False, name_state=NAME_PROVISIONAL)
    world = World(
        rulebook=RULEBOOK,
        people={KEY: person},
        employments={},
        employers={USCC: Employer(USCC, "单位", region, 5)},
        platforms={"p1": Platform("p1", "active", "province", base, scopes)},
    )
    return judge(world, KEY, "p1", content_of(kind))


@pytest.mark.parametrize("region", [FUZHOU, LUOJIANG])
@pytest.mark.parametrize(
    ("kind", "scope", "code"),
    [
        ("public", ("public", 0, ""), ""),
        ("public", ("professional", 5, ""), "SCOPE_UNCONFIRMED"),
        ("professional", ("professional", 5, ""), ""),
        ("professional", ("professional", 5, "土木工程"), ""),
        ("professional", ("professional", 5, "给排水"), "SCOPE_UNCONFIRMED"),
        ("professional", ("professional", 6, ""), "SCOPE_UNCONFIRMED"),
        ("professional", ("public", 0, ""), "SCOPE_UNCONFIRMED"),
    ],
)
def test_fujian_tests_what_a_platform_was_confirmed_for(
    region: str, kind: str, scope: tuple[str, int, str], code: str
) -> None:
    found = judged(region, kind, scopes=frozenset({scope}))
    assert found.code == code
    if code:
        assert (found.state, found.rule_ids) == ("held", ("FJ-15",))


def test_where_nobody_accredits_providers_no_scope_is_asked_for() -> None:
    found = judged(SHAOGUAN, "elective", base="440000")
    assert found.code != "SCOPE_UNCONFIRMED"
    assert found.jurisdiction == "shaoguan"


def test_wenzhou_asks_for_its_own_network_and_no_scope() -> None:
    found = judged(WENZHOU, "general_public", base="350000")
    assert (found.jurisdiction, found.code) == ("wenzhou", "OUTSIDE_NETWORK")


def test_a_hold_before_the_assessment_knows_its_jurisdiction() -> None:
    found = judged(FUZHOU, "public")
    assert (found.jurisdiction, found.region, found.claim) == ("fujian", FUZHOU, None)


HERE, THERE, ELSEWHERE = (
    Employer(uscc, uscc, region, 5) for uscc, region in (("A", FUZHOU), ("B", WENZHOU), ("C", SHAOGUAN))
)


def job(employer: Employer, first: str, last: str | None = None, *, main: bool = True) -> Employment:
    return Employment(employer, date.fromisoformat(first), None if last is None else date.fromisoformat(last), main)


@pytest.mark.parametrize(
    ("employments", "named", "chosen"),
    [
        ([job(HERE, "2020-01-01", "2025-05-31"), job(THERE, "2025-06-01")], "A", THERE),
        ([job(HERE, "2020-01-01", "2025-06-01"), job(THERE, "2025-06-02")], "B", HERE),
        ([job(HERE, "2020-01-01"), job(THERE, "2025-01-01", main=False)], "B", THERE),
        ([job(HERE, "2020-01-01"), job(THERE, "2025-01-01", main=False)], "A", HERE),
        ([job(THERE, "2025-01-01", main=False), job(HERE, "2020-01-01")], "C", HERE),
        ([job(HERE, "2020-01-01", "2025-05-31"), job(THERE, "2025-06-02")], "A", None),
        ([], "A", None),
    ],
    ids=["moved that day", "moves the next", "names the other", "names the main", "names neither", "between", "none"],
)
def test_of_two_employers_on_the_day_of_learning_the_named_one_counts_else_the_main_one(
    employments: Sequence[Employment], named: str, chosen: Employer | None
) -> None:
    person = Person(KEY, b"name", "", claimed=True, name_state=NAME_PROVISIONAL)
    employers = {each.uscc: each for each in (HERE, THERE, ELSEWHERE)}
    world = World(RULEBOOK, {KEY: person}, {KEY: employments}, employers, {})
    assert employer_on(world, person, content_of("public", named)) == chosen


def test_who_is_not_claimed_yet_works_where_the_record_says() -> None:
    person = Person(KEY, b"name", "", claimed=False, name_state=NAME_PROVISIONAL)
    world = World(RULEBOOK, {KEY: person}, {}, {HERE.uscc: HERE}, {})
    assert employer_on(world, person, content_of("public", "A")) == HERE
    assert employer_on(world, person, content_of("public", "B")) is None
