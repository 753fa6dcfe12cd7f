"""What must have become of everything, from how it was made."""

from collections import Counter
from collections.abc import Iterable, Sequence

from xueshi_samples.authorities import Authorities
from xueshi_samples.draft import Draft
from xueshi_samples.learning import LAST_DAY, YEAR
from xueshi_samples.ledger import YearTotals, year_totals
from xueshi_samples.model import Delivery, Fate, Person, PersonYear, Summary
from xueshi_samples.rules import jurisdiction_of, requirement_of, verdict_of


def fates(authorities: Authorities, drafts: Iterable[Draft]) -> tuple[Fate, ...]:
    """Return the fate of each record that has been accepted."""
    return tuple(_fate(authorities, draft) for draft in drafts if draft.live)


def summary(
    people: Iterable[Person], drafts: Sequence[Draft], known: Sequence[Fate], deliveries: Iterable[Delivery]
) -> Summary:
    """Return the counts and each person's year."""
    sent = [delivery for delivery in deliveries if not delivery.repeats]
    answers = [(delivery.event_type, answer) for delivery in sent for answer in delivery.expected]
    statuses = Counter(answer.status for _, answer in answers)
    totals = year_totals(drafts)
    years = tuple(_person_year(person, totals.get(person.id, YearTotals())) for person in people)
    return Summary(
        deliveries=len(sent),
        submissions=len(answers),
        accepted=statuses["accepted"],
        duplicate=statuses["duplicate"],
        rejected=_sorted(answer.code for _, answer in answers if answer.status == "rejected"),
        held=_sorted(fate.code for fate in known if fate.state == "held"),
        stamped_automatically=sum(fate.state == "stamped" for fate in known),
        waiting=_sorted(fate.authority or fate.code for fate in known if fate.state == "queued"),
        voided=sum(fate.state == "voided" for fate in known),
        corrected=sum(kind == "hour_records.corrected" and answer.status == "accepted" for kind, answer in answers),
        proofs=sum(year.verdict == "compliant" for year in years),
        uncredited_centihours=sum(total.uncredited for total in totals.values()),
        person_years=years,
    )


def _fate(authorities: Authorities, draft: Draft) -> Fate:
    state, kind, code = draft.fate, draft.course.kind, draft.hold
    authority = authorities.stamping(kind, draft.employment) if state == "queued" else None
    if state == "queued":
        code = None if authority else "AWAITS_EMPLOYER"
    return Fate(
        platform=draft.course.platform,
        record_id=draft.record_id,
        version=draft.version,
        person=draft.learner.person.id,
        subject_kind=kind,
        state=state,
        code=None if state == "voided" else code,
        authority=authority.id if authority else None,
        centihours=draft.centihours,
    )


def _person_year(person: Person, totals: YearTotals) -> PersonYear:
    last = person.main_on(LAST_DAY)
    requirement = requirement_of(last)
    return PersonYear(
        person=person.id,
        year=YEAR,
        jurisdiction=jurisdiction_of(last.region),
        requirement=requirement,
        credited_centihours=totals.credited,
        stamped_centihours=totals.stamped,
        within_reach_centihours=totals.within_reach,
        verdict=verdict_of(requirement, totals.stamped),
        verdict_within_reach=verdict_of(requirement, totals.within_reach),
    )


def _sorted(names: Iterable[str | None]) -> dict[str, int]:
    return dict(sorted(Counter(name for name in names if name is not None).items()))
