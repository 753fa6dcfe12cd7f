"""Reads for the API."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import asyncpg

from xueshi_kit.db import Transaction
from xueshi_registry.domain.model import PersonKey, Ref
from xueshi_registry.store.records import STAKE_COLUMNS, stake_of

Row = asyncpg.Record | Mapping[str, Any]


async def transcripts(tx: Transaction, key: PersonKey) -> list[asyncpg.Record]:
    """Return a person's transcripts, newest period first."""
    return await tx.sql.fetch("SELECT * FROM transcript WHERE person_key = $1 ORDER BY period DESC", key)


async def records_of(tx: Transaction, key: PersonKey, period: str, first: date, last: date) -> list[Row]:
    """Return the person's record versions of a credit year, superseded ones left out, in order of learning.

    They are those that name it, and of those that name none or do not count the ones with a day from `first` to `last`.
    """
    rows = await tx.sql.fetch(
        f"SELECT {STAKE_COLUMNS}, r.learning_form, r.course_title, r.first_on, r.last_on FROM record r"
        " WHERE r.person_key = $1 AND r.state <> 'superseded'"
        " AND (r.credit_year = $4 OR (r.credit_year = '' OR r.place IS NULL) AND r.last_on >= $2 AND r.first_on <= $3)"
        " ORDER BY r.first_on, r.id",
        key,
        first,
        last,
        period,
    )
    return [{**row, "stake": stake_of(row)} for row in rows]


async def record(tx: Transaction, ref: Ref) -> Row | None:
    """Return one record version."""
    row = await tx.sql.fetchrow(
        f"SELECT {STAKE_COLUMNS}, r.learning_form, r.course_title, r.first_on, r.last_on FROM record r"
        " WHERE r.platform = $1 AND r.record_id = $2 AND r.version = $3",
        ref.platform,
        ref.record_id,
        ref.version,
    )
    return None if row is None else {**row, "stake": stake_of(row)}


async def held(tx: Transaction, code: str | None, after: int, limit: int) -> list[asyncpg.Record]:
    """Return held records in order of arrival, after an id."""
    return await tx.sql.fetch(
        "SELECT r.id, r.platform, r.record_id, r.version, r.person_key, p.label, r.code, r.employer,"
        " r.course_title, r.last_on FROM record r JOIN person p USING (person_key)"
        " WHERE r.state = 'held' AND r.place IS NULL AND r.id > $2 AND ($1::text IS NULL OR r.code = $1)"
        " ORDER BY r.id LIMIT $3",
        code,
        after,
        limit,
    )


async def held_counts(tx: Transaction) -> dict[str, int]:
    """Return how many records are held, by code."""
    rows = await tx.sql.fetch(
        "SELECT code, count(*) AS n FROM record WHERE state = 'held' AND place IS NULL GROUP BY code ORDER BY code"
    )
    return {row["code"]: row["n"] for row in rows}
