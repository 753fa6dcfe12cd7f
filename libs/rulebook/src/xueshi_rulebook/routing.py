"""Which authority acts on a record: who stamps, reviews or recognises it (FJ-08, FJ-12, LJ-10, WZ-02, SG-04)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, NamedTuple

from xueshi_rulebook import divisions
from xueshi_rulebook.assignments import Act, Assignment, Assignments, Circumstance, Companion, Part, read_assignments
from xueshi_rulebook.authorities import Actor, Authority, Bodies, Fallback
from xueshi_rulebook.divisions import Division, Level
from xueshi_rulebook.explaining import Language, Wording, say, say_grounds
from xueshi_rulebook.forms import Registration
from xueshi_rulebook.model import Basis, Kind, Rule, Text
from xueshi_rulebook.reading import BASIS_KEYS, read_basis
from xueshi_rulebook.yamlsource import Value

_CLIMBS: Final = ("none", "parent")

WORDING_KEYS: Final = (
    "act_stamp", "act_review", "act_verify", "act_recognise", "act_confirm",
    "hrss", "industry", "no_industry", "employer", "named",
    "acts", "automatic", "awaits_employer", "nobody",
    "no_industry_body", "unable",
    "level_employer", "level_fixed", "level_base",
    "first", "with", "assists", "then",
)  # fmt: skip


class RouteQuestion(NamedTuple):
    """What is to be stamped or recognised.

    ``region`` is the employer's six-digit code, ``industry`` None where not stated. ``on`` is the day of learning;
    ``date.max`` asks for what holds with no end. ``hrss_assigned`` is training that HRSS assigned and ran (LJ-12);
    ``cycle_end`` asks not about a record but about the whole cycle of a teacher (LJ-04).
    """

    subject_kind: str
    region: str
    industry: int | None
    registration: Registration
    on: date = date.max
    hrss_assigned: bool = False
    cycle_end: bool = False


class Beside(NamedTuple):
    """Another authority with a part in the act (``Companion``), of ``area``; no id where none is entered there."""

    part: Part
    actor: Actor
    authority_id: str | None
    area: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Speech:
    """What explanations of a jurisdiction's routes are made of: one object for all of them."""

    wording: Wording
    rules: Mapping[str, Rule]
    kinds: Mapping[str, Kind]
    industries: Mapping[int, Text]


class Grounds(NamedTuple):
    """What an explanation is rendered from, kept until somebody reads it.

    ``area`` is where the act belongs. ``climb`` is what it rests on that an area above is asked or is not, None where
    that made no difference.
    """

    speech: Speech
    assignment: Assignment
    subject_kind: str
    industry: int | None
    area: str
    level: Literal["level_employer", "level_fixed", "level_base"]
    climb: Basis | None


class Route(NamedTuple):
    """Who acts. ``fallback`` says why HRSS took an industry body's place, "none" where it did not.

    ``automatic`` means that the act needs nobody; the authority then is the one that answers for it, None where the
    act stands although that one is not entered (SG-03). ``actor`` is whose act it is: an employer has no authority id
    here. ``code`` is ``AWAITS_EMPLOYER`` where the employer has to recognise, ``NO_AUTHORITY`` where nobody stands in
    whose name it could be done, else empty.
    """

    authority_id: str | None
    rule_ids: tuple[str, ...]
    fallback: Fallback
    automatic: bool
    code: str
    actor: Actor
    beside: tuple[Beside, ...]
    grounds: Grounds

    def is_done_by(self, actors: Collection[Actor]) -> bool:
        """Tell whether the acts of these, and of nobody else, suffice (SG-04: in education the school's do not)."""
        needed = {
            each.actor for each in self.beside if each.part in ("first", "with") and each.authority_id is not None
        }
        return self.automatic or (needed | {self.actor}) <= set(actors)

    def explain(self, language: Language) -> str:
        """Return who acts and why, with the clause and what rests on a reading, one line each."""
        return "\n".join(_explain(self, language))


class StampingRules(NamedTuple):
    """The data of who acts. ``climbs`` tells whether the area above is asked where nobody stands."""

    assignments: Assignments
    climbs: bool
    climb_basis: Basis

    @property
    def counting_act(self) -> Act:
        """What makes hours count, to name it: the one act of all assignments, or the stamp where there are several."""
        acts = {each.act for _, _, tried in self.assignments.cells() for each in tried}
        return acts.pop() if len(acts) == 1 else "stamp"


class Router:
    """Answers route questions over a fixed set of authorities; built once for a batch.

    Answers are kept: there are no more of them than regions, kinds, industries and stretches of time.
    """

    __slots__ = ("_assignments", "_bodies", "_known", "_rules", "_speech")

    def __init__(self, rules: StampingRules, authorities: Sequence[Authority], speech: Speech) -> None:
        """Index the authorities; raises UnknownDivisionError for a malformed region."""
        self._rules = rules
        self._assignments = rules.assignments
        self._bodies = Bodies(authorities)
        self._speech = speech
        self._known: dict[tuple[object, ...], Route] = {}

    def epoch(self, on: date) -> int:
        """Return a number that two days of learning share where every answer is the same on both."""
        return self._assignments.epoch(on)

    def __call__(self, question: RouteQuestion) -> Route:
        """Return who acts; raises UnknownKindError, and UnknownDivisionError for a malformed region."""
        kind, region, industry, registration, on, hrss_assigned, cycle_end = question
        key = (kind, region, industry, registration, self._assignments.epoch(on), hrss_assigned, cycle_end)
        route = self._known.get(key)
        if route is None:
            route = self._known[key] = self._answer(question)
        return route

    def _answer(self, question: RouteQuestion) -> Route:
        kind, region, industry = question.subject_kind, question.region, question.industry
        assignment = _chosen(self._assignments.candidates(kind, industry, question.on), question)
        level = assignment.level
        home = divisions.division(region) if level is None else division_at(region, level)
        found, fallback, area = self._find(assignment, home, industry)
        grounds = Grounds(
            self._speech,
            assignment,
            kind,
            industry,
            region if area is None else area.code,
            "level_employer" if level is None else "level_fixed",
            self._rules.climb_basis if found is None or area is not home else None,
        )
        beside = find_beside(assignment.companions, area, industry, self._bodies)
        automatic = assignment.automatic is not None and _holds(assignment.automatic.when, question)
        return make_route((found, fallback), area, grounds, beside, automatic=automatic)

    def _find(
        self, assignment: Assignment, area: Division | None, industry: int | None
    ) -> tuple[str | None, Fallback, Division | None]:
        """Return who acts in the area, or above it where the rules climb, the fallback taken, and the area."""
        actor = assignment.actor
        if area is None or actor == "employer":
            return None, "none", area
        found, fallback = self._bodies.find(actor, assignment.replacement, area.code, industry)
        while found is None and self._rules.climbs and area.parent is not None:
            area = divisions.division(area.parent)
            found, fallback = self._bodies.find(actor, assignment.replacement, area.code, industry)
        return found, fallback, area


def assigned(rules: StampingRules, question: RouteQuestion, speech: Speech) -> Route:
    """Return whose act it is, as if somebody stood everywhere: no authority's id, no fallback, no ``NO_AUTHORITY``."""
    kind, region, industry = question.subject_kind, question.region, question.industry
    assignment = _chosen(rules.assignments.candidates(kind, industry, question.on), question)
    level = assignment.level
    area = divisions.division(region) if level is None else division_at(region, level)
    grounds = Grounds(
        speech,
        assignment,
        kind,
        industry,
        region if area is None else area.code,
        "level_employer" if level is None else "level_fixed",
        None,
    )
    beside = find_beside(assignment.companions, area, industry, Bodies(()))
    automatic = assignment.automatic is not None and _holds(assignment.automatic.when, question)
    route = make_route((None, "none"), area, grounds, beside, automatic=automatic)
    return route._replace(code=route.code if route.actor == "employer" else "")


def division_at(region: str, level: Level) -> Division | None:
    """Return the area of this level around a region, None if the region stands above it."""
    code = divisions.area_at(region, level)
    return None if code is None else divisions.division(code)


def _chosen(candidates: tuple[Assignment, ...], question: RouteQuestion) -> Assignment:
    first = candidates[0]
    if first.when is None:
        return first
    return next(each for each in candidates if _holds(each.when, question))


def _holds(circumstance: Circumstance | None, question: RouteQuestion) -> bool:
    if circumstance is None:
        return True
    if circumstance == "registered_automatically":
        return question.registration == "automatic"
    return question.hrss_assigned if circumstance == "hrss_assigned" else question.cycle_end


def find_beside(
    companions: Sequence[Companion], area: Division | None, industry: int | None, bodies: Bodies
) -> tuple[Beside, ...]:
    """Return who else has a part in an act that belongs to ``area``."""
    found: list[Beside] = []
    for each in companions:
        where = area if area is None or each.level is None else division_at(area.code, each.level)
        if where is None:
            found.append(Beside(each.part, each.actor, None, ""))
        else:
            authority_id, _ = bodies.find(each.actor, None, where.code, industry)
            found.append(Beside(each.part, each.actor, authority_id, where.code))
    return tuple(found)


def make_route(
    found: tuple[str | None, Fallback],
    area: Division | None,
    grounds: Grounds,
    beside: tuple[Beside, ...],
    *,
    automatic: bool,
) -> Route:
    """Put a route together from who was found in ``area``; a rule that places that area is named too (FJ-26)."""
    authority_id, fallback = found
    assignment = grounds.assignment
    rule_ids = assignment.automatic_rule_ids if automatic else assignment.rule_ids
    if area is not None and area.exception_rule is not None:
        rule_ids = (*rule_ids, area.exception_rule)
    actor: Actor = assignment.actor if fallback == "none" else "hrss"
    code = ""
    if actor == "employer":
        code = "AWAITS_EMPLOYER"
    elif authority_id is None and not (automatic and assignment.automatic and assignment.automatic.stands_alone):
        code = "NO_AUTHORITY"
    return Route(authority_id, rule_ids, fallback, automatic, code, actor, beside, grounds)


def _explain(route: Route, language: Language) -> list[str]:
    grounds = route.grounds
    speech, assignment = grounds.speech, grounds.assignment
    said = speech.wording["route"]
    key = "automatic" if route.automatic else "acts"
    if route.code:
        key = "awaits_employer" if route.actor == "employer" else "nobody"
    kind = speech.kinds[grounds.subject_kind].name.within(language)
    act = said[f"act_{assignment.act}"].within(language)
    area, industry = divisions.shown(grounds.area, language), _industry(grounds, language)
    who = _who(route.actor, route.authority_id, grounds.area, grounds, language)
    lines = [say(said, key, language, kind=kind, act=act, who=who)]
    if route.fallback != "none":
        lines.append(say(said, route.fallback, language, area=area, industry=industry))
    if route.actor != "employer":
        lines.append(say(said, grounds.level, language, area=area))
    lines += [
        say(said, part, language, who=_who(actor, authority_id, where or grounds.area, grounds, language))
        for part, actor, authority_id, where in route.beside
    ]
    rules = [speech.rules[rule_id] for rule_id in route.rule_ids if rule_id in speech.rules]
    return lines + say_grounds(speech.wording, rules, _bases(route), language)


def _bases(route: Route) -> list[Basis]:
    assignment = route.grounds.assignment
    bases = [assignment.basis]
    if assignment.replacement is not None and route.fallback != "none":
        bases.append(assignment.replacement.basis)
    if assignment.automatic is not None and route.automatic:
        bases.append(assignment.automatic.basis)
    stands_alone = route.authority_id is None and not route.code
    if route.grounds.climb is not None and route.actor != "employer" and not stands_alone:
        bases.append(route.grounds.climb)
    return bases + [each.basis for each in assignment.companions]


def _who(actor: Actor, authority_id: str | None, area: str, grounds: Grounds, language: Language) -> str:
    said = grounds.speech.wording["route"]
    who = say(said, actor, language, area=divisions.shown(area, language), industry=_industry(grounds, language))
    return who if authority_id is None else say(said, "named", language, who=who, authority=authority_id)


def _industry(grounds: Grounds, language: Language) -> str:
    name = grounds.speech.industries.get(grounds.industry or 0)
    return (grounds.speech.wording["route"]["no_industry"] if name is None else name).within(language)


def read_stamping(
    section: Value, rules: Mapping[str, Rule], kinds: Mapping[str, object], industries: Collection[int]
) -> StampingRules:
    """Read who acts on the records of every subject kind."""
    fields = section.fields(("assignments", "climb"))
    climb = fields["climb"].fields(("to",), BASIS_KEYS)
    return StampingRules(
        assignments=read_assignments(fields["assignments"], rules, kinds, industries),
        climbs=climb["to"].choice(_CLIMBS) == "parent",
        climb_basis=read_basis(fields["climb"], climb),
    )
