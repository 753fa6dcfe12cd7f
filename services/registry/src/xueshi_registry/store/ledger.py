"""The append-only ledger, the transcripts derived from it, and the feed of changes."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from xueshi_kit.db import Transaction
from xueshi_registry.domain.model import PersonKey, StampedLine, TranscriptRow
from xueshi_registry.domain.settling import Movement

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
            rulebook, now,
        )
        for move, period, chosen in movements
    ]  # fmt: skip
    await tx.sql.copy_records_to_table(
        "ledger",
        columns=[
            "person_key", "platform", "record_id", "version", "period", "subject_kind", "account", "days", "deltas",
            "centihours", "cause", "caused_by", "actor", "rule_ids", "rulebook", "entered_at",
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
    tx: Transaction, wanted: Iterable[tuple[PersonKey, str]]
) -> dict[tuple[PersonKey, str], tuple[dict[str, int], dict[str, int]]]:
    """Return (registered, stamped) sums by kind for each (person, period), from the ledger alone."""
    pairs = list(wanted)
    rows = await tx.sql.fetch(
        "SELECT l.person_key, l.period, l.account, l.subject_kind, sum(l.centihours)::int AS centihours FROM ledger l"
        " JOIN unnest($1::uuid[], $2::text[]) AS w(k, p) ON l.person_key = w.k AND l.period = w.p"
        " GROUP BY l.person_key, l.period, l.account, l.subject_kind",
        [key for key, _ in pairs],
        [period for _, period in pairs],
    )
    found: dict[tuple[PersonKey, str], tuple[dict[str, int], dict[str, int]]] = {pair: ({}, {}) for pair in pairs}
    for row in rows:
        account = found[PersonKey(row["person_key"]), row["period"]][row["account"] == "stamped"]
        account[row["subject_kind"]] = row["centihours"]
    return found


async def save_transcripts(
    tx: Transaction, rows: Sequence[TranscriptRow], now: datetime
) -> dict[tuple[PersonKey, str], int]:
    """Write the people's totals; return the new revision of each (person, period)."""
    kinds = [sorted({*each.registered, *each.stamped}) for each in rows]
    saved = await tx.sql.fetch(
        "INSERT INTO transcript AS t (person_key, period, jurisdiction, revision, kinds, registered, stamped, verdict,"
        " changed_at) SELECT k, p, j, 1, string_to_array(n, ','), string_to_array(r, ',')::int[],"
        " string_to_array(s, ',')::int[], v, $8 FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[],"
        " $6::text[], $7::text[]) AS w(k, p, j, n, r, s, v) ON CONFLICT (person_key, period) DO UPDATE SET"
        " jurisdiction = EXCLUDED.jurisdiction, revision = t.revision + 1, kinds = EXCLUDED.kinds,"
        " registered = EXCLUDED.registered, stamped = EXCLUDED.stamped, verdict = EXCLUDED.verdict,"
        " changed_at = EXCLUDED.changed_at RETURNING person_key, period, revision",
        [each.person_key for each in rows],
        [each.period for each in rows],
        [each.jurisdiction for each in rows],
        [",".join(names) for names in kinds],
        [
            ",".join(str(each.registered.get(kind, 0)) for kind in names)
            for each, names in zip(rows, kinds, strict=True)
        ],
        [",".join(str(each.stamped.get(kind, 0)) for kind in names) for each, names in zip(rows, kinds, strict=True)],
        [each.verdict for each in rows],
        now,
    )
    return {(PersonKey(row["person_key"]), row["period"]): row["revision"] for row in saved}


async def stamped_lines(
    tx: Transaction, wanted: Iterable[tuple[PersonKey, str]]
) -> dict[tuple[PersonKey, str], list[StampedLine]]:
    """Return the stamped records behind each (person, period), in ledger order, with the hours of that period."""
    pairs = list(wanted)
    rows = await tx.sql.fetch(
        "SELECT w.k AS person_key, w.p AS period, r.platform, r.record_id, r.version, r.subject_kind, r.course_title,"
        " r.learning_form, r.first_on, r.last_on, r.passed, r.score, r.authority, s.centihours,"
        " COALESCE(a.name, '') AS authority_name"
        " FROM unnest($1::uuid[], $2::text[]) AS w(k, p) CROSS JOIN LATERAL ("
        "  SELECT platform, record_id, version, sum(centihours)::int AS centihours FROM ledger"
        "  WHERE person_key = w.k AND period = w.p AND account = 'stamped'"
        "  GROUP BY platform, record_id, version HAVING sum(centihours) > 0"
        " ) s"
        " JOIN record r ON r.platform = s.platform AND r.record_id = s.record_id AND r.version = s.version"
        " LEFT JOIN authority a ON a.authority = r.authority"
        " ORDER BY r.place",
        [key for key, _ in pairs],
        [period for _, period in pairs],
    )
    found: dict[tuple[PersonKey, str], list[StampedLine]] = {pair: [] for pair in pairs}
    for row in rows:
        found[PersonKey(row["person_key"]), row["period"]].append(
            StampedLine(
                row["platform"],
                row["record_id"],
                row["version"],
                row["subject_kind"],
                row["course_title"],
                row["learning_form"],
                row["first_on"],
                row["last_on"],
                row["centihours"],
                row["passed"],
                row["score"],
                row["authority"],
                row["authority_name"],
            )
        )
    return found


async def identities(tx: Transaction, keys: Iterable[PersonKey]) -> dict[PersonKey, bytes]:
    """Return the people's sealed identities."""
    rows = await tx.sql.fetch("SELECT person_key, identity FROM person WHERE person_key = ANY($1::uuid[])", list(keys))
    return {PersonKey(row["person_key"]): row["identity"] for row in rows}


async def name_authorities(tx: Transaction, names: Mapping[str, str]) -> None:
    """Keep the names of authorities as their decisions give them."""
    await tx.sql.execute(
        "INSERT INTO authority (authority, name) SELECT * FROM unnest($1::text[], $2::text[]) AS w(a, n)"
        " WHERE a <> '' AND n <> '' ORDER BY a ON CONFLICT (authority) DO UPDATE SET name = EXCLUDED.name"
        " WHERE authority.name <> EXCLUDED.name",
        list(names),
        list(names.values()),
    )
