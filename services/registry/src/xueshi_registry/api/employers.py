"""Employers: entered one by one or by CSV. Who may: the registry's administrators (scope `registry.admin`)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from xueshi_kit.auth import Caller, require
from xueshi_kit.db import Database
from xueshi_kit.problems import FieldError, invalid, not_found
from xueshi_registry.api.imports import csv_body, outcome, read_rows
from xueshi_registry.api.models import EmployerIn, EmployerOut, EmployerPage, EmployerRow, ImportOut, Uscc
from xueshi_registry.api.paging import USCC, Cursor, cursor_of, key_of
from xueshi_registry.domain.model import Employer
from xueshi_registry.handlers.audit import audit
from xueshi_registry.handlers.employers import save_employers
from xueshi_registry.handlers.registry import Registry
from xueshi_registry.store import people as store
from xueshi_rulebook import IdentifierError, divisions
from xueshi_rulebook.identifiers import check_uscc

COLUMNS = ("uscc", "name", "region", "industry")
Admin = Annotated[Caller, Depends(require("registry.admin"))]
Reader = Annotated[Caller, Depends(require("registry.read"))]


def router(db: Database, registry: Registry) -> APIRouter:
    """Return the employers' routes."""
    routes = APIRouter(prefix="/v1/employers", tags=["employers"])

    @routes.get("")
    async def list_employers(
        _: Reader,
        region: Annotated[str | None, Query(pattern=r"^[0-9]{6}$")] = None,
        cursor: Cursor = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> EmployerPage:
        """List employers by code, all or those of one region."""
        async with db.transaction() as tx:
            found = await store.list_employers(tx, region, key_of(cursor, USCC), limit + 1)
        items = [_out(each) for each in found[:limit]]
        return EmployerPage(items=items, next_cursor=cursor_of(items[-1].uscc) if len(found) > limit else None)

    @routes.get("/{uscc}")
    async def get_employer(_: Reader, uscc: Uscc) -> EmployerOut:
        """Return one employer."""
        async with db.transaction() as tx:
            found = await store.employers(tx, [uscc])
        if uscc not in found:
            raise not_found("该用人单位", "Employer")
        return _out(found[uscc])

    @routes.put("/{uscc}")
    async def put_employer(
        caller: Admin, request: Request, uscc: Annotated[Uscc, Path(examples=["91350100M000100Y43"])], given: EmployerIn
    ) -> EmployerOut:
        """Enter an employer or replace what is known; records held because they named it are judged anew."""
        employer = _checked(EmployerOut(uscc=uscc, **given.model_dump()))
        async with db.transaction() as tx:
            await save_employers(tx, registry, [employer], caller.subject)
            await audit(tx, registry, caller.subject, "employer.save", employer.uscc, given.model_dump())
        request.app.state.wake_relay()
        return _out(employer)

    @routes.post(":import", openapi_extra=_CSV)
    async def import_employers(caller: Admin, request: Request) -> ImportOut:
        """Enter employers from CSV with the columns uscc, name, region, industry."""
        rows, errors = await read_rows(request, COLUMNS, "uscc", _parse)
        employers = [Employer(row.uscc, row.name, row.region, row.industry) for _, row in rows]
        async with db.transaction() as tx:
            await save_employers(tx, registry, employers, caller.subject)
            detail = {"entered": len(rows), "refused": len(errors)}
            await audit(tx, registry, caller.subject, "employer.import", "", detail)
        request.app.state.wake_relay()
        return outcome(len(rows), errors)

    return routes


_CSV = csv_body(COLUMNS, "91350100M000100Y43,泉州市洛江区第一建筑有限公司,350504,5")


def _parse(given: dict[str, str]) -> EmployerOut:
    industry = given["industry"]
    known = given | {
        "uscc": check_uscc(given["uscc"]),
        "industry": int(industry) if industry.isdecimal() else industry,
    }
    return EmployerRow.model_validate(known)


def _checked(given: EmployerOut) -> Employer:
    """Check the code's check digit and that the region exists. Raises a 422 problem."""
    try:
        uscc = check_uscc(given.uscc)
    except IdentifierError as error:
        raise invalid([FieldError("/path/uscc", error.code, error.message_zh, error.message_en)]) from error
    if not divisions.exists(given.region):
        raise invalid(
            [FieldError("/body/region", "REGION_UNKNOWN", "没有这个行政区划代码。", "No such division code.")]
        )
    return Employer(uscc, given.name, given.region, given.industry)


def _out(employer: Employer) -> EmployerOut:
    return EmployerOut(uscc=employer.uscc, name=employer.name, region=employer.region, industry=employer.industry)
