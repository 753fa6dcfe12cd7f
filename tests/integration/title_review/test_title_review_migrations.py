"""The migrations make what the code says, and the runtime role cannot take back what was told."""

import asyncio

import asyncpg
import pytest

from tests.support.title_review import TitleReview
from xueshi_kit import migrations


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
