"""Whether a record counts: name, employer, jurisdiction, platform and its scope, then the rulebook."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from xueshi_registry.domain.model import (
    HELD,
    NAME_DISPUTED,
    REGISTERED,
    Content,
    Employer,
    Employment,
    Person,
    PersonKey,
    Platform,
)
from xueshi_rulebook import PUSHED, Claim, Jurisdiction, Provider, Rulebook


class Judgement(NamedTuple):
    """What a record is worth before days are shared: held with a code, or registered with hours by day.

    `claim` is what the rulebook assessed, None where something else held the record before that; `missing` and `flags`
    are what it found lacking, and worth a look.
    """

    state: str
    code: str = ""
    rule_ids: tuple[str, ...] = ()
    days: tuple[tuple[date, int], ...] = ()
    cap_exempt: bool = False
    registered_by: str = ""
    jurisdiction: str = ""
    region: str = ""
    employer: Employer | None = None
    claim: Claim | None = None
    missing: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()


class World(NamedTuple):
    """What a batch's records are judged against: all that was looked up for it."""

    rulebook: Rulebook
    people: Mapping[PersonKey, Person]
    employments: Mapping[PersonKey, Sequence[Employment]]
    employers: Mapping[str, Employer]
    platforms: Mapping[str, Platform]


def judge(world: World, person_key: PersonKey, platform_id: str, content: Content) -> Judgement:
    """Judge one record version: name, employer, jurisdiction, platform and its scope, then the rulebook.

    Held with the code of what is missing, never guessed (`contract.md`: person, employer, jurisdiction).
    """
    person = world.people[person_key]
    employer = employer_on(world, person, content)
    jurisdiction = None
    if employer is not None:
        jurisdiction = world.rulebook.jurisdiction_for(employer.region, content.last_on, employer.industry)
    if person.name_state == NAME_DISPUTED:
        return _held("NAME_UNCONFIRMED", world, jurisdiction, employer)
    if content.name_digest != person.name_digest:
        return _held("NAME_MISMATCH", world, jurisdiction, employer)
    if employer is None:
        return Judgement(HELD, "EMPLOYER_UNKNOWN")
    if jurisdiction is None:
        return _held("JURISDICTION_UNKNOWN", world, None, employer)
    platform = world.platforms.get(platform_id)
    if platform is None:
        return _held("PLATFORM_UNKNOWN", world, jurisdiction, employer)
    tested = jurisdiction.accreditation
    if tested is not None and tested.tests(content.learning_form, content.last_on):
        whole = content.subject_kind in tested.whole_kinds
        if not platform.confirmed_for(content.subject_kind, content.industry, content.major, whole=whole):
            made = _held("SCOPE_UNCONFIRMED", world, jurisdiction, employer)
            return made._replace(rule_ids=(tested.rule.id,))
    return assess(jurisdiction, employer, platform, content)


def _held(code: str, world: World, jurisdiction: Jurisdiction | None, employer: Employer | None) -> Judgement:
    """Return a hold before the rulebook was asked, with the rules on which its code rests where the record belongs."""
    return Judgement(
        HELD,
        code,
        () if jurisdiction is None else world.rulebook.guidance_rules(code, jurisdiction),
        jurisdiction="" if jurisdiction is None else jurisdiction.code,
        region="" if employer is None else employer.region,
        employer=employer,
    )


def employer_on(world: World, person: Person, content: Content) -> Employer | None:
    """Return the employer on the last day of learning: of two, the one the record names, else the main one.

    A person who is not yet claimed and has no employment there is taken to work where the record says.
    """
    day = content.last_on
    current = [each for each in world.employments.get(person.key, ()) if each.covers(day)]
    if current:
        named = [each for each in current if each.employer.uscc == content.employer]
        main = [each for each in current if each.main]
        return (named or main or current)[0].employer
    return None if person.claimed else world.employers.get(content.employer)


def assess(jurisdiction: Jurisdiction, employer: Employer, platform: Platform, content: Content) -> Judgement:
    """Judge a record by the rules alone, for an employer and a platform that are known."""
    claim = _claim_of(employer, platform, content)
    assessed = jurisdiction.assess(claim)
    return Judgement(
        state=REGISTERED if assessed.outcome == "registered" else HELD,
        code=assessed.code,
        rule_ids=assessed.rule_ids,
        days=assessed.days,
        cap_exempt=assessed.day_cap_exempt,
        registered_by=assessed.registration,
        jurisdiction=jurisdiction.code,
        region=employer.region,
        employer=employer,
        claim=claim,
        missing=assessed.missing,
        flags=assessed.flags,
    )


def _claim_of(employer: Employer, platform: Platform, content: Content) -> Claim:
    """Return a record as the rulebook assesses it."""
    return Claim(
        subject_kind=content.subject_kind,
        learning_form=content.learning_form,
        learned_days=content.learned_days or None,
        learned_range=content.learned_range,
        centihours=content.centihours,
        passed=content.passed,
        employer_region=employer.region,
        provider=Provider("platform", platform.base_level, platform.base_region),
        class_plan_confirmed_by=None,
        work=PUSHED._replace(credit_year=content.credit_year) if content.credit_year else PUSHED,
    )
