"""Grants are given and revoked by operators and by administrators of the authority, and logged."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from xueshi_kit.crypto import KeyedIndex
from xueshi_kit.db import Transaction
from xueshi_rulebook.identifiers import normalise_id
from xueshi_verification.domain.errors import (
    GrantExistsError,
    GrantUnknownError,
    NotGrantedError,
    OwnGrantError,
)
from xueshi_verification.domain.grants import Scope, check_may_grant, check_reach
from xueshi_verification.domain.model import Authority, AuthorityId, Grant, OfficerId, PersonKey
from xueshi_verification.domain.queue import LogEntry
from xueshi_verification.handlers.authorities import Actor
from xueshi_verification.handlers.office import Office
from xueshi_verification.handlers.officers import authority_known, check_administrator, officer_now
from xueshi_verification.store import authorities as authority_store
from xueshi_verification.store import grants as store


class Persons:
    """Finds the person key of a document, as the gateway and the registry do: the number itself is never stored."""

    def __init__(self, index: KeyedIndex) -> None:
        """`index` is the key of look-ups."""
        self._index = index

    def key_of(self, id_type: str, id_number: str) -> PersonKey:
        """Return the person key of a document. Raises the rulebook's `IdentifierError`."""
        number = normalise_id(id_type, id_number)
        return PersonKey(self._index.digest16(id_type.encode(), number.encode()))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A grant as somebody wants to give it; None for the authority's own region, and for today."""

    officer: OfficerId
    officer_name: str
    role: str
    region: str | None
    industry: int
    person_key: PersonKey | None
    valid_from: date | None
    valid_to: date | None


async def give(tx: Transaction, office: Office, actor: Actor, authority_id: AuthorityId, wanted: Wanted) -> Grant:
    """Give an officer a grant at the authority's level, within its reach and the giver's own.

    Raises `AuthorityUnknownError`, `NotGrantedError`, `OwnGrantError`, `GrantTooWideError`, `GrantExistsError`.
    """
    authority = await _locked(tx, authority_id)
    scope = Scope(wanted.region or authority.region, wanted.industry)
    check_reach(authority, scope)
    await _check_giver(tx, office, actor, authority, scope, wanted.officer)
    grant = Grant(
        id=uuid4(),
        officer=wanted.officer,
        officer_name=wanted.officer_name,
        role=wanted.role,
        authority=authority.id,
        region=scope.region,
        level=authority.level,
        industry=scope.industry,
        person_key=wanted.person_key,
        valid_from=wanted.valid_from or office.clock.today(),
        valid_to=wanted.valid_to,
        revoked_at=None,
    )
    if any(_repeats(grant, each) for each in await store.of_officer(tx, wanted.officer)):
        raise GrantExistsError
    await store.insert(tx, grant, by=actor.id, at=office.clock.now())
    await _log(tx, office, actor, grant, "granted")
    return grant


async def revoke(tx: Transaction, office: Office, actor: Actor, authority_id: AuthorityId, grant_id: UUID) -> None:
    """End a grant at once, as operator or administrator of the whole authority.

    Raises `AuthorityUnknownError`, `NotGrantedError`, `GrantUnknownError`.
    """
    authority = await _locked(tx, authority_id)
    if actor.officer is not None:
        await check_administrator(tx, office, actor.officer, authority)
    grant = await store.revoke(tx, authority_id, grant_id, office.clock.now())
    if grant is None:
        raise GrantUnknownError
    await _log(tx, office, actor, grant, "revoked")


async def read_page(
    tx: Transaction, office: Office, actor: Actor, authority_id: AuthorityId, *, after: UUID, limit: int
) -> list[Grant]:
    """Return a page of the authority's grants, ended ones too, for operators and its administrators."""
    await _check_reader(tx, office, actor, authority_id)
    return await store.at_authority(tx, authority_id, after=after, limit=limit)


async def read_log(
    tx: Transaction, office: Office, actor: Actor, authority_id: AuthorityId, *, after: int, limit: int
) -> list[LogEntry]:
    """Return a page of what operators and administrators changed at the authority, for the same."""
    await _check_reader(tx, office, actor, authority_id)
    return await store.read_log(tx, authority_id, after=after, limit=limit)


async def _locked(tx: Transaction, authority_id: AuthorityId) -> Authority:
    """Lock the authority, so that its grants and its log change one after another."""
    await authority_store.lock(tx, authority_id)
    return await authority_known(tx, authority_id)


async def _check_giver(
    tx: Transaction, office: Office, actor: Actor, authority: Authority, scope: Scope, receiver: OfficerId
) -> None:
    if actor.officer is None:
        return
    if actor.officer == receiver:
        raise OwnGrantError
    giver = await officer_now(tx, office, actor.officer)
    check_may_grant(giver.grants, authority, scope, giver.today)


async def _check_reader(tx: Transaction, office: Office, actor: Actor, authority_id: AuthorityId) -> None:
    authority = (await authority_store.read_some(tx, [authority_id])).get(authority_id)
    if actor.officer is None:
        return
    if authority is None:
        raise NotGrantedError
    await check_administrator(tx, office, actor.officer, authority)


def _repeats(wanted: Grant, given: Grant) -> bool:
    """Tell whether the same grant is in force on some of the same days."""
    return (
        given.revoked_at is None
        and (given.role, given.authority, given.region, given.level, given.industry)
        == (wanted.role, wanted.authority, wanted.region, wanted.level, wanted.industry)
        and (given.valid_to is None or wanted.valid_from <= given.valid_to)
        and (wanted.valid_to is None or given.valid_from <= wanted.valid_to)
    )


async def _log(tx: Transaction, office: Office, actor: Actor, grant: Grant, action: str) -> None:
    await store.log(
        tx,
        at=office.clock.now(),
        actor=(actor.kind, actor.id),
        authority=grant.authority,
        action=action,
        detail={
            "grant": str(grant.id),
            "officer": grant.officer,
            "role": grant.role,
            "region": grant.region,
            "level": grant.level,
            "industry": grant.industry,
            "valid_from": grant.valid_from.isoformat(),
            "valid_to": None if grant.valid_to is None else grant.valid_to.isoformat(),
        },
    )
