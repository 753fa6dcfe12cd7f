"""What was told and is not taken yet."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from xueshi_kit.db import Database
from xueshi_title_review import store
from xueshi_title_review.api.access import CursorQuery, Reader
from xueshi_title_review.api.paging import cursor_of, numbers_of
from xueshi_title_review.domain import Waiting
from xueshi_title_review.handlers import Desk
from xueshi_title_review.wire.answers import UnacknowledgedOut, UnacknowledgedPage

_LIST = "u"
_MAX_AGE_SECONDS = 10 * 366 * 86_400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def router(db: Database, desk: Desk) -> APIRouter:
    """Return the route."""
    routes = APIRouter(tags=["reconciliation"])

    @routes.get("/v1/unacknowledged")
    async def list_unacknowledged(
        _: Reader,
        older_than_seconds: Annotated[int, Query(ge=0, le=_MAX_AGE_SECONDS)] = 0,
        cursor: CursorQuery = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> UnacknowledgedPage:
        """List subjects and periods of which a revision is not taken, the longest waiting first.

        A refused one stays in the list, with the receiver's reason, until it or a later revision is taken.
        """
        now = desk.clock.now()
        async with db.transaction() as tx:
            found = await store.waiting(tx, now - timedelta(seconds=older_than_seconds), _place(cursor), limit + 1)
        page = found[:limit]
        return UnacknowledgedPage(
            items=[UnacknowledgedOut.of(each, now) for each in page],
            next_cursor=_cursor(page[-1]) if len(found) > limit else None,
        )

    return routes


def _place(cursor: str | None) -> tuple[datetime, int] | None:
    numbers = numbers_of(_LIST, 2, cursor)
    if numbers is None:
        return None
    microseconds, position = numbers
    # Beyond any real moment there is nothing, whatever the calendar can hold.
    return _EPOCH + timedelta(microseconds=min(microseconds, _LAST_MICROSECOND)), position


_LAST_MICROSECOND = (datetime(9000, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND


def _cursor(last: Waiting) -> str:
    since = last.answered.waiting_since or _EPOCH
    return cursor_of(_LIST, (since - _EPOCH) // _MICROSECOND, last.position)
