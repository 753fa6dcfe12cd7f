"""The limit: how fast PostgreSQL takes the rows of accepted deliveries when nothing stands before it.

Binary COPY over one connection, 500 records a transaction, every commit synced. The rows are those that accepting has
just written, in the order of their transactions, as `COPY … TO STDOUT` gave them: they are encoded before the clock
starts. They go into tables made LIKE the gateway's, indexes and storage included, which grow as the gateway's own do.

Which tables these are, and their columns, is asked of the catalogue: whatever accepting writes and would find again
after a crash. The counters of the rate limit are unlogged and therefore not among them.
"""

import struct
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import asyncpg

RECORDS = "hour_record"
_HEADER = b"PGCOPY\n\xff\r\n\x00" + struct.pack("!ii", 0, 0)
_TRAILER = struct.pack("!h", -1)
_COUNT = struct.Struct("!h")
_LENGTH = struct.Struct("!i")

Batch = Mapping[str, memoryview]
"""What one transaction copies: for each table its rows, encoded."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Records a second by COPY: of the record rows alone, and of all rows."""

    records_only: float
    all_rows: float


class CopyLimit:
    """The tables to copy into, beside the gateway's own. The connection is the owner's."""

    def __init__(self, owner: asyncpg.Connection) -> None:
        """Make nothing yet: the first rows tell which tables there are."""
        self._owner = owner
        self._made: set[str] = set()

    async def mark(self) -> int:
        """Return a transaction number: what is written afterwards has a higher one."""
        number: int = await self._owner.fetchval("SELECT pg_current_xact_id()::text::bigint")
        return number

    async def capture(self, mark: int, deliveries: int) -> list[Batch]:
        """Return the rows written since the mark, cut into one batch for each delivery."""
        tables = await self._written(mark, deliveries)
        batches: list[dict[str, memoryview]] = [{} for _ in range(deliveries)]
        for table in tables:
            rows = await self._encoded(table, mark)
            for place, batch in enumerate(batches):
                part = rows[len(rows) * place // deliveries : len(rows) * (place + 1) // deliveries]
                batch[table] = memoryview(_HEADER + b"".join(part) + _TRAILER)
        await self._make(tables)
        return [*batches]

    async def copy(self, batches: Sequence[Batch], records: int) -> Limits:
        """Copy the batches, which hold this many records, and return how fast that went."""
        started_at = time.perf_counter()
        for batch in batches:
            await self._copy_in(f"limit_only_{RECORDS}", batch[RECORDS])
        only = time.perf_counter() - started_at
        started_at = time.perf_counter()
        for batch in batches:
            async with self._owner.transaction():
                for table, rows in batch.items():
                    await self._copy_in(f"limit_all_{table}", rows)
        return Limits(records / only, records / (time.perf_counter() - started_at))

    async def follow(self, mark: int) -> None:
        """Bring the tables up to what has been written since the mark, off the clock."""
        for table in sorted(self._made):
            names = ", ".join(await self._columns(table))
            for prefix in ("limit_all_", "limit_only_") if table == RECORDS else ("limit_all_",):
                into = f"INSERT INTO {prefix}{table} ({names}) OVERRIDING SYSTEM VALUE"
                await self._owner.execute(f"{into} {_rows_since(table, names, mark)}")

    async def _written(self, mark: int, deliveries: int) -> list[str]:
        """Return the logged tables with at least a row for each delivery since the mark."""
        tables = await self._owner.fetch(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
            " AND relpersistence = 'p' AND NOT relispartition AND relname NOT LIKE 'limit\\_%' ORDER BY relname"
        )
        found = []
        for (table,) in tables:
            rows = await self._owner.fetch(_rows_since(table, "ctid", mark))
            if len(rows) >= deliveries:
                found.append(table)
        return found

    async def _columns(self, table: str) -> list[str]:
        rows = await self._owner.fetch(
            "SELECT quote_ident(attname) AS name FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0"
            " AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
            table,
        )
        return [row["name"] for row in rows]

    async def _encoded(self, table: str, mark: int) -> list[bytes]:
        gathered = bytearray()

        async def gather(part: bytes) -> None:
            gathered.extend(part)

        names = ", ".join(await self._columns(table))
        await self._owner.copy_from_query(_rows_since(table, names, mark), output=gather, format="binary")
        return list(_rows(bytes(gathered)))

    async def _make(self, tables: Sequence[str]) -> None:
        for table in tables:
            if table not in self._made:
                self._made.add(table)
                await self._owner.execute(f"CREATE TABLE limit_all_{table} (LIKE {table} INCLUDING ALL)")
                if table == RECORDS:
                    await self._owner.execute(f"CREATE TABLE limit_only_{table} (LIKE {table} INCLUDING ALL)")

    async def _copy_in(self, table: str, rows: memoryview) -> None:
        # asyncpg sends a buffer as it is, and takes bytes for a path; its types know neither.
        await self._owner.copy_to_table(table, source=rows, format="binary")  # type: ignore[arg-type]


def _rows_since(table: str, names: str, mark: int) -> str:
    """Return the query of a table's rows since the mark, transaction by transaction.

    A cluster of this run's own is young: its transaction numbers have not wrapped around.
    """
    # Table and columns come from the catalogue.
    return f"SELECT {names} FROM {table} WHERE xmin::text::bigint > {mark} ORDER BY xmin::text::bigint, ctid"  # noqa: S608


def _rows(encoded: bytes) -> Iterator[bytes]:
    """Yield each row of a binary COPY, which ends with a count of -1."""
    at = len(_HEADER)
    while (fields := _COUNT.unpack_from(encoded, at)[0]) >= 0:
        start = at
        at += _COUNT.size
        for _ in range(fields):
            length = _LENGTH.unpack_from(encoded, at)[0]
            at += _LENGTH.size + max(length, 0)
        yield encoded[start:at]
