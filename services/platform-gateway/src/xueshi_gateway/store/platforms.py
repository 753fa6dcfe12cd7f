"""Platforms, scopes, keys and the audit trail: what administrators read and change."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from xueshi_gateway.domain.accession import Audited, Platform, Scope, SigningKey
from xueshi_gateway.domain.records import PlatformId
from xueshi_gateway.tables import audit, feed_head, platform, scope, signing_key
from xueshi_kit.db import Transaction


async def insert_platform(tx: Transaction, new: Platform) -> bool:
    """Enter a platform with an empty feed; False where its id is taken."""
    made = await tx.execute(
        upsert(platform)
        .values(
            id=new.id,
            name=new.name,
            status=new.status,
            base_level=new.base_level,
            base_region=new.base_region,
            records_per_minute=new.records_per_minute,
            revision=new.revision,
            created_at=new.created_at,
        )
        .on_conflict_do_nothing()
        .returning(platform.c.id)
    )
    if made.first() is None:
        return False
    await tx.execute(insert(feed_head).values(platform=new.id, position=0))
    return True


async def lock_platform(tx: Transaction, platform_id: PlatformId) -> Platform | None:
    """Return a platform; nobody else changes it until the commit."""
    statement = select(platform).where(platform.c.id == platform_id).with_for_update()
    row = (await tx.execute(statement)).mappings().first()
    return None if row is None else _platform(row)


async def find_platform(tx: Transaction, platform_id: PlatformId) -> Platform | None:
    """Return a platform."""
    row = (await tx.execute(select(platform).where(platform.c.id == platform_id))).mappings().first()
    return None if row is None else _platform(row)


async def page_platforms(tx: Transaction, after: str, limit: int, status: str | None) -> list[Platform]:
    """Return platforms in the order of their ids, after one."""
    statement = select(platform).where(platform.c.id > after).order_by(platform.c.id).limit(limit)
    if status is not None:
        statement = statement.where(platform.c.status == status)
    return [_platform(row) for row in (await tx.execute(statement)).mappings()]


async def write_platform(tx: Transaction, changed: Platform) -> None:
    """Write what may change of a platform: status, limit and revision."""
    await tx.execute(
        update(platform)
        .where(platform.c.id == changed.id)
        .values(status=changed.status, records_per_minute=changed.records_per_minute, revision=changed.revision)
    )


async def standing_scopes(tx: Transaction, platform_id: PlatformId) -> list[Scope]:
    """Return the scopes of a platform that have not been withdrawn, oldest first."""
    statement = (
        select(scope).where(scope.c.platform == platform_id, scope.c.withdrawn_at.is_(None)).order_by(scope.c.id)
    )
    return [_scope(row) for row in (await tx.execute(statement)).mappings()]


async def insert_scope(tx: Transaction, platform_id: PlatformId, new: Scope) -> int | None:
    """Enter a confirmed scope and return its number; None where the same one stands."""
    made = await tx.execute(
        upsert(scope)
        .values(
            platform=platform_id,
            subject_kind=new.subject_kind,
            industry=new.industry,
            major=new.major,
            confirmed_by=new.confirmed_by,
            confirmed_at=new.confirmed_at,
        )
        .on_conflict_do_nothing()
        .returning(scope.c.id)
    )
    number: int | None = made.scalar_one_or_none()
    return number


async def withdraw_scope(tx: Transaction, platform_id: PlatformId, scope_id: int, at: datetime) -> bool:
    """Withdraw a standing scope; False where there is none of this number."""
    gone = await tx.execute(
        update(scope)
        .where(scope.c.platform == platform_id, scope.c.id == scope_id, scope.c.withdrawn_at.is_(None))
        .values(withdrawn_at=at)
        .returning(scope.c.id)
    )
    return gone.first() is not None


async def signing_keys(tx: Transaction, platform_id: PlatformId) -> list[SigningKey]:
    """Return a platform's keys, newest first, those that have ended among them."""
    statement = (
        select(
            signing_key.c.key_id,
            signing_key.c.version,
            signing_key.c.created_at,
            signing_key.c.expires_at,
            signing_key.c.revoked_at,
        )
        .where(signing_key.c.platform == platform_id)
        .order_by(signing_key.c.created_at.desc(), signing_key.c.key_id)
    )
    return [SigningKey(**row) for row in (await tx.execute(statement)).mappings()]


async def insert_key(tx: Transaction, platform_id: PlatformId, new: SigningKey, sealed: bytes) -> None:
    """Enter a key."""
    await tx.execute(
        insert(signing_key).values(
            platform=platform_id,
            key_id=new.key_id,
            version=new.version,
            sealed=sealed,
            created_at=new.created_at,
            expires_at=new.expires_at,
        )
    )


async def end_key(
    tx: Transaction,
    platform_id: PlatformId,
    key_id: str,
    *,
    expires_at: datetime | None = None,
    revoked_at: datetime | None = None,
) -> None:
    """Write when a key ends or that it was revoked; what is None stays as it is."""
    ends = {"expires_at": expires_at, "revoked_at": revoked_at}
    await tx.execute(
        update(signing_key)
        .where(signing_key.c.platform == platform_id, signing_key.c.key_id == key_id)
        .values({name: at for name, at in ends.items() if at is not None})
    )


async def append_audit(
    tx: Transaction, at: datetime, actor: str, action: str, subject: str, detail: Mapping[str, object]
) -> None:
    """Append one line to the trail; it cannot be changed."""
    await tx.sql.execute(
        "INSERT INTO audit (at, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5)",
        at,
        actor,
        action,
        subject,
        json.dumps(detail, ensure_ascii=False),
    )


async def page_audit(tx: Transaction, subject: PlatformId, before: int | None, limit: int) -> Sequence[Audited]:
    """Return the trail of one platform, newest first."""
    statement = (
        select(audit.c.id, audit.c.at, audit.c.actor, audit.c.action, audit.c.subject, audit.c.detail)
        .where(audit.c.subject == subject)
        .order_by(audit.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(audit.c.id < before)
    return [Audited(**row) for row in (await tx.execute(statement)).mappings()]


def _platform(row: Mapping[Any, Any]) -> Platform:
    return Platform(
        id=PlatformId(row["id"]),
        name=row["name"],
        status=row["status"],
        base_level=row["base_level"],
        base_region=row["base_region"],
        records_per_minute=row["records_per_minute"],
        revision=row["revision"],
        created_at=row["created_at"],
    )


def _scope(row: Mapping[Any, Any]) -> Scope:
    return Scope(
        id=row["id"],
        subject_kind=row["subject_kind"],
        industry=row["industry"],
        major=row["major"],
        confirmed_by=row["confirmed_by"],
        confirmed_at=row["confirmed_at"],
        withdrawn_at=row["withdrawn_at"],
    )
