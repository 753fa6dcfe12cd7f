"""A person computed anew: what stands as it is computed is equal, each thing that does not is named."""

from datetime import date

from tests.unit.registry.accounts import DAY, KEY, RULEBOOK, VERSIONS, account, entry, kept, standing
from xueshi_registry.domain.model import Ref
from xueshi_registry.domain.recomputing import Difference, recompute
from xueshi_registry.domain.standing import Account

WHOLE = standing(1, 500, 500)
REST = standing(2, 500, 300)
RIGHT = account([WHOLE, REST], [kept(800)])


def found(given: Account) -> list[tuple[str, str, str, str]]:
    return [(each.what, each.about, each.stored, each.recomputed) for each in recompute(given, VERSIONS)]


def test_what_stands_as_computed_is_equal() -> None:
    assert recompute(RIGHT, VERSIONS) == []


def test_what_counts_for_another_year_than_its_days_is_computed_there() -> None:
    made_up = standing(1, 500, 500, credit_year="2024")
    right = [entry(made_up, name)._replace(period="2024") for name in ("registered", "stamped")]
    assert recompute(account([made_up], [kept(500, period="2024")], right), VERSIONS) == []
    wrong = account([made_up], [kept(500)])
    assert {each[0] for each in found(wrong)} == {"registered", "stamped"}


def test_a_wrong_entry_is_seen_and_named() -> None:
    entries = [entry(WHOLE, "registered"), entry(WHOLE, "stamped", 400), *RIGHT.entries[2:]]
    assert recompute(RIGHT._replace(entries=entries), VERSIONS) == [
        Difference(KEY, "", "stamped", "p1/r1/1", "2025 professional 2025-06-01: 4", "2025 professional 2025-06-01: 5"),
        Difference(KEY, "2025", "totals", "", "professional: 8 (8 stamped)", "professional: 8 (7 stamped)"),
    ]


def test_entries_that_come_to_the_right_sum_are_equal() -> None:
    back = [entry(WHOLE, "registered", 300), entry(WHOLE, "registered", -300)]
    assert found(RIGHT._replace(entries=[*RIGHT.entries, *back])) == []


def test_an_entry_of_another_period_or_kind_is_seen() -> None:
    first, *others = RIGHT.entries
    for wrong in (first._replace(period="2024"), first._replace(subject_kind="public")):
        entries = [wrong, *others]
        whats = [what for what, *_ in found(RIGHT._replace(entries=entries))]
        assert whats[0] == "registered"
        assert set(whats[1:]) == {"totals"}


def test_hours_below_nothing_are_written_as_such() -> None:
    strange = entry(WHOLE._replace(ref=Ref("p1", "nobody", 1)), "registered", -450)
    assert found(RIGHT._replace(entries=[*RIGHT.entries, strange]))[0] == (
        "registered", "p1/nobody/1", "2025 professional 2025-06-01: -4.5", "2025 professional 2025-06-01: 0"
    )  # fmt: skip


def test_hours_that_are_credited_beyond_the_day_are_seen() -> None:
    beyond = REST._replace(credited=[500])
    whats = [(what, about) for what, about, *_ in found(account([WHOLE, beyond], [kept(1000)]))]
    assert whats == [("credited", "p1/r2/1"), ("registered", "p1/r2/1"), ("stamped", "p1/r2/1")]


def test_an_exempt_record_takes_nothing_of_the_day() -> None:
    exempt = standing(1, 900, 900, cap_exempt=True)
    assert found(account([exempt, standing(2, 800, 800)], [kept(1700)])) == []


def test_the_place_in_the_ledger_decides_and_not_the_id() -> None:
    first, second = standing(2, 500, 500, place=1), standing(1, 500, 300, place=2)
    assert found(account([second, first], [kept(800)])) == []


def test_a_record_that_no_longer_counts_is_credited_nothing() -> None:
    gone = standing(3, 800, 800, state="voided", place=None)
    assert found(account([gone], [], [])) == [("credited", "p1/r3/1", "2025-06-01: 8", "2025-06-01: 0")]


def test_a_wrong_verdict_is_seen() -> None:
    assert found(account([WHOLE, REST], [kept(800, "compliant")])) == [("verdict", "", "compliant", "short")]


def test_without_an_employment_that_judges_under_which_the_hours_were_entered() -> None:
    entered = standing(1, 500, 500, jurisdiction="luojiang")
    assert found(account([entered], [kept(500, jurisdiction="luojiang")])) == []
    assert found(account([entered], [kept(500)])) == [("judge", "", "fujian", "luojiang")]
    both = [entered, standing(2, 300, 300)]
    for named in ("luojiang", "fujian"):
        assert found(account(both, [kept(800, jurisdiction=named)])) == []


def test_a_transcript_of_nothing_is_judged_too() -> None:
    assert found(account([], [kept(0)])) == []
    assert found(account([], [kept(0, "compliant")])) == [("verdict", "", "compliant", "short")]


def test_a_version_that_is_not_kept_is_named() -> None:
    unknown = account([WHOLE._replace(rulebook="a" * 64)], [kept(500)])
    assert found(unknown) == [("rules", "p1/r1/1", f"fujian in {'a' * 12}", "")]
    unknown = account([WHOLE], [kept(500, rulebook="b" * 64)])
    assert found(unknown) == [("rules", "", f"fujian in {'b' * 12}", "")]
    assert found(account([WHOLE._replace(jurisdiction="atlantis")], [kept(500, jurisdiction="atlantis")])) == [
        ("rules", "p1/r1/1", f"atlantis in {RULEBOOK.hash[:12]}", ""),
        ("rules", "", f"atlantis in {RULEBOOK.hash[:12]}", ""),
    ]


def test_a_year_judges_by_its_own_days() -> None:
    eve = standing(4, 300, 300, days=[date(2024, 12, 31)])
    new_year = standing(5, 300, 300, days=[date(2025, 1, 1)])
    entries = [
        entry(record, name)._replace(period=str(record.days[0].year))
        for record in (eve, new_year)
        for name in ("registered", "stamped")
    ]
    assert found(account([eve, new_year], [kept(300, period="2024"), kept(300)], entries)) == []
    assert DAY.year == 2025
