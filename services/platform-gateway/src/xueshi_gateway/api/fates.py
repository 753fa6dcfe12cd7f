"""What a platform reads under its own OAuth client: its receipts and what became of its records."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from xueshi_gateway.api.gateway import Gateway
from xueshi_gateway.api.paging import position_of
from xueshi_gateway.domain.records import PlatformId
from xueshi_gateway.handlers import fates as handlers
from xueshi_gateway.store import fates as store
from xueshi_gateway.wire.fates import FatePage, FateView, fate_view
from xueshi_gateway.wire.paging import cursor_of
from xueshi_kit.auth import Caller, ForbiddenError, require

READ_SCOPE = "gateway.read"
_FEED = "fates"

ItemId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
_caller = require(READ_SCOPE, kinds=("platform",))


async def own_platform(platform: str, caller: Annotated[Caller, Depends(_caller)]) -> PlatformId:
    """Return the platform of the path where the caller is that platform, else raise `ForbiddenError`."""
    if caller.subject != platform:
        raise ForbiddenError("the platform itself", "平台本身的令牌")
    return PlatformId(platform)


Own = Annotated[PlatformId, Depends(own_platform)]


def router(gateway: Gateway) -> APIRouter:
    """Return the routes for platforms."""
    routes = APIRouter(prefix="/v1/platforms/{platform}", tags=["fates"])

    @routes.get("/receipts/{delivery}", response_class=Response)
    async def get_receipt(platform: Own, delivery: ItemId) -> Response:
        """Return the receipt of a delivery, byte for byte as it was given.

        For the platform itself (scope `gateway.read`); it reads of nobody but its own records' ids and results.
        """
        async with gateway.db.transaction() as tx:
            receipt = await handlers.find_receipt(tx, platform, delivery)
        return Response(receipt, media_type="application/json")

    @routes.get("/hour-records/{record_id}")
    async def get_fate(platform: Own, record_id: ItemId) -> FateView:
        """Return what became of one record's live version: the state, rule, clause and what to do next.

        For the platform itself (scope `gateway.read`), of its own records. Where no hours were left on a day, it does
        not say whose record took them.
        """
        async with gateway.db.transaction() as tx:
            fate = await handlers.find_fate(tx, platform, record_id)
        return fate_view(fate, gateway.rulebook)

    @routes.get("/hour-records")
    async def list_fates(
        platform: Own,
        cursor: Annotated[str | None, Query(max_length=200)] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
        state: Annotated[str | None, Query(pattern=r"^[a-z]{1,20}$")] = None,
    ) -> FatePage:
        """Return the records whose state has changed since a cursor, in the order of the changes.

        For the platform itself (scope `gateway.read`), of its own records. Each record stands at its last change; keep
        `next_cursor` and ask again later: no change is skipped or repeated. A record that was just accepted for the
        first time comes with its first change; its receipt has told of it. `state` keeps to one state.
        """
        after = position_of(_FEED, cursor)
        async with gateway.db.transaction() as tx:
            fates = await store.page(tx, platform, after, limit, state)
        last = fates[-1].position if fates else after
        return FatePage(
            items=[fate_view(each, gateway.rulebook) for each in fates],
            next_cursor=cursor_of(_FEED, str(last)) if last else None,
        )

    return routes
