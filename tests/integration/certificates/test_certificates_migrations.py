"""What earlier forms of the tables held stands in the present one."""

import asyncio

import asyncpg
from alembic import command

from tests.support.databases import DatabaseFactory
from xueshi_certificates.wire.events import decode
from xueshi_certificates.wire.stored import load_content
from xueshi_kit import migrations

STORED_AT_FIRST = (
    '{"format":1,"facts":{"jurisdiction":"fujian","period":"2025","verdict":"short","totals":[{"kind":"public",'
    '"required_centihours":3000,"stamped_centihours":450,"lacking_centihours":2550}],"entries":[{"platform":"fj-online",'
    '"record_id":"R-1","version":1,"kind":"public","course_title":"混凝土结构耐久性","learning_form":"online",'
    '"first_on":"2025-06-01","last_on":"2025-06-02","credited_centihours":450,"passed":true,"score":"88",'
    '"authority":"hrss-359900","authority_name":"某市人力资源和社会保障局"}],"rule_ids":["FJ-01"],"rulebook":"book-1"}}'
)
"""A transcript as migration 0001 had it stored."""


async def test_transcripts_that_stood_as_json_say_the_same(make_database: DatabaseFactory) -> None:
    made = make_database("certificates")
    await asyncio.to_thread(command.upgrade, migrations.config_for("xueshi_certificates", made.owner_dsn), "0001")
    owner = await asyncpg.connect(made.owner_dsn)
    try:
        await owner.execute(
            "INSERT INTO transcript (person_key, period, revision, identity, content, taken_at)"
            " SELECT lpad(n::text, 32, '0')::uuid, '2025', 7, '\\x01', $1::jsonb, '2025-12-01Z'"
            " FROM generate_series(1, 1100) AS n",
            STORED_AT_FIRST,
        )
        await asyncio.to_thread(migrations.upgrade, "xueshi_certificates", made.owner_dsn)
        rows = await owner.fetch("SELECT encoded FROM transcript")
    finally:
        await owner.close()
    assert len(rows) == 1100
    contents = [decode(row["encoded"]) for row in rows]
    was = load_content(STORED_AT_FIRST)
    assert all(content == was for content in contents)
    assert (contents[0].rule_ids, contents[0].rulebook) == (was.rule_ids, was.rulebook)
    assert contents[0].entries[0].authority_name == "某市人力资源和社会保障局"
