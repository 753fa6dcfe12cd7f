"""Verified hours for pulling: one subject and period, or what changed since a cursor."""

from typing import Annotated

from fastapi import APIRouter, Query

from xueshi_kit.db import Database
from xueshi_kit.problems import not_found
from xueshi_title_review import store
from xueshi_title_review.api.access import CursorQuery, PeriodPath, Reader, SubjectRefPath
from xueshi_title_review.api.paging import cursor_of, numbers_of
from xueshi_title_review.domain import SubjectRef
from xueshi_title_review.wire.answers import ChangesOut, VerifiedHoursOut

_FEED = "v"


def router(db: Database) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1/verified-hours", tags=["verified-hours"])

    @routes.get("")
    async def list_changes(
        _: Reader, cursor: CursorQuery = None, limit: Annotated[int, Query(ge=1, le=500)] = 100
    ) -> ChangesOut:
        """List what changed since a cursor, from the beginning without one: each subject and period once, as it is now.

        A state is never skipped and never repeated, whatever is written meanwhile; what changes again comes again, with
        a higher revision. Keep `next_cursor`: it is always given, also where there is nothing more at present.
        """
        (position,) = numbers_of(_FEED, 1, cursor) or (0,)
        async with db.transaction() as tx:
            found = await store.told_since(tx, position, limit + 1)
        page = found[:limit]
        last = page[-1].position if page else position
        return ChangesOut(
            items=[VerifiedHoursOut.of(each.told) for each in page],
            next_cursor=cursor_of(_FEED, last),
            more=len(found) > limit,
        )

    @routes.get("/{subject_ref}/{period}")
    async def get_verified_hours(_: Reader, subject_ref: SubjectRefPath, period: PeriodPath) -> VerifiedHoursOut:
        """Return the newest state of one subject and period; 404 where none was told."""
        wanted = (SubjectRef(subject_ref), period)
        async with db.transaction() as tx:
            found = await store.told(tx, [wanted])
        if wanted not in found:
            raise not_found("该对象在此期间的学时", "Verified hours of this subject and period")
        return VerifiedHoursOut.of(found[wanted])

    return routes
