"""The administrators' API (scope `gateway.admin`): platforms, their scopes and keys, the audit trail (FJ-15)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request

from xueshi_gateway.api.gateway import Gateway
from xueshi_gateway.api.paging import key_of, position_of
from xueshi_gateway.domain.accession import PLATFORM_PATTERN
from xueshi_gateway.domain.errors import UnknownPlatformError
from xueshi_gateway.domain.records import PlatformId
from xueshi_gateway.handlers.platforms import Act
from xueshi_gateway.store import platforms as store
from xueshi_gateway.wire.paging import cursor_of
from xueshi_gateway.wire.platforms import (
    AuditedView,
    AuditPage,
    Because,
    KeyView,
    MadeKey,
    NewKey,
    NewLimit,
    NewPlatform,
    NewScope,
    PlatformDetail,
    PlatformPage,
    PlatformView,
    Rotation,
    ScopeView,
)
from xueshi_kit.auth import Caller, require
from xueshi_kit.db import Transaction
from xueshi_kit.problems import FieldError, invalid
from xueshi_kit.webhooks import BadSecretError

ADMIN_SCOPE = "gateway.admin"
_PLATFORMS = "platforms"
_AUDIT = "audit"

Admin = Annotated[Caller, Depends(require(ADMIN_SCOPE))]
PlatformPath = Annotated[str, Path(pattern=PLATFORM_PATTERN, examples=["haixi-online"])]
KeyPath = Annotated[str, Path(pattern=r"^[a-z0-9]{1,32}$")]
ScopePath = Annotated[int, Path(ge=1, lt=2**63)]
Cursor = Annotated[str | None, Query(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=500)]


def router(gateway: Gateway) -> APIRouter:
    """Return the administrators' routes."""
    routes = APIRouter(prefix="/v1/platforms", tags=["accession"])
    _add_platform_routes(routes, gateway)
    _add_scope_routes(routes, gateway)
    _add_key_routes(routes, gateway)
    return routes


async def _detail(tx: Transaction, platform: PlatformId) -> PlatformDetail:
    found = await store.find_platform(tx, platform)
    if found is None:
        raise UnknownPlatformError
    return PlatformDetail.of(found, await store.standing_scopes(tx, platform), await store.signing_keys(tx, platform))


def _act(gateway: Gateway, caller: Caller) -> Act:
    return Act(gateway.accession, caller.subject)


def _add_platform_routes(routes: APIRouter, gateway: Gateway) -> None:
    @routes.post("", status_code=201, responses=_conflict("PLATFORM_EXISTS"))
    async def create_platform(new: NewPlatform, caller: Admin, request: Request) -> PlatformView:
        """Enter a platform, active and without scopes or keys. For administrators (`gateway.admin`)."""
        async with gateway.db.transaction() as tx:
            platform = await _act(gateway, caller).create(tx, new.as_platform(gateway.clock.now()))
        _after_change(gateway, platform.id, request)
        return PlatformView.of(platform)

    @routes.get("")
    async def list_platforms(
        _: Admin,
        cursor: Cursor = None,
        limit: Limit = 100,
        status: Annotated[str | None, Query(pattern=r"^[a-z]{1,20}$")] = None,
    ) -> PlatformPage:
        """Return platforms in the order of their ids. For administrators (`gateway.admin`)."""
        async with gateway.db.transaction() as tx:
            found = await store.page_platforms(tx, key_of(_PLATFORMS, cursor), limit + 1, status)
        more = cursor_of(_PLATFORMS, found[limit - 1].id) if len(found) > limit else None
        return PlatformPage(items=[PlatformView.of(each) for each in found[:limit]], next_cursor=more)

    @routes.get("/{platform}")
    async def get_platform(platform: PlatformPath, _: Admin) -> PlatformDetail:
        """Return a platform with its standing scopes and its keys, without secrets. For administrators."""
        async with gateway.db.transaction() as tx:
            return await _detail(tx, PlatformId(platform))

    @routes.post("/{platform}/suspend")
    async def suspend_platform(platform: PlatformPath, why: Because, caller: Admin, request: Request) -> PlatformView:
        """Take no more deliveries of a platform. For administrators (`gateway.admin`)."""
        async with gateway.db.transaction() as tx:
            changed = await _act(gateway, caller).set_status(tx, PlatformId(platform), "suspended", why.reason)
        _after_change(gateway, changed.id, request)
        return PlatformView.of(changed)

    @routes.post("/{platform}/resume")
    async def resume_platform(platform: PlatformPath, why: Because, caller: Admin, request: Request) -> PlatformView:
        """Take a platform's deliveries again. For administrators (`gateway.admin`)."""
        async with gateway.db.transaction() as tx:
            changed = await _act(gateway, caller).set_status(tx, PlatformId(platform), "active", why.reason)
        _after_change(gateway, changed.id, request)
        return PlatformView.of(changed)

    @routes.put("/{platform}/limit")
    async def limit_platform(platform: PlatformPath, new: NewLimit, caller: Admin, request: Request) -> PlatformView:
        """Set how many records a platform may send in a minute. For administrators (`gateway.admin`)."""
        async with gateway.db.transaction() as tx:
            changed = await _act(gateway, caller).set_limit(tx, PlatformId(platform), new.records_per_minute)
        _after_change(gateway, changed.id, request)
        return PlatformView.of(changed)

    @routes.get("/{platform}/audit")
    async def list_audit(platform: PlatformPath, _: Admin, cursor: Cursor = None, limit: Limit = 100) -> AuditPage:
        """Return what administrators did to a platform, newest first. For administrators (`gateway.admin`)."""
        before = position_of(_AUDIT, cursor) or None
        async with gateway.db.transaction() as tx:
            found = await store.page_audit(tx, PlatformId(platform), before, limit + 1)
        more = cursor_of(_AUDIT, str(found[limit - 1].id)) if len(found) > limit else None
        return AuditPage(items=[AuditedView.of(each) for each in found[:limit]], next_cursor=more)


def _add_scope_routes(routes: APIRouter, gateway: Gateway) -> None:
    @routes.post("/{platform}/scopes", status_code=201, responses=_conflict("SCOPE_STANDS", "TOO_MANY_SCOPES"))
    async def confirm_scope(platform: PlatformPath, new: NewScope, caller: Admin, request: Request) -> ScopeView:
        """Enter that an authority has confirmed a subject, or an industry and major (FJ-15). For administrators.

        Records that were held for it go on by themselves.
        """
        platform_id = PlatformId(platform)
        async with gateway.db.transaction() as tx:
            scope = await _act(gateway, caller).confirm_scope(tx, platform_id, new.as_scope(gateway.clock.now()))
        _after_change(gateway, platform_id, request)
        return ScopeView.of(scope)

    @routes.post("/{platform}/scopes/{scope}/withdraw", status_code=204)
    async def withdraw_scope(
        platform: PlatformPath, scope: ScopePath, why: Because, caller: Admin, request: Request
    ) -> None:
        """Withdraw a scope; later records of it are held. For administrators (`gateway.admin`)."""
        platform_id = PlatformId(platform)
        async with gateway.db.transaction() as tx:
            await _act(gateway, caller).withdraw_scope(tx, platform_id, scope, why.reason)
        _after_change(gateway, platform_id, request)


def _add_key_routes(routes: APIRouter, gateway: Gateway) -> None:
    @routes.post("/{platform}/keys", status_code=201, responses=_conflict("TOO_MANY_KEYS"))
    async def add_key(platform: PlatformPath, new: NewKey, caller: Admin, request: Request) -> MadeKey:
        """Add a key: a shared secret, which this answer shows once, or the platform's Ed25519 public key.

        For administrators (`gateway.admin`).
        """
        platform_id = PlatformId(platform)
        with _bad_public_key_answered():
            async with gateway.db.transaction() as tx:
                key, secret = await _act(gateway, caller).add_key(tx, platform_id, new.public_key, new.expires_at)
        _after_change(gateway, platform_id, request)
        return MadeKey(key=KeyView.of(key), secret=secret)

    @routes.post("/{platform}/keys/{key_id}/rotate", status_code=201, responses=_conflict("TOO_MANY_KEYS"))
    async def rotate_key(
        platform: PlatformPath, key_id: KeyPath, rotation: Rotation, caller: Admin, request: Request
    ) -> MadeKey:
        """Add a successor to a key; the old one counts on for the overlap. For administrators (`gateway.admin`)."""
        platform_id = PlatformId(platform)
        with _bad_public_key_answered():
            async with gateway.db.transaction() as tx:
                key, secret = await _act(gateway, caller).rotate_key(
                    tx, platform_id, key_id, rotation.public_key, rotation.overlap
                )
        _after_change(gateway, platform_id, request)
        return MadeKey(key=KeyView.of(key), secret=secret)

    @routes.post("/{platform}/keys/{key_id}/revoke", status_code=204)
    async def revoke_key(
        platform: PlatformPath, key_id: KeyPath, why: Because, caller: Admin, request: Request
    ) -> None:
        """End a key at once; within a second on every instance. For administrators (`gateway.admin`)."""
        platform_id = PlatformId(platform)
        async with gateway.db.transaction() as tx:
            await _act(gateway, caller).revoke_key(tx, platform_id, key_id, why.reason)
        _after_change(gateway, platform_id, request)


def _conflict(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Document what does not fit the platform's state."""
    return {409: {"description": ", ".join(f"`{code}`" for code in codes)}}


def _after_change(gateway: Gateway, platform: PlatformId, request: Request) -> None:
    """Let the change count here at once and travel on."""
    gateway.door.forget(platform)
    request.app.state.wake_relay()


@contextmanager
def _bad_public_key_answered() -> Iterator[None]:
    """Translate a public key that cannot be used; it is not repeated."""
    try:
        yield
    except BadSecretError as error:
        raise invalid(
            [
                FieldError(
                    "/public_key",
                    "PUBLIC_KEY_INVALID",
                    "不是可用的 Ed25519 公钥。",
                    "This is no usable Ed25519 public key.",
                )
            ]
        ) from error
