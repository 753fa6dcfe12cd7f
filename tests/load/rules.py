"""What the rules themselves cost: microseconds of one record in a batch, alone in this process, words not included."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from tests.load.figures import Figures
from xueshi_rulebook import Authority, Claim, Provider, RouteQuestion, load_rulebook

BATCH = 500
_DAYS = tuple((date(2025, 6, 1 + n), 150) for n in range(3))
_CLAIM = Claim(
    subject_kind="professional",
    learning_form="online",
    learned_days=_DAYS,
    learned_range=None,
    centihours=450,
    passed=True,
    employer_region="350504",
    provider=Provider("platform", "city", "350500"),
    class_plan_confirmed_by=None,
)
_AUTHORITIES = [
    Authority("hrss", "hrss", "350504", "county", frozenset(), unable=False),
    Authority("body", "industry", "350504", "county", frozenset({5}), unable=False),
]


@dataclass(frozen=True, slots=True)
class Plan:
    """How many batches are timed; the fastest counts, for whatever else runs only slows one down."""

    batches: int


def measure(plan: Plan, figures: Figures) -> None:
    """Time `assess`, `route` and `progress`."""
    fujian = load_rulebook().jurisdiction("fujian")
    router = fujian.router(_AUTHORITIES)
    question = RouteQuestion("professional", "350504", 5, "submitted", date(2025, 6, 3))
    hours = {"public": 3000, "professional": 5400}
    figures.note(
        rules_assess_us=_fastest(plan, lambda: fujian.assess(_CLAIM)),
        rules_route_us=_fastest(plan, lambda: router(question)),
        rules_progress_us=_fastest(plan, lambda: fujian.progress("2025", hours, hours)),
    )


def _fastest(plan: Plan, ask: Callable[[], object]) -> float:
    """Return the microseconds of one question in the fastest batch."""
    taken = []
    for _ in range(plan.batches):
        started_at = time.perf_counter()
        for _ in range(BATCH):
            ask()
        taken.append(time.perf_counter() - started_at)
    return min(taken) / BATCH * 1e6
