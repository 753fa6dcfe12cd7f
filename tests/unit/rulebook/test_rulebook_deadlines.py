"""Deadlines as data: what is refused, what a parameter changes, what an explanation shows. Thresholds are cases."""

import json
import shutil
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from xueshi_rulebook import (
    Deadline,
    DeadlineQuestion,
    DeadlineQuestionError,
    Rule,
    RulebookDataError,
    UnknownDeadlineError,
    load_rulebook,
    read_rulebook,
)
from xueshi_rulebook.cases import packaged_cases
from xueshi_rulebook.deadlines import Counting, answer_deadline, read_deadlines
from xueshi_rulebook.workdays import read_calendar, read_convention
from xueshi_rulebook.yamlsource import packaged, parse

PACKAGE = Path(str(resources.files("xueshi_rulebook")))
FUJIAN = load_rulebook().jurisdiction("fujian")
FILE = "jurisdictions/fujian/deadlines.yaml"
COUNTING = Counting(read_calendar(packaged("workdays.yaml")), read_convention(packaged("workdays.yaml")))
Edit = Callable[[str, str], int]

ONE = """\
- code: one
  rule: BA-06
  name: {zh: 甲, en: One}
  event: class_end
  due: {AMOUNT, clause: 甲}
  by: {channel: online, clause: 甲}
  late: {means: alert, code: OVERDUE, clause: 甲}
"""


def due_on(due: str, event_on: date, counting: Counting = COUNTING, channel: str = "online") -> date | None:
    """Return the last day of a deadline that is written here, in force as BA-06 is."""
    text = ONE.replace("AMOUNT", due).replace("channel: online", f"channel: {channel}")
    deadlines = read_deadlines(parse(text, "one.yaml"), FUJIAN.rules)
    return answer_deadline(deadlines, DeadlineQuestion("one", event_on), counting, {}).due_on


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    """Replace the first place of some text in Fujian's deadlines; return the line of the change, from 1."""
    for name in ("guidance.yaml", "wording.yaml"):
        shutil.copy(PACKAGE / name, tmp_path / name)
    shutil.copytree(PACKAGE / "jurisdictions", tmp_path / "jurisdictions")

    def replace(old: str, new: str) -> int:
        text = (tmp_path / FILE).read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {FILE}"
        (tmp_path / FILE).write_text(text.replace(old, new, 1), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    return replace


@pytest.mark.parametrize(
    ("due", "event_on", "last"),
    [
        ("months: 1, side: after", date(2025, 1, 31), date(2025, 2, 28)),
        ("months: 1, side: after", date(2028, 1, 31), date(2028, 2, 29)),
        ("months: 1, side: after", date(2025, 8, 31), date(2025, 9, 30)),
        ("months: 1, side: after", date(2025, 2, 28), date(2025, 3, 28)),
        ("months: 1, side: after, first_day: {counted: true, clause: 甲}", date(2025, 2, 1), date(2025, 2, 28)),
        ("months: 1, side: after, first_day: {counted: true, clause: 甲}", date(2025, 1, 31), date(2025, 2, 28)),
        ("years: 1, side: after, first_day: {counted: false, clause: 甲}", date(2028, 2, 29), date(2029, 2, 28)),
        ("years: 1, side: after, first_day: {counted: true, clause: 甲}", date(2027, 3, 1), date(2028, 2, 29)),
        ("days: 1, side: after, first_day: {counted: true, clause: 甲}", date(2025, 3, 10), date(2025, 3, 10)),
        ("days: 2, side: before, first_day: {counted: true, clause: 甲}", date(2025, 3, 10), date(2025, 3, 9)),
        ("working_days: 1, side: after, first_day: {counted: true, clause: 甲}", date(2025, 3, 10), date(2025, 3, 10)),
        ("working_days: 2, side: after, first_day: {counted: true, clause: 甲}", date(2025, 3, 8), date(2025, 3, 11)),
        ("working_days: 1, side: before, first_day: {counted: true, clause: 甲}", date(2025, 3, 10), date(2025, 3, 10)),
    ],
)
def test_how_a_period_is_counted(due: str, event_on: date, last: date) -> None:
    assert due_on(due, event_on) == last


def test_six_years_that_include_their_first_day_are_the_measures_own() -> None:
    """S3 第三十四条: in force from its day of issue for six years, to 2030-09-29."""
    for rule_id in ("BA-05", "BA-06", "BA-07", "BA-08"):
        rule = FUJIAN.rules[rule_id]
        assert due_on("years: 6, side: after, first_day: {counted: true, clause: 甲}", rule.valid_from) == rule.valid_to


@pytest.mark.parametrize(
    ("channel", "last"),
    [
        ("counter", date(2025, 10, 9)),
        ("paper", date(2025, 10, 9)),
        ("online", date(2025, 10, 1)),
        ("none", date(2025, 10, 1)),
    ],
)
def test_whether_the_last_day_moves_depends_on_the_channel(channel: str, last: date) -> None:
    assert due_on("days: 30, side: after", date(2025, 9, 1), channel=channel) == last


def test_a_day_counted_back_never_moves_towards_its_event() -> None:
    assert due_on("days: 9, side: before", date(2025, 10, 10), channel="paper") == date(2025, 10, 1)


def test_the_convention_is_a_parameter() -> None:
    calendar, convention = COUNTING
    counted = Counting(calendar, convention._replace(first_day_counted=True))
    assert due_on("days: 30, side: after", date(2025, 9, 1), counted) == date(2025, 9, 30)
    retroactive = Counting(calendar, convention._replace(binds_retroactively=True))
    assert due_on("days: 30, side: after", date(2024, 8, 1)) is None
    assert due_on("days: 30, side: after", date(2024, 8, 1), retroactive) == date(2024, 8, 31)
    moving = Counting(calendar, convention._replace(moves={**convention.moves, "online": True}))
    assert due_on("days: 30, side: after", date(2025, 9, 1), moving) == date(2025, 10, 9)


def test_an_online_day_that_the_data_calls_paper_moves(edit: Edit, tmp_path: Path) -> None:
    question = DeadlineQuestion("data_report_2022_2023")
    assert FUJIAN.deadline(question).due_on == date(2023, 7, 31)
    edit("date: 2023-07-31", "date: 2023-07-30")
    edit("channel: online", "channel: paper")
    assert read_rulebook(tmp_path).jurisdiction("fujian").deadline(question).due_on == date(2023, 7, 31)


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        (DeadlineQuestion("account_opening"), "counts from the day of 'filing_checked'"),
        (DeadlineQuestion("first_filing", date(2023, 5, 31)), "counts from no event"),
        (DeadlineQuestion("first_filing", filed_by="emperor"), "knows no filer 'emperor'"),
        (DeadlineQuestion("first_filing", special_reason="rain"), "has no special reason 'rain'"),
    ],
)
def test_a_question_that_does_not_fit_is_refused(question: DeadlineQuestion, reason: str) -> None:
    with pytest.raises(DeadlineQuestionError, match=reason):
        FUJIAN.deadline(question)


def test_an_unknown_deadline_is_an_error() -> None:
    with pytest.raises(UnknownDeadlineError, match="no deadline 'doomsday'"):
        FUJIAN.deadline(DeadlineQuestion("doomsday"))


def test_an_explanation_shows_the_counting() -> None:
    made = FUJIAN.deadline(DeadlineQuestion("account_opening", date(2023, 9, 27), date(2023, 10, 9)))
    chinese, english = made.explain("zh"), made.explain("en")
    assert "最后一日为2023-10-08" in chinese
    assert "备案表核对之日2023-09-27，向后3个工作日（当日不计）：2023-10-08" in chinese
    assert "依次计：09-28、10-07（补班）、10-08（补班）" in chinese
    assert "不计：09-29（节假日）、" in chinese
    assert "逾期，提醒主管部门" in chinese
    assert "Skipped: 09-29 (holiday), 09-30 (holiday)" in english
    assert "Done on 2023-10-09: late" in english
    for words in (chinese, english):
        assert "闽人社办〔2023〕70号 四、（三）；附件3" in words
        assert "FJ-14" in words
    assert "理解：开始的当日不计入" in chinese
    assert "our reading: Periods run as in ordinary civil law" in english


EXIT = DeadlineQuestion("base_reapplication", date(2025, 3, 10), date(2025, 4, 1), special_reason="voluntary_exit")
SAID: list[tuple[DeadlineQuestion, list[str]]] = [
    (
        DeadlineQuestion("data_report_2019_2021"),
        ["12-31 (weekend) is no working day; the last day does not move", "online the day"],
    ),
    (DeadlineQuestion("base_year_report", date(2025, 3, 1)), ["2025-12-31: 2025-12 ends on 2025-12-31"]),
    (
        DeadlineQuestion("base_year_report", date(2023, 3, 1)),
        ["this deadline does not bind", "lies before its rule's first"],
    ),
    (DeadlineQuestion("base_year_report", date(2030, 3, 1)), ["2030-12-31): this deadline does not bind"]),
    (DeadlineQuestion("base_assessment", date(2020, 5, 1)), ["it counts from 2024-09-30", "runs from their first day"]),
    (
        DeadlineQuestion("base_reapplication", date(2024, 2, 29)),
        ["2024-02-29 (that day not counted): 2027-02-28", "no corresponding day"],
    ),
    (
        DeadlineQuestion("base_rectification", date(2025, 5, 6)),
        ["Rectification of a base (第二十三条第一款)", "2025-05-06 is the day that the authority set"],
    ),
    (
        DeadlineQuestion("base_restoration", date(2030, 9, 1), date(2031, 9, 2)),
        ["this deadline does not bind", "“Valid for six years” (article 34)"],
    ),
    (DeadlineQuestion("base_reapplication", date(2030, 3, 10)), ["from 2033-03-11 on", "“Valid for six years”"]),
    (
        DeadlineQuestion("base_reapplication", date(2025, 3, 10)),
        ["from 2028-03-11 on", "2025-03-10 (that day not counted): 2028-03-10"],
    ),
    (
        DeadlineQuestion("base_reapplication_after_forgery", date(2025, 3, 10)),
        ["never again", "the bar holds for ever"],
    ),
    (
        EXIT._replace(with_evidence=True),
        ["not limited", "with evidence: this limit does not apply", "in time", "voluntary exit is not a cancellation"],
    ),
    (EXIT, ["without evidence: it does not count", "outside the time limit: refused"]),
]


@pytest.mark.parametrize(("question", "expected"), SAID)
def test_what_an_explanation_says(question: DeadlineQuestion, expected: list[str]) -> None:
    made: Deadline = FUJIAN.deadline(question)
    for words in expected:
        assert words in made.explain("en")
    assert made.explain("zh").count("\n") == made.explain("en").count("\n")


def test_a_reading_of_a_part_that_was_not_used_is_not_named() -> None:
    made = FUJIAN.deadline(DeadlineQuestion("base_year_report", date(2025, 3, 1), date(2025, 12, 1)))
    assert "does not move into the next year" not in made.explain("en")
    assert "first day is not counted" not in made.explain("en")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("code: data_report_2019_2021", "code: data_report_2022_2023", "'data_report_2022_2023' is repeated"),
        ("rule: FJ-13", "rule: FJ-99", "no rule 'FJ-99'"),
        ("date: 2023-07-31, clause: 四、（二）", "date: 2023-07-31", "rests on exactly one"),
        ("date: 2023-07-31", "month_end: 13", "13 is outside 1 to 12"),
        ("date: 2023-07-31", "month_end: 2, days: 3, side: after", "exactly one of"),
        ("date: 2023-07-31", "days: 30, side: after", "event stands exactly where"),
        ("working_days: 3", "working_days: 0", "0 is outside 1 to"),
        ("working_days: 3", "working_days: 300", "300 is outside 1 to"),
        ("working_days: 3", "hours: 3", "exactly one of"),
        ("side: after", "side: around", "'around' is none of"),
        ("years: 3, side: after", "years: 3, side: before", "after an event only"),
        ("event: filing_checked", "event: full_moon", "'full_moon' is none of"),
        ("    event: filing_checked\n", "", "event stands exactly where"),
        ("channel: online", "channel: pigeon", "'pigeon' is none of"),
        ("means: alert", "means: prison", "'prison' is none of"),
        ("code: OVERDUE", "code: LATE", "'LATE' is none of"),
        ("    by: {channel: online, clause: 四、（二）}\n", "", "due, by and late come together"),
        ("    due: {date: 2023-07-31, clause: 四、（二）}\n", "", "one of due, opens, barred"),
        ("    early: {means: refused, code: APPLICATION_BARRED, clause: 第二十四条}\n", "", "early comes with"),
        ("barred: {years: 3", "opens: {years: 3", "an exception lifts what is barred"),
        ("barred: {years: 3, side: after", "barred: {date: 2028-01-01", "counted after its event"),
        ("      ever: true", "      ever: false", "ever is true or absent"),
        ("lifts: true", "lifts: false", "lifts is true or absent"),
        ("lifts: true", "years: 2", "extends what is due"),
        ("        lifts: true\n", "", "either adds years or lifts"),
        ("set_by: authority", "set_by: astrologer", "'astrologer' is none of"),
        ("date: 2024-09-30", "date: 2024-09-31", "a date YYYY-MM-DD"),
        ("rule: BA-05", "valid_from: 2024-09-29\n    rule: BA-05", "beyond that of BA-05"),
        ("    name: {zh: 首批", "    nome: {zh: 首批", "unknown key 'nome'"),
    ],
)
def test_broken_data_is_refused(edit: Edit, tmp_path: Path, old: str, new: str, reason: str) -> None:
    line = edit(old, new)
    with pytest.raises(RulebookDataError) as caught:
        read_rulebook(tmp_path)
    assert reason in caught.value.reason
    assert caught.value.file == FILE
    assert abs(caught.value.line - line) <= 12


def test_parts_that_exclude_each_other_are_refused() -> None:
    bar = ONE.replace("AMOUNT", "days: 3, side: after") + "  opens: {days: 9, side: before, clause: 甲}\n"
    barred = bar + "  barred: {ever: true, clause: 甲}\n  early: {means: refused, code: OVERDUE, clause: 甲}\n"
    reason = "{reasons: {a: {zh: 甲, en: a}}, years: 1, clause: 甲}"
    twice = ONE.replace("AMOUNT", "days: 3, side: after") + f"  exceptions: [{reason}, {reason}]\n"
    undue = bar.replace("  due:", "  also_due:").replace(
        "opens:", "early: {means: refused, code: OVERDUE, clause: 甲}\n  opens:"
    )
    for text, fault in (
        (bar, "early comes with"),
        (barred, "exclude each other"),
        (twice, "two exceptions"),
        (undue, "also_due comes with due"),
    ):
        with pytest.raises(RulebookDataError, match=fault):
            read_deadlines(parse(text, "one.yaml"), FUJIAN.rules)


def test_a_jurisdiction_without_the_section_has_no_deadlines(tmp_path: Path, edit: Edit) -> None:
    edit("deadlines:", "deadlines:")
    (tmp_path / FILE).unlink()
    (tmp_path / FILE).with_name("bases.yaml").unlink()  # it names deadlines
    with pytest.raises(UnknownDeadlineError):
        read_rulebook(tmp_path).jurisdiction("fujian").deadline(DeadlineQuestion("first_filing"))


def test_answers_name_the_rules_that_they_rest_on() -> None:
    rules: dict[str, Rule] = dict(FUJIAN.rules)
    text = ONE.replace("AMOUNT", "days: 3, side: after").replace("code: OVERDUE", "code: OVERDUE, rule: BA-07")
    text += "  filers: {allowed: [base], code: FILER_NOT_ALLOWED, rule: BA-05, clause: 甲}\n"
    deadlines = read_deadlines(parse(text, "one.yaml"), rules)

    def named(**given: object) -> tuple[str, ...]:
        question = DeadlineQuestion("one", date(2025, 3, 10))._replace(**given)  # type: ignore[arg-type]
        return answer_deadline(deadlines, question, COUNTING, {}).rule_ids

    assert named() == ("BA-06",)
    assert named(acted_on=date(2025, 3, 13)) == ("BA-06",)
    assert named(acted_on=date(2025, 3, 14)) == ("BA-06", "BA-07")
    assert named(filed_by="base") == ("BA-06",)
    assert named(filed_by="person") == ("BA-06", "BA-05")


def test_cases_stand_before_on_and_after_each_first_and_last_day() -> None:
    acts: defaultdict[tuple[str, str, str], set[int]] = defaultdict(set)
    for case in packaged_cases():
        if case.ask != "deadline" or case.question.acted_on is None or "error" in case.expect:
            continue
        made = load_rulebook().jurisdiction(case.jurisdiction).deadline(case.question)
        for side, day in (("opens", made.opens_on), ("due", made.due_on)):
            if day is not None:
                acts[case.question.code, made.rule_ids[0], side].add((case.question.acted_on - day).days)
    days = {"opens": {-1, 0}, "due": {-1, 0, 1}}
    assert {each: days[each[2]] - acts[each] for each in _bounds() if not days[each[2]] <= acts[each]} == {}


def _bounds() -> set[tuple[str, str, str]]:
    """Return each side on which a deadline bounds an act, with its code and rule."""
    written = json.loads(load_rulebook().canonical)["jurisdictions"].values()
    deadlines = [each for sections in written for each in sections.get("deadlines", ())]
    opening = [each for each in deadlines if "opens" in each or "ever" not in each.get("barred", {"ever": True})]
    return {(each["code"], each["rule"], "opens") for each in opening} | {
        (each["code"], each["rule"], "due") for each in deadlines if "due" in each
    }
