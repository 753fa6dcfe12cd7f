"""Chance that falls the same way on every Python version."""

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A named stream of chance under a seed.

    `random.Random` promises the same sequence across versions for `random()` alone, so everything here is built on it.
    Each theme takes its own stream: a change in one leaves the others' draws as they were.
    """

    def __init__(self, seed: int, stream: str) -> None:
        self._draw = random.Random(f"{seed}/{stream}").random

    def below(self, bound: int) -> int:
        """Return an integer from 0 to `bound` - 1."""
        return int(self._draw() * bound)

    def between(self, low: int, high: int) -> int:
        """Return an integer from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def chance(self, share: float) -> bool:
        """Return True in `share` of the cases."""
        return self._draw() < share

    def rising(self) -> float:
        """Return a fraction from 0 to below 1 whose density rises evenly, as learning does towards the year's end."""
        return max(self._draw(), self._draw())

    def pick(self, items: Sequence[T]) -> T:
        """Return one item, each as likely as the others."""
        return items[self.below(len(items))]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Return the items in a random order."""
        mixed = list(items)
        for last in range(len(mixed) - 1, 0, -1):
            other = self.below(last + 1)
            mixed[last], mixed[other] = mixed[other], mixed[last]
        return mixed
