"""Days with more than 8 hours: the excess stays uncredited (FJ-03).

Whose record comes first depends on the order of arrival, so the records that compete for a day are always of one kind
and form, and none of them fills the day alone: what the day credits to that kind is then the same in every order.
"""

from datetime import timedelta

from xueshi_samples.draft import Draft
from xueshi_samples.learning import LAST_LEARNING_ON, Workshop, compose
from xueshi_samples.mistakes.choice import choose
from xueshi_samples.platforms import Course
from xueshi_samples.rules import DAY_CAP_CENTIHOURS, Part

_OVERLAP_SHARE = 0.015
_LONG_DAY_SHARE = 0.002
_HIGHEST = 750


def add_overlaps(shop: Workshop) -> None:
    """Put a second record on days that have one, mostly from another platform, so that both exceed the cap."""
    for draft in choose(shop, _OVERLAP_SHARE, lambda draft: _can_compete(shop, draft)):
        rival = _rival_course(shop, draft)
        if rival is None:
            continue
        parts = _rival_parts(shop, draft, rival)
        if parts:
            second = shop.add(compose(shop, draft.learner, rival, draft.employment, parts))
            draft.mark = second.mark = "overlap"


def lengthen_days(shop: Workshop) -> None:
    """Let some records claim all their hours on one day, beyond the cap."""
    for draft in choose(shop, _LONG_DAY_SHARE, lambda draft: _can_be_long(shop, draft)):
        draft.parts = [(draft.parts[-1][0], draft.centihours)]
        draft.mark = "long_day"


def _can_compete(shop: Workshop, draft: Draft) -> bool:
    _, hours = draft.parts[-1]
    simple = draft.form == "online" and not draft.as_range and draft.learner.story == "plain"
    return simple and 150 <= hours <= _HIGHEST and shop.diary.alone(draft)


def _can_be_long(shop: Workshop, draft: Draft) -> bool:
    return not draft.as_range and DAY_CAP_CENTIHOURS < draft.centihours <= 1400 and shop.diary.alone(draft)


def _rival_course(shop: Workshop, draft: Draft) -> Course | None:
    """Return a course of the same kind that the person has not taken, long enough to exceed the day."""
    taken = shop.taken[draft.learner.person.id]
    least = DAY_CAP_CENTIHOURS - draft.parts[-1][1] + 50
    courses = [
        course
        for course in shop.catalogue.confirmed(draft.employment.region, draft.course.kind, draft.employment.industry)
        if (course.platform, course.id) not in taken and course.centihours >= least
    ]
    others = [course for course in courses if course.platform != draft.course.platform]
    return shop.dice.pick(others or courses) if courses else None


def _rival_parts(shop: Workshop, draft: Draft, course: Course) -> list[Part]:
    """Put a piece of the course on the contested day and the rest on free days behind it; empty where none are left."""
    day, hours = draft.parts[-1]
    least = DAY_CAP_CENTIHOURS - hours + 50
    piece = min(course.centihours, max(least, shop.dice.between(least, _HIGHEST)), _HIGHEST)
    parts, rest = [(day, piece)], course.centihours - piece
    while rest:
        day += timedelta(days=1)
        if day > LAST_LEARNING_ON:
            return []
        if shop.diary.free(draft.learner.person.id, day):
            parts.append((day, min(rest, 400)))
            rest -= parts[-1][1]
    return parts
