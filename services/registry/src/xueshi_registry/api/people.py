"""People: registered under their real names, found by a document, their names confirmed.

Who may write: the registry's administrators (scope `registry.admin`); who may read: scope `registry.read`.
What is read of a person is masked.
"""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from xueshi_kit.auth import Caller, require
from xueshi_kit.db import Database, Transaction
from xueshi_kit.problems import FieldError, Problem, invalid, not_found
from xueshi_registry.api.imports import csv_body, outcome, read_rows
from xueshi_registry.api.models import (
    DocumentIn,
    EmploymentIn,
    EmploymentOut,
    ImportOut,
    NameIn,
    PersonIn,
    PersonOut,
    Released,
    RowError,
)
from xueshi_registry.domain.model import PersonKey
from xueshi_registry.handlers import people as handlers
from xueshi_registry.handlers.audit import audit
from xueshi_registry.handlers.registry import Registry
from xueshi_registry.store import people as store
from xueshi_rulebook import IdentifierError

COLUMNS = ("id_type", "id_number", "name", "employer", "from_on", "to_on", "main")
PROFILE_COLUMNS = ("occupation", "institution_level", "cycle_from")
IMPORT_CHUNK = 500
_CSV = csv_body(
    COLUMNS,
    "resident_id,359900199003070011,陈晓,91350100M000100Y43,2020-01-01,,true,teacher,,2023-09-01",
    optional=PROFILE_COLUMNS,
)
Admin = Annotated[Caller, Depends(require("registry.admin"))]
Reader = Annotated[Caller, Depends(require("registry.read"))]


def router(db: Database, registry: Registry, identities: handlers.Identities) -> APIRouter:
    """Return the people's routes."""
    routes = APIRouter(prefix="/v1/people", tags=["people"])

    @routes.post("", status_code=201)
    async def register(caller: Admin, request: Request, given: PersonIn) -> PersonOut:
        """Register a person; records that named them before are judged anew."""
        registration = _registration(given)
        async with db.transaction() as tx:
            await _need_employers(tx, given.employments)
            try:
                (key,) = await handlers.register_people(tx, registry, identities, [registration], caller.subject)
            except IdentifierError as error:
                raise _bad_document(error) from error
            await audit(tx, registry, caller.subject, "person.register", key.hex, {})
            found = await _person(tx, key)
        request.app.state.wake_relay()
        return found

    @routes.post(":find")
    async def find(_: Reader, given: DocumentIn) -> PersonOut:
        """Find a person by document. The number stands in the body, since URLs are logged."""
        try:
            key = identities.key_of(given.id_type, given.id_number)
        except IdentifierError as error:
            raise _bad_document(error) from error
        async with db.transaction() as tx:
            return await _person(tx, key)

    @routes.post(":import", openapi_extra=_CSV)
    async def import_people(caller: Admin, request: Request) -> ImportOut:
        """Register people from CSV, an employment a row.

        Columns id_type, id_number, name, employer, from_on, to_on, main, and where a requirement depends on them
        occupation, institution_level, cycle_from.
        """
        rows, errors = await read_rows(
            request, COLUMNS, "id_number", lambda given: _parse(given, identities), optional=PROFILE_COLUMNS
        )
        async with db.transaction() as tx:
            known = await store.employers(tx, {each.employer for _, row in rows for each in row.employments})
        errors += [
            _unknown_employer(line, each.employer)
            for line, row in rows
            for each in row.employments
            if each.employer not in known
        ]
        refused = {error.row for error in errors}
        ready = [row for line, row in rows if line not in refused]
        for start in range(0, len(ready), IMPORT_CHUNK):
            chunk = [_registration(row) for row in ready[start : start + IMPORT_CHUNK]]
            async with db.transaction() as tx:
                await handlers.register_people(tx, registry, identities, chunk, caller.subject)
                await audit(tx, registry, caller.subject, "person.import", "", {"entered": len(chunk)})
        request.app.state.wake_relay()
        return outcome(len(ready), errors)

    @routes.get("/{person_key}")
    async def get_person(_: Reader, person_key: UUID) -> PersonOut:
        """Return a person, masked, with employments."""
        async with db.transaction() as tx:
            return await _person(tx, PersonKey(person_key))

    @routes.post("/{person_key}/employments", status_code=201)
    async def add_employment(caller: Admin, request: Request, person_key: UUID, given: EmploymentIn) -> Released:
        """Enter a dated employment, or replace the one that began there on that day.

        Held records that waited for it are judged anew, and so are the years that it decides: the verdict may change.
        """
        key = PersonKey(person_key)
        async with db.transaction() as tx:
            await _person(tx, key)
            await _need_employers(tx, [given])
            new = store.NewEmployment(key, *_job(given))
            released = await handlers.add_employments(tx, registry, [new], caller.subject)
            await audit(tx, registry, caller.subject, "employment.add", key.hex, given.model_dump(mode="json"))
        request.app.state.wake_relay()
        return Released(person_key=str(person_key), released=released)

    @routes.post("/{person_key}/name-confirmation")
    async def confirm_name(caller: Admin, request: Request, person_key: UUID, given: NameIn) -> Released:
        """Confirm the person's name: records under it are judged anew, records under another are held."""
        key = PersonKey(person_key)
        async with db.transaction() as tx:
            released = await handlers.confirm_name(tx, registry, identities, key, given.name, caller.subject)
            if released is None:
                raise not_found("该人员", "Person")
            await audit(tx, registry, caller.subject, "person.confirm-name", key.hex, {"released": released})
        request.app.state.wake_relay()
        return Released(person_key=str(person_key), released=released)

    return routes


async def _person(tx: Transaction, key: PersonKey) -> PersonOut:
    found = await store.get_person(tx, key)
    if found is None:
        raise not_found("该人员", "Person")
    employments = (await store.employments_of(tx, [key])).get(key, [])
    return PersonOut(
        person_key=str(key),
        label=found.label,
        claimed=found.claimed,
        name_state=found.name_state,
        employments=[
            EmploymentOut(
                employer=each.employer.uscc,
                employer_name=each.employer.name,
                region=each.employer.region,
                industry=each.employer.industry,
                from_on=each.from_on,
                to_on=each.to_on,
                main=each.main,
                occupation=each.profile.occupation,
                institution_level=each.profile.institution_level,
                cycle_from=each.profile.cycle_from,
            )
            for each in employments
        ],
    )


async def _need_employers(tx: Transaction, employments: list[EmploymentIn]) -> None:
    known = await store.employers(tx, {each.employer for each in employments})
    errors = [
        FieldError(
            f"/body/employments/{n}/employer",
            "EMPLOYER_UNKNOWN",
            "该用人单位尚未登记,请先登记单位。",
            "This employer is not registered; register it first.",
        )
        for n, each in enumerate(employments)
        if each.employer not in known
    ]
    errors.extend(
        FieldError(f"/body/employments/{n}/to_on", "ENDS_BEFORE_START", "结束早于开始。", "It ends before it starts.")
        for n, each in enumerate(employments)
        if each.to_on is not None and each.to_on < each.from_on
    )
    if errors:
        raise invalid(errors)


def _registration(given: PersonIn) -> handlers.Registration:
    return handlers.Registration(
        given.id_type,
        given.id_number,
        given.name,
        tuple(map(_job, given.employments)),
    )


def _job(given: EmploymentIn) -> handlers.Job:
    return handlers.Job(given.employer, given.from_on, given.to_on, given.main, given.profile())


def _parse(given: dict[str, str], identities: handlers.Identities) -> PersonIn:
    identities.key_of(given["id_type"], given["id_number"])
    employment = {
        "employer": given["employer"],
        "from_on": given["from_on"] or date.min,
        "to_on": given["to_on"] or None,
        "main": given["main"] not in {"false", "0", "no"},
        "occupation": given["occupation"],
        "institution_level": given["institution_level"],
        "cycle_from": given["cycle_from"] or None,
    }
    document = {name: given[name] for name in ("id_type", "id_number", "name")}
    return PersonIn.model_validate({**document, "employments": [employment] if given["employer"] else []})


def _unknown_employer(line: int, code: str) -> RowError:
    return RowError(
        row=line,
        field="employer",
        code="EMPLOYER_UNKNOWN",
        message={"zh": f"用人单位 {code} 尚未登记。", "en": f"Employer {code} is not registered."},
    )


def _bad_document(error: IdentifierError) -> Problem:
    return invalid([FieldError("/body/id_number", error.code, error.message_zh, error.message_en)])
