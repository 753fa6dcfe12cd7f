"""The whole product on each bus, in a run of seconds; `make faults` does the same for long."""

from functools import partial

import pytest

from tests.faults import plan
from tests.faults.away import receive, shut_receiver_out, taken, without_title_review
from tests.faults.drain import drain
from tests.faults.replays import replay
from tests.faults.rounds import Load, Outcome, Stage, play

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]

REPLAYED = 500
PAUSE_SECONDS = 0.5


def assert_good(outcome: Outcome) -> None:
    """Show what is wrong, if anything is."""
    assert outcome.findings.kinds() == {"lost": [], "doubled": [], "out_of_order": [], "diverged": []}
    assert outcome.surprises == []
    assert outcome.drain_seconds < 60


async def test_deliveries_replayed_five_times_at_once_have_one_effect_each(stage: Stage) -> None:
    assert (await replay(stage, REPLAYED, "replayed")).wrong == []


async def test_nothing_is_lost_doubled_or_reordered_under_fire(stage: Stage) -> None:
    kafka = stage.site.bus_kind == "kafka"
    make_acts = partial(plan.shortly, kafka=kafka)
    outcome = await play(stage, "7-short", Load(), make_acts, PAUSE_SECONDS)
    assert_good(outcome)
    assert stage.story.counts["accepted"] > REPLAYED + 50


async def test_while_title_review_is_away_everything_upstream_goes_on(stage: Stage) -> None:
    outcome, accepted, waiting = await without_title_review(stage, "7-away")
    assert accepted > 0
    assert waiting > 0
    assert_good(outcome)


async def test_a_receiver_that_was_shut_out_catches_up(stage: Stage) -> None:
    if stage.site.bus_kind == "embedded":  # the local broker knows no roles
        await shut_receiver_out(stage, out=True)
        assert await receive(stage) != 0
        await shut_receiver_out(stage, out=False)
    assert await receive(stage) == 0
    await drain(stage.site)
    told, took = await taken(stage)
    assert took == told > 0
