"""Administrators keep the clients."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi import Path as InPath

from xueshi_identity.api.models import ClientIn, ClientOut, ClientPage, ClientPatch
from xueshi_identity.api.paging import client_before, cursor_after
from xueshi_identity.domain import (
    NAME_PATTERN,
    ClientId,
    DuplicateClientError,
    PersonalDataError,
    UnknownClientError,
)
from xueshi_identity.handlers.clients import Clients
from xueshi_kit.auth import Caller, require
from xueshi_kit.problems import FieldError, Problem, conflict, invalid, not_found

READ_SCOPE = "identity:read"
WRITE_SCOPE = "identity:write"
ADMINISTRATORS = ("administrator",)

Reader = Annotated[Caller, Depends(require(READ_SCOPE, ADMINISTRATORS))]
Writer = Annotated[Caller, Depends(require(WRITE_SCOPE, ADMINISTRATORS))]
Id = Annotated[str, InPath(pattern=NAME_PATTERN, examples=["platform-kc25"])]


def router(clients: Clients) -> APIRouter:
    """Return the routes of the clients."""
    routes = APIRouter(prefix="/v1/clients", tags=["clients"])

    @routes.post("", status_code=201, summary="Register a client", responses=_errors(409))
    async def register(new: ClientIn, caller: Writer) -> ClientOut:
        """Register a client by its public keys; no secret is sent. For administrators."""
        try:
            return ClientOut.of(await clients.add(new.new_client(), caller.subject))
        except DuplicateClientError:
            raise conflict("CLIENT_EXISTS", "该客户端标识已存在。", "There already is a client with this id.") from None
        except PersonalDataError as error:
            raise _personal(error.field) from None

    @routes.get("", summary="List the clients")
    async def listing(
        _: Reader,
        cursor: Annotated[str | None, Query(max_length=100)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 100,
    ) -> ClientPage:
        """List the clients in the order of their ids, disabled ones too. For administrators."""
        found = await clients.page(client_before(cursor), limit + 1)
        more = cursor_after(found[limit - 1].client_id) if len(found) > limit else None
        return ClientPage(items=[ClientOut.of(each) for each in found[:limit]], next_cursor=more)

    @routes.get("/{client_id}", summary="Read a client", responses=_errors(404))
    async def read(client_id: Id, _: Reader) -> ClientOut:
        """Return one client with its public keys. For administrators."""
        try:
            return ClientOut.of(await clients.get(ClientId(client_id)))
        except UnknownClientError:
            raise _unknown() from None

    @routes.patch("/{client_id}", summary="Change, disable or enable a client", responses=_errors(404))
    async def change(client_id: Id, patch: ClientPatch, caller: Writer) -> ClientOut:
        """Change what the body names and leave the rest. A disabled client's last token ends in ten minutes.

        For administrators.
        """
        try:
            return ClientOut.of(await clients.change(ClientId(client_id), patch.change(), caller.subject))
        except UnknownClientError:
            raise _unknown() from None

    return routes


def _errors(*statuses: int) -> dict[int | str, dict[str, str]]:
    texts = {404: "No such client", 409: "There already is a client with this id"}
    return {status: {"description": texts[status]} for status in statuses}


def _unknown() -> Problem:
    return not_found("该客户端", "The client was")


def _personal(field: str) -> Problem:
    error = FieldError(
        f"/body/{field}",
        "PERSONAL_DATA",
        "标识不得含有身份证件号码。",
        "An identifier must not contain an ID number.",
    )
    return invalid([error])
