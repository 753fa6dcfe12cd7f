"""What a draft of the rulebook would make of what stands, person by person."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from xueshi_registry.domain.judging import Judgement, World, assess, employer_on, judge
from xueshi_registry.domain.model import HELD, REGISTERED, STAMPED, Employer, PersonKey, Platform
from xueshi_registry.domain.sharing import Taker, period_totals, share
from xueshi_registry.domain.standing import Kept, Live, Prospect
from xueshi_registry.domain.transcripts import Judged, Totals, entered_under, judge_period
from xueshi_registry.domain.versions import Versions, rules_of
from xueshi_rulebook import Progress, Rulebook, RulebookError
from xueshi_rulebook.diffing import diff

NONE = "none"
"""The verdict where there is none: no transcript, or no rules for the period."""
_COUNTS = "counts"


class Draft:
    """A draft, ready to be tried on one person after another."""

    def __init__(self, rulebook: Rulebook, versions: Versions, platforms: Mapping[str, Platform]) -> None:
        """`versions` are those that stand, `platforms` all platforms as they are now."""
        self.rulebook = rulebook
        self.rules = rules_of(rulebook)
        self.versions = versions
        self.platforms = platforms
        self.changed_rules = cache(self._changed_rules)

    def _changed_rules(self, version: str) -> frozenset[str]:
        """Return the rules of which the draft says something else than a version."""
        standing = self.versions.rulebook(version)
        if standing is None:
            return frozenset()
        return frozenset(each.rule for each in diff(standing.canonical, self.rulebook.canonical) if each.rule)


class Line(NamedTuple):
    """A requirement before and by the draft, in hundredths; None on the side that has no such line."""

    kind: str
    required: tuple[int | None, int | None]
    counted: tuple[int | None, int | None]


class Flip(NamedTuple):
    """A period of which the draft changes the verdict; pairs are (before, by the draft).

    `lines` are those that differ; `rules` the changed rules that they and the period's records rest on, compared with
    the `version` by which the transcript was derived.
    """

    person_key: PersonKey
    label: str
    period: str
    jurisdiction: tuple[str, str]
    verdict: tuple[str, str]
    lines: tuple[Line, ...]
    rules: tuple[str, ...]
    version: str


class Effect(NamedTuple):
    """What a draft does to one person.

    `outcomes` counts the records that the draft holds or lets through, by (before, by the draft); `recredited` is how
    many are credited other hours, `periods` how many were judged.
    """

    flips: list[Flip]
    outcomes: Counter[tuple[str, str]]
    recredited: int
    periods: int


def preview(person: Prospect, draft: Draft) -> Effect:
    """Assess a person's live records by the draft, share their days, judge their periods; return what changes.

    It is compared with what stands: states, credited hours, transcripts. A record that counts keeps the region and
    platform that it was registered with; a held one is judged whole. Raises RulebookDataError where a version that
    stands cannot be read.
    """
    trial = _Trial(person, draft)
    flips = [flip for period in trial.periods if (flip := trial.judge(period)) is not None]
    return Effect(flips, trial.outcomes(), len(trial.moved), len(trial.periods))


class _Tried(NamedTuple):
    """A live record and what the draft makes of it; `taker` is None where it does not count."""

    live: Live
    judged: Judgement
    taker: Taker | None


class _Trial:
    """One person under the draft."""

    def __init__(self, person: Prospect, draft: Draft) -> None:
        self._person = person
        self._draft = draft
        self._world = World(
            rulebook=draft.rulebook,
            people={person.person.key: person.person},
            employments={person.person.key: person.employments},
            employers=person.employers,
            platforms=draft.platforms,
        )
        self._tried = [self._try(each) for each in person.live]
        takers = list(_in_ledger_order(self._tried))
        self._entered: dict[str, list[str]] = {}
        for taker in takers:
            for period in set(map(taker.period_of, taker.days)):
                self._entered.setdefault(period, []).append(taker.rules.jurisdiction.code)
        shares = share(takers)
        self._totals = period_totals(takers, shares)
        self._kept = {each.period: each for each in person.transcripts}
        self.moved = [each for each in self._tried if _hours_by(each.taker, shares) != _standing_hours(each.live)]
        stamped = (period for period, totals in self._totals.items() if any(totals.stamped.values()))
        self.periods = sorted({*self._kept, *stamped})

    def outcomes(self) -> Counter[tuple[str, str]]:
        """Count the records that count by only one of both, or are held for another reason."""
        pairs = ((_standing_outcome(each.live), _outcome(each.judged)) for each in self._tried)
        return Counter(pair for pair in pairs if pair[0] != pair[1])

    def _try(self, live: Live) -> _Tried:
        standing, content, draft = live.standing, live.content, self._draft
        if standing.counts:
            judged = self._assess(draft.rulebook, live)
            exempt = judged.cap_exempt or (standing.cap_exempt and self._was_excepted(live))
        else:
            judged = judge(self._world, self._person.person.key, standing.ref.platform, content)
            exempt = judged.cap_exempt or standing.cap_exempt
        if judged.state != REGISTERED:
            return _Tried(live, judged, None)
        taker = Taker(
            id=standing.id,
            days=[day for day, _ in judged.days],
            claimed=[hours for _, hours in judged.days],
            cap_exempt=exempt,
            rules=draft.rules[judged.jurisdiction],
            subject_kind=standing.subject_kind,
            is_stamped=standing.state == STAMPED,
            credit_year=standing.credit_year,
        )
        return _Tried(live, judged, taker)

    def _assess(self, rulebook: Rulebook, live: Live) -> Judgement:
        """Assess a record that counts, for the region and platform that it was registered with."""
        content, platform = live.content, self._draft.platforms.get(live.standing.ref.platform)
        known = employer_on(self._world, self._person.person, content)
        employer = Employer(content.employer, "", live.region, 0 if known is None else known.industry)
        jurisdiction = rulebook.jurisdiction_for(employer.region, content.last_on, employer.industry)
        if jurisdiction is None:
            return Judgement(HELD, "JURISDICTION_UNKNOWN", region=live.region)
        if platform is None:
            return Judgement(HELD, "PLATFORM_UNKNOWN", region=live.region)
        return assess(jurisdiction, employer, platform, content)

    def _was_excepted(self, live: Live) -> bool:
        """Tell whether an administrator excepted the record from the cap, which no rulebook takes back."""
        own = self._draft.versions.rulebook(live.standing.rulebook)
        return own is not None and not self._assess(own, live).cap_exempt

    def judge(self, period: str) -> Flip | None:
        """Judge a period by the draft; return None where its verdict stays."""
        kept = self._kept.get(period)
        after = self._judge_by_draft(period, kept)
        verdicts = (NONE if kept is None else kept.verdict, NONE if after is None else after.progress.verdict)
        if verdicts[0] == verdicts[1]:
            return None
        before = None if kept is None else self._judge_as_it_stands(kept)
        return Flip(
            person_key=self._person.person.key,
            label=self._person.person.label,
            period=period,
            jurisdiction=("" if kept is None else kept.jurisdiction, "" if after is None else after.jurisdiction),
            verdict=verdicts,
            lines=tuple(_differing(before, after)),
            rules=self._causes(period, kept, before, after),
            version="" if kept is None else kept.rulebook,
        )

    def _judge_by_draft(self, period: str, kept: Kept | None) -> Judged | None:
        own = entered_under("" if kept is None else kept.jurisdiction, self._entered.get(period, ()))
        return self._judge(self._draft.rulebook, period, own, self._totals.get(period, Totals({}, {})))

    def _judge_as_it_stands(self, kept: Kept) -> Judged | None:
        rulebook = self._draft.versions.rulebook(kept.rulebook)
        return None if rulebook is None else self._judge(rulebook, kept.period, kept.jurisdiction, kept.totals)

    def _judge(self, rulebook: Rulebook, period: str, own: str, totals: Totals) -> Judged | None:
        try:
            return judge_period(rulebook, period, own, self._person.employments, totals)
        except RulebookError:
            return None

    def _causes(self, period: str, kept: Kept | None, before: Judged | None, after: Judged | None) -> tuple[str, ...]:
        """Return the changed rules behind a flip: of requirements that differ, and of records with other hours."""
        rules: set[str] = set()
        sides = [each.progress for each in (before, after) if each is not None]
        if len({_requirements(each) for each in sides}) > 1:
            rules.update(*(each.rule_ids for each in sides))
        for each in self.moved:
            if period in self._periods_of(each):
                rules.update(each.live.rule_ids, each.judged.rule_ids)
        return tuple(sorted(rules & self._draft.changed_rules("" if kept is None else kept.rulebook)))

    def _periods_of(self, each: _Tried) -> set[str]:
        """Return the periods in which a record has hours, as it stands or by the draft."""
        standing, taker = each.live.standing, each.taker
        own = self._draft.versions.rules(standing.rulebook, standing.jurisdiction)
        found = set() if own is None else {standing.credit_year or own.period_of(day) for day in standing.days}
        return found if taker is None else found.union(map(taker.period_of, taker.days))


def _in_ledger_order(tried: Iterable[_Tried]) -> Iterable[Taker]:
    """Yield what takes hours, in ledger order; a held record would take its place behind all that have one."""
    placed = [(each.live.standing, each.taker) for each in tried if each.taker is not None]
    placed.sort(key=lambda pair: (pair[0].place is None, pair[0].place or 0, pair[0].id))
    return (taker for _, taker in placed)


def _hours_by(taker: Taker | None, shares: Mapping[int, Sequence[int]]) -> dict[object, int]:
    """Return what a record is credited by the draft, day by day."""
    if taker is None:
        return {}
    return {day: hours for day, hours in zip(taker.days, shares[taker.id], strict=True) if hours}


def _standing_hours(live: Live) -> dict[object, int]:
    standing = live.standing
    return {day: hours for day, hours in zip(standing.days, standing.credited, strict=True) if hours}


def _standing_outcome(live: Live) -> str:
    return _COUNTS if live.standing.counts else f"{HELD} {live.code}"


def _outcome(judged: Judgement) -> str:
    return _COUNTS if judged.state == REGISTERED else f"{HELD} {judged.code}"


def _requirements(progress: Progress) -> tuple[tuple[str, int], ...]:
    return tuple((line.kind, line.required) for line in progress.lines)


def _differing(before: Judged | None, after: Judged | None) -> Iterable[Line]:
    """Yield the lines whose minimum or hours differ."""
    sides = (() if each is None else each.progress.lines for each in (before, after))
    mine, theirs = ({line.kind: line for line in lines} for lines in sides)
    for kind in dict.fromkeys((*mine, *theirs)):
        old, new = mine.get(kind), theirs.get(kind)
        required = (None if old is None else old.required, None if new is None else new.required)
        counted = (None if old is None else old.counted, None if new is None else new.counted)
        if required[0] != required[1] or counted[0] != counted[1]:
            yield Line(kind, required, counted)
