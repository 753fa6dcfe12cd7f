"""Records that are taken but held until somebody acts."""

from collections.abc import Callable

from xueshi_samples.geography import PINGTAN, PROVINCE
from xueshi_samples.learning import Workshop, employment_on, random_day, take
from xueshi_samples.mistakes.choice import LEAST, choose
from xueshi_samples.names import other_name
from xueshi_samples.people import Learner
from xueshi_samples.platforms import Course

_MISMATCH_SHARE = 0.008
_UNCONFIRMED_SHARE = 0.006
_OUT_OF_AREA_SHARE = 0.005


def misspell_names(shop: Workshop) -> None:
    """Write another name for some records of registered people: held NAME_MISMATCH."""
    for draft in choose(shop, _MISMATCH_SHARE, lambda draft: draft.learner.person.claimed):
        draft.name_sent = other_name(shop.dice, draft.learner.person.name)
        draft.mark = draft.hold = "NAME_MISMATCH"


def give_second_names(shop: Workshop) -> None:
    """Let records of one unregistered person bear two names: all of them are held NAME_UNCONFIRMED."""
    seen: dict[str, int] = {}
    for draft in shop.drafts:
        second = draft.learner.second_name
        if second is None:
            continue
        order = seen[draft.learner.person.id] = seen.get(draft.learner.person.id, 0) + 1
        draft.name_sent = second if order == 2 else draft.learner.person.name
        draft.mark = draft.hold = "NAME_UNCONFIRMED"


def add_unconfirmed_subjects(shop: Workshop) -> None:
    """Add records of a subject or major that is not confirmed for the platform: held SCOPE_UNCONFIRMED (FJ-15)."""
    _add_held(shop, "SCOPE_UNCONFIRMED", _UNCONFIRMED_SHARE, shop.catalogue.unconfirmed)


def add_out_of_area(shop: Workshop) -> None:
    """Add records of a city's or county's base for employees of another city: held OUT_OF_SCOPE (FJ-17)."""

    def courses(region: str, industry: int) -> list[Course]:
        # Whether a city's base may serve the province's own units, or Fuzhou's Pingtan, is a matter of reading.
        return [] if region in {PROVINCE, PINGTAN} else shop.catalogue.beyond(region, industry)

    _add_held(shop, "OUT_OF_SCOPE", _OUT_OF_AREA_SHARE, courses)


def _add_held(shop: Workshop, code: str, share: float, courses: Callable[[str, int], list[Course]]) -> None:
    """Let people with one employment take further courses, chosen by region and industry, that are held for a code."""
    wanted = max(LEAST, round(share * len(shop.drafts)))
    for learner in _passing_by(shop):
        if wanted == 0:
            return
        start = random_day(shop.dice)
        employment = employment_on(shop.dice, learner, start)
        open_to = courses(employment.region, employment.industry)
        draft = take(shop, learner, shop.dice.pick(open_to), employment, start) if open_to else None
        if draft is not None:
            draft.mark = draft.hold = code
            wanted -= 1


def _passing_by(shop: Workshop) -> list[Learner]:
    return shop.dice.shuffled([learner for learner in shop.learners if learner.story == "plain"])
