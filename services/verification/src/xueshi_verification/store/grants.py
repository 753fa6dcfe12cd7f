"""Rows of grants, and the append-only log of what administrators and operators change."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from xueshi_kit.db import Transaction
from xueshi_verification.domain.model import AuthorityId, Grant, OfficerId, PersonKey
from xueshi_verification.domain.queue import LogEntry

_COLUMNS = (
    "id, officer, officer_name, role, authority_id, region, level, industry, person_key, valid_from, valid_to,"
    " revoked_at"
)


async def of_officer(tx: Transaction, officer: OfficerId) -> list[Grant]:
    """Return every grant ever given to the officer: the ended ones still tell the officer's own person key."""
    rows = await tx.sql.fetch(
        f"SELECT {_COLUMNS} FROM officer_grant WHERE officer = $1 ORDER BY id",
        officer,
    )
    return [_grant(row) for row in rows]


async def at_authority(tx: Transaction, authority: AuthorityId, *, after: UUID, limit: int) -> list[Grant]:
    """Return a page of the grants at an authority, ended ones too, by id."""
    rows = await tx.sql.fetch(
        f"SELECT {_COLUMNS} FROM officer_grant WHERE authority_id = $1 AND id > $2 ORDER BY id LIMIT $3",
        authority,
        after,
        limit,
    )
    return [_grant(row) for row in rows]


async def insert(tx: Transaction, grant: Grant, *, by: str, at: datetime) -> None:
    """Store a new grant."""
    await tx.sql.execute(
        "INSERT INTO officer_grant (id, officer, officer_name, role, authority_id, region, level, industry,"
        " person_key, valid_from, valid_to, granted_by, granted_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        grant.id,
        grant.officer,
        grant.officer_name,
        grant.role,
        grant.authority,
        grant.region,
        grant.level,
        grant.industry,
        grant.person_key,
        grant.valid_from,
        grant.valid_to,
        by,
        at,
    )


async def revoke(tx: Transaction, authority: AuthorityId, grant_id: UUID, at: datetime) -> Grant | None:
    """End a grant at once; return it, or None where there is no such grant in force."""
    row = await tx.sql.fetchrow(
        "UPDATE officer_grant SET revoked_at = $3 WHERE authority_id = $1 AND id = $2 AND revoked_at IS NULL"
        f" RETURNING {_COLUMNS}",
        authority,
        grant_id,
        at,
    )
    return None if row is None else _grant(row)


async def log(
    tx: Transaction,
    *,
    at: datetime,
    actor: tuple[str, str],
    authority: AuthorityId,
    action: str,
    detail: Mapping[str, Any],
) -> None:
    """Append to the log; `actor` is (kind, id)."""
    await tx.sql.execute(
        "INSERT INTO admin_log (at, actor_kind, actor, authority_id, action, detail) VALUES ($1, $2, $3, $4, $5, $6)",
        at,
        *actor,
        authority,
        action,
        json.dumps(detail, ensure_ascii=False),
    )


async def read_log(tx: Transaction, authority: AuthorityId, *, after: int, limit: int) -> list[LogEntry]:
    """Return a page of an authority's log, oldest first."""
    rows = await tx.sql.fetch(
        "SELECT id, at, actor, actor_kind, authority_id, action, detail FROM admin_log"
        " WHERE authority_id = $1 AND id > $2 ORDER BY id LIMIT $3",
        authority,
        after,
        limit,
    )
    return [
        LogEntry(
            id=row["id"],
            at=row["at"],
            actor=row["actor"],
            actor_kind=row["actor_kind"],
            authority=AuthorityId(row["authority_id"]),
            action=row["action"],
            detail=row["detail"],
        )
        for row in rows
    ]


def _grant(row: asyncpg.Record) -> Grant:
    return Grant(
        id=row["id"],
        officer=OfficerId(row["officer"]),
        officer_name=row["officer_name"],
        role=row["role"],
        authority=AuthorityId(row["authority_id"]),
        region=row["region"],
        level=row["level"],
        industry=row["industry"],
        person_key=None if row["person_key"] is None else PersonKey(row["person_key"]),
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        revoked_at=row["revoked_at"],
    )
