"""Authorities come, change, are unable for now (FJ-08) and close; what waits there is placed anew where it must be."""

from dataclasses import dataclass, replace

from xueshi_kit.db import Transaction
from xueshi_verification.domain.errors import AuthorityFixedError, AuthorityUnknownError, HrssUnableError
from xueshi_verification.domain.grants import check_authority
from xueshi_verification.domain.model import HRSS, Authority, AuthorityId, OfficerId
from xueshi_verification.handlers.arrivals import place_anew
from xueshi_verification.handlers.office import Office
from xueshi_verification.handlers.officers import check_administrator
from xueshi_verification.store import authorities as store
from xueshi_verification.store import grants as grant_store
from xueshi_verification.store import items as item_store


@dataclass(frozen=True, slots=True)
class Actor:
    """Who administers: the platform's operator, or an officer whose grants decide."""

    kind: str
    id: str

    @property
    def officer(self) -> OfficerId | None:
        """The officer, None for an operator."""
        return OfficerId(self.id) if self.kind == "officer" else None


@dataclass(frozen=True, slots=True)
class Change:
    """An authority as it stands after a change, whether it is new, and how many items moved."""

    authority: Authority
    is_new: bool
    moved: int


async def put_authority(tx: Transaction, office: Office, actor: Actor, wanted: Authority) -> Change:
    """Enter an authority or change its name or industries; the same again changes nothing. Operators only.

    What has no authority is routed anew, and what waits here for an industry that is taken away. Raises
    `AuthorityInvalidError`, `AuthorityFixedError`, and for an unknown region what the rulebook raises.
    """
    check_authority(wanted)
    revision = await store.raise_revision(tx)
    standing = (await store.read_some(tx, [wanted.id])).get(wanted.id)
    if standing is None:
        await store.insert(tx, wanted, office.clock.now())
        return await _changed(tx, office, actor, revision, wanted, "entered", is_new=True)
    if standing.closed_at is not None or (standing.kind, standing.region) != (wanted.kind, wanted.region):
        raise AuthorityFixedError
    changed = replace(standing, name=wanted.name, level=wanted.level, industries=wanted.industries)
    if changed == standing:
        return Change(standing, is_new=False, moved=0)
    await store.update(tx, changed)
    return await _changed(
        tx, office, actor, revision, changed, "changed", leaves=not set(standing.industries) <= set(wanted.industries)
    )


async def set_unable(
    tx: Transaction, office: Office, actor: Actor, authority_id: AuthorityId, *, unable: bool, reason: str
) -> Change:
    """Set or clear "for now unable" of an industry body, as operator or its administrator (FJ-08).

    Setting it moves what waits to HRSS of the same level; clearing it leaves what has moved. Raises
    `AuthorityUnknownError`, `NotGrantedError`, `HrssUnableError`.
    """
    revision = await store.raise_revision(tx)
    standing = await _standing(tx, authority_id)
    if actor.officer is not None:
        await check_administrator(tx, office, actor.officer, standing)
    if standing.kind == HRSS:
        raise HrssUnableError
    if standing.unable == unable:
        return Change(standing, is_new=False, moved=0)
    changed = replace(standing, unable=unable)
    await store.update(tx, changed)
    action = "unable" if unable else "able"
    return await _changed(tx, office, actor, revision, changed, action, leaves=unable, reason=reason)


async def close_authority(tx: Transaction, office: Office, actor: Actor, authority_id: AuthorityId) -> Change:
    """Close an authority for good; what waits there is placed anew. Operators only. Raises `AuthorityUnknownError`."""
    revision = await store.raise_revision(tx)
    standing = await _standing(tx, authority_id)
    changed = replace(standing, closed_at=office.clock.now())
    await store.update(tx, changed)
    return await _changed(tx, office, actor, revision, changed, "closed", leaves=True)


async def _standing(tx: Transaction, authority_id: AuthorityId) -> Authority:
    standing = (await store.read_some(tx, [authority_id])).get(authority_id)
    if standing is None or standing.closed_at is not None:
        raise AuthorityUnknownError
    return standing


async def _changed(
    tx: Transaction,
    office: Office,
    actor: Actor,
    revision: int,
    changed: Authority,
    action: str,
    *,
    is_new: bool = False,
    leaves: bool = False,
    reason: str = "",
) -> Change:
    """Place anew what has no authority and, where items leave, what waits here; log the change."""
    routers = await office.routing.changed(tx, revision)
    waiting = await item_store.lock_placeable(tx, changed.id if leaves else None)
    moved = await place_anew(tx, office, routers, waiting)
    await grant_store.log(
        tx,
        at=office.clock.now(),
        actor=(actor.kind, actor.id),
        authority=changed.id,
        action=action,
        detail={
            "name": changed.name,
            "level": changed.level,
            "industries": list(changed.industries),
            "unable": changed.unable,
            "moved": moved,
            "reason": reason,
        },
    )
    return Change(changed, is_new=is_new, moved=moved)
