"""Every rule of every notice is data: its words, its effect, the clauses that it follows from, and its days."""

import re
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest

from xueshi_rulebook import Jurisdiction, Rule, RulebookDataError, Source, load_rulebook
from xueshi_rulebook.concordance import read_concordances
from xueshi_rulebook.facts import read_facts
from xueshi_rulebook.precedence import read_precedence
from xueshi_rulebook.yamlsource import parse

RULEBOOK = load_rulebook()
FUJIAN = RULEBOOK.jurisdiction("fujian")
LUOJIANG = RULEBOOK.jurisdiction("luojiang")
JURISDICTIONS = tuple(RULEBOOK.jurisdictions.values())
SERIES = {"FJ": 26, "LJ": 17, "WZ": 12, "SG": 11, "BA": 11}
IDS = {f"{letters}-{number:02}" for letters, count in SERIES.items() for number in range(1, count + 1)}
RULES = [RULEBOOK.rule(rule_id) for rule_id in sorted(IDS)]
SOURCES = {short: source for each in JURISDICTIONS for short, source in each.sources.items()}
NOTICES = Path(__file__).parents[3].parent / "shared" / "sources"
LEFT_OUT = "……"
LONGEST_QUOTE = 200


def test_every_rule_of_every_notice_is_there_and_no_other() -> None:
    assert RULEBOOK.rule_ids() == IDS
    assert len(IDS) == 77


@pytest.mark.parametrize(
    ("letters", "jurisdictions", "short"),
    [
        ("FJ", {"fujian", "luojiang"}, "S0"),
        ("BA", {"fujian", "luojiang"}, "S3"),
        ("LJ", {"luojiang"}, "S1"),
        ("WZ", {"wenzhou"}, "S2"),
        ("SG", {"shaoguan"}, "S4"),
    ],
)
def test_each_series_is_one_notice_s(letters: str, jurisdictions: set[str], short: str) -> None:
    series = {rule_id for rule_id in IDS if rule_id.startswith(letters)}
    assert {each.code for each in JURISDICTIONS if series & set(each.rules)} == jurisdictions
    assert {RULEBOOK.rule(rule_id).source_id for rule_id in series} == {short}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_says_what_the_notice_says_and_what_the_product_does(rule: Rule) -> None:
    assert all((rule.clause, rule.title_zh, rule.title_en, rule.quote, rule.effect_zh, rule.effect_en))
    assert len(rule.quote) <= LONGEST_QUOTE
    assert re.search(r"\d{7}|@|https?:|www\.", rule.quote) is None
    assert rule.is_reading == bool(rule.reading_zh) == bool(rule.reading_en)
    assert rule.effect_zh.endswith("。")
    assert rule.effect_en.endswith(".")


@cache
def notice_of(number: str) -> str:
    """Return the text of the notice of this number."""
    texts = (file.read_text(encoding="utf-8") for file in NOTICES.glob("*.txt"))
    [notice] = [text for text in texts if number in text]
    return notice


@pytest.mark.skipif(not NOTICES.is_dir(), reason=f"the notices are not beside the project: {NOTICES}")
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_quote_stands_word_by_word_in_its_notice(rule: Rule) -> None:
    notice = notice_of(SOURCES[rule.source_id].number)
    for words in rule.quote.split(LEFT_OUT):
        assert words in notice


@pytest.mark.skipif(not NOTICES.is_dir(), reason=f"the notices are not beside the project: {NOTICES}")
def test_a_clause_is_quoted_word_by_word() -> None:
    quoted = [(source.number, clause.quote) for source in SOURCES.values() for clause in source.clauses if clause.quote]
    assert len(quoted) > len("一二三四五六七八九")
    assert [quote for number, quote in quoted if quote not in notice_of(number)] == []


@pytest.mark.parametrize(
    ("rule_id", "first", "last"),
    [
        ("FJ-01", date(2023, 5, 9), None),
        ("BA-01", date(2024, 9, 30), date(2030, 9, 29)),
        ("LJ-03", date(2017, 3, 3), None),
        ("LJ-05", date(2017, 3, 3), date(2023, 5, 8)),
        ("WZ-04", date(2018, 1, 1), None),
        ("SG-01", date(2018, 11, 1), None),
        ("SG-07", date(2019, 1, 1), None),
    ],
)
def test_a_rule_has_its_days(rule_id: str, first: date, last: date | None) -> None:
    rule = RULEBOOK.rule(rule_id)
    assert (rule.valid_from, rule.valid_to) == (first, last)


def test_what_the_province_replaced_in_luojiang_ends_the_day_before_its_notice() -> None:
    ended = {rule.id: rule.valid_to for rule in LUOJIANG.rules.values() if rule.source_id == "S1" and rule.valid_to}
    assert set(ended) == {"LJ-02", "LJ-05", "LJ-10", "LJ-11", "LJ-12", "LJ-13", "LJ-15"}
    assert set(ended.values()) == {RULEBOOK.rule("FJ-01").valid_from - timedelta(days=1)}


@pytest.mark.parametrize(("short", "count"), [("S0", 53), ("S1", 35), ("S2", 42), ("S3", 53), ("S4", 18)])
def test_every_clause_of_a_notice_leads_to_rules_or_says_why_not(short: str, count: int) -> None:
    clauses = SOURCES[short].clauses
    assert len({clause.clause for clause in clauses}) == len(clauses) == count
    for clause in clauses:
        assert clause.heading.zh
        assert bool(clause.rule_ids) != bool(clause.nothing)


def test_a_concordance_follows_the_notice() -> None:
    headings = [clause.clause for clause in FUJIAN.sources["S0"].clauses]
    assert (headings[0], headings[-1]) == ("主送机关", "附件5")
    assert headings.index("附件1（八）") < headings.index("附件2 一（四）") < headings.index("附件3 表")
    [eleventh] = [clause for clause in FUJIAN.sources["S3"].clauses if clause.clause == "第十一条"]
    assert eleventh.rule_ids == ("FJ-17", "BA-03")


def test_an_undated_notice_has_no_day_of_issue() -> None:
    assert [short for short, source in sorted(SOURCES.items()) if source.issued_on is None] == ["S4"]


CLAUSES = """\
S9:
  clauses:
    - clause: 一
      heading: {zh: 甲, en: one}
      rules: [FJ-01, FJ-02]
    - clause: 二
      heading: {zh: 乙, en: two}
      nothing: {zh: 问候, en: a greeting}
"""
NINTH = Source("S9", "甲", "甲", "one", None, ())
NINTH_RULES = {rule_id: FUJIAN.rules[rule_id]._replace(source_id="S9") for rule_id in ("FJ-01", "FJ-02")}


def test_a_concordance_is_read_in_order() -> None:
    found = read_concordances(parse(CLAUSES, "x.yaml"), {"S9": NINTH}, NINTH_RULES)["S9"].clauses
    assert [(each.clause, each.rule_ids, each.nothing and each.nothing.en) for each in found] == [
        ("一", ("FJ-01", "FJ-02"), None),
        ("二", (), "a greeting"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("[FJ-01, FJ-02]", "[FJ-01, FJ-03]", 5, "no rule 'FJ-03'"),
        ("[FJ-01, FJ-02]", "[FJ-01]", 3, "no clause of S9 names rule FJ-02"),
        ("[FJ-01, FJ-02]", "[]", 5, "the list is empty"),
        ("clause: 二", "clause: 一", 6, "clause '一' is repeated"),
        ("      nothing: {zh: 问候, en: a greeting}\n", "", 6, "either rules or nothing"),
        ("rules: [", "nothing: {zh: 问候, en: a greeting}\n      rules: [", 3, "either rules or nothing"),
        ("heading: {zh: 乙, en: two}", "title: {zh: 乙, en: two}", 7, "unknown key 'title'"),
    ],
)
def test_a_broken_concordance_is_refused(old: str, new: str, line: int, reason: str) -> None:
    with pytest.raises(RulebookDataError, match=re.escape(reason)) as caught:
        read_concordances(parse(CLAUSES.replace(old, new), "x.yaml"), {"S9": NINTH}, NINTH_RULES)
    assert (caught.value.file, caught.value.line) == ("x.yaml", line)


@pytest.mark.parametrize(
    ("jurisdiction", "rule_ids"),
    [
        ("fujian", ["FJ-21", "FJ-02", "FJ-12"]),
        ("luojiang", ["FJ-12", "LJ-03", "FJ-21", "FJ-02", "FJ-12"]),
        ("wenzhou", ["WZ-04", "WZ-12", "WZ-07"]),
        ("shaoguan", ["SG-02", "SG-01"]),
    ],
)
def test_each_jurisdiction_says_what_comes_before_what(jurisdiction: str, rule_ids: list[str]) -> None:
    orders = RULEBOOK.jurisdiction(jurisdiction).precedence
    assert [order.rule_id for order in orders] == rule_ids
    assert all((order.what.zh, order.what.en, order.scope.zh, order.scope.en) for order in orders)


PRECEDENCE = "[{what: {zh: 甲, en: one}, scope: {zh: 乙, en: two}, rule: FJ-12, clause: 文末}]"
FACTS = "[{code: one, rule: FJ-25, text: {zh: 甲, en: one}, valid_to: 2024-12-31, clause: 文末}]"


def test_a_jurisdiction_may_have_neither_precedence_nor_facts() -> None:
    assert read_precedence(None, FUJIAN.rules) == ()
    assert read_facts(None, FUJIAN.rules) == ()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("rule: FJ-12", "rule: WZ-01", "no rule 'WZ-01'"),
        (", clause: 文末", "", "rests on exactly one"),
        ("scope", "range", "unknown key 'range'"),
    ],
)
def test_broken_precedence_is_refused(old: str, new: str, reason: str) -> None:
    assert read_precedence(parse(PRECEDENCE, "x.yaml"), FUJIAN.rules)[0].scope.en == "two"
    with pytest.raises(RulebookDataError, match=reason):
        read_precedence(parse(PRECEDENCE.replace(old, new), "x.yaml"), FUJIAN.rules)


def facts_of(jurisdiction: Jurisdiction, rule_id: str) -> list[str]:
    return [fact.text.zh for fact in jurisdiction.facts if fact.rule_id == rule_id]


def test_information_to_be_confirmed_is_not_given_a_clause() -> None:
    said = RULEBOOK.jurisdiction("shaoguan").explain_facts(date(2021, 1, 1), "zh")
    assert "每年90学时" in said
    assert "来源待核实" in said
    assert "SG-01" not in said


def test_facts_are_what_rules_mention() -> None:
    assert facts_of(LUOJIANG, "LJ-01") == ["洛江区人力资源和社会保障局职业能力培训专用章"]
    assert facts_of(LUOJIANG, "BA-11") == facts_of(FUJIAN, "BA-11") != []
    shaoguan = RULEBOOK.jurisdiction("shaoguan")
    topics = [fact for fact in shaoguan.facts if fact.rule_id == "SG-03"]
    assert len(topics) == 4
    assert {(fact.validity.first, fact.validity.last) for fact in topics} == {(date(2018, 1, 1), date(2019, 12, 31))}
    assert [fact.rule_id for fact in shaoguan.facts if fact.basis.kind == "unconfirmed"] == ["SG-01"]


def test_a_fact_without_days_holds_as_long_as_its_rule() -> None:
    facts = [fact for fact in FUJIAN.facts if fact.rule_id == "BA-11"]
    assert {(fact.validity.first, fact.validity.last) for fact in facts} == {(date(2024, 9, 30), date(2030, 9, 29))}


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("rule: FJ-25", "rule: WZ-01", "no rule 'WZ-01'"),
        ("valid_to: 2024-12-31", "valid_from: 2023-05-08", "beyond that of FJ-25"),
        ("clause: 文末", "source: 文末", "unknown key 'source'"),
        (FACTS[1:-1], FACTS[1:-1] + ", " + FACTS[1:-1], "fact 'one' is repeated"),
    ],
)
def test_broken_facts_are_refused(old: str, new: str, reason: str) -> None:
    assert read_facts(parse(FACTS, "x.yaml"), FUJIAN.rules)[0].validity.last == date(2024, 12, 31)
    with pytest.raises(RulebookDataError, match=reason):
        read_facts(parse(FACTS.replace(old, new), "x.yaml"), FUJIAN.rules)
