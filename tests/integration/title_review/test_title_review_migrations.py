"""The migrations make what the code says, and the runtime role cannot take back what was told."""

import asyncio

import asyncpg
import pytest
from alembic import command

from tests.support.databases import DatabaseFactory
from tests.support.title_review import TitleReview
from xueshi.registry.v1.transcripts_pb2 import KindTotal, TranscriptChanged, TranscriptEntry
from xueshi_kit import migrations
from xueshi_title_review.wire.events import hours_of

STORED_AT_FIRST = (
    '{"jurisdiction": "fujian", "verdict": "short", "rule_ids": ["FJ-01"], "rulebook": "hash", "totals": [{"kind":'
    ' "public", "required_centihours": 3000, "verified_centihours": 450, "lacking_centihours": 2550}], "entries":'
    ' [{"platform": "p1", "record_id": "r1", "version": 2, "kind": "public", "course_title": "法规“新”解",'
    ' "first_on": "2025-06-01", "last_on": "2025-06-02", "centihours": 450, "authority": "hrss-350504"}]}'
)
"""A transcript as migration 0001 had it stored."""


async def test_migrations_match_the_tables(review: TitleReview) -> None:
    await asyncio.to_thread(migrations.check, "xueshi_title_review", review.owner_dsn)


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM standing", "DELETE FROM subject", "UPDATE subject SET key_id = ''", "TRUNCATE feed_head"],
)
async def test_what_was_told_is_not_taken_back(review: TitleReview, statement: str) -> None:
    await review.take(review.transcript(1))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await review.fetch(statement)


async def test_what_stood_as_json_stands_as_the_same_transcript_would_be_told(make_database: DatabaseFactory) -> None:
    made = make_database("title_review")
    await asyncio.to_thread(command.upgrade, migrations.config_for("xueshi_title_review", made.owner_dsn), "0001")
    owner = await asyncpg.connect(made.owner_dsn)
    try:
        await owner.execute(
            "INSERT INTO standing (person_key, period, transcript)"
            " SELECT lpad(n::text, 32, '0')::uuid, y, CASE y WHEN '2025' THEN $1::jsonb END"
            " FROM generate_series(1, 1100) AS n, unnest(ARRAY['2024', '2025']) AS y",
            STORED_AT_FIRST,
        )
        await asyncio.to_thread(migrations.upgrade, "xueshi_title_review", made.owner_dsn)
        rows = await owner.fetch("SELECT period, hours, count(*) AS people FROM standing GROUP BY period, hours")
    finally:
        await owner.close()
    transcript = TranscriptChanged(
        jurisdiction="fujian",
        verdict="short",
        rule_ids=["FJ-01"],
        rulebook="hash",
        totals=[KindTotal(kind="public", required_centihours=3000, stamped_centihours=450, lacking_centihours=2550)],
        entries=[
            TranscriptEntry(
                platform="p1",
                record_id="r1",
                version=2,
                kind="public",
                course_title="法规“新”解",
                first_on=20240,
                last_on=20241,
                credited_centihours=450,
                authority="hrss-350504",
            )
        ],
    )
    assert {tuple(row) for row in rows} == {("2024", None, 1100), ("2025", hours_of(transcript), 1100)}
