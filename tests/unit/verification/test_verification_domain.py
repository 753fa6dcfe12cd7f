"""Grants, claims and the checks before a decision."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from xueshi_rulebook import UnknownDivisionError
from xueshi_verification.domain.errors import (
    AuthorityInvalidError,
    ClaimedError,
    DecidedError,
    GrantTooWideError,
    ItemUnknownError,
    NotGrantedError,
    NotWaitingError,
    OwnRecordError,
    StaleVersionError,
)
from xueshi_verification.domain.grants import (
    Scope,
    areas_of,
    check_authority,
    check_may_grant,
    check_reach,
    may_administer,
    may_review,
    scope_of,
)
from xueshi_verification.domain.judgement import Officer, check_decidable, check_reviewer, newest
from xueshi_verification.domain.model import (
    Authority,
    AuthorityId,
    Grant,
    Item,
    ItemKey,
    OfficerId,
    PersonKey,
    PlatformId,
    RecordId,
    Registration,
)

NOW = datetime(2025, 6, 3, 1, 0, tzinfo=UTC)
TODAY = date(2025, 6, 3)
ME = OfficerId("me")

# Which regions lie in which, written down a second time; 平潭 stands beside the cities (FJ-26).
WITHIN = {
    "350000": {"350000", "350100", "350102", "350128", "350500", "350504"},
    "350100": {"350100", "350102"},
    "350102": {"350102"},
    "350128": {"350128"},
    "350500": {"350500", "350504"},
    "350504": {"350504"},
}
LEVELS = ("province", "city", "county")


def _authority(**changes: object) -> Authority:
    base = Authority(AuthorityId("a"), "住建", "industry", "350504", "county", (5,), unable=False)
    return replace(base, **changes)  # type: ignore[arg-type]


def _grant(**changes: object) -> Grant:
    base = Grant(UUID(int=1), ME, "我", "reviewer", AuthorityId("a"), "350504", "county", 0, None, TODAY, None, None)
    return replace(base, **changes)  # type: ignore[arg-type]


def _item(region: str = "350504", industry: int = 5, **changes: Any) -> Item:  # noqa: ANN401 - any field
    base = Item(
        key=ItemKey(PlatformId("p"), RecordId("r"), PersonKey(UUID(int=7))),
        version=2,
        state="waiting",
        authority=AuthorityId("a"),
        registration=Registration(
            jurisdiction="fujian",
            region=region,
            industry=industry,
            employer="",
            employer_name="",
            subject_kind="professional",
            learning_form="conference",
            registered_by="submitted",
            course_title="",
            major="",
            first_on=TODAY,
            last_on=TODAY,
            passed=True,
            score="",
            person_label="",
            registered_rulebook="",
        ),
        areas=areas_of(region),
        claimed_centihours=100,
        credited_centihours=100,
        rule_ids=("FJ-08",),
        fallback=False,
        code="",
        position=1,
        registration_position=1,
        waiting_since=NOW,
        claimed_by=None,
        claimed_until=None,
    )
    return replace(base, **changes)


def _officer(*grants: Grant) -> Officer:
    return Officer(ME, grants, NOW, TODAY)


def test_reviewing_as_a_matrix() -> None:
    seen: set[bool] = set()
    for role, granted_in, granted_level, granted_industry, level, region, industry in product(
        ("reviewer", "administrator"), WITHIN, LEVELS, (0, 5, 6), LEVELS, WITHIN, (0, 5, 6)
    ):
        grant = _grant(role=role, region=granted_in, level=granted_level, industry=granted_industry)
        expected = (
            role == "reviewer"
            and region in WITHIN[granted_in]
            and granted_level == level
            and granted_industry in {0, industry}
        )
        assert may_review([grant], _authority(level=level), _item(region, industry), TODAY) is expected
        seen.add(expected)
    assert seen == {True, False}


def test_administering_as_a_matrix() -> None:
    for role, granted_in, granted_level, granted_industry, region in product(
        ("reviewer", "administrator"), WITHIN, LEVELS, (0, 5, 6), WITHIN
    ):
        grant = _grant(role=role, region=granted_in, level=granted_level, industry=granted_industry)
        for kind, industries, needed in (("industry", (5,), {0, 5}), ("industry", (5, 6), {0}), ("hrss", (), {0})):
            authority = _authority(kind=kind, industries=industries, region=region)
            assert may_administer([grant], authority, TODAY) is (
                role == "administrator"
                and region in WITHIN[granted_in]
                and granted_level == "county"
                and granted_industry in needed
            )


def test_any_one_grant_is_enough_and_none_of_another_authority() -> None:
    fitting, other = _grant(), _grant(authority=AuthorityId("b"))
    assert may_review([other, fitting], _authority(), _item(), TODAY)
    assert not may_review([other], _authority(), _item(), TODAY)


@pytest.mark.parametrize(
    ("first", "last", "in_force"),
    [(0, None, True), (1, None, False), (-5, 0, True), (-5, -1, False), (0, 0, True)],
)
def test_grants_hold_from_and_to_a_day_both_included(first: int, last: int | None, *, in_force: bool) -> None:
    grant = _grant(
        valid_from=TODAY + timedelta(days=first),
        valid_to=None if last is None else TODAY + timedelta(days=last),
    )
    assert grant.holds_on(TODAY) is in_force
    assert not replace(grant, revoked_at=NOW).holds_on(TODAY)


def test_an_administrator_gives_no_more_than_their_own() -> None:
    authority = _authority(kind="hrss", industries=(), region="350500", level="city")
    own = _grant(role="administrator", region="350500", level="city", industry=5)
    check_may_grant([own], authority, Scope("350504", 5), TODAY)
    for wanted in (Scope("350504", 0), Scope("350504", 6), Scope("350000", 5)):
        with pytest.raises(GrantTooWideError):
            check_may_grant([own], authority, wanted, TODAY)
    with pytest.raises(NotGrantedError):
        check_may_grant([_grant(region="350500", level="city")], authority, Scope("350504", 5), TODAY)


def test_a_grant_stays_within_the_authority() -> None:
    city = _authority(region="350500", level="city", industries=(5, 7))
    for wanted in (Scope("350500", 0), Scope("350504", 7)):
        check_reach(city, wanted)
    for wanted in (Scope("350000", 0), Scope("350128", 5), Scope("350504", 6)):
        with pytest.raises(GrantTooWideError):
            check_reach(city, wanted)
    check_reach(_authority(kind="hrss", industries=()), Scope("350504", 6))


def test_the_reach_of_an_authority_names_its_industry_where_it_has_just_one() -> None:
    assert scope_of(_authority()) == Scope("350504", 5)
    assert scope_of(_authority(industries=(5, 6))) == Scope("350504", 0)
    assert scope_of(_authority(kind="hrss", industries=())) == Scope("350504", 0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"level": "city"}, "level"),
        ({"region": "350128"}, "level"),
        ({"industries": ()}, "industries"),
        ({"kind": "hrss"}, "industries"),
    ],
)
def test_an_authority_must_fit_its_region(changes: dict[str, object], field: str) -> None:
    with pytest.raises(AuthorityInvalidError) as refused:
        check_authority(_authority(**changes))
    assert refused.value.field == field


def test_pingtans_authority_is_a_city_and_an_unknown_region_is_an_error() -> None:
    check_authority(_authority(region="350128", level="city"))
    with pytest.raises(UnknownDivisionError):
        check_authority(_authority(region="35x504"))


def test_a_record_names_its_newest_version_and_of_two_people_the_side_that_stands() -> None:
    new = _item()
    assert newest([_item(version=1), new]) is new
    assert newest([new, replace(new, state="voided")]) is new
    assert newest([replace(new, state="voided"), replace(new, state="stamped")]).state == "stamped"
    with pytest.raises(ItemUnknownError):
        newest([])


@pytest.mark.parametrize(("version", "error"), [(1, StaleVersionError), (3, ItemUnknownError), (2, None)])
def test_a_decision_names_the_newest_version(version: int, error: type[Exception] | None) -> None:
    authorities = {AuthorityId("a"): _authority()}
    if error is None:
        assert check_reviewer(_officer(_grant()), _item(), version, authorities) == _authority()
    else:
        with pytest.raises(error):
            check_reviewer(_officer(_grant()), _item(), version, authorities)


def test_nobody_reviews_what_is_nowhere() -> None:
    with pytest.raises(NotGrantedError):
        check_reviewer(_officer(_grant()), _item(state="unrouted", authority=None), 2, {})


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({}, None),
        ({"state": "stamped"}, DecidedError),
        ({"state": "returned"}, DecidedError),
        ({"state": "revoked"}, DecidedError),
        ({"state": "held"}, NotWaitingError),
        ({"state": "voided"}, NotWaitingError),
        ({"claimed_by": ME, "claimed_until": NOW + timedelta(minutes=1)}, None),
        ({"claimed_by": OfficerId("you"), "claimed_until": NOW + timedelta(seconds=1)}, ClaimedError),
        ({"claimed_by": OfficerId("you"), "claimed_until": NOW}, None),
    ],
)
def test_only_what_waits_and_nobody_else_holds_is_decided(
    changes: dict[str, Any], error: type[Exception] | None
) -> None:
    if error is None:
        check_decidable(_officer(), _item(**changes))
    else:
        with pytest.raises(error):
            check_decidable(_officer(), _item(**changes))


def test_ones_own_record_is_known_by_any_grant_ever_given() -> None:
    ended = _grant(person_key=PersonKey(UUID(int=7)), revoked_at=NOW, authority=AuthorityId("b"))
    with pytest.raises(OwnRecordError):
        check_decidable(_officer(_grant(), ended), _item())
    check_decidable(_officer(_grant(), replace(ended, person_key=PersonKey(UUID(int=8)))), _item())
