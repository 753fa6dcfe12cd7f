"""Queues: read, count, claim, release.

Who may call: officers with a `reviewer` grant at the authority, for the records within the grant. What of whom: the
registered record and a masked label of the person.
"""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from xueshi_kit.db import Database
from xueshi_verification.api.access import AnOfficer, AnOperator
from xueshi_verification.api.paging import Cursor, Limit, key_of, next_cursor, position
from xueshi_verification.api.refusals import conflicts, translated
from xueshi_verification.domain.model import AuthorityId
from xueshi_verification.domain.queue import QueueFilter
from xueshi_verification.handlers import queue as handlers
from xueshi_verification.handlers.office import Office
from xueshi_verification.wire.fields import (
    MAX_INDUSTRY,
    AuthorityPath,
    Moment,
    PlatformPath,
    RecordPath,
    Search,
    VersionPath,
    WaitingCode,
    version_key,
)
from xueshi_verification.wire.items import (
    CountsOut,
    ItemOut,
    ItemPage,
    UnroutedPage,
    counts_out,
    item_out,
    summary_of,
    unrouted_of,
)

Code = Annotated[Search | None, Query()]


def router(db: Database, office: Office) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["queue"])
    rulebook = office.routing.rulebook

    @routes.get("/v1/authorities/{authority}/queue")
    async def read_queue(
        officer: AnOfficer,
        authority: AuthorityPath,
        *,
        subject_kind: Code = None,
        industry: Annotated[int | None, Query(ge=1, le=MAX_INDUSTRY)] = None,
        employer: Annotated[Search | None, Query(description="Unified social credit code.")] = None,
        learning_form: Code = None,
        waiting_from: Annotated[Moment | None, Query(description="Waiting since this moment or later.")] = None,
        waiting_until: Annotated[Moment | None, Query(description="Waiting since before this moment.")] = None,
        claim: Annotated[Literal["mine", "unclaimed"] | None, Query()] = None,
        search: Annotated[Search | None, Query(description="Part of the course's title.")] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> ItemPage:
        """List what waits at the authority within one's grants, in the order of arrival; filters narrow it."""
        wanted = QueueFilter(
            subject_kind, industry, employer, learning_form, waiting_from, waiting_until, claim, search
        )
        after = key_of(cursor, position, 0)
        with translated():
            async with db.transaction() as tx:
                items = await handlers.read_queue(
                    tx, office, officer, AuthorityId(authority), wanted, after=after, limit=limit
                )
        now = office.clock.now()
        return ItemPage(
            items=[summary_of(item, officer, now) for item in items],
            next_cursor=next_cursor(items, limit, lambda item: item.position),
        )

    @routes.get("/v1/authorities/{authority}/queue/counts")
    async def count_queue(officer: AnOfficer, authority: AuthorityPath) -> CountsOut:
        """Count what waits at the authority within one's grants, by subject kind and learning form."""
        with translated():
            async with db.transaction() as tx:
                return counts_out(await handlers.count_queue(tx, office, officer, AuthorityId(authority)))

    @routes.get("/v1/unrouted")
    async def read_unrouted(
        _: AnOperator,
        *,
        code: Annotated[WaitingCode | None, Query(description="Only what waits for this reason.")] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> UnroutedPage:
        """List what has no authority, for operators.

        `NO_AUTHORITY` is routed when its authority is entered; `AWAITS_EMPLOYER` waits for the employer's recognition.
        """
        after = key_of(cursor, position, 0)
        async with db.transaction() as tx:
            items = await handlers.read_unrouted(tx, code, after=after, limit=limit)
        now = office.clock.now()
        return UnroutedPage(
            items=[unrouted_of(item, now, rulebook) for item in items],
            next_cursor=next_cursor(items, limit, lambda item: item.position),
        )

    @routes.get("/v1/items/{platform}/{record_id}/{version}", responses=conflicts("STALE_VERSION"))
    async def read_item(
        officer: AnOfficer, platform: PlatformPath, record_id: RecordPath, version: VersionPath
    ) -> ItemOut:
        """Return one item in full, whatever became of it. Only the newest version can be read."""
        key = version_key(platform, record_id, version)
        with translated():
            async with db.transaction() as tx:
                item, authority = await handlers.read_item(tx, office, officer, key)
        return item_out(item, authority, officer, office.clock.now(), rulebook)

    @routes.post(
        "/v1/items/{platform}/{record_id}/{version}/claim",
        responses=conflicts("STALE_VERSION", "CLAIMED", "DECIDED", "NOT_WAITING"),
    )
    async def claim_item(
        officer: AnOfficer, platform: PlatformPath, record_id: RecordPath, version: VersionPath
    ) -> ItemOut:
        """Claim an item for 30 minutes, or claim it anew. Others can neither claim nor decide it meanwhile."""
        key = version_key(platform, record_id, version)
        with translated():
            async with db.transaction() as tx:
                item, authority = await handlers.claim(tx, office, officer, key)
        return item_out(item, authority, officer, office.clock.now(), rulebook)

    @routes.delete(
        "/v1/items/{platform}/{record_id}/{version}/claim",
        status_code=204,
        responses=conflicts("STALE_VERSION", "CLAIMED"),
    )
    async def release_item(
        officer: AnOfficer, platform: PlatformPath, record_id: RecordPath, version: VersionPath
    ) -> None:
        """Release one's claim; an administrator of the authority releases anybody's. Without one nothing happens."""
        with translated():
            async with db.transaction() as tx:
                await handlers.release(tx, office, officer, version_key(platform, record_id, version))

    return routes
