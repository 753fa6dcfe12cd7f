"""Cycles and tenures of people: a teacher's five years (LJ-04), a doctor's tenure (LJ-03)."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path

from xueshi_kit.auth import Caller, require
from xueshi_kit.db import Database
from xueshi_kit.problems import not_found
from xueshi_registry.api.models import CycleOut
from xueshi_registry.api.words import totals_of
from xueshi_registry.domain.model import PersonKey
from xueshi_registry.handlers.registry import Registry
from xueshi_registry.handlers.transcripts import judge_cycle
from xueshi_rulebook import UnknownPeriodError

Reader = Annotated[Caller, Depends(require("registry.read"))]
Days = Annotated[
    str,
    Path(
        pattern=r"^(19|20)[0-9]{6}-(19|20)[0-9]{6}$",
        examples=["20210901-20260831"],
        description="First and last day.",
    ),
]


def router(db: Database, registry: Registry) -> APIRouter:
    """Return the route."""
    routes = APIRouter(tags=["records"])

    @routes.get("/v1/people/{person_key}/cycles/{period}")
    async def get_cycle(_: Reader, person_key: UUID, period: Days) -> CycleOut:
        """Return what a cycle or tenure asks of a person, with its arithmetic and clause, from the hours of its days.

        The jurisdiction of the employment on its last day judges; days that are no cycle or tenure there are not found.
        """
        key = PersonKey(person_key)
        try:
            async with db.transaction() as tx:
                judged = await judge_cycle(tx, registry, key, period)
        except UnknownPeriodError:
            raise not_found("该周期", "That cycle") from None
        if judged is None:
            raise not_found("该人员的学时", "Hours of that person")
        progress = judged.progress
        return CycleOut(
            person_key=str(key),
            period=period,
            jurisdiction=judged.jurisdiction,
            verdict=progress.verdict,
            explanation={"zh": progress.explain("zh"), "en": progress.explain("en")},
            rulebook=registry.rulebook.hash,
            totals=totals_of(progress),
        )

    return routes
