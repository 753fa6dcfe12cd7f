"""The shape of conditions: how facts are measured, and what data is refused."""

from datetime import date

import pytest

from xueshi_rulebook import FactTypeError, RulebookDataError, UnknownFactError, load_rulebook
from xueshi_rulebook.conditions import Condition, Facts, Reader, check_known, codes_of, judge, overall
from xueshi_rulebook.yamlsource import parse

RULES = load_rulebook().jurisdiction("fujian").rules
NAMED = "name: {zh: 甲, en: one}, clause: 甲"
LIST = f"""\
- {{code: paper, {NAMED}}}
- {{code: places, {NAMED}, at_least: {{people: 100}}}}
- {{code: subject, {NAMED}, one_of: [public, professional]}}
- {{code: learning, {NAMED}, some_of: [training, degree]}}
- {{code: result, {NAMED}, any_of: [diploma, pass], when: {{fact: learning, is: [degree]}}}}
- {{code: number, {NAMED}, identifier: resident_id, when: {{fact: named}}}}
- code: industry
  name: {{zh: 乙, en: two}}
  clause: 甲
  industry: numbered
  when: {{fact: subject, is: [professional]}}
  otherwise: {{entry: refused, reading: {{zh: 留空, en: blank}}}}
"""


def read(text: str) -> tuple[Condition, ...]:
    return Reader(RULES).read(parse(text, "list.yaml"), RULES["FJ-15"])


CONDITIONS = read(LIST)


def standings(facts: Facts) -> dict[str, str]:
    return {finding.code: finding.standing for finding in judge(CONDITIONS, facts)}


def test_nothing_shown_leaves_what_is_always_asked_for_open() -> None:
    assert standings({}) == {
        "paper": "not_shown",
        "places": "not_shown",
        "subject": "not_shown",
        "learning": "not_shown",
        "result": "not_needed",
        "number": "not_needed",
        "industry": "not_needed",
    }


@pytest.mark.parametrize(
    ("code", "fact", "standing"),
    [
        ("paper", True, "met"),
        ("paper", "text", "met"),
        ("paper", date(2025, 1, 1), "met"),
        ("paper", False, "not_met"),
        ("paper", "", "not_shown"),
        ("paper", (), "not_shown"),
        ("places", 99, "not_met"),
        ("places", 100, "met"),
        ("places", 0, "not_met"),
        ("subject", "public", "met"),
        ("subject", ("public",), "met"),
        ("subject", ("public", "professional"), "not_met"),
        ("subject", "elective", "not_met"),
        ("learning", ("training", "degree"), "met"),
        ("learning", ("training", "hobby"), "not_met"),
    ],
)
def test_what_is_shown_is_measured(code: str, fact: object, standing: str) -> None:
    assert standings({code: fact})[code] == standing  # type: ignore[dict-item]


@pytest.mark.parametrize(("shown", "standing"), [("diploma", "met"), ("pass", "met"), (None, "not_shown")])
def test_one_of_several_papers_is_enough(shown: str | None, standing: str) -> None:
    facts: dict[str, bool | tuple[str, ...]] = {"learning": ("training", "degree")}
    if shown:
        facts[shown] = True
    assert standings(facts)["result"] == standing


@pytest.mark.parametrize(
    ("subject", "industry", "standing"),
    [
        ("professional", 1, "met"),
        ("professional", 20, "met"),
        ("professional", 21, "not_met"),
        ("professional", None, "not_shown"),
        ("public", 5, "surplus"),
        ("public", None, "not_needed"),
    ],
)
def test_an_entry_that_is_not_asked_for_is_refused(subject: str, industry: int | None, standing: str) -> None:
    facts: dict[str, str | int] = {"subject": subject}
    if industry is not None:
        facts["industry"] = industry
    found = judge(CONDITIONS, facts)
    assert {each.code: each.standing for each in found}["industry"] == standing
    assert overall([each for each in found if each.code == "industry"]) == {
        "surplus": "not_met",
        "not_needed": "met",
    }.get(standing, standing)


def test_an_identity_number_is_checked_and_never_kept() -> None:
    assert standings({"named": True, "number": "11010519491231002x"})["number"] == "met"
    [found] = [each for each in judge(CONDITIONS, {"named": True, "number": "123"}) if each.code == "number"]
    assert found.standing == "not_met"
    assert found.shown is None


@pytest.mark.parametrize(
    ("code", "fact"), [("places", True), ("places", "100"), ("industry", "5"), ("industry", True), ("number", 5)]
)
def test_a_fact_of_another_type_is_an_error(code: str, fact: object) -> None:
    facts = {"subject": "professional", "named": True, code: fact}
    with pytest.raises(FactTypeError, match=code):
        judge(CONDITIONS, facts)  # type: ignore[arg-type]


def test_facts_that_nothing_asks_about_are_errors() -> None:
    codes = codes_of(CONDITIONS)
    assert codes >= {"paper", "learning", "diploma", "pass", "named"}
    check_known({"diploma": True}, codes)
    with pytest.raises(UnknownFactError, match="lunch"):
        check_known({"lunch": True}, codes)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("code: paper", "code: places", "condition 'places' is repeated"),
        ("{people: 100}", "{people: 0}", "0 is outside"),
        ("{people: 100}", "{heads: 100}", "unknown key 'heads'"),
        ("{people: 100}", "{}", "a number of one of people, level"),
        ("{people: 100}", "{people: 100, level: 3}", "a number of one of people, level"),
        ("at_least: {people: 100}", "at_least: {people: 100}, one_of: [甲]", "one measure"),
        ("one_of: [public, professional]", "one_of: []", "the list is empty"),
        ("one_of: [public, professional]", "one_of: [public, public]", "an entry is repeated"),
        ("identifier: resident_id", "identifier: library_card", "'library_card' is none of"),
        ("industry: numbered", "industry: named", "'named' is none of"),
        ("entry: refused", "entry: praised", "'praised' is none of"),
        ("  when: {fact: subject, is: [professional]}\n", "", "otherwise needs a when"),
        ("clause: 甲}", "clause: 甲, rule: FJ-99}", "no rule 'FJ-99'"),
        ("clause: 甲}", "clauses: 甲}", "unknown key 'clauses'"),
    ],
)
def test_broken_conditions_are_refused(old: str, new: str, reason: str) -> None:
    assert old in LIST
    with pytest.raises(RulebookDataError) as caught:
        read(LIST.replace(old, new, 1))
    assert reason in caught.value.reason
    assert caught.value.file == "list.yaml"
