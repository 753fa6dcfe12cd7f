"""What officers do with a queue before they decide: read, claim, release."""

from dataclasses import replace

from xueshi_kit.db import Transaction
from xueshi_verification.domain.errors import ClaimedError
from xueshi_verification.domain.grants import may_administer
from xueshi_verification.domain.judgement import CLAIM_LASTS, Officer, check_decidable, check_reviewer, newest
from xueshi_verification.domain.model import Authority, AuthorityId, Item, OfficerId, VersionKey
from xueshi_verification.domain.queue import QueueCount, QueueFilter
from xueshi_verification.handlers.office import Office
from xueshi_verification.handlers.officers import authorities_of, officer_now, reviewer_at
from xueshi_verification.store import items as store
from xueshi_verification.store import queue as queue_store
from xueshi_verification.store.queue import Viewer


async def read_queue(
    tx: Transaction,
    office: Office,
    officer_id: OfficerId,
    authority_id: AuthorityId,
    wanted: QueueFilter,
    *,
    after: int,
    limit: int,
) -> list[Item]:
    """Return a page of what waits at the authority within the officer's grants, in the order of arrival.

    Raises `AuthorityUnknownError`, `NotGrantedError`.
    """
    viewer = await _viewer(tx, office, officer_id, authority_id)
    return await queue_store.page(tx, authority_id, viewer, wanted, after=after, limit=limit)


async def count_queue(
    tx: Transaction, office: Office, officer_id: OfficerId, authority_id: AuthorityId
) -> list[QueueCount]:
    """Count what waits at the authority within the officer's grants. Raises as `read_queue` does."""
    viewer = await _viewer(tx, office, officer_id, authority_id)
    return await queue_store.counts(tx, authority_id, viewer)


async def read_item(tx: Transaction, office: Office, officer_id: OfficerId, key: VersionKey) -> tuple[Item, Authority]:
    """Return one item, whatever became of it, and its authority, for a reviewer. Raises as `check_reviewer` does."""
    officer = await officer_now(tx, office, officer_id)
    found = await store.read_records(tx, [key.record])
    item = newest(found.get(key.record, ()))
    return item, check_reviewer(officer, item, key.version, await authorities_of(tx, found.values()))


async def read_unrouted(tx: Transaction, code: str | None, *, after: int, limit: int) -> list[Item]:
    """Return a page of what has no authority, for the reason `code` or any, in the order of arrival."""
    return await queue_store.unrouted(tx, code, after=after, limit=limit)


async def claim(tx: Transaction, office: Office, officer_id: OfficerId, key: VersionKey) -> tuple[Item, Authority]:
    """Claim an item for 30 minutes; one's own live claim starts anew. Raises what would refuse a decision."""
    officer = await officer_now(tx, office, officer_id)
    found = await store.lock_records(tx, [key.record])
    item = newest(found.get(key.record, ()))
    authority = check_reviewer(officer, item, key.version, await authorities_of(tx, found.values()))
    check_decidable(officer, item)
    until = officer.now + CLAIM_LASTS
    await store.set_claim(tx, item.key, officer_id, until)
    return replace(item, claimed_by=officer_id, claimed_until=until), authority


async def release(tx: Transaction, office: Office, officer_id: OfficerId, key: VersionKey) -> None:
    """End a claim: one's own, or as an administrator of the authority anybody's. Without a claim nothing happens.

    Raises `ClaimedError` for another's live claim, and as `check_reviewer` does.
    """
    officer = await officer_now(tx, office, officer_id)
    found = await store.lock_records(tx, [key.record])
    item = newest(found.get(key.record, ()))
    authorities = await authorities_of(tx, found.values())
    authority = authorities.get(item.authority or AuthorityId(""))
    if authority is None or not _administers(officer, authority):
        check_reviewer(officer, item, key.version, authorities)
        if item.claimed_until is not None and item.claimant(officer.now) not in (None, officer_id):
            raise ClaimedError(item.claimed_until)
    await store.set_claim(tx, item.key, None, None)


def _administers(officer: Officer, authority: Authority) -> bool:
    return may_administer(officer.grants, authority, officer.today)


async def _viewer(tx: Transaction, office: Office, officer_id: OfficerId, authority_id: AuthorityId) -> Viewer:
    scopes = await reviewer_at(tx, office, officer_id, authority_id)
    return Viewer(officer_id, scopes, office.clock.now())
