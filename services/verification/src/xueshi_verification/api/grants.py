"""Grants and the log of changes: for operators and the authority's administrators (FJ-14, FJ-16).

What of whom: an officer's id and name; of the officer's own document nothing comes out.
"""

from uuid import UUID

from fastapi import APIRouter

from xueshi_kit.db import Database
from xueshi_kit.problems import FieldError, invalid
from xueshi_verification.api.access import OfficerOrOperator
from xueshi_verification.api.paging import Cursor, Limit, key_of, next_cursor, position
from xueshi_verification.api.refusals import conflicts, translated
from xueshi_verification.domain.model import ALL_INDUSTRIES, AuthorityId, OfficerId
from xueshi_verification.handlers import grants as handlers
from xueshi_verification.handlers.office import Office
from xueshi_verification.wire.authorities import (
    GrantIn,
    GrantOut,
    GrantPage,
    LogPage,
    grant_out,
    log_entry_out,
)
from xueshi_verification.wire.fields import AuthorityPath

FIRST = UUID(int=0)


def router(db: Database, office: Office, persons: handlers.Persons) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["grants"])

    @routes.get("/v1/authorities/{authority}/grants")
    async def list_grants(
        actor: OfficerOrOperator, authority: AuthorityPath, cursor: Cursor = None, limit: Limit = 50
    ) -> GrantPage:
        """List the grants at the authority, ended ones too, by id."""
        after = key_of(cursor, UUID, FIRST)
        with translated():
            async with db.transaction() as tx:
                found = await handlers.read_page(tx, office, actor, AuthorityId(authority), after=after, limit=limit)
        return GrantPage(
            items=[grant_out(each) for each in found], next_cursor=next_cursor(found, limit, lambda each: each.id)
        )

    @routes.post("/v1/authorities/{authority}/grants", status_code=201, responses=conflicts("GRANT_EXISTS"))
    async def give_grant(actor: OfficerOrOperator, authority: AuthorityPath, body: GrantIn) -> GrantOut:
        """Give an officer a grant. An administrator gives no more than their own, and nothing to themselves.

        409 `GRANT_EXISTS` for the same grant on some of the same days.
        """
        with translated():
            wanted = _wanted(office, persons, body)
            async with db.transaction() as tx:
                grant = await handlers.give(tx, office, actor, AuthorityId(authority), wanted)
        return grant_out(grant)

    @routes.delete("/v1/authorities/{authority}/grants/{grant}", status_code=204)
    async def revoke_grant(actor: OfficerOrOperator, authority: AuthorityPath, grant: UUID) -> None:
        """Revoke a grant at once: the officer's next request is judged without it."""
        with translated():
            async with db.transaction() as tx:
                await handlers.revoke(tx, office, actor, AuthorityId(authority), grant)

    @routes.get("/v1/authorities/{authority}/changes")
    async def list_changes(
        actor: OfficerOrOperator, authority: AuthorityPath, cursor: Cursor = None, limit: Limit = 50
    ) -> LogPage:
        """List who changed the authority or its grants, when and how; oldest first. The log is append-only."""
        after = key_of(cursor, position, 0)
        with translated():
            async with db.transaction() as tx:
                found = await handlers.read_log(tx, office, actor, AuthorityId(authority), after=after, limit=limit)
        return LogPage(
            items=[log_entry_out(each) for each in found],
            next_cursor=next_cursor(found, limit, lambda each: each.id),
        )

    return routes


def _wanted(office: Office, persons: handlers.Persons, body: GrantIn) -> handlers.Wanted:
    valid_from = body.valid_from or office.clock.today()
    if body.valid_to is not None and body.valid_to < valid_from:
        raise invalid(
            [FieldError("/body/valid_to", "ENDS_BEFORE_START", "截止日期早于开始日期。", "It ends before it starts.")]
        )
    return handlers.Wanted(
        officer=OfficerId(body.officer),
        officer_name=body.officer_name,
        role=body.role,
        region=body.region,
        industry=body.industry or ALL_INDUSTRIES,
        person_key=None if body.person is None else persons.key_of(body.person.id_type, body.person.id_number),
        valid_from=valid_from,
        valid_to=body.valid_to,
    )
