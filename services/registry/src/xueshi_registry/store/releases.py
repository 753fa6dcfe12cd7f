"""What has to be judged anew: requests, worked off in the order of the held records, a bounded number at a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from xueshi_kit.db import Transaction
from xueshi_registry.domain.model import PersonKey

REFERENCE_LOCK = 0x72656673
"""An arbitrary constant. Judging holds it shared, changing what is judged by holds it alone: so that a record judged by
the old state is committed, and found, before the new state is."""


@dataclass(frozen=True, slots=True)
class Release:
    """One request: which held records, or whose transcripts; how far it is, and who asked."""

    id: int
    platform: str | None
    employer: str | None
    rulebook: str | None
    transcripts: bool
    after: int
    actor: str


async def share_reference(tx: Transaction) -> None:
    """Keep platforms and employers from changing until the transaction ends."""
    await tx.sql.execute("SELECT pg_advisory_xact_lock_shared($1)", REFERENCE_LOCK)


async def change_reference(tx: Transaction) -> None:
    """Wait until nobody judges by the present platforms and employers, and keep others from starting."""
    await tx.sql.execute("SELECT pg_advisory_xact_lock($1)", REFERENCE_LOCK)


async def request(
    tx: Transaction,
    now: datetime,
    *,
    platforms: Iterable[str] = (),
    employers: Iterable[str] = (),
    rulebook: str | None = None,
    actor: str = "",
) -> None:
    """Ask that the held records of these platforms or employers, or those of another rulebook, be judged anew."""
    rows: list[tuple[str | None, str | None, str | None]] = [(each, None, None) for each in platforms] + [
        (None, each, None) for each in employers
    ]
    if rulebook is not None:
        rows.append((None, None, rulebook))
    await tx.sql.executemany(
        "INSERT INTO release (platform, employer, rulebook, actor, requested_at) VALUES ($1, $2, $3, $4, $5)",
        [(*row, actor, now) for row in rows],
    )


async def request_transcripts(tx: Transaction, now: datetime, employers: Iterable[str], actor: str) -> None:
    """Ask that the transcripts of these employers' people be derived anew."""
    await tx.sql.executemany(
        "INSERT INTO release (employer, transcripts, actor, requested_at) VALUES ($1, true, $2, $3)",
        [(each, actor, now) for each in employers],
    )


async def next_due(tx: Transaction) -> Release | None:
    """Lock and return the oldest request that nobody else is working on."""
    row = await tx.sql.fetchrow(
        "SELECT id, platform, employer, rulebook, transcripts, after, actor FROM release"
        " ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"
    )
    return None if row is None else Release(*row)


async def held_people(tx: Transaction, due: Release, limit: int) -> tuple[list[PersonKey], int]:
    """Return the people of the next held records of a request, and the last of these records; 0 when there is none."""
    rows = await tx.sql.fetch(
        "SELECT r.id, r.person_key FROM record r WHERE r.state = 'held' AND r.place IS NULL AND r.id > $1"
        " AND ($2::text IS NULL OR r.platform = $2)"
        " AND ($3::text IS NULL OR r.employer = $3"
        "  OR r.person_key IN (SELECT m.person_key FROM employment m WHERE m.employer = $3))"
        " AND ($4::text IS NULL OR r.rulebook <> $4) ORDER BY r.id LIMIT $5",
        due.after,
        due.platform,
        due.employer,
        due.rulebook,
        limit,
    )
    return [PersonKey(row["person_key"]) for row in rows], rows[-1]["id"] if rows else 0


async def employed_people(tx: Transaction, due: Release, limit: int) -> tuple[list[PersonKey], int]:
    """Return the people of the next employments of a request's employer, and the last of these; 0 when none is left."""
    rows = await tx.sql.fetch(
        "SELECT id, person_key FROM employment WHERE employer = $1 AND id > $2 ORDER BY id LIMIT $3",
        due.employer,
        due.after,
        limit,
    )
    return [PersonKey(row["person_key"]) for row in rows], rows[-1]["id"] if rows else 0


async def advance(tx: Transaction, due: Release, after: int) -> None:
    """Remember how far a request is; drop it when it has come to the end (`after` 0)."""
    if after:
        await tx.sql.execute("UPDATE release SET after = $2 WHERE id = $1", due.id, after)
    else:
        await tx.sql.execute("DELETE FROM release WHERE id = $1", due.id)
