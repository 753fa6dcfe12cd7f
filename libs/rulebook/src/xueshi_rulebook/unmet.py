"""The conditions of a learning form: who submits, who organised, at which level, on which facts and documents."""

from typing import NamedTuple

from xueshi_rulebook.claims import Claim
from xueshi_rulebook.forms import Docked, Form


class Unmet(NamedTuple):
    """The first condition that a record fails: a code of the guidance catalogue, and the codes of what is missing."""

    code: str
    missing: tuple[str, ...]


def first_unmet(form: Form, claim: Claim, docked: Docked | None) -> Unmet | None:
    """Return what the record lacks for its form, None where it lacks nothing.

    ``docked`` says that the record comes from an industry's own system, which may enter records of any form (FJ-06);
    the organiser may enter a class whose plan was confirmed (FJ-05).
    """
    work = claim.work
    if docked is not None and docked.recognised is not None:
        return None
    submitters = form.submitters
    if form.class_plan is not None and claim.class_plan_confirmed_by is not None:
        submitters += form.class_plan.submitters
    if work.submitter not in submitters and docked is None:
        return Unmet("WRONG_SUBMITTER", tuple(dict.fromkeys(submitters)))
    unlisted = _is_unlisted(form, claim)
    if unlisted and (form.other_organisers is None or not work.organiser):
        return Unmet("CONDITION_UNMET", ("organiser",))
    if form.levels and work.level not in form.levels:
        return Unmet("CONDITION_UNMET", ("level",))
    missing = tuple(each.code for each in form.needs if concerns(each.items, work.item) and each.code not in work.facts)
    if missing:
        return Unmet("CONDITION_UNMET", missing)
    doubts = (("organiser",) if unlisted else ()) + tuple(
        each.code for each in form.undecided if each.code in work.facts
    )
    if doubts:
        return Unmet("NEEDS_DECISION", doubts)
    missing = tuple(
        each.documents[0]
        for each in form.evidence
        if concerns(each.items, work.item) and work.evidence.isdisjoint(each.documents)
    )
    return Unmet("EVIDENCE_MISSING", missing) if missing else None


def _is_unlisted(form: Form, claim: Claim) -> bool:
    """Tell whether the form names its organisers and the record's is none of them; a platform's may leave it out."""
    work = claim.work
    if not form.organisers or (not work.organiser and work.submitter == "platform"):
        return False
    listed = {each.code for each in form.organisers if concerns(each.items, work.item)}
    return bool(listed) and work.organiser not in listed


def concerns(items: tuple[str, ...], item: str) -> bool:
    """Tell whether what a form asks of some kinds of work is asked of this one."""
    return not items or item in items
