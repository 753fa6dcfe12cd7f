"""Who decided what: the trail of a record and of an officer (FJ-24, WZ-11)."""

from dataclasses import dataclass
from datetime import UTC, datetime

from xueshi_kit.db import Transaction
from xueshi_verification.domain.errors import NotGrantedError
from xueshi_verification.domain.grants import may_administer, may_review
from xueshi_verification.domain.judgement import newest
from xueshi_verification.domain.model import AuthorityId, OfficerId, RecordKey
from xueshi_verification.domain.queue import LoggedDecision
from xueshi_verification.handlers.office import Office
from xueshi_verification.handlers.officers import authorities_of, officer_now
from xueshi_verification.store import authorities as authority_store
from xueshi_verification.store import decisions as store
from xueshi_verification.store import items as item_store

_ALWAYS = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Period:
    """From a moment, included, until another, not included; None is open."""

    start: datetime | None
    end: datetime | None


async def of_record(
    tx: Transaction, office: Office, officer_id: OfficerId | None, key: RecordKey
) -> list[LoggedDecision]:
    """Return every decision on any version of a record.

    For a reviewer or administrator of the authority where it is now, or for an operator (None). Raises
    `ItemUnknownError`, `NotGrantedError`.
    """
    found = await item_store.read_records(tx, [key])
    item = newest(found.get(key, ()))
    if officer_id is not None:
        officer = await officer_now(tx, office, officer_id)
        authority = (await authorities_of(tx, [[item]])).get(item.authority or AuthorityId(""))
        if authority is None or not (
            may_review(officer.grants, authority, item, officer.today)
            or may_administer(officer.grants, authority, officer.today)
        ):
            raise NotGrantedError
    return await store.of_record(tx, key)


async def of_officer(
    tx: Transaction,
    office: Office,
    reader: OfficerId | None,
    officer_id: OfficerId,
    period: Period,
    *,
    after: int,
    limit: int,
) -> list[LoggedDecision]:
    """Return a page of what an officer decided, oldest first.

    An operator (None) and the officer see all of it, an administrator what was decided at the authorities that they
    administer, and anybody else nothing.
    """
    authorities = None if reader in (None, officer_id) else await _administered(tx, office, OfficerId(reader or ""))
    between = (period.start or _ALWAYS[0], period.end or _ALWAYS[1])
    return await store.of_officer(tx, officer_id, authorities=authorities, period=between, after=after, limit=limit)


async def _administered(tx: Transaction, office: Office, reader: OfficerId) -> list[AuthorityId]:
    officer = await officer_now(tx, office, reader)
    named = await authority_store.read_some(tx, {grant.authority for grant in officer.grants})
    return [each.id for each in named.values() if may_administer(officer.grants, each, officer.today)]
