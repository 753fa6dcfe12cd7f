"""Rows of items. Rows are locked in the order of their keys, then the queue's head: one order for every writer."""

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from xueshi_kit.db import Transaction
from xueshi_verification.domain.arrivals import Change, Known
from xueshi_verification.domain.grants import areas_of
from xueshi_verification.domain.model import (
    AWAITS_EMPLOYER,
    AuthorityId,
    Item,
    ItemKey,
    OfficerId,
    PersonKey,
    Placement,
    PlatformId,
    RecordId,
    RecordKey,
    Registration,
)
from xueshi_verification.store.rows import Row

# The columns of a batch of items and their types.
_WRITTEN: Mapping[str, str] = {
    "platform": "text",
    "record_id": "text",
    "person_key": "uuid",
    "version": "int",
    "state": "text",
    "authority_id": "text",
    # In the order of `Registration`.
    "jurisdiction": "text",
    "region": "text",
    "industry": "smallint",
    "employer": "text",
    "employer_name": "text",
    "subject_kind": "text",
    "learning_form": "text",
    "registered_by": "text",
    "course_title": "text",
    "major": "text",
    "first_on": "date",
    "last_on": "date",
    "passed": "bool",
    "score": "text",
    "person_label": "text",
    "registered_rulebook": "text",
    "areas": "text[]",
    "claimed_centihours": "int",
    "credited_centihours": "int",
    "rule_ids": "text[]",
    "fallback": "bool",
    "code": "text",
    "position": "bigint",
    "registration_position": "bigint",
    "waiting_since": "timestamptz",
}
_KEY = ("platform", "record_id", "person_key")
_WORDS = ("areas", "rule_ids")
"""Arrays within a batch: in an UPDATE each travels as its words with a blank between."""


def _renew() -> str:
    values = {name: f"string_to_array(row.{name}, ' ')" if name in _WORDS else f"row.{name}" for name in _WRITTEN}
    changes = ", ".join(f"{name} = {value}" for name, value in values.items() if name not in _KEY)
    sent = ("text" if name in _WORDS else kind for name, kind in _WRITTEN.items())
    parameters = ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(sent, start=1))
    return (
        f"UPDATE item SET {changes}, claimed_by = NULL, claimed_until = NULL"
        f" FROM unnest({parameters}) AS row({', '.join(_WRITTEN)})"
        " WHERE (item.platform, item.record_id, item.person_key) = (row.platform, row.record_id, row.person_key)"
    )


_RENEW = _renew()


class Opening(NamedTuple):
    """An item to write: the change that brought it, where it goes and its state there."""

    change: Change
    registration: Registration
    placement: Placement
    state: str


async def lock_known(tx: Transaction, keys: Collection[ItemKey]) -> dict[ItemKey, Known]:
    """Lock the items that are there already, and return what stands about them."""
    rows = await tx.sql.fetch(
        "SELECT platform, record_id, person_key, version, state FROM item WHERE (platform, record_id, person_key) IN"
        " (SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[]))"
        " ORDER BY platform, record_id, person_key FOR UPDATE",
        [key.platform for key in keys],
        [key.record_id for key in keys],
        [key.person_key for key in keys],
    )
    return {_key(row): Known(row["version"], row["state"]) for row in rows}


async def lock_records(tx: Transaction, keys: Iterable[RecordKey]) -> dict[RecordKey, list[Item]]:
    """Lock every side of these records and return them."""
    return await _records(tx, keys, " FOR UPDATE")


async def read_records(tx: Transaction, keys: Iterable[RecordKey]) -> dict[RecordKey, list[Item]]:
    """Return every side of these records."""
    return await _records(tx, keys, "")


async def _records(tx: Transaction, keys: Iterable[RecordKey], lock: str) -> dict[RecordKey, list[Item]]:
    wanted = set(keys)
    rows = await tx.sql.fetch(
        "SELECT * FROM item WHERE (platform, record_id) IN (SELECT * FROM unnest($1::text[], $2::text[]))"
        f" ORDER BY platform, record_id, person_key{lock}",
        [key.platform for key in wanted],
        [key.record_id for key in wanted],
    )
    found: dict[RecordKey, list[Item]] = {}
    for row in rows:
        each = item_of(row)
        found.setdefault(each.key.record, []).append(each)
    return found


async def take_positions(tx: Transaction, count: int) -> range:
    """Take the next positions of the queue's feed: the head is locked until commit, so commit order is their order."""
    head: int = await tx.sql.fetchval(
        "UPDATE feed_head SET position = position + $1 WHERE feed = 'queue' RETURNING position", count
    )
    return range(head - count + 1, head + 1)


async def write(
    tx: Transaction, openings: Sequence[Opening], positions: Sequence[int], known: Container[ItemKey]
) -> None:
    """Insert the items, or bring those that are `known` and locked to their new version, without claims.

    New ones are copied: most are, and COPY takes half of what an upsert does. Should another transaction enter one of
    them meanwhile, the batch fails and is tried anew.
    """
    new: list[tuple[Any, ...]] = []
    renewed: list[tuple[Any, ...]] = []
    for opening, position in zip(openings, positions, strict=True):
        (renewed if opening.change.key in known else new).append(_row_of(opening, position))
    if new:
        await tx.sql.copy_records_to_table("item", records=new, columns=tuple(_WRITTEN))
    if renewed:
        columns = dict(zip(_WRITTEN, map(list, zip(*renewed, strict=True)), strict=True))
        for name in _WORDS:
            columns[name] = [" ".join(words) for words in columns[name]]
        await tx.sql.execute(_RENEW, *columns.values())


def _row_of(opening: Opening, position: int) -> tuple[Any, ...]:
    change, registration, placement, state = opening
    return (
        *change.key,
        change.version,
        state,
        placement.authority,
        *registration,
        areas_of(registration.region),
        change.claimed_centihours,
        change.credited_centihours,
        placement.rule_ids,
        placement.fallback,
        placement.code,
        position,
        change.position,
        change.changed_at,
    )


async def close(tx: Transaction, changes: Collection[Change]) -> None:
    """Bring items to the state and version of these changes, in which nothing can be decided."""
    if not changes:
        return
    await tx.sql.execute(
        "UPDATE item SET version = c.version, state = c.state, claimed_by = NULL, claimed_until = NULL"
        " FROM unnest($1::text[], $2::text[], $3::uuid[], $4::int[], $5::text[])"
        " AS c(platform, record_id, person_key, version, state)"
        " WHERE (item.platform, item.record_id, item.person_key) = (c.platform, c.record_id, c.person_key)",
        *_keys_of(change.key for change in changes),
        [change.version for change in changes],
        [change.state for change in changes],
    )


async def reregister(tx: Transaction, changes: Collection[Change]) -> None:
    """Note the newest registration of versions that stay as they were decided."""
    await tx.sql.execute(
        "UPDATE item SET registration_position = c.position"
        " FROM unnest($1::text[], $2::text[], $3::uuid[], $4::bigint[]) AS c(platform, record_id, person_key, position)"
        " WHERE (item.platform, item.record_id, item.person_key) = (c.platform, c.record_id, c.person_key)",
        *_keys_of(change.key for change in changes),
        [change.position for change in changes],
    )


async def credit(tx: Transaction, changes: Collection[Change]) -> None:
    """Keep claimed and credited hours in step with the registry."""
    if not changes:
        return
    await tx.sql.execute(
        "UPDATE item SET claimed_centihours = c.claimed, credited_centihours = c.credited"
        " FROM unnest($1::text[], $2::text[], $3::uuid[], $4::int[], $5::int[], $6::int[])"
        " AS c(platform, record_id, person_key, version, claimed, credited)"
        " WHERE (item.platform, item.record_id, item.person_key) = (c.platform, c.record_id, c.person_key)"
        " AND item.version = c.version",
        *_keys_of(change.key for change in changes),
        [change.version for change in changes],
        [change.claimed_centihours for change in changes],
        [change.credited_centihours for change in changes],
    )


async def settle(tx: Transaction, keys: Collection[ItemKey], states: Sequence[str]) -> None:
    """Bring decided items to their states; claims end."""
    await tx.sql.execute(
        "UPDATE item SET state = c.state, claimed_by = NULL, claimed_until = NULL"
        " FROM unnest($1::text[], $2::text[], $3::uuid[], $4::text[]) AS c(platform, record_id, person_key, state)"
        " WHERE (item.platform, item.record_id, item.person_key) = (c.platform, c.record_id, c.person_key)",
        *_keys_of(keys),
        list(states),
    )


async def set_claim(tx: Transaction, key: ItemKey, officer: OfficerId | None, until: datetime | None) -> None:
    """Set or clear the claim of an item."""
    await tx.sql.execute(
        "UPDATE item SET claimed_by = $4, claimed_until = $5"
        " WHERE platform = $1 AND record_id = $2 AND person_key = $3",
        *key,
        officer,
        until,
    )


async def lock_placeable(tx: Transaction, leaving: AuthorityId | None) -> list[Item]:
    """Lock what waits for an authority and, where `leaving` names one, what waits there."""
    rows = await tx.sql.fetch(
        "SELECT * FROM item WHERE (state = 'unrouted' AND code <> $2) OR (state = 'waiting' AND authority_id = $1)"
        " ORDER BY platform, record_id, person_key FOR UPDATE",
        leaving,
        AWAITS_EMPLOYER,
    )
    return [item_of(row) for row in rows]


async def move(tx: Transaction, moves: Sequence[tuple[Item, Placement, str]], positions: Sequence[int]) -> None:
    """Place items anew, each in a new state and position, without claims. How long they have waited stays."""
    await tx.sql.execute(
        "UPDATE item SET authority_id = m.authority, state = m.state, rule_ids = string_to_array(m.rules, ' '),"
        " fallback = m.fallback, code = m.code, position = m.position, claimed_by = NULL, claimed_until = NULL"
        " FROM unnest($1::text[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::bool[], $8::text[],"
        " $9::bigint[]) AS m(platform, record_id, person_key, authority, state, rules, fallback, code, position)"
        " WHERE (item.platform, item.record_id, item.person_key) = (m.platform, m.record_id, m.person_key)",
        *_keys_of(item.key for item, _, _ in moves),
        [placement.authority for _, placement, _ in moves],
        [state for _, _, state in moves],
        [" ".join(placement.rule_ids) for _, placement, _ in moves],
        [placement.fallback for _, placement, _ in moves],
        [placement.code for _, placement, _ in moves],
        list(positions),
    )


def _keys_of(keys: Iterable[ItemKey]) -> tuple[list[str], list[str], list[PersonKey]]:
    listed = list(keys)
    return (
        [key.platform for key in listed],
        [key.record_id for key in listed],
        [key.person_key for key in listed],
    )


def _key(row: Row) -> ItemKey:
    return ItemKey(PlatformId(row["platform"]), RecordId(row["record_id"]), PersonKey(row["person_key"]))


def item_of(row: Row) -> Item:
    """Return the item of a whole row."""
    return Item(
        key=_key(row),
        version=row["version"],
        state=row["state"],
        authority=None if row["authority_id"] is None else AuthorityId(row["authority_id"]),
        registration=Registration(**{name: row[name] for name in Registration._fields}),
        areas=tuple(row["areas"]),
        claimed_centihours=row["claimed_centihours"],
        credited_centihours=row["credited_centihours"],
        rule_ids=tuple(row["rule_ids"]),
        fallback=row["fallback"],
        code=row["code"],
        position=row["position"],
        registration_position=row["registration_position"],
        waiting_since=row["waiting_since"],
        claimed_by=None if row["claimed_by"] is None else OfficerId(row["claimed_by"]),
        claimed_until=row["claimed_until"],
    )
