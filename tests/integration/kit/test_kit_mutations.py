"""Tests of the tests: each scene passes on the real plumbing and fails where one of its rules is left out."""

import pytest

from tests.support.counting.mutants import RelayWithCursor, WorkerThatCommitsFirst, WorkerWithoutInbox
from tests.support.counting.scenes import commit_out_of_id_order, die_within_the_handling, lose_the_commit_of_offsets
from tests.support.counting.service import Counting
from xueshi_kit.inbox import Worker
from xueshi_kit.outbox import Relay


async def test_a_row_that_commits_late_is_published(counting: Counting) -> None:
    await commit_out_of_id_order(counting, Relay)


async def test_without_the_published_flag_a_row_that_commits_late_is_lost(counting: Counting) -> None:
    with pytest.raises(AssertionError, match="lost"):
        await commit_out_of_id_order(counting, RelayWithCursor)


async def test_a_repeated_delivery_has_no_second_effect(counting: Counting) -> None:
    await lose_the_commit_of_offsets(counting, Worker)


async def test_without_the_inbox_a_repeated_delivery_doubles(counting: Counting) -> None:
    with pytest.raises(AssertionError, match="doubled"):
        await lose_the_commit_of_offsets(counting, WorkerWithoutInbox)


async def test_what_a_dying_consumer_leaves_is_done_by_the_next(counting: Counting) -> None:
    await die_within_the_handling(counting, Worker)


async def test_with_the_offset_before_the_effect_a_dying_consumer_loses(counting: Counting) -> None:
    with pytest.raises(AssertionError, match="lost"):
        await die_within_the_handling(counting, WorkerThatCommitsFirst)
