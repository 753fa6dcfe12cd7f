"""What was known at an earlier moment: read from the ledger, refused of what keeps its newest state alone.

A row that was entered after the moment was not there. One that was there and has changed since may have been anything.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from xueshi_kit.db import Transaction
from xueshi_registry.domain.model import REGISTERED, STAMPED, PersonKey, Ref
from xueshi_registry.domain.settling import Stake


class Entered(NamedTuple):
    """Which of a check's things were known at the moment."""

    person: bool
    platform: bool
    employers: frozenset[str]
    # (employer, first day) of the person's employments.
    employments: frozenset[tuple[str, date]]


async def entered(tx: Transaction, moment: datetime, key: PersonKey, platform: str, usccs: Sequence[str]) -> Entered:
    """Return what was known of a person, a platform and employers before `moment`."""
    row = await tx.sql.fetchrow(
        "SELECT EXISTS (SELECT FROM person WHERE person_key = $2 AND created_at < $1) AS person,"
        " EXISTS (SELECT FROM platform WHERE platform = $3 AND entered_at < $1) AS platform,"
        " ARRAY(SELECT uscc FROM employer WHERE uscc = ANY($4::text[]) AND created_at < $1) AS employers,"
        " ARRAY(SELECT employer FROM employment WHERE person_key = $2 AND entered_at < $1 ORDER BY id) AS at,"
        " ARRAY(SELECT from_on FROM employment WHERE person_key = $2 AND entered_at < $1 ORDER BY id) AS since",
        moment,
        key,
        platform,
        list(usccs),
    )
    assert row is not None  # noqa: S101 - a SELECT of expressions has one row
    employments = frozenset(zip(row["at"], row["since"], strict=True))
    return Entered(row["person"], row["platform"], frozenset(row["employers"]), employments)


async def changed_since(
    tx: Transaction, moment: datetime, key: PersonKey, platform: str, usccs: Sequence[str]
) -> list[str]:
    """Return what stood at `moment` and has changed since, so that nobody can say how it stood.

    "person", "employment", "employer", "platform"; "records" where a record that had hours was held, released or
    excepted from the day's cap since: the ledger keeps its hours and not all else of it.
    """
    row = await tx.sql.fetchrow(
        "SELECT EXISTS (SELECT FROM person WHERE person_key = $2 AND created_at < $1 AND changed_at >= $1) AS person,"
        " EXISTS (SELECT FROM employment WHERE person_key = $2 AND entered_at < $1 AND changed_at >= $1) AS employment,"
        " EXISTS (SELECT FROM employer WHERE uscc = ANY($4::text[]) AND created_at < $1 AND changed_at >= $1)"
        " AS employer,"
        " EXISTS (SELECT FROM platform WHERE platform = $3 AND entered_at < $1 AND changed_at >= $1) AS platform,"
        " EXISTS (SELECT FROM ledger l JOIN ledger b USING (platform, record_id, version)"
        "  WHERE l.person_key = $2 AND l.entered_at >= $1 AND l.cause IN ('held', 'released', 'exempted')"
        "  AND b.person_key = $2 AND b.entered_at < $1)"
        " OR EXISTS (SELECT FROM audit a JOIN record r"
        "  ON a.subject = r.platform || '/' || r.record_id || '/' || r.version"
        "  WHERE r.person_key = $2 AND a.at >= $1 AND a.action = 'record.exempt') AS records",
        moment,
        key,
        platform,
        list(usccs),
    )
    assert row is not None  # noqa: S101 - as above
    return [name for name, has_changed in row.items() if has_changed]


async def jurisdictions(tx: Transaction, moment: datetime, key: PersonKey) -> dict[tuple[PersonKey, str], str]:
    """Return for each period in which the person had an entry before `moment` whose rules the last one was under.

    Empty where that entry is from before it was kept.
    """
    rows = await tx.sql.fetch(
        "SELECT DISTINCT ON (period) period, jurisdiction FROM ledger WHERE person_key = $2 AND entered_at < $1"
        " ORDER BY period, id DESC",
        moment,
        key,
    )
    return {(key, row["period"]): row["jurisdiction"] for row in rows}


async def stakes(tx: Transaction, moment: datetime, key: PersonKey) -> list[Stake]:
    """Return the records that had hours of their days before `moment`, each claiming what it had.

    What a record claimed in vain is left out: who comes after it loses nothing by it, and no hours are freed.
    """
    rows = await tx.sql.fetch(
        "SELECT s.platform, s.record_id, s.version, s.days, s.credited, s.stamped, r.id, r.subject_kind,"
        " r.jurisdiction, r.rule_ids, r.place, r.cap_exempt, r.rulebook, r.credit_year FROM ("
        "  SELECT platform, record_id, version, array_agg(day ORDER BY day) AS days,"
        "  array_agg(credited ORDER BY day) AS credited, sum(stamped) > 0 AS stamped FROM ("
        "   SELECT l.platform, l.record_id, l.version, d.day,"
        "   (sum(d.delta) FILTER (WHERE l.account = 'registered'))::int AS credited,"
        "   COALESCE(sum(d.delta) FILTER (WHERE l.account = 'stamped'), 0) AS stamped"
        "   FROM ledger l CROSS JOIN LATERAL unnest(l.days, l.deltas) AS d(day, delta)"
        "   WHERE l.person_key = $2 AND l.entered_at < $1 GROUP BY l.platform, l.record_id, l.version, d.day"
        "  ) AS by_day WHERE credited > 0 GROUP BY platform, record_id, version"
        " ) AS s JOIN record r USING (platform, record_id, version) ORDER BY r.id",
        moment,
        key,
    )
    return [
        Stake(
            id=row["id"],
            ref=Ref(row["platform"], row["record_id"], row["version"]),
            person_key=key,
            subject_kind=row["subject_kind"],
            jurisdiction=row["jurisdiction"],
            rule_ids=tuple(row["rule_ids"]),
            # Each has what it had, whatever the order.
            place=row["id"],
            state=STAMPED if row["stamped"] else REGISTERED,
            days=tuple(row["days"]),
            claimed=tuple(row["credited"]),
            credited=list(row["credited"]),
            was_stamped=row["stamped"],
            cap_exempt=row["cap_exempt"],
            rulebook=row["rulebook"],
            credit_year=row["credit_year"],
        )
        for row in rows
    ]
