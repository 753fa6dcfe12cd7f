"""What became of records: one row per record, and for each platform a feed whose positions commit in order."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from xueshi_gateway.domain.fates import ACCEPTED, Change, Fate, RecordVersion
from xueshi_gateway.domain.records import PlatformId
from xueshi_gateway.store import clauses
from xueshi_gateway.tables import fate
from xueshi_kit.db import Transaction

_SET_ALL = (
    " ON CONFLICT (platform, record_id) DO UPDATE SET position = EXCLUDED.position, changed_at = EXCLUDED.changed_at,"
    " version = EXCLUDED.version, claimed_centihours = EXCLUDED.claimed_centihours,"
    " credited_centihours = EXCLUDED.credited_centihours, state = EXCLUDED.state, code = EXCLUDED.code,"
    " rule_ids = EXCLUDED.rule_ids, rulebook = EXCLUDED.rulebook,"
    " registered_rulebook = EXCLUDED.registered_rulebook, authority = EXCLUDED.authority, reason = EXCLUDED.reason"
)


async def restart(tx: Transaction, platform: PlatformId, versions: Mapping[str, int], now: datetime) -> None:
    """Say that new versions of these records are accepted. The caller has lined up at the platform's feed."""
    await tx.sql.execute(
        "WITH head AS (UPDATE feed_head SET position = position + cardinality($2::text[]) WHERE platform = $1"
        " RETURNING position - cardinality($2::text[]) AS base)"
        " INSERT INTO fate (platform, record_id, version, position, changed_at, state, code, rule_ids, rulebook,"
        " registered_rulebook, authority, reason, claimed_centihours, credited_centihours)"
        " SELECT $1, r, v, base + n, $4, $5, '', '{}', '', '', '', '', 0, 0"
        " FROM head, unnest($2::text[], $3::integer[]) WITH ORDINALITY AS row(r, v, n)" + _SET_ALL,
        platform,
        list(versions),
        list(versions.values()),
        now,
        ACCEPTED,
    )


async def lock_feeds(tx: Transaction, platforms: Sequence[str]) -> set[str]:
    """Line up at the feeds of those of the platforms that there are, in one order; return them."""
    rows = await tx.sql.fetch(
        "SELECT platform FROM feed_head WHERE platform = ANY($1::text[]) ORDER BY platform FOR UPDATE", platforms
    )
    return {row["platform"] for row in rows}


async def live_versions(tx: Transaction, records: Sequence[tuple[str, str]]) -> dict[tuple[str, str], RecordVersion]:
    """Return the live versions of these (platform, record id); what is not known is not among them."""
    rows = await tx.sql.fetch(
        "SELECT w.p, w.r, h.version, h.person_key, h.is_void, d.accepted_at"
        " FROM unnest($1::text[], $2::text[]) AS w(p, r) CROSS JOIN LATERAL (SELECT * FROM hour_record"
        " WHERE platform = w.p AND record_id = w.r ORDER BY version DESC LIMIT 1) h"
        " JOIN delivery d ON d.id = h.delivery",
        [platform for platform, _ in records],
        [record_id for _, record_id in records],
    )
    return {
        (row["p"], row["r"]): RecordVersion(
            row["r"], row["version"], row["person_key"].bytes, row["is_void"], row["accepted_at"]
        )
        for row in rows
    }


async def apply(tx: Transaction, platform: str, changes: Sequence[Change], versions: Sequence[int]) -> None:
    """Enter changes, at most one per record, at the end of the platform's feed.

    `versions` are the live versions that they speak of. The caller has lined up at the feed.
    """
    await tx.sql.execute(
        "WITH head AS (UPDATE feed_head SET position = position + cardinality($2::text[]) WHERE platform = $1"
        " RETURNING position - cardinality($2::text[]) AS base)"
        " INSERT INTO fate (platform, record_id, version, position, changed_at, state, code, rule_ids, rulebook,"
        " registered_rulebook, authority, reason, claimed_centihours, credited_centihours)"
        " SELECT $1, r, v, base + n, t, s, c, string_to_array(u, ','), b, g, a, e, claimed, credited"
        " FROM head, unnest($2::text[], $3::integer[], $4::timestamptz[], $5::text[], $6::text[], $7::text[],"
        " $8::text[], $9::text[], $10::text[], $11::text[], $12::integer[], $13::integer[])"
        " WITH ORDINALITY AS row(r, v, t, s, c, u, b, g, a, e, claimed, credited, n)" + _SET_ALL,
        platform,
        [each.record_id for each in changes],
        list(versions),
        [each.changed_at for each in changes],
        [each.state for each in changes],
        [each.code for each in changes],
        [",".join(each.rule_ids) for each in changes],
        [each.rulebook for each in changes],
        [each.registered_rulebook for each in changes],
        [each.authority for each in changes],
        [each.reason for each in changes],
        [each.claimed_centihours for each in changes],
        [each.credited_centihours for each in changes],
    )


async def states(tx: Transaction, platform: str, record_ids: Sequence[str]) -> dict[str, Fate]:
    """Return what is written of these records, whatever the version."""
    rows = await tx.execute(select(fate).where(fate.c.platform == platform, fate.c.record_id.in_(record_ids)))
    return {row["record_id"]: _fate(row) for row in rows.mappings()}


async def find(tx: Transaction, platform: PlatformId, record_id: str) -> Fate | None:
    """Return the state of a record's live version; None where the platform has no such record."""
    live = (await live_versions(tx, [(platform, record_id)])).get((platform, record_id))
    if live is None:
        return None
    statement = select(fate).where(fate.c.platform == platform, fate.c.record_id == record_id)
    row = (await tx.execute(statement)).mappings().first()
    if row is None or row["version"] != live.version:
        return Fate(record_id, live.version, ACCEPTED, live.accepted_at)
    [found] = await _with_clauses(tx, [_fate(row)])
    return found


async def page(tx: Transaction, platform: PlatformId, after: int, limit: int, state: str | None) -> list[Fate]:
    """Return the platform's records whose state changed after a position, in the feed's order."""
    statement: Select[Any] = (
        select(fate).where(fate.c.platform == platform, fate.c.position > after).order_by(fate.c.position).limit(limit)
    )
    if state is not None:
        statement = statement.where(fate.c.state == state)
    return await _with_clauses(tx, [_fate(row) for row in (await tx.execute(statement)).mappings()])


async def _with_clauses(tx: Transaction, fates: Sequence[Fate]) -> list[Fate]:
    """Give fates the clauses of their rules: as the version that judged has them, else the one that decided."""
    told = await clauses.read(tx, {version for each in fates for version in (each.registered_rulebook, each.rulebook)})
    return [
        replace(
            each,
            clauses=tuple(
                told[each.registered_rulebook].get(rule_id) or told[each.rulebook].get(rule_id, "")
                for rule_id in each.rule_ids
            ),
        )
        for each in fates
    ]


def _fate(row: Mapping[Any, Any]) -> Fate:
    return Fate(
        record_id=row["record_id"],
        version=row["version"],
        state=row["state"],
        changed_at=row["changed_at"],
        position=row["position"],
        code=row["code"],
        rule_ids=tuple(row["rule_ids"]),
        rulebook=row["rulebook"],
        registered_rulebook=row["registered_rulebook"],
        claimed_centihours=row["claimed_centihours"],
        credited_centihours=row["credited_centihours"],
        authority=row["authority"],
        reason=row["reason"],
    )
