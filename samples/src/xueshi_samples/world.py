"""The making of a sample world, step by step."""

from collections import Counter

from xueshi_samples import expectations
from xueshi_samples.authorities import build_authorities
from xueshi_samples.dice import Dice
from xueshi_samples.elsewhere import PLATFORMS, add_people, build_their_employers, how_many
from xueshi_samples.employers import build_employers, registered
from xueshi_samples.learning import Workshop, plan_year
from xueshi_samples.mistakes.changes import Changes
from xueshi_samples.mistakes.held import (
    add_out_of_area,
    add_unconfirmed_subjects,
    give_second_names,
    misspell_names,
)
from xueshi_samples.mistakes.overlaps import add_overlaps, lengthen_days
from xueshi_samples.mistakes.refused import contradict_some, refuse_some
from xueshi_samples.mistakes.repeats import repeat_some
from xueshi_samples.model import World
from xueshi_samples.people import build_learners
from xueshi_samples.platforms import Catalogue
from xueshi_samples.submission import Mailbag
from xueshi_samples.timetable import schedule

SMALLEST = 30


def generate(seed: int, people: int = 3000) -> World:
    """Return what `people` people learn in 2025, what platforms send of it, and what must become of it.

    Most work in Fujian, some in Wenzhou and Shaoguan.

    The same seed and number give the same world on every run and Python version.

    Raises:
        ValueError: fewer than 30 people, who could not make all the mistakes.
    """
    if people < SMALLEST:
        message = f"a sample needs at least {SMALLEST} people"
        raise ValueError(message)
    employers = build_employers(Dice(seed, "employers"))
    their_employers = build_their_employers(Dice(seed, "employers elsewhere"))
    everywhere = (*employers, *their_employers)
    authorities = build_authorities(Dice(seed, "authorities"), {employer.region for employer in everywhere})
    count = how_many(people)
    catalogue = Catalogue(Dice(seed, "courses"))
    shop = Workshop(
        dice=Dice(seed, "learning"),
        learners=build_learners(Dice(seed, "people"), employers, people - count),
        catalogue=catalogue,
        authorities=authorities,
        known_employers=[employer.code for employer in registered(employers)],
    )
    _learn(shop)
    add_people(shop, Dice(seed, "elsewhere"), their_employers, count)
    _number(shop)
    mail = _submit(shop, Mailbag(Dice(seed, "submissions")))
    deliveries = schedule(Dice(seed, "deliveries"), mail.submissions)
    everyone = tuple(learner.person for learner in shop.learners)
    fates = expectations.fates(authorities, shop.drafts)
    summary = expectations.summary(everyone, shop.drafts, fates, deliveries)
    platforms = (*catalogue.platforms, *PLATFORMS)
    return World(seed, authorities.all, everywhere, everyone, platforms, deliveries, fates, summary)


def _learn(shop: Workshop) -> None:
    plan_year(shop)
    give_second_names(shop)
    add_overlaps(shop)
    lengthen_days(shop)
    misspell_names(shop)
    add_unconfirmed_subjects(shop)
    add_out_of_area(shop)


def _number(shop: Workshop) -> None:
    """Give each record an id as its platform counts them: in the order of completion."""
    counted: Counter[str] = Counter()
    for draft in sorted(shop.drafts, key=lambda draft: draft.completed_at):
        platform = draft.course.platform
        counted[platform] += 1
        prefix = "".join(part[0] for part in platform.split("-")).upper()
        draft.record_id = f"{prefix}25-{counted[platform]:06d}"


def _submit(shop: Workshop, mail: Mailbag) -> Mailbag:
    refuse_some(shop, mail)
    contradict_some(shop, mail)
    repeat_some(shop, mail)
    Changes(shop, mail).make()
    mail.rest(shop.drafts)
    return mail
