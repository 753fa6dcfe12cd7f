"""Rows of authorities, and the revision that says when somebody stands or falls."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from xueshi_kit.db import Transaction
from xueshi_verification.domain.model import Authority, AuthorityId
from xueshi_verification.store.rows import Row
from xueshi_verification.tables import authority

_COLUMNS = "id, name, kind, region, level, industries, unable, closed_at"


async def share_revision(tx: Transaction) -> int:
    """Return the revision of the authorities, which nobody changes until this transaction ends.

    Taken before any item is placed: whoever sets an authority unable then sees every item that was placed there.
    """
    revision: int = await tx.sql.fetchval("SELECT position FROM feed_head WHERE feed = 'authorities' FOR SHARE")
    return revision


async def raise_revision(tx: Transaction) -> int:
    """Raise the revision and keep everybody else from placing items until this transaction ends."""
    revision: int = await tx.sql.fetchval(
        "UPDATE feed_head SET position = position + 1 WHERE feed = 'authorities' RETURNING position"
    )
    return revision


async def lock(tx: Transaction, authority_id: AuthorityId) -> None:
    """Lock an authority's row until the transaction ends; nothing where there is none."""
    await tx.sql.execute("SELECT 1 FROM authority WHERE id = $1 FOR NO KEY UPDATE", authority_id)


async def read_open(tx: Transaction) -> list[Authority]:
    """Return the authorities that are not closed, by id."""
    rows = await tx.sql.fetch(f"SELECT {_COLUMNS} FROM authority WHERE closed_at IS NULL ORDER BY id")
    return [_authority(row) for row in rows]


async def read_some(tx: Transaction, ids: Collection[AuthorityId]) -> dict[AuthorityId, Authority]:
    """Return the authorities of these ids, closed ones too."""
    rows = await tx.sql.fetch(
        f"SELECT {_COLUMNS} FROM authority WHERE id = ANY($1::text[])",
        list(ids),
    )
    return {AuthorityId(row["id"]): _authority(row) for row in rows}


async def read_page(
    tx: Transaction, *, after: str, limit: int, region: str | None, kind: str | None, unable: bool | None
) -> list[Authority]:
    """Return a page of open authorities by id."""
    query = (
        select(authority).where(authority.c.closed_at.is_(None), authority.c.id > after).order_by(authority.c.id)
    ).limit(limit)
    if region is not None:
        query = query.where(authority.c.region == region)
    if kind is not None:
        query = query.where(authority.c.kind == kind)
    if unable is not None:
        query = query.where(authority.c.unable.is_(unable))
    return [_authority(row) for row in (await tx.execute(query)).mappings()]


async def insert(tx: Transaction, new: Authority, at: datetime) -> None:
    """Store a new authority."""
    await tx.sql.execute(
        "INSERT INTO authority (id, name, kind, region, level, industries, unable, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        new.id,
        new.name,
        new.kind,
        new.region,
        new.level,
        list(new.industries),
        new.unable,
        at,
    )


async def update(tx: Transaction, changed: Authority) -> None:
    """Store what may change of an authority."""
    await tx.sql.execute(
        "UPDATE authority SET name = $2, level = $3, industries = $4, unable = $5, closed_at = $6 WHERE id = $1",
        changed.id,
        changed.name,
        changed.level,
        list(changed.industries),
        changed.unable,
        changed.closed_at,
    )


def _authority(row: Row) -> Authority:
    return Authority(
        id=AuthorityId(row["id"]),
        name=row["name"],
        kind=row["kind"],
        region=row["region"],
        level=row["level"],
        industries=tuple(row["industries"]),
        unable=row["unable"],
        closed_at=row["closed_at"],
    )
