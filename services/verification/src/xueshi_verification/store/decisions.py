"""Rows of decisions: appended, never changed."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from xueshi_kit.db import Transaction
from xueshi_verification.domain.arrivals import Change
from xueshi_verification.domain.model import (
    AuthorityId,
    Decision,
    ItemKey,
    OfficerId,
    PersonKey,
    PlatformId,
    Reason,
    RecordId,
    RecordKey,
)
from xueshi_verification.domain.queue import LoggedDecision
from xueshi_verification.store import clauses
from xueshi_verification.store.rows import Row
from xueshi_verification.tables import decision

_COLUMNS = (
    "platform",
    "record_id",
    "person_key",
    "version",
    "outcome",
    "authority_id",
    "authority_name",
    "officer",
    "reason_code",
    "reason",
    "rule_ids",
    "rulebook",
    "registered_rulebook",
    "registration_position",
    "decided_at",
)


async def append(tx: Transaction, decisions: Sequence[Decision]) -> None:
    """Store the decisions, in order."""
    if not decisions:
        return
    rows = [
        (
            *each.key,
            each.version,
            each.outcome,
            each.authority or "",
            each.authority_name,
            each.officer,
            each.reason.code if each.reason else "",
            each.reason.text if each.reason else "",
            each.rule_ids,
            each.rulebook,
            each.registered_rulebook if each.registered_rulebook != each.rulebook else "",
            each.registration_position,
            each.decided_at,
        )
        for each in decisions
    ]
    await tx.sql.copy_records_to_table("decision", records=rows, columns=_COLUMNS)


async def refusals_of(tx: Transaction, changes: Collection[Change]) -> list[Decision]:
    """Return the last return or withdrawal of each version that the changes name."""
    rows = await tx.sql.fetch(
        "SELECT DISTINCT ON (platform, record_id, person_key) decision.* FROM decision"
        " JOIN unnest($1::text[], $2::text[], $3::uuid[], $4::int[]) AS c(platform, record_id, person_key, version)"
        " USING (platform, record_id, person_key, version) WHERE outcome <> 'stamped'"
        " ORDER BY platform, record_id, person_key, id DESC",
        [change.key.platform for change in changes],
        [change.key.record_id for change in changes],
        [change.key.person_key for change in changes],
        [change.version for change in changes],
    )
    return [_decision(row) for row in rows]


async def of_record(tx: Transaction, key: RecordKey) -> list[LoggedDecision]:
    """Return every decision on any version of the record, oldest first."""
    rows = await tx.sql.fetch(
        "SELECT * FROM decision WHERE platform = $1 AND record_id = $2 ORDER BY id", key.platform, key.record_id
    )
    return await _logged(tx, rows)


async def of_officer(
    tx: Transaction,
    officer: OfficerId,
    *,
    authorities: Sequence[AuthorityId] | None,
    period: tuple[datetime, datetime],
    after: int,
    limit: int,
) -> list[LoggedDecision]:
    """Return a page of what an officer decided in [from, to), oldest first; `authorities` None is anywhere."""
    query = (
        select(decision)
        .where(
            decision.c.officer == officer,
            decision.c.id > after,
            decision.c.decided_at >= period[0],
            decision.c.decided_at < period[1],
        )
        .order_by(decision.c.id)
        .limit(limit)
    )
    if authorities is not None:
        query = query.where(decision.c.authority_id.in_(authorities))
    return await _logged(tx, list((await tx.execute(query)).mappings()))


async def _logged(tx: Transaction, rows: Sequence[Row]) -> list[LoggedDecision]:
    told = await clauses.read(tx, {row["rulebook"] for row in rows})
    return [
        LoggedDecision(
            row["id"], _decision(row), tuple(told[row["rulebook"]].get(each, "") for each in row["rule_ids"])
        )
        for row in rows
    ]


def _decision(row: Row) -> Decision:
    return Decision(
        key=ItemKey(PlatformId(row["platform"]), RecordId(row["record_id"]), PersonKey(row["person_key"])),
        version=row["version"],
        outcome=row["outcome"],
        authority=AuthorityId(row["authority_id"]) if row["authority_id"] else None,
        authority_name=row["authority_name"],
        officer=None if row["officer"] is None else OfficerId(row["officer"]),
        reason=Reason(row["reason_code"], row["reason"]) if row["reason"] else None,
        rule_ids=tuple(row["rule_ids"]),
        rulebook=row["rulebook"],
        registered_rulebook=row["registered_rulebook"] or row["rulebook"],
        registration_position=row["registration_position"],
        decided_at=row["decided_at"],
    )
