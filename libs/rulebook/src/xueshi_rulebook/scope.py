"""May this provider teach this person this: a base's area, what a platform was confirmed for, how training is given.

``providers`` answers the one question of the hot path, the area; here the whole answer is put together and explained.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal, NamedTuple

from xueshi_rulebook import divisions
from xueshi_rulebook.authorities import Authority
from xueshi_rulebook.errors import UnknownFormError
from xueshi_rulebook.explaining import Language, Wording, say, say_grounds
from xueshi_rulebook.forms import Form
from xueshi_rulebook.model import Basis, Rule
from xueshi_rulebook.providers import BaseScope, Provider

Test = Literal["accreditation", "area", "recognition", "arrangement", "fee"]
Standing = Literal["met", "not_met", "not_tested", "not_in_force"]
Arrangement = Literal["own", "commissioned", "transferred", "delegated", "joint"]
Runner = Literal["hrss", "industry", "other"]

ARRANGEMENTS: Final[tuple[Arrangement, ...]] = ("own", "commissioned", "transferred", "delegated", "joint")
RUNNERS: Final[tuple[Runner, ...]] = ("hrss", "industry", "other")
_CODES: Final[Mapping[Test, str]] = {
    "accreditation": "SCOPE_UNCONFIRMED",
    "area": "OUT_OF_SCOPE",
    "recognition": "OUT_OF_SCOPE",
    "arrangement": "TRAINING_HANDED_ON",
    "fee": "FEE_NOT_ALLOWED",
}
WORDING_KEYS: Final = (
    "allowed", "held", "unaccredited", "area_not_tested", "area_not_in_force", "told",
    *(f"{test}_{standing}" for test in _CODES for standing in ("met", "not_met")),
)  # fmt: skip


class Accreditation(NamedTuple):
    """What an authority has confirmed for a platform (FJ-15); ``majors`` empty covers all of the industry.

    ``first`` is the day of the confirmation and ``last`` the last day on which it holds, None while it does.
    """

    subject_kind: str
    industry: int | None
    majors: frozenset[str]
    first: date
    last: date | None


class Recognition(NamedTuple):
    """The regions, industries and fields for which a base was recognised; an empty set limits nothing."""

    regions: frozenset[str] = frozenset()
    industries: frozenset[int] = frozenset()
    fields: frozenset[str] = frozenset()


class ScopeQuestion(NamedTuple):
    """A training and its provider. ``on`` is the last day of learning, ``asked_on`` the day of the question.

    ``run_by`` says who runs an activity that no base or platform gives, ``charges`` whether a fee is taken for it.
    """

    provider: Provider
    subject_kind: str
    learning_form: str
    employer_region: str
    on: date
    asked_on: date
    industry: int | None = None
    major: str = ""
    field: str = ""
    accreditations: tuple[Accreditation, ...] = ()
    recognition: Recognition = Recognition()
    arrangement: Arrangement = "own"
    run_by: Runner = "other"
    charges: bool = False


class ScopeFinding(NamedTuple):
    """One test. ``code`` is empty unless it is not met; ``holds`` tells whether that makes a record wait."""

    test: Test
    standing: Standing
    code: str
    holds: bool


class AreaRules(NamedTuple):
    """FJ-17: the area that each level of base serves."""

    rule: Rule
    scope: BaseScope
    bases: tuple[Basis, ...]


class AccreditationRules(NamedTuple):
    """FJ-15: the forms on which a platform's confirmed subjects are tested; of ``whole_kinds`` the subject alone."""

    rule: Rule
    forms: frozenset[str]
    whole_kinds: frozenset[str]
    releases_earlier: bool
    bases: tuple[Basis, ...]

    def tests(self, learning_form: str, on: date) -> bool:
        """Tell whether a platform's confirmed subjects are tested on this form; ``on`` is the last day of learning."""
        return learning_form in self.forms and self.rule.in_force(on)


class RecognitionRules(NamedTuple):
    """S3 article 11: the level of base that keeps to its recognition; of ``whole_kinds`` only the region is tested."""

    rule: Rule
    base_level: str
    whole_kinds: frozenset[str]
    holds: bool
    bases: tuple[Basis, ...]


class ArrangementRules(NamedTuple):
    """BA-03: how a base of this level must not give its training."""

    rule: Rule
    base_level: str
    forbidden: frozenset[str]
    bases: tuple[Basis, ...]


class FeeRules(NamedTuple):
    """FJ-18: whose own activities charge nothing."""

    rule: Rule
    free: frozenset[str]
    bases: tuple[Basis, ...]


class OversightRules(NamedTuple):
    """FJ-22: the kinds of authority that see a base which sits in their area."""

    rule: Rule
    authorities: frozenset[str]
    bases: tuple[Basis, ...]


class BaseSystem(NamedTuple):
    """What a jurisdiction with listed bases and confirmed platforms tests."""

    area: AreaRules
    accreditation: AccreditationRules
    recognition: RecognitionRules
    arrangement: ArrangementRules
    fee: FeeRules
    oversight: OversightRules


class Unaccredited(NamedTuple):
    """Nobody accredits providers here, so nothing is tested (SG-08)."""

    rule: Rule
    basis: Basis


class ScopeRules(NamedTuple):
    """The data of one jurisdiction's scope, with its forms."""

    tests: BaseSystem | Unaccredited
    forms: Mapping[str, tuple[Form, ...]]
    wording: Wording


@dataclass(frozen=True, slots=True)
class ScopeAnswer:
    """The answer. ``code`` says why a record waits (guidance catalogue), empty where the provider may teach this.

    ``flags`` are codes of what does not touch the hours but is told to the authority, for a person to decide.
    """

    outcome: Literal["allowed", "held"]
    code: str
    flags: tuple[str, ...]
    findings: tuple[ScopeFinding, ...]
    rule_ids: tuple[str, ...]
    _rules: tuple[Rule, ...] = field(repr=False, compare=False)
    _bases: tuple[Basis, ...] = field(repr=False, compare=False)
    _wording: Wording = field(repr=False, compare=False)

    def explain(self, language: Language) -> str:
        """Return each test, the rules and what rests on a reading."""
        said = self._wording["scope"]
        parts = [say(said, self.outcome, language)]
        for each in self.findings:
            line = say(said, f"{each.test}_{each.standing}", language)
            parts.append(line + say(said, "told", language) if each.code in self.flags else line)
        if not self.findings:
            parts.append(say(said, "unaccredited", language))
        return "\n".join(parts + say_grounds(self._wording, self._rules, self._bases, language))


class Oversight(NamedTuple):
    """Who sees a base: ids of the authorities of the area where it sits, in order (FJ-22)."""

    authority_ids: tuple[str, ...]
    rule_ids: tuple[str, ...]


def answer_scope(rules: ScopeRules, question: ScopeQuestion) -> ScopeAnswer:
    """Run the tests that apply, those that hold a record first; raises UnknownFormError.

    A base is tested only on the forms on which it acts as one (FJ-17): never on forms 3 to 5 and 7, never on what
    HRSS and industry bodies run.
    """
    if question.learning_form not in rules.forms:
        raise UnknownFormError(question.learning_form)
    if isinstance(rules.tests, Unaccredited):
        return _answer(rules, (), [rules.tests.rule], [rules.tests.basis])
    findings: list[ScopeFinding] = []
    named: list[Rule] = []
    bases: list[Basis] = []
    for test, standing, part, holds in _run(rules.tests, question, rules.forms[question.learning_form]):
        code = _CODES[test] if standing == "not_met" else ""
        findings.append(ScopeFinding(test, standing, code, holds and standing == "not_met"))
        named.append(part.rule)
        bases += part.bases
    return _answer(rules, tuple(findings), named, bases)


_Part = AreaRules | AccreditationRules | RecognitionRules | ArrangementRules | FeeRules
_Run = tuple[Test, Standing, _Part, bool]


def _run(system: BaseSystem, question: ScopeQuestion, forms: Sequence[Form]) -> Iterator[_Run]:
    """Yield each test that applies: how it stands, what it rests on, whether failing it holds a record."""
    provider, on = question.provider, question.on
    confirmed = system.accreditation
    if provider.kind == "platform" and confirmed.tests(question.learning_form, on):
        yield "accreditation", _standing(_is_confirmed(confirmed, question)), confirmed, True
    tested = any(each.base_scope_tested and each.span.includes(on) for each in forms)
    acts = tested and provider.acts_as_base
    yield "area", _area(system.area, question, acts=acts), system.area, True
    recognised = system.recognition
    limited = any(question.recognition) and provider.base_level == recognised.base_level
    if acts and limited and recognised.rule.in_force(on):
        yield "recognition", _standing(_is_recognised(recognised, question)), recognised, recognised.holds
    given = system.arrangement
    bound = provider.acts_as_base and provider.base_level == given.base_level and question.arrangement != "own"
    if bound and given.rule.in_force(on):
        yield "arrangement", _standing(question.arrangement not in given.forbidden), given, False
    if provider.kind == "organiser" and question.run_by in system.fee.free and system.fee.rule.in_force(on):
        yield "fee", _standing(not question.charges), system.fee, False


def _standing(met: bool) -> Standing:
    return "met" if met else "not_met"


def _area(rules: AreaRules, question: ScopeQuestion, *, acts: bool) -> Standing:
    if not rules.rule.in_force(question.on):
        return "not_in_force"
    return _standing(rules.scope.includes(question.provider, question.employer_region)) if acts else "not_tested"


def _is_confirmed(rules: AccreditationRules, question: ScopeQuestion) -> bool:
    return any(_confirms(rules, each, question) for each in question.accreditations)


def _confirms(rules: AccreditationRules, held: Accreditation, question: ScopeQuestion) -> bool:
    """Tell whether one confirmation covers the training and its day."""
    if held.subject_kind != question.subject_kind or question.asked_on < held.first:
        return False
    if held.last is not None and question.on > held.last:
        return False
    if not rules.releases_earlier and question.on < held.first:
        return False
    if question.subject_kind in rules.whole_kinds:
        return True
    return held.industry == question.industry and (not held.majors or question.major in held.majors)


def _is_recognised(rules: RecognitionRules, question: ScopeQuestion) -> bool:
    limits = question.recognition
    if limits.regions and not any(divisions.is_within(question.employer_region, each) for each in limits.regions):
        return False
    if question.subject_kind in rules.whole_kinds:
        return True
    if limits.industries and question.industry not in limits.industries:
        return False
    return not limits.fields or question.field in limits.fields


def _answer(
    rules: ScopeRules, findings: tuple[ScopeFinding, ...], named: Sequence[Rule], bases: Sequence[Basis]
) -> ScopeAnswer:
    holding = [each.code for each in findings if each.holds]
    used = tuple(dict.fromkeys(named))
    return ScopeAnswer(
        outcome="held" if holding else "allowed",
        code=holding[0] if holding else "",
        flags=tuple(each.code for each in findings if each.code and not each.holds),
        findings=findings,
        rule_ids=tuple(rule.id for rule in used),
        _rules=used,
        _bases=tuple(bases),
        _wording=rules.wording,
    )


def find_oversight(rules: OversightRules, provider: Provider, authorities: Sequence[Authority]) -> Oversight:
    """Return who sees a base: the authorities of the area where it sits, none for what does not act as a base."""
    if not provider.acts_as_base:
        return Oversight((), (rules.rule.id,))
    seen_by = sorted(
        each.id for each in authorities if each.kind in rules.authorities and each.region == provider.base_region
    )
    return Oversight(tuple(seen_by), (rules.rule.id,))
