"""SQL of certificates: the newest transcripts, proofs with their status, the sequence of numbers.

Locks are taken in one order: transcripts by person and period, then sequences by letters and year.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import Row, Select, func, select

from xueshi_certificates.domain.content import (
    Basis,
    Ended,
    PersonKey,
    Proof,
    ProofNumber,
    ProofState,
    PublicTag,
    Reason,
    Status,
    Transcript,
)
from xueshi_certificates.domain.transitions import Ending
from xueshi_certificates.tables import proof, proof_status
from xueshi_certificates.wire.events import decode
from xueshi_certificates.wire.stored import dump_content, load_content
from xueshi_kit.db import Transaction

_STATES = (
    "SELECT p.number, p.tag, p.person_key, p.period, p.basis, p.issued_by, p.transcript_revision,"
    " p.issued_at, p.content::text AS content, h.identity, e.status, e.reason, e.changed_at, e.successor"
    " FROM proof p JOIN proof_holder h ON h.number = p.number"
    " LEFT JOIN proof_status e ON e.number = p.number AND e.position = 2"
)

# From a superseded proof forward to the last one, which may be valid or revoked; a revocation is never passed.
_NEWEST_TAG = """
WITH RECURSIVE chain AS (
    SELECT successor AS number, 1 AS steps FROM proof_status WHERE number = $1 AND status = 'superseded'
    UNION ALL
    SELECT s.successor, c.steps + 1 FROM chain c
    JOIN proof_status s ON s.number = c.number AND s.status = 'superseded' WHERE c.steps < 10000
)
SELECT p.tag FROM chain c JOIN proof p ON p.number = c.number ORDER BY c.steps DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class ProofEnd:
    """The end of a proof, to be recorded."""

    number: ProofNumber
    ending: Ending
    transcript_revision: int
    successor: ProofNumber | None


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list of proofs: nothing of the holder but the key."""

    number: ProofNumber
    tag: PublicTag
    person_key: PersonKey
    period: str
    basis: Basis
    issued_at: datetime
    verdict: str
    status: Status


@dataclass(frozen=True, slots=True)
class ProofFilter:
    """What a list of proofs is narrowed to."""

    person_key: PersonKey | None
    period: str | None
    status: Status | None


async def keep_newer(
    tx: Transaction, transcripts: Sequence[Transcript], now: datetime
) -> dict[tuple[PersonKey, str], ProofNumber | None]:
    """Store those transcripts that are newer than what is stored; return their keys with their newest proofs.

    The transcripts are in the order of locking. The rows returned stay locked.
    """
    rows = await tx.sql.fetch(
        "INSERT INTO transcript (person_key, period, revision, identity, encoded, taken_at)"
        " SELECT k, p, r, i, e, $6 FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::bytea[], $5::bytea[])"
        " WITH ORDINALITY AS row(k, p, r, i, e, n) ORDER BY n"
        " ON CONFLICT (person_key, period) DO UPDATE SET revision = EXCLUDED.revision, identity = EXCLUDED.identity,"
        " encoded = EXCLUDED.encoded, taken_at = EXCLUDED.taken_at WHERE transcript.revision < EXCLUDED.revision"
        " RETURNING person_key, period, proof_number",
        [each.person_key for each in transcripts],
        [each.period for each in transcripts],
        [each.revision for each in transcripts],
        [each.identity for each in transcripts],
        [each.encoded for each in transcripts],
        now,
    )
    return {(PersonKey(row["person_key"]), row["period"]): row["proof_number"] for row in rows}


async def lock_transcript(
    tx: Transaction, person_key: PersonKey, period: str
) -> tuple[Transcript, ProofNumber | None] | None:
    """Lock the newest transcript of a person and period; return it with its newest proof, or None."""
    row = await tx.sql.fetchrow(
        "SELECT revision, identity, encoded, proof_number FROM transcript"
        " WHERE person_key = $1 AND period = $2 FOR UPDATE",
        person_key,
        period,
    )
    if row is None:
        return None
    encoded = row["encoded"]
    compliant = decode(encoded).compliant
    return Transcript(person_key, period, row["revision"], row["identity"], compliant, encoded), row["proof_number"]


async def states(tx: Transaction, numbers: Sequence[ProofNumber]) -> dict[ProofNumber, ProofState]:
    """Return proofs with what became of them."""
    rows = await tx.sql.fetch(f"{_STATES} WHERE p.number = ANY($1::text[])", numbers)
    return {(state := _state(row)).proof.number: state for row in rows}


async def state_by_tag(tx: Transaction, tag: PublicTag) -> ProofState | None:
    """Return the proof that a public tag opens, with the tag of the one that stands in its place now."""
    row = await tx.sql.fetchrow(f"{_STATES} WHERE p.tag = $1", tag)
    if row is None:
        return None
    superseded = row["status"] == Status.SUPERSEDED
    return _state(row, await tx.sql.fetchval(_NEWEST_TAG, row["number"]) if superseded else None)


async def next_sequences(tx: Transaction, wanted: Mapping[tuple[str, int], int]) -> dict[tuple[str, int], int]:
    """Take so many numbers of each (letters, year); return the first taken of each. Locks the sequences' rows."""
    ordered = sorted(wanted)
    rows = await tx.sql.fetch(
        "INSERT INTO proof_sequence (letters, year, last)"
        " SELECT l, y, c FROM unnest($1::text[], $2::smallint[], $3::bigint[]) WITH ORDINALITY AS row(l, y, c, n)"
        " ORDER BY n ON CONFLICT (letters, year) DO UPDATE SET last = proof_sequence.last + EXCLUDED.last"
        " RETURNING letters, year, last",
        [letters for letters, _ in ordered],
        [year for _, year in ordered],
        [wanted[key] for key in ordered],
    )
    return {(key := (row["letters"], row["year"])): row["last"] - wanted[key] + 1 for row in rows}


async def add_proofs(tx: Transaction, proofs: Sequence[Proof], identities: Sequence[bytes]) -> None:
    """Enter proofs as valid, each with its sealed holder, and note each as the newest of its person and period.

    The caller has locked the transcripts that they prove.
    """
    numbers = [each.number for each in proofs]
    await tx.sql.execute(
        "WITH added AS (INSERT INTO proof"
        " (number, tag, person_key, period, basis, issued_by, transcript_revision, issued_at, content)"
        " SELECT n, g, k, p, b, w, r, a, c::jsonb FROM unnest($1::text[], $2::text[], $3::uuid[], $4::text[],"
        " $5::text[], $6::text[], $7::bigint[], $8::timestamptz[], $9::text[]) AS row(n, g, k, p, b, w, r, a, c)"
        " RETURNING number, person_key, period, transcript_revision, issued_at),"
        " stated AS (INSERT INTO proof_status (number, position, status, transcript_revision, changed_at)"
        " SELECT number, 1, 'valid', transcript_revision, issued_at FROM added)"
        " UPDATE transcript t SET proof_number = added.number FROM added"
        " WHERE t.person_key = added.person_key AND t.period = added.period",
        numbers,
        [each.tag for each in proofs],
        [each.person_key for each in proofs],
        [each.content.period for each in proofs],
        [each.basis.value for each in proofs],
        [each.issued_by for each in proofs],
        [each.transcript_revision for each in proofs],
        [each.issued_at for each in proofs],
        [dump_content(each.content) for each in proofs],
    )
    await tx.sql.execute(
        "INSERT INTO proof_holder (number, identity) SELECT * FROM unnest($1::text[], $2::bytea[])", numbers, identities
    )


async def add_ends(tx: Transaction, ends: Sequence[ProofEnd], now: datetime) -> None:
    """Record the ends of proofs."""
    await tx.sql.execute(
        "INSERT INTO proof_status"
        " (number, position, status, reason, causes, transcript_revision, successor, changed_at)"
        " SELECT n, 2, s, w, string_to_array(c, ' '), r, x, $7"
        " FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[])"
        " AS row(n, s, w, c, r, x)",
        [each.number for each in ends],
        [each.ending.status.value for each in ends],
        [each.ending.reason.value for each in ends],
        # Neither platforms nor record ids contain a space.
        [" ".join(f"{platform}/{record_id}" for platform, record_id in each.ending.causes) for each in ends],
        [each.transcript_revision for each in ends],
        [each.successor for each in ends],
        now,
    )


async def list_proofs(tx: Transaction, wanted: ProofFilter, after: str, limit: int) -> list[Listed]:
    """Return at most `limit` proofs in the order of their numbers, behind the number `after`."""
    rows = await tx.execute(_listing(wanted).where(proof.c.number > after).limit(limit))
    return [_listed(row) for row in rows]


def _listing(wanted: ProofFilter) -> Select[Any]:
    status = func.coalesce(proof_status.c.status, Status.VALID.value)
    ended = (proof_status.c.number == proof.c.number) & (proof_status.c.position == 2)  # noqa: PLR2004 - see tables
    query = (
        select(
            proof.c.number,
            proof.c.tag,
            proof.c.person_key,
            proof.c.period,
            proof.c.basis,
            proof.c.issued_at,
            proof.c.content["facts", "verdict"].astext.label("verdict"),
            status.label("status"),
        )
        .select_from(proof.outerjoin(proof_status, ended))
        .order_by(proof.c.number)
    )
    if wanted.person_key is not None:
        query = query.where(proof.c.person_key == wanted.person_key)
    if wanted.period is not None:
        query = query.where(proof.c.period == wanted.period)
    if wanted.status is not None:
        query = query.where(status == wanted.status.value)
    return query


def _listed(row: Row[Any]) -> Listed:
    return Listed(
        number=ProofNumber(row.number),
        tag=PublicTag(row.tag),
        person_key=PersonKey(row.person_key),
        period=row.period,
        basis=Basis(row.basis),
        issued_at=row.issued_at,
        verdict=row.verdict,
        status=Status(row.status),
    )


def _state(row: asyncpg.Record, newest_tag: str | None = None) -> ProofState:
    issued = Proof(
        number=ProofNumber(row["number"]),
        tag=PublicTag(row["tag"]),
        person_key=PersonKey(UUID(bytes=row["person_key"].bytes)),
        basis=Basis(row["basis"]),
        issued_by=row["issued_by"],
        transcript_revision=row["transcript_revision"],
        issued_at=row["issued_at"],
        content=load_content(row["content"]),
    )
    ended = None
    if row["status"] is not None:
        ended = Ended(Status(row["status"]), Reason(row["reason"]), row["changed_at"], row["successor"])
    return ProofState(issued, ended, row["identity"], None if newest_tag is None else PublicTag(newest_tag))
