"""FJ-03: eight hours a day, in ledger order."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xueshi_rulebook import allocate, load_rulebook

FUJIAN = load_rulebook().jurisdiction("fujian")
CAP = FUJIAN.day_cap_centihours(date(2024, 2, 29)) or 0
CLAIMS = st.lists(st.tuples(st.integers(0, 2000), st.booleans()), max_size=12)


def test_the_cap_is_eight_hours_from_the_notice_on() -> None:
    assert FUJIAN.day_cap_centihours(date(2023, 5, 9)) == 800
    assert FUJIAN.day_cap_centihours(date(2023, 5, 8)) is None


def test_without_a_cap_every_claim_is_credited_whole() -> None:
    assert allocate(None, [900, 2400], [False, False]) == [900, 2400]


def test_case_3_five_and_six_hours_on_one_day() -> None:
    assert allocate(CAP, [500, 600], [False, False]) == [500, 300]
    assert allocate(CAP, [600, 500], [False, False]) == [600, 200]


@pytest.mark.parametrize(("claimed", "credited"), [(799, 799), (800, 800), (801, 800)])
def test_one_below_at_and_above(claimed: int, credited: int) -> None:
    assert allocate(CAP, [claimed], [False]) == [credited]


def test_exempt_claims_neither_lose_nor_use_hours() -> None:
    assert allocate(CAP, [6000, 800, 1], [True, False, False]) == [6000, 800, 0]


def test_lists_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="argument"):
        allocate(CAP, [1], [])


@given(CLAIMS)
def test_never_above_the_cap_never_above_the_claim(pairs: list[tuple[int, bool]]) -> None:
    claims, exempt = [hours for hours, _ in pairs], [flag for _, flag in pairs]
    credited = allocate(CAP, claims, exempt)
    capped = [hours for hours, flag in zip(credited, exempt, strict=True) if not flag]
    asked = sum(hours for hours, flag in pairs if not flag)
    assert sum(capped) == min(CAP, asked)
    assert all(got <= want for got, want in zip(credited, claims, strict=True))


@given(CLAIMS, st.tuples(st.integers(0, 2000), st.booleans()))
def test_a_later_claim_changes_nothing_before_it(pairs: list[tuple[int, bool]], late: tuple[int, bool]) -> None:
    def credit(some: list[tuple[int, bool]]) -> list[int]:
        return allocate(CAP, [hours for hours, _ in some], [flag for _, flag in some])

    assert credit([*pairs, late])[:-1] == credit(pairs)
