"""What the database holds and forbids: no ID number, no name, no secret; nothing append-only can be changed."""

import base64
import json

import asyncpg
import pytest

from tests.integration.gateway.stand import Stand, id_number, record
from xueshi_cli.runtime.provision import Provisioned
from xueshi_gateway.tables import metadata
from xueshi_kit.migrations import check

NAME = "欧阳靖雯"
APPEND_ONLY = ("delivery", "receipt", "hour_record", "rule_clause", "audit")


async def dump(stand: Stand) -> bytes:
    """Return every value of every table as text, the bytes of bytea columns as they are."""
    parts: list[bytes] = []
    for table in metadata.tables:
        rows = await stand.rows(f"SELECT * FROM {table}")  # noqa: S608 - our own tables
        for row in rows:
            parts += [value if isinstance(value, bytes) else str(value).encode() for value in row.values()]
    return b"\n".join(parts)


def spellings(text: str) -> list[bytes]:
    """Return how a text could stand in a dump."""
    raw = text.encode()
    shifted = [base64.b64encode(b"." * shift + raw)[shift * 2 : -4] for shift in range(3)]
    return [raw, raw.hex().encode(), json.dumps(text)[1:-1].encode(), text[::-1].encode(), *shifted]


async def test_no_table_holds_a_number_a_name_or_a_secret(stand: Stand) -> None:
    sender = await stand.platform()
    person = {"id_type": "resident_id", "id_number": id_number(77), "name": NAME}
    other = {**person, "id_number": id_number(78)}
    await sender.send(
        [
            record("good", learner=person),
            record("bad-sum", learner=person, hours="9"),
            record("no-hours", learner=person, hours=None),
            record(id_number(77), learner=person),
            record("titled", learner=person, course={"id": "C", "title": f"致{id_number(77)}"}),
            {**record("unknown-member", learner=person), id_number(77): NAME},
        ]
    )
    await sender.send([record("good", learner=other)], "corrected")
    await sender.send([{"record_id": "good", "reason": id_number(77)}], "voided")
    await sender.send([record("good", learner=person)], delivery=id_number(77))
    held = await dump(stand)
    assert len(held) > 2000
    for needle in (id_number(77), id_number(78), NAME):
        for spelling in spellings(needle):
            assert spelling not in held
    assert b"whsec_" not in held


async def test_the_search_finds_what_is_there(stand: Stand) -> None:
    await stand.platform()
    await stand.rows("UPDATE platform SET name = $1", f"{NAME} {id_number(77)}")
    held = await dump(stand)
    assert all(needle.encode() in held for needle in (NAME, id_number(77)))


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET {} = {}", "TRUNCATE {}"])
async def test_what_is_append_only_cannot_be_changed(stand: Stand, table: str, statement: str) -> None:
    column = next(iter(metadata.tables[table].columns)).name
    connection = await asyncpg.connect(stand.database.app_dsn)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement.format(table, column, column))
    finally:
        await connection.close()


def test_the_tables_are_what_the_migrations_make(gateway_database: Provisioned) -> None:
    check("xueshi_gateway", gateway_database.owner_dsn)
