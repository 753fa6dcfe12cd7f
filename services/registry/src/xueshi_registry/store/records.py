"""Record versions: the live ones, the placed ones that share a day, the held ones; entering and changing them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import asyncpg

from xueshi_kit.db import Transaction
from xueshi_registry.domain.judging import Judgement
from xueshi_registry.domain.model import CHANGEABLE, COUNTING, LIVE, STAMPED, Content, PersonKey, Ref
from xueshi_registry.domain.settling import Stake


class Version(NamedTuple):
    """One record version with all that its row holds."""

    stake: Stake
    content: Content
    judgement: Judgement
    identity: bytes | None
    score: str
    completed_at: datetime
    digest: bytes


async def draw_numbers(tx: Transaction, count: int) -> list[int]:
    """Draw ids and ledger places; they rise in the order in which people's locks are had."""
    rows = await tx.sql.fetch("SELECT nextval('order_seq') AS n FROM generate_series(1, $1)", count)
    return [row["n"] for row in rows]


STAKE_COLUMNS = (
    "r.id, r.platform, r.record_id, r.version, r.person_key, r.subject_kind, r.jurisdiction, r.rule_ids, r.place,"
    " r.state, r.days, r.claimed, r.credited, r.cap_exempt, r.rulebook, r.code, r.authority, r.reason,"
    " r.registered_position, r.credit_year"
)


async def changeable_stakes(
    tx: Transaction, platform_records: Iterable[tuple[str, str]], people: Collection[PersonKey] | None = None
) -> list[Stake]:
    """Return the newest versions of these (platform, record id), unless voided.

    `people` are those whose rows the caller has locked: what another transaction enters of somebody who was not there
    when the locks were taken is left out, since it may still be changing.
    """
    pairs = list(platform_records)
    rows = await tx.sql.fetch(
        f"SELECT {STAKE_COLUMNS} FROM record r"
        " JOIN unnest($1::text[], $2::text[]) AS w(p, i) ON r.platform = w.p AND r.record_id = w.i"
        " WHERE r.state = ANY($3::text[])",
        [platform for platform, _ in pairs],
        [record_id for _, record_id in pairs],
        list(CHANGEABLE),
    )
    stakes = [stake_of(row) for row in rows]
    return stakes if people is None else [each for each in stakes if each.person_key in people]


async def newest_state(tx: Transaction, platform: str, record_id: str) -> str | None:
    """Return the state of a record's newest version, whoever's it is; None for a record that never came."""
    found: str | None = await tx.sql.fetchval(
        "SELECT state FROM record WHERE platform = $1 AND record_id = $2 ORDER BY version DESC LIMIT 1",
        platform,
        record_id,
    )
    return found


async def stakes_under_another_name(tx: Transaction, keys: Iterable[PersonKey]) -> list[Stake]:
    """Return these people's counting versions that give another name than the person's."""
    rows = await tx.sql.fetch(
        f"SELECT {STAKE_COLUMNS} FROM record r JOIN person p USING (person_key)"
        " WHERE r.person_key = ANY($1::uuid[]) AND r.state = ANY($2::text[]) AND r.name_digest <> p.name_digest",
        list(keys),
        list(COUNTING),
    )
    return [stake_of(row) for row in rows]


async def live_stakes_of_people(tx: Transaction, keys: Iterable[PersonKey]) -> list[Stake]:
    """Return every live version of these people."""
    rows = await tx.sql.fetch(
        f"SELECT {STAKE_COLUMNS} FROM record r WHERE r.person_key = ANY($1::uuid[]) AND r.state = ANY($2::text[])",
        list(keys),
        list(LIVE),
    )
    return [stake_of(row) for row in rows]


async def placed_overlapping(tx: Transaction, touched: Iterable[Stake]) -> list[Stake]:
    """Return the placed records that share a day with a touched one; the touched ones themselves are not among them."""
    spans: dict[PersonKey, tuple[date, date]] = {}
    ids = []
    for stake in touched:
        ids.append(stake.id)
        first, last = spans.get(stake.person_key, (stake.days[0], stake.days[-1]))
        spans[stake.person_key] = (min(first, stake.days[0]), max(last, stake.days[-1]))
    rows = await tx.sql.fetch(
        f"SELECT {STAKE_COLUMNS} FROM unnest($1::uuid[], $2::date[], $3::date[]) AS w(k, f, l)"
        " JOIN record r ON r.person_key = w.k AND r.last_on >= w.f AND r.first_on <= w.l"
        " WHERE r.place IS NOT NULL AND r.id <> ALL($4::bigint[])",
        list(spans),
        [first for first, _ in spans.values()],
        [last for _, last in spans.values()],
        ids,
    )
    return [stake_of(row) for row in rows]


VERSION_COLUMNS = (
    ", r.employer, r.learning_form, r.course_id, r.course_title, r.industry, r.major, r.first_on, r.last_on,"
    " r.is_range, r.centihours, r.passed, r.score, r.completed_at, r.digest, r.name_digest, r.identity"
)


async def held_versions(tx: Transaction, keys: Iterable[PersonKey]) -> list[Version]:
    """Return the held versions of these people, oldest first."""
    rows = await tx.sql.fetch(
        f"SELECT {STAKE_COLUMNS} {VERSION_COLUMNS} FROM record r WHERE r.state = 'held' AND r.place IS NULL"
        " AND r.person_key = ANY($1::uuid[]) ORDER BY r.id",
        list(keys),
    )
    return [_version(row) for row in rows]


async def insert_versions(tx: Transaction, versions: Sequence[Version], positions: Mapping[int, int]) -> None:
    """Enter new record versions by COPY."""
    if not versions:
        return
    await tx.sql.copy_records_to_table(
        "record",
        columns=_RECORD_COLUMNS,
        records=[_record_row(each, positions[each.stake.id]) for each in versions],
    )


_RECORD_COLUMNS = [
    "id", "platform", "record_id", "version", "person_key", "state", "code", "place", "name_digest", "identity",
    "employer", "subject_kind", "learning_form", "course_id", "course_title", "industry", "major", "first_on",
    "last_on", "is_range", "centihours", "passed", "score", "completed_at", "digest", "days", "claimed", "credited",
    "cap_exempt", "jurisdiction", "region", "registered_by", "rule_ids", "rulebook", "authority", "reason",
    "accepted_position", "registered_position", "credit_year",
]  # fmt: skip


def _record_row(version: Version, position: int) -> tuple[Any, ...]:
    stake, content, judgement = version.stake, version.content, version.judgement
    return (
        stake.id, stake.ref.platform, stake.ref.record_id, stake.ref.version, stake.person_key, stake.state,
        stake.code, stake.place, content.name_digest, version.identity, content.employer, content.subject_kind,
        content.learning_form, content.course_id, content.course_title, content.industry, content.major,
        content.first_on, content.last_on, content.learned_range is not None, content.centihours, content.passed,
        version.score, version.completed_at, version.digest, stake.days, stake.claimed, stake.credited,
        stake.cap_exempt, judgement.jurisdiction, judgement.region, judgement.registered_by, stake.rule_ids,
        stake.rulebook, stake.authority, stake.reason, position, stake.registered_position, content.credit_year,
    )  # fmt: skip


async def update_judged(tx: Transaction, versions: Sequence[Version]) -> None:
    """Write what judging held versions anew has found; their hours follow in `update_stakes`."""
    if not versions:
        return
    await tx.sql.execute(
        "UPDATE record r SET days = string_to_array(w.days, ',')::date[],"
        " claimed = string_to_array(w.claimed, ',')::int[], jurisdiction = w.jurisdiction, region = w.region,"
        " registered_by = w.registered_by, cap_exempt = w.cap_exempt, rulebook = w.rulebook"
        " FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[],"
        " $8::text[]) AS w(id, days, claimed, jurisdiction, region, registered_by, cap_exempt, rulebook)"
        " WHERE r.id = w.id",
        [each.stake.id for each in versions],
        [",".join(day.isoformat() for day in each.stake.days) for each in versions],
        [",".join(map(str, each.stake.claimed)) for each in versions],
        [each.judgement.jurisdiction for each in versions],
        [each.judgement.region for each in versions],
        [each.judgement.registered_by for each in versions],
        [each.stake.cap_exempt for each in versions],
        [each.stake.rulebook for each in versions],
    )


async def update_verdicts(tx: Transaction, stakes: Iterable[Stake]) -> None:
    """Write what decisions have made of versions that keep their place and hours: one statement for each verdict."""
    alike: dict[tuple[str, str, str, str, tuple[str, ...]], list[int]] = {}
    for each in stakes:
        alike.setdefault((each.state, each.code, each.authority, each.reason, each.rule_ids), []).append(each.id)
    for verdict, ids in alike.items():
        await tx.sql.execute(
            "UPDATE record SET state = $2, code = $3, authority = $4, reason = $5, rule_ids = $6"
            " WHERE id = ANY($1::bigint[])",
            ids,
            *verdict,
        )


async def update_stakes(tx: Transaction, stakes: Sequence[Stake], superseded: Mapping[int, int]) -> None:
    """Write state, place and credited hours of versions that stood already. `superseded` gives feed positions by id."""
    if not stakes:
        return
    await tx.sql.execute(
        "UPDATE record r SET state = w.state, code = w.code, place = w.place, authority = w.authority,"
        " reason = w.reason, credited = string_to_array(w.credited, ',')::int[],"
        " rule_ids = string_to_array(w.rule_ids, ','), registered_position = w.registered_position,"
        " superseded_position = COALESCE(w.superseded, r.superseded_position)"
        " FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[],"
        " $8::bigint[], $9::text[], $10::bigint[]) AS w(id, state, code, place, authority, reason, credited,"
        " superseded, rule_ids, registered_position) WHERE r.id = w.id",
        [each.id for each in stakes],
        [each.state for each in stakes],
        [each.code for each in stakes],
        [each.place for each in stakes],
        [each.authority for each in stakes],
        [each.reason for each in stakes],
        [",".join(map(str, each.credited)) for each in stakes],
        [superseded.get(each.id) for each in stakes],
        [",".join(each.rule_ids) for each in stakes],
        [each.registered_position for each in stakes],
    )


def stake_of(row: asyncpg.Record) -> Stake:
    """Return the stake that a row of `STAKE_COLUMNS` holds."""
    return Stake(
        id=row["id"],
        ref=Ref(row["platform"], row["record_id"], row["version"]),
        person_key=PersonKey(row["person_key"]),
        subject_kind=row["subject_kind"],
        jurisdiction=row["jurisdiction"],
        rule_ids=tuple(row["rule_ids"]),
        place=row["place"],
        state=row["state"],
        days=tuple(row["days"]),
        claimed=tuple(row["claimed"]),
        credited=list(row["credited"]),
        was_stamped=row["state"] == STAMPED,
        cap_exempt=row["cap_exempt"],
        rulebook=row["rulebook"],
        code=row["code"],
        authority=row["authority"],
        reason=row["reason"],
        registered_position=row["registered_position"],
        credit_year=row["credit_year"],
    )


def content_of(row: asyncpg.Record) -> Content:
    """Return the content that a row of `STAKE_COLUMNS` and `VERSION_COLUMNS` holds."""
    return Content(
        employer=row["employer"],
        subject_kind=row["subject_kind"],
        learning_form=row["learning_form"],
        course_id=row["course_id"],
        course_title=row["course_title"],
        industry=row["industry"],
        major=row["major"],
        learned_days=() if row["is_range"] else tuple(zip(row["days"], row["claimed"], strict=True)),
        learned_range=(row["first_on"], row["last_on"]) if row["is_range"] else None,
        centihours=row["centihours"],
        passed=row["passed"],
        name_digest=row["name_digest"],
        credit_year=row["credit_year"],
    )


def _version(row: asyncpg.Record) -> Version:
    return Version(
        stake_of(row), content_of(row), Judgement(row["state"], row["code"]), row["identity"], row["score"],
        row["completed_at"], row["digest"],
    )  # fmt: skip


async def set_cap_exempt(tx: Transaction, record: int) -> None:
    """Except a version from the day's cap."""
    await tx.sql.execute("UPDATE record SET cap_exempt = true WHERE id = $1", record)
