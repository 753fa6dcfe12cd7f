"""Transcripts: what is derived from the ledger for each person and period."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from xueshi_kit.db import Transaction
from xueshi_registry.domain.model import PersonKey, StampedLine, TranscriptRow


async def jurisdictions(tx: Transaction, keys: Collection[PersonKey]) -> dict[tuple[PersonKey, str], str]:
    """Return which jurisdiction judged each of these people's periods last."""
    rows = await tx.sql.fetch(
        "SELECT person_key, period, jurisdiction FROM transcript WHERE person_key = ANY($1::uuid[])", list(keys)
    )
    return {(PersonKey(row["person_key"]), row["period"]): row["jurisdiction"] for row in rows}


async def save(
    tx: Transaction, rows: Sequence[TranscriptRow], rulebook: str, now: datetime
) -> dict[tuple[PersonKey, str], int]:
    """Write the people's totals, derived by this rulebook; return the new revision of each (person, period)."""
    kinds = [sorted({*each.registered, *each.stamped}) for each in rows]
    saved = await tx.sql.fetch(
        "INSERT INTO transcript AS t (person_key, period, jurisdiction, revision, kinds, registered, stamped, verdict,"
        " rulebook, changed_at) SELECT k, p, j, 1, string_to_array(n, ','), string_to_array(r, ',')::int[],"
        " string_to_array(s, ',')::int[], v, $9, $8 FROM unnest($1::uuid[], $2::text[], $3::text[],"
        " $4::text[], $5::text[], $6::text[], $7::text[]) AS w(k, p, j, n, r, s, v)"
        " ON CONFLICT (person_key, period) DO UPDATE SET"
        " jurisdiction = EXCLUDED.jurisdiction, revision = t.revision + 1, kinds = EXCLUDED.kinds,"
        " registered = EXCLUDED.registered, stamped = EXCLUDED.stamped, verdict = EXCLUDED.verdict,"
        " rulebook = EXCLUDED.rulebook, changed_at = EXCLUDED.changed_at RETURNING person_key, period, revision",
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
        rulebook,
    )
    return {(PersonKey(row["person_key"]), row["period"]): row["revision"] for row in saved}


async def stamped_lines(
    tx: Transaction, wanted: Iterable[tuple[PersonKey, str]]
) -> dict[tuple[PersonKey, str], list[StampedLine]]:
    """Return the stamped records behind each (person, period), in ledger order, with the hours of that period."""
    pairs = list(wanted)
    rows = await tx.sql.fetch(
        "SELECT w.k AS person_key, w.p AS period, r.platform, r.record_id, r.version, r.subject_kind, r.course_title,"
        " r.learning_form, r.first_on, r.last_on, r.passed, r.score, r.authority, r.rulebook, s.centihours,"
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
                row["rulebook"],
            )
        )
    return found
