"""One jurisdiction: its data compiled, and the questions it answers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from xueshi_rulebook.accession import AccessionRules, Base, confirmer
from xueshi_rulebook.applications import ApplicationAnswer, ApplicationQuestion, check_application
from xueshi_rulebook.assess import Assessment, Assessor
from xueshi_rulebook.assessed import Named, explain_assessment, explain_credit
from xueshi_rulebook.attendance import Attendance, HalfDay, credit_attendance
from xueshi_rulebook.authorities import Authority
from xueshi_rulebook.bases import BaseAnswer, BaseQuestion, answer_base
from xueshi_rulebook.checks import Checks
from xueshi_rulebook.claims import Claim
from xueshi_rulebook.crediting import Credited, credit
from xueshi_rulebook.dated import Span
from xueshi_rulebook.deadlines import Counting, Deadline, DeadlineQuestion, DeadlineRule, answer_deadline
from xueshi_rulebook.divisions import Level
from xueshi_rulebook.eligible import Eligible, EligibleQuestion, Reviewer
from xueshi_rulebook.errors import NoSuchRuleError, RulebookError, UnknownKindError
from xueshi_rulebook.explaining import Language, Wording, say_refusal
from xueshi_rulebook.facts import Fact
from xueshi_rulebook.forms import Form
from xueshi_rulebook.funds import FundsAnswer, FundsQuestion, report_funds
from xueshi_rulebook.listing import Teller
from xueshi_rulebook.misconduct import Misconduct
from xueshi_rulebook.model import Basis, Kind, Rule, Source, Text
from xueshi_rulebook.periods import CalendarYears, read_period
from xueshi_rulebook.person import ANYBODY, Person
from xueshi_rulebook.precedence import Precedence
from xueshi_rulebook.progress import Judge, Progress
from xueshi_rulebook.proofs import ProofForm
from xueshi_rulebook.providers import BaseScope, Provider
from xueshi_rulebook.routing import Route, RouteQuestion, Router, Speech, StampingRules, assigned
from xueshi_rulebook.scope import (
    AccreditationRules,
    Oversight,
    ScopeAnswer,
    ScopeQuestion,
    Unaccredited,
    answer_scope,
    find_oversight,
)
from xueshi_rulebook.spot_checks import SpotCheck, SpotCheckRules, find_checkers


class Covered(NamedTuple):
    """Whose employers fall under a jurisdiction: an area's, of one industry or of all (0), in a span of days."""

    region: str
    industry: int
    span: Span


@dataclass(frozen=True, slots=True)
class Parts:
    """The compiled sections that a jurisdiction's answers are computed from."""

    assessor: Assessor
    base_scope: BaseScope | None
    period: CalendarYears
    judge: Judge
    reviewer: Reviewer
    stamping: StampingRules
    accession: AccessionRules | None
    deadlines: Mapping[str, DeadlineRule]
    spot_checks: SpotCheckRules | None
    speech: Speech
    counting: Counting
    checks: Checks
    wording: Wording


@dataclass(frozen=True, slots=True, repr=False)
class Jurisdiction:
    """The rules of one region. Immutable after load and free of I/O: equal questions get equal answers.

    ``kinds`` are the subject kinds of records; ``line_names`` names everything that a line of ``progress`` may be.
    """

    code: str
    name_zh: str
    name_en: str
    covers: tuple[Covered, ...]
    sources: Mapping[str, Source]
    rules: Mapping[str, Rule]
    kinds: Mapping[str, Kind]
    line_names: Mapping[str, Text]
    forms: Mapping[str, tuple[Form, ...]]
    proof: ProofForm
    precedence: tuple[Precedence, ...]
    facts: tuple[Fact, ...]
    _parts: Parts

    def __repr__(self) -> str:
        """Name the region, and none of its rules."""
        return f"Jurisdiction({self.code})"

    def assess(self, claim: Claim) -> Assessment:
        """Return what a record is worth: registered, held or rejected, its days and how it is registered.

        Codes and numbers only; the words for a code stand in the guidance catalogue.
        """
        return self._parts.assessor.assess(claim)

    def explain_refusal(self, error: RulebookError, language: Language) -> str:
        """Return in words why a question that raised ``error`` is refused."""
        return say_refusal(self._parts.wording, error, language)

    def record_facts(self) -> frozenset[str]:
        """Return the codes of all that a record may declare here and something asks about."""
        forms = [form for several in self.forms.values() for form in several]
        asked = {each.code for form in forms for each in (*form.needs, *form.undecided)}
        return frozenset(asked | {self._parts.assessor.data.in_force.spared} - {""})

    def form_on(self, learning_form: str, subject_kind: str, on: date) -> Form | None:
        """Return the learning form for a kind on a day, with its submitters, conditions and evidence; None without."""
        return next(
            (
                form
                for form in self.forms.get(learning_form, ())
                if subject_kind in form.kinds and form.span.includes(on)
            ),
            None,
        )

    def day_cap_centihours(self, on: date) -> int | None:
        """Return the most that one person may be credited on a day, in centihours; None without a cap (FJ-03)."""
        return self._parts.assessor.day_cap_on(on)

    def credit(self, claims: Sequence[Claim]) -> list[Credited]:
        """Return what one person's records are credited together, in ledger order (FJ-03, FJ-04)."""
        return credit(self._parts.assessor, claims)

    def explain_credit(self, claims: Sequence[Claim], language: Language) -> str:
        """Return what one person's records are credited together and whose hours took the rest, with the clause."""
        named, made = Named(self.rules, self.kinds), self.credit(claims)
        return explain_credit(self._parts.assessor, claims, made, named, self._parts.wording, language)

    def explain_assessment(self, claim: Claim, language: Language) -> str:
        """Return why the record is worth what it is: outcome, arithmetic, clause, readings."""
        named = Named(self.rules, self.kinds)
        return explain_assessment(self._parts.assessor, named, claim, self._parts.wording, language)

    @property
    def counting_act(self) -> Text:
        """What the act is called that makes hours count, "验印" or "认定"; in English what is then done, "stamped"."""
        return self._parts.wording["route"][f"act_{self._parts.stamping.counting_act}"]

    def period_of(self, day: date) -> str:
        """Return the credit year in which hours learned on ``day`` count, "2025"."""
        return self._parts.period.period_of(day)

    def days_of(self, period: str) -> tuple[date, date]:
        """Return the first and the last day of a credit period; raises UnknownPeriodError."""
        found = read_period(period)
        return found.first, found.last

    def progress(
        self, period: str, stamped: Mapping[str, int], registered: Mapping[str, int], person: Person = ANYBODY
    ) -> Progress:
        """Compare a credit period with the minimums of this person (FJ-01, FJ-02, LJ-02 to LJ-04, WZ-01, SG-01, SG-02).

        ``period`` is a year, "2025", or the days of a cycle or tenure, "20180901-20230831". Both mappings give amounts
        by subject kind in hundredths of its unit; ``registered`` includes what is stamped. What a person brings along
        from another jurisdiction counts as the data say. A period without a minimum is not evaluated (FJ-12). Raises
        UnknownPeriodError and UnknownKindError.
        """
        return self._parts.judge(period, stamped, registered, person)

    def notes_on(self, profile: str, rule_ids: Collection[str]) -> tuple[Basis, ...]:
        """Return which readings and sources to be confirmed a verdict rests on; of one not evaluated they say why.

        ``profile`` and ``rule_ids`` are those of its progress, kept by whoever no longer knows the person.
        """
        return self._parts.judge.notes_on(profile, rule_ids)

    def eligible(self, question: EligibleQuestion) -> Eligible:
        """Return what a person's hours mean for an application for a title (FJ-19, FJ-21, LJ-04, LJ-13, WZ-06, SG-07).

        The verdicts of the periods come from ``progress``; raises UnknownPeriodError for a period that is none.
        """
        return self._parts.reviewer(question)

    def route(self, question: RouteQuestion, authorities: Sequence[Authority]) -> Route:
        """Return who stamps or recognises (FJ-08, FJ-12, LJ-10, WZ-02, SG-04).

        For many questions build a ``router`` once instead. Raises UnknownKindError and UnknownDivisionError.
        """
        return self.router(authorities)(question)

    def assignment(self, question: RouteQuestion) -> Route:
        """Return whose act it is, whoever stands there: a route without an authority's id, and without a fallback.

        Raises UnknownKindError and UnknownDivisionError.
        """
        return assigned(self._parts.stamping, question, self._parts.speech)

    def router(self, authorities: Sequence[Authority]) -> Router:
        """Return what answers route questions over these authorities without indexing them again."""
        return Router(self._parts.stamping, authorities, self._parts.speech)

    def platform_confirmer(
        self,
        subject_kind: str,
        base_level: Level,
        base_region: str,
        industry: int | None,
        authorities: Sequence[Authority],
    ) -> Route:
        """Return who confirms a base's online platform for one subject kind, and with whom it is filed (FJ-15).

        An application for two kinds is two questions. A base that stands above its stated level has no confirmer.
        Raises NoSuchRuleError where the notices know no accession, UnknownKindError and UnknownDivisionError.
        """
        base = Base(base_level, base_region)
        return confirmer(self._accession(), subject_kind, base, industry, authorities, self._parts.speech)

    def _accession(self) -> AccessionRules:
        if self._parts.accession is None:
            raise NoSuchRuleError(self.code, "accession")
        return self._parts.accession

    def spot_check(self, region: str, industry: int | None, authorities: Sequence[Authority]) -> SpotCheck:
        """Return who may spot-check a result of an employer's region and industry (FJ-10).

        Raises NoSuchRuleError where the notices know no spot checks, and UnknownDivisionError.
        """
        rules = self._parts.spot_checks
        if rules is None:
            raise NoSuchRuleError(self.code, "spot_checks")
        return find_checkers(rules, region, industry, authorities)

    def explain_spot_check(
        self, region: str, industry: int | None, authorities: Sequence[Authority], language: Language
    ) -> str:
        """Return in words what ``spot_check`` answers; raises the same."""
        check, rules = self.spot_check(region, industry, authorities), self._parts.spot_checks
        return "" if rules is None else Teller(self._parts.wording, language).spot_check(check, rules, authorities)

    def explain_facts(self, on: date, language: Language) -> str:
        """Return the information that rules mention and that holds on a day, with what each rests on."""
        facts = [fact for fact in self.facts if fact.validity.includes(on)]
        # What is to be confirmed stands in no clause of the rule that mentions it.
        rules = [self.rules[fact.rule_id] for fact in facts if fact.basis.kind != "unconfirmed"]
        return Teller(self._parts.wording, language).facts(facts, rules, on)

    def explain_in_force(self, source: str, on: date, language: Language) -> str:
        """Return of each rule that is held of a notice whether it holds on a day."""
        rules = [rule for rule in self.rules.values() if rule.source_id == source]
        return Teller(self._parts.wording, language).rules_in_force(rules, on)

    def provider_in_scope(self, provider: Provider, employer_region: str) -> bool:
        """Tell whether a provider may teach people of employers in this region (FJ-17)."""
        scope = self._parts.base_scope
        return scope is None or scope.includes(provider, employer_region)

    def deadline(self, question: DeadlineQuestion) -> Deadline:
        """Return from and until when an act may be done, and what acting on a day means (rules.md, "Periods").

        Raises UnknownDeadlineError; DeadlineQuestionError where the question does not fit the deadline; and
        UnknownCalendarYearError where working days of a year are needed that the calendar lacks.
        """
        return answer_deadline(self._parts.deadlines, question, self._parts.counting, self._parts.wording)

    def scope(self, question: ScopeQuestion) -> ScopeAnswer:
        """Tell whether a provider may teach this person this, with every test that applies (FJ-15, 17, 18, BA-03).

        Raises UnknownKindError, UnknownFormError, UnknownDivisionError for a malformed region of a recognition, and
        NoSuchRuleError where the notices say nothing of it.
        """
        rules = self._parts.checks.scope
        if rules is None:
            raise NoSuchRuleError(self.code, "scope")
        if question.subject_kind not in self.kinds:
            raise UnknownKindError(question.subject_kind)
        return answer_scope(rules, question)

    @property
    def accreditation(self) -> AccreditationRules | None:
        """What a training platform must have been confirmed for to give hours here (FJ-15), None where nothing."""
        rules = self._parts.checks.scope
        return None if rules is None or isinstance(rules.tests, Unaccredited) else rules.tests.accreditation

    def oversight(self, provider: Provider, authorities: Sequence[Authority]) -> Oversight:
        """Return which authorities see a base (FJ-22); raises NoSuchRuleError where no bases are listed."""
        rules = self._parts.checks.scope
        if rules is None or isinstance(rules.tests, Unaccredited):
            raise NoSuchRuleError(self.code, "oversight")
        return find_oversight(rules.tests.oversight, provider, authorities)

    def explain_oversight(self, provider: Provider, authorities: Sequence[Authority], language: Language) -> str:
        """Return in words which authorities see a base; raises as ``oversight`` does."""
        seen, scope = self.oversight(provider, authorities), self._parts.checks.scope
        if scope is None or isinstance(scope.tests, Unaccredited):
            raise AssertionError
        rules = scope.tests.oversight
        return Teller(self._parts.wording, language).oversight(seen.authority_ids, authorities, rules.rule, rules.bases)

    def base(self, question: BaseQuestion) -> BaseAnswer:
        """Answer a question about a provincial base (BA-01 to BA-10).

        Raises NoSuchRuleError where there are none, UnknownFactError and FactTypeError for facts that the topic does
        not know.
        """
        rules = self._parts.checks.bases
        if rules is None:
            raise NoSuchRuleError(self.code, "base")

        def reckon(code: str, event_on: date, asked_on: date) -> Deadline:
            return self.deadline(DeadlineQuestion(code, event_on, asked_on))

        return answer_base(rules, question, reckon)

    def application(self, question: ApplicationQuestion) -> ApplicationAnswer:
        """Tell whether an application or filing is complete, what is missing or wrong, and to whom it goes.

        Raises UnknownApplicationError, UnknownFactError and FactTypeError.
        """
        return check_application(self._parts.checks.applications, question)

    def attendance(self, half_days: Sequence[HalfDay]) -> Attendance:
        """Return the centihours of a class that one person's sign-ins and sign-outs credit (LJ-08).

        Raises NoSuchRuleError where no notice asks for them, FactTypeError for a half day that is listed twice.
        """
        rules = self._parts.checks.attendance
        if rules is None:
            raise NoSuchRuleError(self.code, "attendance")
        return credit_attendance(rules, half_days)

    def funds(self, question: FundsQuestion) -> FundsAnswer:
        """Report an employer's training funds (SG-09); raises NoSuchRuleError, UnknownKindError and FactTypeError."""
        rules = self._parts.checks.funds
        if rules is None:
            raise NoSuchRuleError(self.code, "funds")
        for kind in question.spent_fen:
            if kind not in self.kinds:
                raise UnknownKindError(kind)
        return report_funds(rules, question)

    @property
    def misconduct(self) -> Mapping[str, Misconduct]:
        """What the notices call misconduct and what may follow, by code: shown, a person decides."""
        return self._parts.checks.misconduct
