"""Choosing the records that a mistake befalls."""

from collections.abc import Callable

from xueshi_samples.draft import Draft
from xueshi_samples.learning import Workshop

LEAST = 2
"""Every mistake occurs at least so often, so that a small world has them all."""


def untouched(draft: Draft) -> bool:
    """Tell whether a record is without fault so far."""
    return draft.mark is None and draft.hold is None


def choose(
    shop: Workshop, share: float, fits: Callable[[Draft], bool], among: Callable[[Draft], bool] = untouched
) -> list[Draft]:
    """Return a share of all records, taken by chance from `among` where they fit; the caller marks them."""
    wanted = max(LEAST, round(share * len(shop.drafts)))
    chosen: list[Draft] = []
    for draft in shop.dice.shuffled(shop.drafts):
        if len(chosen) == wanted:
            break
        if among(draft) and fits(draft):
            chosen.append(draft)
    return chosen
