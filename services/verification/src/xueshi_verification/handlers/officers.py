"""Who an officer is at this moment: the grants that decide, and where they reach."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xueshi_kit.db import Transaction
from xueshi_verification.domain.errors import AuthorityUnknownError, NotGrantedError
from xueshi_verification.domain.grants import Scope, may_administer, scopes_at
from xueshi_verification.domain.judgement import Officer
from xueshi_verification.domain.model import (
    ADMINISTRATOR,
    REVIEWER,
    Authority,
    AuthorityId,
    Item,
    OfficerId,
)
from xueshi_verification.handlers.office import Office
from xueshi_verification.store import authorities as authority_store
from xueshi_verification.store import grants as store


@dataclass(frozen=True, slots=True)
class Post:
    """An authority at which an officer holds grants, and where these reach."""

    authority: Authority
    reviews: Sequence[Scope]
    administers: Sequence[Scope]


async def officer_now(tx: Transaction, office: Office, officer: OfficerId) -> Officer:
    """Return the officer with the grants as they stand at this moment."""
    return Officer(officer, await store.of_officer(tx, officer), office.clock.now(), office.clock.today())


async def authorities_of(tx: Transaction, items: Iterable[Iterable[Item]]) -> dict[AuthorityId, Authority]:
    """Return the authorities at which these items are."""
    ids = {item.authority for listed in items for item in listed if item.authority is not None}
    return await authority_store.read_some(tx, ids) if ids else {}


async def authority_known(tx: Transaction, authority_id: AuthorityId) -> Authority:
    """Return an authority that is not closed; raises `AuthorityUnknownError`."""
    authority = (await authority_store.read_some(tx, [authority_id])).get(authority_id)
    if authority is None or authority.closed_at is not None:
        raise AuthorityUnknownError
    return authority


async def reviewer_at(tx: Transaction, office: Office, officer_id: OfficerId, authority_id: AuthorityId) -> list[Scope]:
    """Return where the officer may review at the authority. Raises `AuthorityUnknownError`, `NotGrantedError`."""
    authority = await authority_known(tx, authority_id)
    officer = await officer_now(tx, office, officer_id)
    scopes = scopes_at(officer.grants, authority, REVIEWER, officer.today)
    if not scopes:
        raise NotGrantedError
    return scopes


async def check_administrator(tx: Transaction, office: Office, officer_id: OfficerId, authority: Authority) -> None:
    """Refuse whoever is no administrator of the whole authority."""
    officer = await officer_now(tx, office, officer_id)
    if not may_administer(officer.grants, authority, officer.today):
        raise NotGrantedError


async def posts_of(tx: Transaction, office: Office, officer_id: OfficerId) -> list[Post]:
    """Return the open authorities at which the officer holds grants in force, by id."""
    officer = await officer_now(tx, office, officer_id)
    named = {grant.authority for grant in officer.grants}
    authorities = await authority_store.read_some(tx, named) if named else {}
    posts = [
        Post(
            authority,
            scopes_at(officer.grants, authority, REVIEWER, officer.today),
            scopes_at(officer.grants, authority, ADMINISTRATOR, officer.today),
        )
        for _, authority in sorted(authorities.items())
        if authority.closed_at is None
    ]
    return [post for post in posts if post.reviews or post.administers]
