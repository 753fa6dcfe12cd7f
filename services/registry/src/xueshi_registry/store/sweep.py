"""Everybody's rows, person by person in order of their keys, all seen in one moment.

Each table is read once, in the order that its index gives or that the server makes by sorting, whichever it finds
cheaper. In memory are one person and a block of each table, however large the ledger is.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

import asyncpg

from xueshi_kit.db import Database, Transaction
from xueshi_registry.domain.model import LIVE, Employer, Person, PersonKey, Platform, Ref
from xueshi_registry.domain.standing import Account, Entry, Kept, Live, Prospect, Standing
from xueshi_registry.store import people as people_store
from xueshi_registry.store.records import content_of

BLOCK = 2000
"""Rows of a table that are fetched at once."""
_KEY_BITS = 128


class Part(NamedTuple):
    """The people whose keys lie between two, both included."""

    first: UUID
    last: UUID


def parts(count: int) -> list[Part]:
    """Divide all people into so many parts. Their keys are digests, so the parts are alike."""
    bounds = [(n << _KEY_BITS) // count for n in range(count + 1)]
    return [Part(UUID(int=first), UUID(int=last - 1)) for first, last in pairwise(bounds)]


@asynccontextmanager
async def one_moment(db: Database) -> AsyncIterator[Transaction]:
    """Open a transaction that sees one moment, can write nothing, and may take its time."""
    async with db.transaction() as tx:
        await tx.sql.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        await tx.sql.execute("SET LOCAL statement_timeout = 0")
        await tx.sql.execute("SET LOCAL work_mem = '64MB'")
        yield tx


async def count_people(tx: Transaction) -> int:
    """Return how many people there are."""
    found: int = await tx.sql.fetchval("SELECT count(*) FROM person")
    return found


async def count_pending(tx: Transaction) -> int:
    """Return how many requests to judge anew are not worked off yet."""
    found: int = await tx.sql.fetchval("SELECT count(*) FROM release")
    return found


async def versions(tx: Transaction) -> dict[str, str]:
    """Return the canonical form of every version of the rulebook that is kept, by its hash."""
    return {row["hash"]: row["canonical"] for row in await tx.sql.fetch("SELECT * FROM rulebook_version")}


async def platforms(tx: Transaction) -> dict[str, Platform]:
    """Return every platform."""
    ids = [row["platform"] for row in await tx.sql.fetch("SELECT platform FROM platform")]
    return await people_store.platforms(tx, ids)


_EMPLOYMENTS = (
    f"SELECT {people_store.EMPLOYMENT_COLUMNS} FROM employment m JOIN employer e ON e.uscc = m.employer"
    " WHERE m.person_key BETWEEN $1 AND $2 ORDER BY m.person_key, m.from_on, m.id"
)
_STANDING = (
    "r.id, r.platform, r.record_id, r.version, r.subject_kind, r.jurisdiction, r.place, r.state, r.days, r.claimed,"
    " r.credited, r.cap_exempt, r.rulebook, r.credit_year"
)
_RECORDS = f"SELECT r.person_key, {_STANDING} FROM record r WHERE r.person_key BETWEEN $1 AND $2 ORDER BY r.person_key"
_ENTRIES = (
    "SELECT person_key, platform, record_id, version, period, subject_kind, account, days, deltas, centihours"
    " FROM ledger WHERE person_key BETWEEN $1 AND $2 ORDER BY person_key, id"
)
_TRANSCRIPTS = (
    "SELECT person_key, period, jurisdiction, kinds, registered, stamped, verdict, rulebook"
    " FROM transcript WHERE person_key BETWEEN $1 AND $2 ORDER BY person_key, period"
)
_PEOPLE = (
    "SELECT person_key, name_digest, label, claimed, name_state"
    " FROM person WHERE person_key BETWEEN $1 AND $2 ORDER BY person_key"
)
_LIVE = (
    f"SELECT r.person_key, {_STANDING}, r.code, r.rule_ids, r.region, r.employer, r.learning_form, r.course_id,"
    " r.course_title, r.industry, r.major, r.first_on, r.last_on, r.is_range, r.centihours, r.passed, r.name_digest,"
    " e.name AS employer_name, e.region AS employer_region, e.industry AS employer_industry"
    " FROM record r LEFT JOIN employer e ON e.uscc = r.employer"
    f" WHERE r.person_key BETWEEN $1 AND $2 AND r.state IN ({', '.join(repr(each) for each in sorted(LIVE))})"
    " ORDER BY r.person_key, r.id"
)


async def accounts(tx: Transaction, part: Part) -> AsyncIterator[Account]:
    """Yield all that stands of each person, for recomputing; also of one that only the ledger knows."""
    async for key, (employments, records, entries, transcripts) in _merge(
        tx, part, (_EMPLOYMENTS, _RECORDS, _ENTRIES, _TRANSCRIPTS)
    ):
        yield Account(
            key,
            [people_store.employment_of(row) for row in employments],
            [_standing(row) for row in records],
            [Entry(Ref(row[1], row[2], row[3]), *row[4:]) for row in entries],
            [Kept(*row[1:]) for row in transcripts],
        )


async def prospects(tx: Transaction, part: Part) -> AsyncIterator[Prospect]:
    """Yield each person with the records that count or may come to count, for trying a draft."""
    async for key, (people, employments, live, transcripts) in _merge(
        tx, part, (_PEOPLE, _EMPLOYMENTS, _LIVE, _TRANSCRIPTS)
    ):
        for row in people:
            yield Prospect(
                Person(key, row["name_digest"], row["label"], row["claimed"], row["name_state"]),
                [people_store.employment_of(each) for each in employments],
                {each["employer"]: _employer(each) for each in live if each["employer_name"] is not None},
                [
                    Live(_standing(each), each["code"], each["rule_ids"], each["region"], content_of(each))
                    for each in live
                ],
                [Kept(*each[1:]) for each in transcripts],
            )


def _standing(row: asyncpg.Record) -> Standing:
    return Standing(row[1], Ref(row[2], row[3], row[4]), *row[5:15])


def _employer(row: asyncpg.Record) -> Employer:
    return Employer(row["employer"], row["employer_name"], row["employer_region"], row["employer_industry"])


async def _merge(
    tx: Transaction, part: Part, queries: Sequence[str]
) -> AsyncIterator[tuple[PersonKey, list[list[asyncpg.Record]]]]:
    """Yield each person's rows of every query. The queries' first column is the person's key, in its order."""
    tables = [_Rows(await tx.sql.cursor(query, *part)) for query in queries]
    for table in tables:
        await table.fill()
    while heads := [table.key for table in tables if table.key is not None]:
        key = min(heads)
        yield PersonKey(key), [await table.take(key) for table in tables]


class _Rows:
    """The rows of a query, a block at a time."""

    def __init__(self, cursor: "asyncpg.cursor.Cursor[asyncpg.Record]") -> None:
        self._cursor = cursor
        self._block: list[asyncpg.Record] = []
        self._at = 0
        self.key: UUID | None = None

    async def fill(self) -> None:
        """Fetch the next block; `key` is then its first row's, None at the end."""
        self._block, self._at = await self._cursor.fetch(BLOCK), 0
        self.key = self._block[0][0] if self._block else None

    async def take(self, key: UUID) -> list[asyncpg.Record]:
        """Return all rows of a person, and step behind them."""
        taken: list[asyncpg.Record] = []
        while self.key == key:
            end = self._at
            while end < len(self._block) and self._block[end][0] == key:
                end += 1
            taken += self._block[self._at : end]
            self._at = end
            if end < len(self._block):
                self.key = self._block[end][0]
            else:
                await self.fill()
        return taken
