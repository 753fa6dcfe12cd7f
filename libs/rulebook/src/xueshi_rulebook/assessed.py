"""The words of an assessment: what a record is worth and why, made only when somebody reads them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from xueshi_rulebook.assess import Assessor
from xueshi_rulebook.claims import Claim
from xueshi_rulebook.crediting import Credited, Cut
from xueshi_rulebook.deciding import UNMET, bases_of
from xueshi_rulebook.explaining import REASONS, Language, Wording, say, say_code, say_grounds
from xueshi_rulebook.forms import Form
from xueshi_rulebook.hours import format_hours
from xueshi_rulebook.makeup import find_make_up
from xueshi_rulebook.model import Kind, Rule, Text
from xueshi_rulebook.unmet import concerns
from xueshi_rulebook.workdays import add_months
from xueshi_rulebook.worth import UNITS, Counted, Row, count, learned_days

WORDING_KEYS: Final = (
    "registered", "held", "rejected", "automatic", "submitted", "form", "number", "claimed", "certificate", "counted",
    "less", "day_cap", "no_day_cap", "exempt", "year_cap", "missing", "amount", "undecided", "should_submit",
    "organisers", "levels",
    "no_form", "too_long", "no_hours", "sum", "before", "in_force", "in_force_to", "nominal", "rows", "row", "rank",
    "from_rank", "comma", "beside", "semicolon", "year_of_learning", "made_up_until", "credit_year",
    "flag_PART_UNIT", "flag_SAME_DAY_CHECK", "credited", "uncredited", "unclaimed", "cut_alone", "cut", "cut_in_year",
    "unit_item", "unit_day", "unit_course", "unit_ten_thousand_characters",
)  # fmt: skip
_MONTHS: Final = 12
_ANY_RANK: Final = 0


class Named(NamedTuple):
    """What a jurisdiction calls its rules and kinds."""

    rules: Mapping[str, Rule]
    kinds: Mapping[str, Kind]


def explain_assessment(assessor: Assessor, named: Named, claim: Claim, wording: Wording, language: Language) -> str:
    """Return the outcome, the form, the arithmetic, what is missing, and the grounds, one line each."""
    record = _Record(assessor, named, claim, wording, language)
    rules = [named.rules[rule_id] for rule_id in record.made.rule_ids]
    bases = bases_of(assessor, claim, record.made)
    return "\n".join([*record.lines(), *say_grounds(wording, rules, bases, language)])


def explain_credit(
    assessor: Assessor,
    claims: Sequence[Claim],
    made: Sequence[Credited],
    named: Named,
    wording: Wording,
    language: Language,
) -> str:
    """Return what each record of one person is credited, whose hours took the rest, and the grounds, one line each."""
    parts, bases = [], []
    for place, (claim, each) in enumerate(zip(claims, made, strict=True), 1):
        parts += _Record(assessor, named, claim, wording, language).share(place, each)
        bases += bases_of(assessor, claim, each.assessment)
        bases += [assessor.data.period.basis] if any(cut.year for cut in each.cuts) else []
    rules = [named.rules[rule_id] for each in made for rule_id in each.assessment.rule_ids]
    return "\n".join(parts + say_grounds(wording, rules, bases, language))


class _Record:
    """Renders one record in one language."""

    def __init__(self, assessor: Assessor, named: Named, claim: Claim, wording: Wording, language: Language) -> None:
        self.made = assessor.assess(claim)
        self._assessor, self._claim, self._wording, self._language = assessor, claim, wording, language
        plans = assessor.plans_for(claim)
        self._plans = plans
        self._plan = assessor.plan_for(claim) or (plans[-1] if plans else None)
        kind = named.kinds.get(claim.subject_kind)
        self._kind = claim.subject_kind if kind is None else kind.name.within(language)
        self._unit = wording["progress"]["hours" if kind is None else kind.unit].within(language)

    def lines(self) -> list[str]:
        """Return all but the grounds."""
        made, plan = self.made, self._plan
        parts = [self._say(made.outcome, reason=self._reason())]
        if plan is not None:
            form = plan.form
            name = Text(form.name_zh, form.name_en).within(self._language)
            number = self._say("number", number=form.number) if form.number else ""
            parts.append(self._say("form", number=number, name=name, clause=form.clause))
        parts += self._why()
        if made.outcome != "rejected":
            parts += self._hours()
        if made.outcome == "registered":
            parts.append(self._say(made.registration))
        if made.credit_year:
            parts.append(self._say("credit_year", year=made.credit_year))
        own = {} if plan is None else {each.code: each.name.within(self._language) for each in plan.form.flags}
        return parts + [own.get(flag) or self._say(f"flag_{flag}") for flag in made.flags]

    def share(self, place: int, credited: Credited) -> list[str]:
        """Return what the record at ``place``, from 1, is credited among its person's, and which cap took the rest."""
        lacking = credited.claimed - credited.credited
        words = {
            "place": place,
            "kind": self._kind,
            "claimed": format_hours(credited.claimed),
            "credited": format_hours(credited.credited),
            "uncredited": format_hours(lacking),
        }
        if self.made.outcome != "registered":
            outcome = self._say(self.made.outcome, reason=self._reason())
            return [self._say("unclaimed", outcome=outcome, **words)]
        return [
            self._say("uncredited" if lacking else "credited", **words),
            *(self._cut(cut) for cut in credited.cuts),
        ]

    def _cut(self, cut: Cut) -> str:
        key = "cut_in_year" if cut.year else "cut" if cut.rivals else "cut_alone"
        return self._say(
            key,
            day=cut.day,
            year=cut.year,
            cap=format_hours(cut.cap),
            rivals=self._join("comma", [str(rival + 1) for rival in cut.rivals]) or "–",
            before=format_hours(cut.before),
            left=format_hours(cut.cap - cut.before),
            wanted=format_hours(cut.wanted),
            given=format_hours(cut.given),
        )

    def _say(self, key: str, **words: object) -> str:
        return say(self._wording["assess"], key, self._language, **{"unit": self._unit, **words})

    def _join(self, separator: str, names: Iterable[str]) -> str:
        return self._say(separator).join(names)

    def _code(self, key: str, code: str) -> str:
        return say_code(self._wording, key, code, self._language)

    def _reason(self) -> str:
        """Return the reason that the guidance catalogue gives for the code."""
        return self._wording[REASONS][self.made.code].within(self._language) if self.made.code else ""

    def _why(self) -> list[str]:
        """Return what in this record led to its code: what is missing, which days, which numbers."""
        tellers: Mapping[str, Callable[[], str]] = {
            **dict.fromkeys(UNMET, self._unmet),
            "INCOMPLETE": self._incomplete,
            "FIELD_INVALID": self._invalid,
            "HOURS_MISMATCH": self._mismatch,
            **dict.fromkeys(("BEFORE_RULES", self._assessor.data.in_force.code), self._before),
            "FORM_NOT_IN_FORCE": self._not_in_force,
            "EARNS_NOTHING": self._nothing,
            "OUTSIDE_NOMINAL_LENGTH": self._outside_nominal,
            "CREDIT_YEAR_UNFIT": self._year_unfit,
            "MAKE_UP_CLOSED": self._closed,
        }
        told = tellers[self.made.code]() if self.made.code in tellers else ""
        return [told] if told else []

    def _unmet(self) -> str:
        if self._plan is None:
            raise AssertionError
        form, missing = self._plan.form, self.made.missing
        if self.made.code == "WRONG_SUBMITTER":
            who = self._join("comma", [self._code("submitter", each) for each in missing])
            return self._say("should_submit", who=who, submitter=self._code("submitter", self._claim.work.submitter))
        if missing == ("organiser",) and self.made.code == "CONDITION_UNMET":
            names = [each.name.within(self._language) for each in form.organisers]
            return self._say("organisers", names=self._join("comma", names))
        if missing == ("level",):
            return self._say("levels", names=self._join("comma", [self._code("level", each) for each in form.levels]))
        key = "undecided" if self.made.code == "NEEDS_DECISION" else "missing"
        return self._say(key, names=self._join("comma", self._names(form, missing)))

    def _names(self, form: Form, missing: Iterable[str]) -> list[str]:
        """Return the names that the form gives to what it asks, for this kind of work where it gives several."""
        item = self._claim.work.item
        known = {each.code: each.name for each in (*form.needs, *form.undecided) if concerns(each.items, item)}
        known.update({each.documents[0]: each.name for each in form.evidence if concerns(each.items, item)})
        return [known[code].within(self._language) if code in known else self._code("needs", code) for code in missing]

    def _incomplete(self) -> str:
        return self._say("amount") if self.made.missing else ""

    def _invalid(self) -> str:
        if self._plan is None:
            return self._say("no_form", kind=self._kind, form=self._claim.learning_form)
        days, most = learned_days(self._claim), self._plan.longest_days
        if days > most:
            return self._say("too_long", days=days, most=most)
        return "" if self._claim.centihours > 0 or self._plan.form.worth is not None else self._say("no_hours")

    def _mismatch(self) -> str:
        total = sum(hours for _, hours in self._claim.learned_days or ())
        return self._say("sum", total=format_hours(total), claimed=format_hours(self._claim.centihours))

    def _before(self) -> str:
        first, _ = self._assessor.span_of(self._claim)
        return self._say("before", start=self._assessor.data.in_force.first, first=first)

    def _not_in_force(self) -> str:
        spans = dict.fromkeys(plan.form.span for plan in self._plans)
        told = [self._say("in_force" if each.last == date.max else "in_force_to", span=each) for each in spans]
        return "".join(told)

    def _nothing(self) -> str:
        """Return the sum that comes to nothing, or else what the table knows."""
        worth = self._plan.form.worth if self._plan is not None else None
        if worth is None:
            raise AssertionError
        counted = count(worth, self._claim)
        if counted.row is not None:
            return self._table(counted, "0")
        kind = self._claim.subject_kind
        rows = [self._row(row) for row in worth.rows if not row.kinds or kind in row.kinds]
        return self._say("rows", rows=self._join("semicolon", rows))

    def _row(self, row: Row) -> str:
        """Return what a row gives hours for, and how many."""
        what = [self._join("comma", [self._code("item", each) for each in row.items])] if row.items else []
        what += [self._join("comma", [self._code("level", each) for each in row.levels])] if row.levels else []
        if row.first_rank > _ANY_RANK:
            key = "rank" if row.first_rank == row.last_rank else "from_rank"
            what.append(self._say(key, rank=row.first_rank))
        less = self._say("less", hours=format_hours(row.less)) if row.less else ""
        hours, per = format_hours(row.centihours), self._per(row)
        return self._say("row", what=self._join("beside", what), hours=hours, per=per, less=less)

    def _outside_nominal(self) -> str:
        work = self._claim.work
        if work.enrolled_on is None or work.earned_on is None or not work.nominal_years:
            return ""
        last = add_months(work.enrolled_on, _MONTHS * work.nominal_years)
        years = work.nominal_years
        return self._say("nominal", enrolled=work.enrolled_on, years=years, last=last, earned=work.earned_on)

    def _year_unfit(self) -> str:
        last = self._assessor.span_of(self._claim)[1]
        return self._say("year_of_learning", year=self._assessor.period_of(last), named=self._claim.work.credit_year)

    def _closed(self) -> str:
        claim = self._claim
        year = claim.work.credit_year
        window = find_make_up(self._assessor.data.make_ups, year, claim.subject_kind, claim.learning_form)
        if window is None:
            raise AssertionError
        return self._say("made_up_until", year=year, until=window.until_on, last=self._assessor.span_of(claim)[1])

    def _hours(self) -> list[str]:
        """Return the hours: those claimed, or those of the table where it gave some; then the caps."""
        made, plan, parts = self.made, self._plan, list[str]()
        if plan is None:
            raise AssertionError
        worth = plan.form.worth
        if worth is None:
            hours = format_hours(self._claim.centihours)
            parts.append(self._say("claimed", hours=hours, days=learned_days(self._claim)))
        if not made.days:
            return parts
        if worth is not None:
            parts.append(self._table(count(worth, self._claim), format_hours(sum(hours for _, hours in made.days))))
            most = worth.cap_of_year(self._claim)
            if most is not None:
                parts.append(self._say("year_cap", hours=format_hours(most)))
        if made.day_cap_exempt:
            return [*parts, self._say("exempt")]
        cap = self._assessor.day_cap_on(made.days[-1][0])
        if cap is None:
            return [*parts, self._say("no_day_cap")]
        return [*parts, self._say("day_cap", hours=format_hours(cap))]

    def _table(self, counted: Counted, total: str) -> str:
        row = counted.row
        if row is None:
            raise AssertionError
        if counted.by_certificate:
            return self._say("certificate", hours=total, table=format_hours(row.centihours))
        less = self._say("less", hours=format_hours(row.less)) if row.less else ""
        units, hours = format_hours(counted.units), format_hours(row.centihours)
        return self._say("counted", hours=hours, units=units, per=self._per(row), less=less, total=total)

    def _per(self, row: Row) -> str:
        if row.unit not in UNITS:
            raise AssertionError
        return self._say(f"unit_{row.unit}")
