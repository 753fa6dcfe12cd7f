"""Versions of the rulebook: appended, never changed."""

from datetime import datetime

import asyncpg

from xueshi_kit.db import Transaction


async def enter(tx: Transaction, content_hash: str, canonical: str, now: datetime) -> bool:
    """Enter a version that is not there yet; return whether it was entered now."""
    entered = await tx.sql.fetchval(
        "INSERT INTO rulebook_version (hash, canonical, first_used_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (hash) DO NOTHING RETURNING hash",
        content_hash,
        canonical,
        now,
    )
    return entered is not None


async def versions(tx: Transaction) -> list[asyncpg.Record]:
    """Return hash and first use of every version, newest first."""
    return await tx.sql.fetch("SELECT hash, first_used_at FROM rulebook_version ORDER BY first_used_at DESC, hash")


async def canonical(tx: Transaction, content_hash: str) -> str | None:
    """Return a version's canonical text, None for one that never was used here."""
    found: str | None = await tx.sql.fetchval("SELECT canonical FROM rulebook_version WHERE hash = $1", content_hash)
    return found
