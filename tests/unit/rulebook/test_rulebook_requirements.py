"""Requirements as data: what the reader refuses, and which of several profiles is chosen."""

from datetime import date
from types import MappingProxyType

import pytest

from xueshi_rulebook import Kind, Person, RulebookDataError, load_rulebook
from xueshi_rulebook.judging import read_judging
from xueshi_rulebook.model import Text
from xueshi_rulebook.person import choose
from xueshi_rulebook.requirements import Requirements, read_requirements
from xueshi_rulebook.rules import read_all_kinds
from xueshi_rulebook.yamlsource import parse

RULES = load_rulebook().jurisdiction("fujian").rules
NAME = Text("甲", "one")
KINDS = MappingProxyType(
    {
        "public": Kind(NAME, "hours"),
        "professional": Kind(NAME, "hours"),
        "medical": Kind(NAME, "credits"),
        "remote": Kind(NAME, "credits"),
        "days": Kind(NAME, "days"),
    }
)
PROFILE = """\
- code: one
  rule: FJ-01
  period: {unit: calendar_year, clause: 甲}
  lines:
    - {code: public, counts: [public], hours: "30", clause: 甲}
    - {code: total, name: {zh: 合计, en: total}, counts: [public, professional], hours: "90", clause: 甲}
"""
MEDICAL = """\
- code: one
  rule: FJ-01
  period: {unit: calendar_year, clause: 甲}
  lines:
    - code: sum
      name: {zh: 合计, en: sum}
      counts: [medical, remote]
      credits: "25"
      cap: {kinds: [remote], credits: "12", clause: 甲}
      clause: 甲
"""

EIGHT_HOURS = 800


def read(text: str) -> Requirements:
    return read_requirements(parse(text, "one.yaml"), RULES, KINDS, lambda _: EIGHT_HOURS)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("  lines:", "  not_evaluated: {clause: 甲}\n  lines:", "has lines, or says why"),
        ("unit: calendar_year", "unit: month", "'month' is none of"),
        ("unit: calendar_year", "unit: calendar_year, years: 5", "a cycle, and nothing else, has years"),
        ("unit: calendar_year", "unit: cycle", "a cycle, and nothing else, has years"),
        ("unit: calendar_year", "unit: cycle, years: 0", "0 is outside 1 to"),
        (", clause: 甲}\n  lines", "}\n  lines", "rests on exactly one"),
        ("  lines:", "  valid_from: 2023-05-08\n  lines:", "beyond that of FJ-01"),
        ("  lines:", "  applies_to: {}\n  lines:", "one of occupations, institution_levels, industries is needed"),
        ("  lines:", "  applies_to: {occupations: [lawyer]}\n  lines:", "'lawyer' is none of"),
        ("  lines:", "  applies_to: {industries: [0]}\n  lines:", "0 is outside 1 to"),
        ("  lines:", "  besides: [FJ-99]\n  lines:", "no rule 'FJ-99'"),
        ('hours: "30"', 'credits: "30"', "cannot be given in credits: its kinds are counted in hours"),
        ('hours: "30"', 'days: "30"', "cannot be given in days"),
        ('hours: "30"', 'hours_a_year: "30"', "cannot be given in hours_a_year"),
        ('hours: "30"', 'hours: "30", credits: "30"', "exactly one of hours"),
        ('hours: "30", ', "", "exactly one of hours"),
        ('hours: "30"', 'hours: "8785"', "8785 hours is outside 0 to"),
        ('hours: "90"', 'hours: "2928.01"', "a period gives at most 2928 hours"),
        ('hours: "90"', 'hours: "29.99"', "below the sum of its parts"),
        ("counts: [public, professional]", "counts: [public, medical]", "are never added up"),
        ("counts: [public]", "counts: [elective]", "'elective' is none of"),
        ("code: total, name: {zh: 合计, en: total}", "code: total", "a name of its own"),
        ("code: total, name", "code: professional, name", "a name of its own"),
        ("code: total, name: {zh: 合计, en: total}", "code: public", "line 'public' is repeated"),
    ],
)
def test_a_broken_profile_is_refused(old: str, new: str, reason: str) -> None:
    assert old in PROFILE
    with pytest.raises(RulebookDataError, match=r"one\.yaml:") as caught:
        read(PROFILE.replace(old, new, 1))
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("kinds: [remote]", "kinds: [public]", "'public' is none of"),
        ("kinds: [remote]", "kinds: [medical, remote]", "a cap on all that a line counts"),
        ('credits: "12"', 'hours: "12"', "unknown key 'hours'"),
        ('credits: "12"', 'credits: "0"', "0 credits is outside"),
        (
            "      clause",
            "      alternative: {counts: [days], hours: '12', clause: 甲}\n      clause",
            "cannot be given in",
        ),
        (
            "      clause",
            "      alternative: {counts: [days], days: '0', clause: 甲}\n      clause",
            "0 days is outside",
        ),
    ],
)
def test_a_broken_cap_or_alternative_is_refused(old: str, new: str, reason: str) -> None:
    with pytest.raises(RulebookDataError) as caught:
        read(MEDICAL.replace(old, new, 1))
    assert reason in caught.value.reason


def test_credits_are_hours_only_where_the_notice_equates_them() -> None:
    written = PROFILE.replace('hours: "30"', 'credits: "30"').replace('hours: "90"', 'credits: "90"')
    with pytest.raises(RulebookDataError, match="cannot be given in credits"):
        read(written)
    [chosen] = read(written.replace("  lines:", '  credit: {hours: "1.5", clause: 甲}\n  lines:')).years
    assert [(line.required, line.unit, line.written) for line in chosen.value.lines] == [
        (4500, "hours", 3000),
        (13500, "hours", 9000),
    ]


def other(lines: str) -> str:
    return PROFILE.replace("code: one", "code: two").replace("  lines:", f"{lines}  lines:")


@pytest.mark.parametrize(
    ("lines", "tied"),
    [
        ("", True),
        ("  applies_to: {occupations: [health]}\n", False),
        ("  valid_from: 2025-01-01\n", True),
    ],
)
def test_two_profiles_for_the_same_people_and_day_are_refused(lines: str, *, tied: bool) -> None:
    if tied:
        with pytest.raises(RulebookDataError, match="another value is for the same people"):
            read(PROFILE + other(lines))
    else:
        assert len(read(PROFILE + other(lines)).years) == 2


@pytest.mark.parametrize(
    ("one", "two", "tied"),
    [
        ("{occupations: [health]}", "{occupations: [teacher]}", False),
        ("{occupations: [health, teacher]}", "{occupations: [teacher]}", True),
        ("{occupations: [health]}", "{industries: [17]}", True),
        ("{industries: [16]}", "{industries: [17]}", False),
        ("{occupations: [health]}", "{occupations: [health], institution_levels: [primary]}", False),
    ],
)
def test_equally_specific_profiles_tie_where_somebody_may_be_meant_by_both(one: str, two: str, *, tied: bool) -> None:
    text = PROFILE.replace("  lines:", f"  applies_to: {one}\n  lines:") + other(f"  applies_to: {two}\n")
    if tied:
        with pytest.raises(RulebookDataError, match="another value is for the same people"):
            read(text)
    else:
        assert len(read(text).years) == 2


def test_one_profile_ends_where_the_next_begins() -> None:
    early = PROFILE.replace("  lines:", "  valid_to: 2024-12-31\n  lines:")
    found = read(early + other("  valid_from: 2025-01-01\n")).years
    codes = [
        each.value.code for day in (date(2024, 12, 31), date(2025, 1, 1)) if (each := choose(found, Person(), day))
    ]
    assert codes == ["one", "two"]
    assert choose(found, Person(), date(2023, 5, 8)) is None


def test_years_and_cycles_do_not_tie() -> None:
    found = read(PROFILE + other("").replace("unit: calendar_year", "unit: cycle, years: 5"))
    assert (len(found.years), len(found.spans)) == (1, 1)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (PROFILE + PROFILE, "profile 'one' is repeated"),
        (PROFILE + other("  applies_to: {occupations: [health]}\n").replace("合计", "总计"), "has another name"),
    ],
)
def test_codes_and_names_mean_one_thing(text: str, reason: str) -> None:
    with pytest.raises(RulebookDataError, match=reason):
        read(text)


def test_the_most_specific_profile_is_chosen() -> None:
    health = "  applies_to: {occupations: [health]}\n"
    primary = "  applies_to: {occupations: [health], institution_levels: [primary]}\n"
    found = read(PROFILE + other(health) + other(primary).replace("code: two", "code: three")).years
    people = (Person(), Person(industry=17), Person(occupation="health"), Person(0, "health", "primary"))
    assert [each.value.code for person in people if (each := choose(found, person, date(2024, 1, 1)))] == [
        "one", "one", "two", "three",
    ]  # fmt: skip


JUDGING = """\
without_minimum: {rule: FJ-12, clause: 甲}
changed_within: {judged_on: last_day, clause: 甲}
employed_within: {minimum: whole, clause: 甲}
moved_within:
  equivalents:
    - {kinds: [general, special], counts_as: public}
  clause: 甲
"""
ELSEWHERE = MappingProxyType({**KINDS, "general": Kind(NAME, "hours"), "special": Kind(NAME, "hours")})


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("judged_on: last_day", "judged_on: noon", "'noon' is none of"),
        ("minimum: whole", "minimum: half", "'half' is none of"),
        ("kinds: [general, special]", "kinds: [professional]", "'professional' is none of"),
        ("counts_as: public", "counts_as: general", "'general' is none of"),
        ("counts_as: public", "counts_as: medical", "'general' is counted in hours, 'medical' in credits"),
        ("  clause", "    - {kinds: [general], counts_as: professional}\n  clause", "kind 'general' is repeated"),
        ("rule: FJ-12", "rule: FJ-99", "no rule 'FJ-99'"),
    ],
)
def test_broken_readings_of_a_period_are_refused(old: str, new: str, reason: str) -> None:
    read_judging(parse(JUDGING, "one.yaml"), RULES, KINDS, ELSEWHERE)
    with pytest.raises(RulebookDataError) as caught:
        read_judging(parse(JUDGING.replace(old, new, 1), "one.yaml"), RULES, KINDS, ELSEWHERE)
    assert reason in caught.value.reason


def test_the_day_that_judges_is_a_parameter() -> None:
    judging = read_judging(parse(JUDGING.replace("last_day", "first_day"), "one.yaml"), RULES, KINDS, ELSEWHERE)
    assert not judging.by_last_day


def test_what_is_counted_has_one_unit_and_one_code() -> None:
    kinds = "- {code: a, name: {zh: 甲, en: a}, unit: UNIT, clause: 甲}"
    with pytest.raises(RulebookDataError, match="'minutes' is none of"):
        read_all_kinds({"kinds": parse(kinds.replace("UNIT", "minutes"), "one.yaml")})
    read = parse(kinds.replace("UNIT", "hours"), "one.yaml")
    with pytest.raises(RulebookDataError, match="kind 'a' is repeated"):
        read_all_kinds({"kinds": read, "measures": read})
