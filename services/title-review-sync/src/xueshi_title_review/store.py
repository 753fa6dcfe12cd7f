"""SQL of title-review-sync: subjects, standings, the feed's positions, what waits to be taken.

Locks are taken in one order: standings by person and period, then subjects by person, then the head of the feed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from xueshi_kit.db import Transaction
from xueshi_title_review.domain import (
    Answered,
    Key,
    PersonKey,
    Proof,
    Standing,
    Subject,
    SubjectRef,
    Told,
    Waiting,
)

_TOLD = (
    "SELECT p.subject_ref, p.key_id, s.period, s.revision, s.changed_at, s.position, s.hours, s.proof_number,"
    " s.proof_status, s.proof_transcript_revision FROM standing s JOIN subject p ON p.person_key = s.person_key"
)


_BY_INDEX = "s.person_key = ANY($1::uuid[])"
"""Has the index used however small the table was when the statement was planned; a join alone may stay a full scan."""


def _saving(columns: Mapping[str, str]) -> str:
    """Return the statement that writes these columns and what was told; the others stay, unread and uncopied."""
    written = {"person_key": "uuid", "period": "text", **columns, **_TELLING}
    parameters = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(written.values(), start=1))
    changes = ", ".join(f"{name} = n.{name}" for name in (*columns, "revision", "changed_at", "waiting_since"))
    return (
        f"UPDATE standing s SET {changes}, position = coalesce(n.position, s.position)"
        f" FROM unnest({parameters}) AS n({', '.join(written)})"
        f" WHERE {_BY_INDEX} AND s.person_key = n.person_key AND s.period = n.period"
    )


_TELLING = {"revision": "bigint", "changed_at": "timestamptz", "waiting_since": "timestamptz", "position": "bigint"}
_SAVE_TRANSCRIPTS = _saving({"hours": "bytea", "transcript_revision": "bigint"})
_SAVE_PROOFS = _saving({"proof_number": "text", "proof_status": "text", "proof_transcript_revision": "bigint"})


@dataclass(frozen=True, slots=True)
class Placed:
    """A told revision and its place in the feed."""

    told: Told
    position: int


async def lock_standings(tx: Transaction, keys: Collection[Key]) -> list[Standing]:
    """Return what stands under each key, empty where nothing stood, with its row locked until the commit."""
    ordered = sorted(keys)
    columns = [key for key, _ in ordered], [period for _, period in ordered]
    await tx.sql.execute(
        "INSERT INTO standing (person_key, period) SELECT k, p FROM unnest($1::uuid[], $2::text[])"
        " WITH ORDINALITY AS row(k, p, n) ORDER BY n ON CONFLICT DO NOTHING",
        *columns,
    )
    rows = await tx.sql.fetch(
        "SELECT s.person_key, s.period, s.hours, s.transcript_revision, s.proof_number, s.proof_status,"
        " s.proof_transcript_revision, s.revision, s.changed_at, s.waiting_since"
        " FROM standing s JOIN unnest($1::uuid[], $2::text[]) AS wanted(person_key, period) USING (person_key, period)"
        f" WHERE {_BY_INDEX} ORDER BY s.person_key, s.period FOR UPDATE OF s",
        *columns,
    )
    return [
        Standing(
            PersonKey(row["person_key"]),
            row["period"],
            row["hours"],
            row["transcript_revision"],
            _proof(row),
            row["revision"],
            row["changed_at"],
            row["waiting_since"],
        )
        for row in rows
    ]


async def save_transcripts(tx: Transaction, standings: Sequence[Standing], positions: Mapping[Key, int]) -> None:
    """Write the transcripts of locked standings; those in `positions` move to a new place in the feed."""
    await tx.sql.execute(
        _SAVE_TRANSCRIPTS,
        [each.person_key for each in standings],
        [each.period for each in standings],
        [each.hours for each in standings],
        [each.transcript_revision for each in standings],
        *_telling(standings, positions),
    )


async def save_proofs(tx: Transaction, standings: Sequence[Standing], positions: Mapping[Key, int]) -> None:
    """Write the proofs of locked standings; those in `positions` move to a new place in the feed."""
    await tx.sql.execute(
        _SAVE_PROOFS,
        [each.person_key for each in standings],
        [each.period for each in standings],
        [each.proof and each.proof.number for each in standings],
        [each.proof and each.proof.status for each in standings],
        [each.proof and each.proof.transcript_revision for each in standings],
        *_telling(standings, positions),
    )


def _telling(standings: Sequence[Standing], positions: Mapping[Key, int]) -> tuple[list[object], ...]:
    return (
        [each.revision for each in standings],
        [each.changed_at for each in standings],
        [each.waiting_since for each in standings],
        [positions.get(each.key) for each in standings],
    )


async def draw_positions(tx: Transaction, count: int) -> range:
    """Return the feed's next positions. The head stays locked, so they are committed in their order."""
    last = await tx.sql.fetchval(
        "UPDATE feed_head SET position = position + $1 WHERE feed = 'verified-hours' RETURNING position", count
    )
    return range(last - count + 1, last + 1)


async def subjects(tx: Transaction, people: Collection[PersonKey]) -> dict[PersonKey, Subject]:
    """Return the known subjects among these people."""
    rows = await tx.sql.fetch(
        "SELECT person_key, subject_ref, key_id FROM subject WHERE person_key = ANY($1::uuid[])", list(people)
    )
    return {PersonKey(row["person_key"]): Subject(row["subject_ref"], row["key_id"]) for row in rows}


async def add_subjects(tx: Transaction, new: Mapping[PersonKey, Subject]) -> None:
    """Enter subjects; one that another transaction entered meanwhile is the same."""
    ordered = sorted(new.items())
    await tx.sql.execute(
        "INSERT INTO subject (person_key, subject_ref, key_id)"
        " SELECT k, r, i FROM unnest($1::uuid[], $2::text[], $3::text[]) WITH ORDINALITY AS row(k, r, i, n) ORDER BY n"
        " ON CONFLICT (person_key) DO NOTHING",
        [key for key, _ in ordered],
        [subject.ref for _, subject in ordered],
        [subject.key_id for _, subject in ordered],
    )


async def told(tx: Transaction, wanted: Collection[tuple[SubjectRef, str]]) -> dict[tuple[SubjectRef, str], Told]:
    """Return what was told last of each subject and period; those of whom nothing was told are left out."""
    rows = await tx.sql.fetch(
        f"{_TOLD} JOIN (SELECT DISTINCT * FROM unnest($1::text[], $2::text[]) AS w(subject_ref, period)) AS wanted"
        " ON wanted.subject_ref = p.subject_ref AND wanted.period = s.period WHERE s.revision > 0",
        [ref for ref, _ in wanted],
        [period for _, period in wanted],
    )
    return {(SubjectRef(row["subject_ref"]), row["period"]): _told(row) for row in rows}


async def told_since(tx: Transaction, position: int, limit: int) -> list[Placed]:
    """Return the newest state of each subject and period that changed behind a position, in the feed's order."""
    rows = await tx.sql.fetch(f"{_TOLD} WHERE s.position > $1 ORDER BY s.position LIMIT $2", position, limit)
    return [Placed(_told(row), row["position"]) for row in rows]


async def lock_answered(
    tx: Transaction, wanted: Collection[tuple[SubjectRef, str]]
) -> dict[tuple[SubjectRef, str], tuple[Key, Answered]]:
    """Lock and return what was told under these refs and periods with its answers; unknown ones are left out."""
    rows = await tx.sql.fetch(
        "SELECT p.subject_ref, s.person_key, s.period, s.revision, s.changed_at, s.waiting_since, s.taken_revision,"
        " s.refused_revision, s.refused_reason"
        " FROM unnest($1::text[], $2::text[]) AS wanted(subject_ref, period)"
        " JOIN subject p ON p.subject_ref = wanted.subject_ref"
        " JOIN standing s ON s.person_key = p.person_key AND s.period = wanted.period"
        " WHERE s.revision > 0 ORDER BY s.person_key, s.period FOR UPDATE OF s",
        [ref for ref, _ in wanted],
        [period for _, period in wanted],
    )
    return {
        (SubjectRef(row["subject_ref"]), row["period"]): ((PersonKey(row["person_key"]), row["period"]), _answered(row))
        for row in rows
    }


async def save_answered(tx: Transaction, answered: Mapping[Key, Answered], now: datetime) -> None:
    """Write what was answered of locked standings."""
    await tx.sql.execute(
        "UPDATE standing s SET taken_revision = n.taken, refused_revision = n.refused, refused_reason = n.reason,"
        " waiting_since = n.waiting_since, acknowledged_at = $7"
        " FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::timestamptz[])"
        " AS n(person_key, period, taken, refused, reason, waiting_since)"
        " WHERE s.person_key = n.person_key AND s.period = n.period",
        [key for key, _ in answered],
        [period for _, period in answered],
        [each.taken_revision for each in answered.values()],
        [each.refused_revision for each in answered.values()],
        [each.refused_reason for each in answered.values()],
        [each.waiting_since for each in answered.values()],
        now,
    )


async def waiting(tx: Transaction, until: datetime, after: tuple[datetime, int] | None, limit: int) -> list[Waiting]:
    """Return what waits to be taken since `until` or longer, oldest first, behind a (waiting since, position)."""
    since, position = after or (None, 0)
    rows = await tx.sql.fetch(
        "SELECT p.subject_ref, s.period, s.revision, s.changed_at, s.waiting_since, s.taken_revision,"
        " s.refused_revision, s.refused_reason, s.position"
        " FROM standing s JOIN subject p ON p.person_key = s.person_key"
        " WHERE s.waiting_since <= $1 AND ($2::timestamptz IS NULL OR (s.waiting_since, s.position) > ($2, $3::bigint))"
        " ORDER BY s.waiting_since, s.position LIMIT $4",
        until,
        since,
        position,
        limit,
    )
    return [Waiting(SubjectRef(row["subject_ref"]), row["period"], _answered(row), row["position"]) for row in rows]


def _told(row: asyncpg.Record) -> Told:
    subject = Subject(SubjectRef(row["subject_ref"]), row["key_id"])
    return Told(subject, row["period"], row["revision"], row["changed_at"], row["hours"], _proof(row))


def _proof(row: asyncpg.Record) -> Proof | None:
    if row["proof_number"] is None:
        return None
    return Proof(row["proof_number"], row["proof_status"], row["proof_transcript_revision"])


def _answered(row: asyncpg.Record) -> Answered:
    return Answered(
        revision=row["revision"],
        changed_at=row["changed_at"],
        waiting_since=row["waiting_since"],
        taken_revision=row["taken_revision"],
        refused_revision=row["refused_revision"],
        refused_reason=row["refused_reason"],
    )
