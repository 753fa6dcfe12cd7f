"""The append-only ledger and the feed of changes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from xueshi_kit.db import Transaction
from xueshi_registry.domain.model import PersonKey
from xueshi_registry.domain.settling import Movement
from xueshi_registry.domain.transcripts import Totals

HOURS_FEED = "hours"


async def enter_movements(
    tx: Transaction, movements: Iterable[tuple[Movement, str, Sequence[int]]], rulebook: str, now: datetime
) -> None:
    """Append ledger entries: each a movement with its period and the indexes of the days that fall into it."""
    rows = [
        (
            move.stake.person_key, move.stake.ref.platform, move.stake.ref.record_id, move.stake.ref.version, period,
            move.stake.subject_kind, move.account, [move.days[n] for n in chosen], [move.deltas[n] for n in chosen],
            sum(move.deltas[n] for n in chosen), move.stake.cause or "cap", move.stake.caused_by,
            move.stake.actor, move.stake.rule_ids,
            rulebook, now, move.stake.jurisdiction,
        )
        for move, period, chosen in movements
    ]  # fmt: skip
    await tx.sql.copy_records_to_table(
        "ledger",
        columns=[
            "person_key", "platform", "record_id", "version", "period", "subject_kind", "account", "days", "deltas",
            "centihours", "cause", "caused_by", "actor", "rule_ids", "rulebook", "entered_at", "jurisdiction",
        ],
        records=rows,
    )  # fmt: skip


async def next_positions(tx: Transaction, feed: str, count: int) -> int:
    """Return the first of `count` new positions; the row's lock makes commit order the feed's order."""
    last: int = await tx.sql.fetchval(
        "INSERT INTO feed_head (feed, position) VALUES ($1, $2)"
        " ON CONFLICT (feed) DO UPDATE SET position = feed_head.position + $2 RETURNING position",
        feed,
        count,
    )
    return last - count + 1


async def totals(
    tx: Transaction, wanted: Iterable[tuple[PersonKey, str]], before: datetime | None = None
) -> dict[tuple[PersonKey, str], Totals]:
    """Return the sums by kind for each (person, period), from the ledger alone: all, or what stood `before`."""
    pairs = list(wanted)
    rows = await tx.sql.fetch(
        "SELECT l.person_key, l.period, l.account, l.subject_kind, sum(l.centihours)::int AS centihours FROM ledger l"
        " JOIN unnest($1::uuid[], $2::text[]) AS w(k, p) ON l.person_key = w.k AND l.period = w.p"
        " WHERE $3::timestamptz IS NULL OR l.entered_at < $3"
        " GROUP BY l.person_key, l.period, l.account, l.subject_kind",
        [key for key, _ in pairs],
        [period for _, period in pairs],
        before,
    )
    found: dict[tuple[PersonKey, str], tuple[dict[str, int], dict[str, int]]] = {pair: ({}, {}) for pair in pairs}
    for row in rows:
        account = found[PersonKey(row["person_key"]), row["period"]][row["account"] == "stamped"]
        account[row["subject_kind"]] = row["centihours"]
    return {pair: Totals(*accounts) for pair, accounts in found.items()}


async def totals_between(tx: Transaction, key: PersonKey, first_on: date, last_on: date) -> Totals:
    """Return a person's sums by kind over the days of a cycle or tenure, both ends included, from the ledger alone."""
    rows = await tx.sql.fetch(
        "SELECT l.account, l.subject_kind, sum(d.delta)::int AS centihours"
        " FROM ledger l CROSS JOIN LATERAL unnest(l.days, l.deltas) AS d(day, delta)"
        " WHERE l.person_key = $1 AND d.day BETWEEN $2 AND $3 GROUP BY l.account, l.subject_kind",
        key,
        first_on,
        last_on,
    )
    accounts: tuple[dict[str, int], dict[str, int]] = ({}, {})
    for row in rows:
        accounts[row["account"] == "stamped"][row["subject_kind"]] = row["centihours"]
    return Totals(*accounts)


async def name_authorities(tx: Transaction, names: Mapping[str, str]) -> None:
    """Keep the names of authorities as their decisions give them."""
    await tx.sql.execute(
        "INSERT INTO authority (authority, name) SELECT * FROM unnest($1::text[], $2::text[]) AS w(a, n)"
        " WHERE a <> '' AND n <> '' ORDER BY a ON CONFLICT (authority) DO UPDATE SET name = EXCLUDED.name"
        " WHERE authority.name <> EXCLUDED.name",
        list(names),
        list(names.values()),
    )
