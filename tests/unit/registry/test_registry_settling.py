"""A day's hours where no cap holds, and where two jurisdictions meet on it."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

import pytest

from xueshi_registry.domain.model import PersonKey, Ref
from xueshi_registry.domain.settling import Stake, settle
from xueshi_registry.handlers.settling import Batch, settle_batch
from xueshi_rulebook import load_rulebook

DAY = date(2025, 6, 1)


def stake(place: int, jurisdiction: str, claimed: int, *, state: str = "registered") -> Stake:
    return Stake(
        id=place,
        ref=Ref("p1", f"r{place}", 1),
        person_key=PersonKey(UUID(int=1)),
        subject_kind="professional",
        jurisdiction=jurisdiction,
        rule_ids=(),
        place=place,
        state=state,
        days=(DAY,),
        claimed=(claimed,),
        credited=[0],
        was_stamped=False,
        cap_exempt=False,
        rulebook="",
    )


def credited(stakes: list[Stake], touched: Stake, caps: Mapping[str, int | None]) -> list[int]:
    settle(stakes, [touched], lambda each, _: caps[each.jurisdiction])
    return [each.credited[0] for each in stakes]


def test_a_day_without_a_cap_credits_every_claim_whole() -> None:
    stakes = [stake(1, "free", 900), stake(2, "free", 900)]
    assert credited(stakes, stakes[1], {"free": None}) == [900, 900]


@pytest.mark.parametrize("touched", [0, 1, 2])
def test_what_a_day_gives_depends_on_its_records_and_not_on_which_came_last(touched: int) -> None:
    stakes = [stake(1, "free", 900), stake(2, "capped", 500), stake(3, "capped", 500)]
    assert credited(stakes, stakes[touched], {"free": None, "capped": 800}) == [900, 500, 300]


@pytest.mark.parametrize("touched", [0, 1])
def test_the_lowest_cap_of_a_day_is_shared(touched: int) -> None:
    stakes = [stake(1, "eight", 500), stake(2, "six", 500)]
    assert credited(stakes, stakes[touched], {"eight": 800, "six": 600}) == [500, 100]


def test_a_record_that_no_longer_counts_sets_no_cap() -> None:
    stakes = [stake(1, "six", 600, state="voided"), stake(2, "eight", 900)]
    assert credited(stakes, stakes[0], {"eight": 800, "six": 600}) == [0, 800]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_batch_moves_the_newest_record_last_however_its_rows_were_read(order: tuple[int, ...]) -> None:
    stakes = [stake(1, "fujian", 300), stake(2, "wenzhou", 300), stake(3, "luojiang", 300)]
    batch = Batch(changed=[stakes[n] for n in order], shares_touched=[stakes[n] for n in order])
    moved = settle_batch({"": load_rulebook()}, batch, []).movements
    assert [each.stake.id for each in moved] == [1, 2, 3]
