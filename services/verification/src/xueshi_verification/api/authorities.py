"""Authorities: entered and closed by operators, set unable by operators and the authority's administrators (FJ-08)."""

import re
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from xueshi_kit.db import Database
from xueshi_verification.api.access import AnOfficer, AnOperator, OfficerOrOperator
from xueshi_verification.api.paging import Cursor, Limit, key_of, next_cursor
from xueshi_verification.api.refusals import conflicts, translated
from xueshi_verification.domain.model import AuthorityId
from xueshi_verification.handlers import authorities as handlers
from xueshi_verification.handlers.office import Office
from xueshi_verification.handlers.officers import authority_known, posts_of
from xueshi_verification.store import authorities as store
from xueshi_verification.wire.authorities import (
    AuthorityIn,
    AuthorityOut,
    AuthorityPage,
    ChangeOut,
    Kind,
    PostOut,
    PostsOut,
    UnableIn,
    authority_out,
    scope_out,
)
from xueshi_verification.wire.fields import AUTHORITY, AuthorityPath, Region

CREATED = 201


def router(db: Database, office: Office) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["authorities"])

    @routes.get("/v1/me/authorities")
    async def my_authorities(officer: AnOfficer) -> PostsOut:
        """List the authorities at which the calling officer holds grants in force, and where these reach."""
        async with db.transaction() as tx:
            posts = await posts_of(tx, office, officer)
        return PostsOut(
            items=[
                PostOut(
                    authority=authority_out(post.authority),
                    reviews=[scope_out(scope) for scope in post.reviews],
                    administers=[scope_out(scope) for scope in post.administers],
                )
                for post in posts
            ]
        )

    @routes.get("/v1/authorities")
    async def list_authorities(
        _: OfficerOrOperator,
        *,
        region: Annotated[Region | None, Query()] = None,
        kind: Annotated[Kind | None, Query()] = None,
        unable: Annotated[bool | None, Query()] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> AuthorityPage:
        """List the authorities, by id. For operators and every officer."""
        after = key_of(cursor, _known_id, "")
        async with db.transaction() as tx:
            found = await store.read_page(tx, after=after, limit=limit, region=region, kind=kind, unable=unable)
        return AuthorityPage(
            items=[authority_out(each) for each in found],
            next_cursor=next_cursor(found, limit, lambda each: each.id),
        )

    @routes.get("/v1/authorities/{authority}")
    async def read_authority(_: OfficerOrOperator, authority: AuthorityPath) -> AuthorityOut:
        """Return one authority. For operators and every officer."""
        with translated():
            async with db.transaction() as tx:
                return authority_out(await authority_known(tx, AuthorityId(authority)))

    @routes.put(
        "/v1/authorities/{authority}", responses={CREATED: {"model": ChangeOut}, **conflicts("AUTHORITY_FIXED")}
    )
    async def put_authority(
        request: Request, response: Response, actor: AnOperator, authority: AuthorityPath, body: AuthorityIn
    ) -> ChangeOut:
        """Enter an authority (201), or change its name or industries. For operators.

        What had no authority is routed; 409 `AUTHORITY_FIXED` for another kind or region.
        """
        with translated():
            async with db.transaction() as tx:
                change = await handlers.put_authority(tx, office, actor, body.authority(authority))
        request.app.state.wake_relay()
        if change.is_new:
            response.status_code = CREATED
        return _shown(change)

    @routes.delete("/v1/authorities/{authority}")
    async def close_authority(request: Request, actor: AnOperator, authority: AuthorityPath) -> ChangeOut:
        """Close an authority for good; what waits there moves to who stands there otherwise. For operators."""
        with translated():
            async with db.transaction() as tx:
                change = await handlers.close_authority(tx, office, actor, AuthorityId(authority))
        request.app.state.wake_relay()
        return _shown(change)

    @routes.put("/v1/authorities/{authority}/unable", responses=conflicts("HRSS_CANNOT_BE_UNABLE"))
    async def set_unable(
        request: Request, actor: OfficerOrOperator, authority: AuthorityPath, body: UnableIn
    ) -> ChangeOut:
        """Set an industry body "for now unable": what waits there moves to HRSS of the same level (FJ-08).

        For operators and the authority's administrators.
        """
        return await _set_unable(request, actor, authority, unable=True, reason=body.reason)

    @routes.delete("/v1/authorities/{authority}/unable", responses=conflicts("HRSS_CANNOT_BE_UNABLE"))
    async def clear_unable(request: Request, actor: OfficerOrOperator, authority: AuthorityPath) -> ChangeOut:
        """Clear "for now unable": new records come here again; what has moved stays where it is.

        For operators and the authority's administrators.
        """
        return await _set_unable(request, actor, authority, unable=False, reason="")

    async def _set_unable(
        request: Request, actor: handlers.Actor, authority: str, *, unable: bool, reason: str
    ) -> ChangeOut:
        with translated():
            async with db.transaction() as tx:
                change = await handlers.set_unable(
                    tx, office, actor, AuthorityId(authority), unable=unable, reason=reason
                )
        request.app.state.wake_relay()
        return _shown(change)

    return routes


def _known_id(text: str) -> str:
    """Parse an authority's id; raises ValueError."""
    if not re.fullmatch(AUTHORITY, text):
        raise ValueError(text)
    return text


def _shown(change: handlers.Change) -> ChangeOut:
    return ChangeOut(authority=authority_out(change.authority), moved=change.moved)
