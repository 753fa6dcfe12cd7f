"""History for the growth part: the tables that grow with records, filled by set-based SQL as their owner.

Every row is taken after one that the pipeline itself has written, with other keys, dates and positions: whatever
columns a table has, they hold what the services put there. Each person has twenty stamped records in two past years,
which is forty ledger rows: people grow in number with the ledger, as they do where more of a province takes part. One
record of everybody follows another, so that each person's rows lie far apart. Among them rows go in by person key, so
those who get new records, whose keys are drawn like all others, are spread over all of it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from tests.load.deliveries import BATCH, PLATFORM
from xueshi_cli.site.site import Site

YEARS = (2023, 2024)
RECORDS_A_YEAR = 10
LEDGER_ROWS_A_PERSON = 2 * RECORDS_A_YEAR * len(YEARS)
_FIRST_DAY = (6, 1)
_DAYS_BETWEEN = 14


@dataclass(frozen=True, slots=True)
class _Table:
    """How a table is filled: which row to take after, what differs from it, and for whom.

    A column that is not there is passed over, so that the tables may change. Names in braces are filled in.
    """

    name: str
    differs: Mapping[str, str]
    after: str = "true"
    who: str = "true"


_RECORD = {"record_id": "'H{fill}-' || lpad(({number})::text, 9, '0')", "person_key": "p.person_key"}
_YEAR = {"person_key": "p.person_key", "period": "'{year}'"}
_DAYS = {
    "first_on": "date '{day}'",
    "last_on": "date '{day}' + 1",
    "days": "ARRAY[date '{day}', date '{day}' + 1]",
    "completed_at": "timestamptz '{day} 12:00+00' + interval '1 day'",
}
_ORDER = dict.fromkeys(("id", "place"), "{order} + {number}")
_POSITIONS = dict.fromkeys(("accepted_position", "registered_position"), "{feed} + {number}")

_BY_RECORD: Mapping[str, Sequence[_Table]] = {
    "registry": (
        _Table("record", {**_RECORD, **_DAYS, **_ORDER, **_POSITIONS}, "state = 'stamped'"),
        _Table("ledger", {**_RECORD, **_DAYS, "period": "'{year}'"}, "account = 'registered'"),
        _Table("ledger", {**_RECORD, **_DAYS, "period": "'{year}'"}, "account = 'stamped'"),
    ),
    "gateway": (
        _Table(
            "delivery",
            {"id": "{order} + {number}", "webhook_id": "'history-{fill}-' || {number}"},
            who=f"p.n % {BATCH} = 0",
        ),
        _Table("receipt", {"delivery": "{order} + {number}"}, who=f"p.n % {BATCH} = 0"),
        _Table("hour_record", {**_RECORD, "delivery": "{order} + {number}"}),
        _Table("fate", {**_RECORD, "position": "{feed} + {number}"}, "state = 'stamped'"),
    ),
    "verification": (
        _Table("item", {**_RECORD, **_DAYS}, "state = 'stamped'"),
        _Table("decision", _RECORD, "outcome = 'stamped'"),
    ),
}
_BY_YEAR: Mapping[str, Sequence[_Table]] = {
    "registry": (_Table("transcript", _YEAR),),
    "certificates": (_Table("transcript", _YEAR),),
    "title_review": (_Table("standing", {**_YEAR, "position": "{feed} + {number}"}, "revision > 0"),),
}
_BY_PERSON: Mapping[str, Sequence[_Table]] = {
    "registry": (
        _Table("person", {"person_key": "p.person_key"}, who="NOT p.registered"),
        _Table("employment", {"person_key": "p.person_key"}, who="NOT p.registered"),
    ),
    "title_review": (
        _Table(
            "subject",
            {"person_key": "p.person_key", "subject_ref": "md5(p.person_key::text) || md5('ref' || p.person_key)"},
        ),
    ),
}
_FEEDS = {
    "registry": "feed = 'hours'",
    "gateway": f"platform = '{PLATFORM}'",
    "title_review": "feed = 'verified-hours'",
}
_SEQUENCES = {"registry": "'order_seq'", "gateway": "pg_get_serial_sequence('delivery', 'id')"}
_SIDE_BY_SIDE = (("registry",), ("gateway", "verification", "title_review", "certificates"))
"""What is filled at once, each part one database after the other."""

_PEOPLE = """
CREATE TABLE IF NOT EXISTS bench_person (n integer PRIMARY KEY, person_key uuid NOT NULL, registered boolean NOT NULL)
"""
_MORE_PEOPLE = """
INSERT INTO bench_person
SELECT $1 + row_number() OVER (ORDER BY person_key), person_key, registered FROM (
    SELECT unnest($2::uuid[]), true
    UNION ALL SELECT md5($3 || ' ' || g)::uuid, false FROM generate_series(1, $4::integer) AS g
) AS everybody (person_key, registered)
"""
_COLUMNS = """
SELECT attname AS plain, quote_ident(attname) AS name,
       attidentity <> '' OR coalesce(pg_get_expr(adbin, adrelid) LIKE 'nextval(%', false) AS counts
FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum
"""


@dataclass(frozen=True, slots=True)
class History:
    """A history to write: for `people` people in all, of whom `registered` are known to the registry already.

    `number` tells this filling from those before; they had `before` people together.
    """

    number: int
    before: int
    people: int
    registered: Sequence[UUID]


async def write(site: Site, history: History) -> None:
    """Write a history into every database, and bring the tables' statistics up to it.

    At least one record has gone through the whole chain before. Vacuuming is part of it: else it would come by itself
    while something is measured.
    """
    await asyncio.gather(*(_write_all(site, databases, history) for databases in _SIDE_BY_SIDE))
    admin = await asyncpg.connect(site.admin_dsn)
    await admin.execute("CHECKPOINT")
    await admin.close()


async def _write_all(site: Site, databases: Sequence[str], history: History) -> None:
    for database in databases:
        owner = await asyncpg.connect(site.owner_dsn(database))
        try:
            await owner.execute("SET synchronous_commit = off")
            await _write_one(owner, database, history)
        finally:
            await owner.close()


async def _write_one(owner: asyncpg.Connection, database: str, history: History) -> None:
    await owner.execute(_PEOPLE)
    others = history.people - len(history.registered)
    await owner.execute(_MORE_PEOPLE, history.before, list(history.registered), str(history.number), others)
    records = history.people * RECORDS_A_YEAR * len(YEARS)
    words: dict[str, Any] = {
        "fill": history.number,
        "order": await _reserve_order(owner, database, records),
        "feed": await _reserve_feed(owner, database, records),
    }
    await _insert(owner, _BY_PERSON.get(database, ()), history, 0, words)
    for place, year in enumerate(YEARS):
        words["year"] = year
        await _insert(owner, _BY_YEAR.get(database, ()), history, place, words)
        for turn in range(RECORDS_A_YEAR):
            words["day"] = date(year, *_FIRST_DAY) + timedelta(days=turn * _DAYS_BETWEEN)
            await _insert(owner, _BY_RECORD.get(database, ()), history, place * RECORDS_A_YEAR + turn, words)
    filled = {table.name for tables in (_BY_PERSON, _BY_YEAR, _BY_RECORD) for table in tables.get(database, ())}
    for table in sorted(filled):
        if await owner.fetchval("SELECT to_regclass($1)", table):
            await owner.execute(f"VACUUM (ANALYZE) {table}")


async def columns_of(owner: asyncpg.Connection, table: str) -> list[asyncpg.Record]:
    """Return a table's columns in order: plain and quoted name, and whether a sequence fills it."""
    return list(await owner.fetch(_COLUMNS, table))


async def _insert(
    owner: asyncpg.Connection, tables: Sequence[_Table], history: History, turn: int, words: Mapping[str, Any]
) -> None:
    """Write one row for each person (of those it is for) into each of the tables."""
    number = f"{turn * history.people - history.before} + p.n"
    for table in tables:
        columns = await columns_of(owner, table.name)
        kept = [each for each in columns if each["plain"] in table.differs or not each["counts"]]
        values = [
            table.differs[each["plain"]].format(number=f"({number})", **words)
            if each["plain"] in table.differs
            else f"t.{each['name']}"
            for each in kept
        ]
        if columns:
            await owner.execute(
                f"WITH t AS MATERIALIZED (SELECT * FROM {table.name} WHERE {table.after} LIMIT 1)"  # noqa: S608
                f" INSERT INTO {table.name} ({', '.join(each['name'] for each in kept)})"
                f" SELECT {', '.join(values)} FROM bench_person p CROSS JOIN t"
                f" WHERE p.n > $1 AND p.n <= $2 AND {table.who} ORDER BY p.n",
                history.before,
                history.before + history.people,
            )


async def _reserve_order(owner: asyncpg.Connection, database: str, count: int) -> int:
    """Take this many numbers of the database's sequence; return the one before the first."""
    sequence = _SEQUENCES.get(database)
    if sequence is None:
        return 0
    last: int = await owner.fetchval(f"SELECT setval({sequence}, nextval({sequence}) + $1)", count)
    return last - count


async def _reserve_feed(owner: asyncpg.Connection, database: str, count: int) -> int:
    """Take this many positions of the database's feed; return the one before the first."""
    if database not in _FEEDS:
        return 0
    last: int = await owner.fetchval(
        f"UPDATE feed_head SET position = position + $1 WHERE {_FEEDS[database]} RETURNING position",  # noqa: S608
        count,
    )
    return last - count
