"""Who stamps (FJ-08, FJ-09, FJ-26) and who confirms a platform (FJ-15)."""

from itertools import permutations

import pytest

from xueshi_rulebook import Authority, Route, RouteQuestion, UnknownDivisionError, UnknownKindError, load_rulebook

FUJIAN = load_rulebook().jurisdiction("fujian")
CONSTRUCTION, HEALTH = 5, 17


def hrss(name: str, region: str, level: str) -> Authority:
    return Authority(name, "hrss", region, level, frozenset(), unable=False)  # type: ignore[arg-type]


def body(name: str, region: str, level: str, *industries: int, unable: bool = False) -> Authority:
    return Authority(name, "industry", region, level, frozenset(industries), unable)  # type: ignore[arg-type]


AUTHORITIES = [
    hrss("province", "350000", "province"),
    hrss("quanzhou", "350500", "city"),
    hrss("luojiang", "350504", "county"),
    hrss("fuzhou", "350100", "city"),
    hrss("pingtan", "350128", "city"),
    body("quanzhou-construction", "350500", "city", CONSTRUCTION),
    body("luojiang-construction", "350504", "county", CONSTRUCTION),
    body("luojiang-health", "350504", "county", HEALTH, unable=True),
]


def ask(kind: str, region: str, industry: int | None, registration: str = "submitted") -> Route:
    question = RouteQuestion(kind, region, industry, registration)  # type: ignore[arg-type]
    routed = FUJIAN.route(question, AUTHORITIES)
    assert FUJIAN.router(AUTHORITIES)(question) == routed
    return routed


@pytest.mark.parametrize(
    ("kind", "region", "industry", "authority", "fallback"),
    [
        ("public", "350504", CONSTRUCTION, "luojiang", "none"),
        ("public", "350504", None, "luojiang", "none"),
        ("public", "350500", None, "quanzhou", "none"),
        ("public", "350000", None, "province", "none"),
        ("professional", "350504", CONSTRUCTION, "luojiang-construction", "none"),
        ("professional", "350500", CONSTRUCTION, "quanzhou-construction", "none"),
        ("professional", "350504", 3, "luojiang", "no_industry_body"),
        ("professional", "350504", None, "luojiang", "no_industry_body"),
        ("professional", "350504", HEALTH, "luojiang", "unable"),
        ("professional", "350100", CONSTRUCTION, "fuzhou", "no_industry_body"),
    ],
)
def test_case_6_the_level_is_the_employers(
    kind: str, region: str, industry: int | None, authority: str, fallback: str
) -> None:
    assert ask(kind, region, industry) == Route(authority, ("FJ-08",), fallback, automatic=False, code="")  # type: ignore[arg-type]


def test_pingtan_stands_at_city_level() -> None:
    assert ask("public", "350128", None) == Route("pingtan", ("FJ-08", "FJ-26"), "none", automatic=False, code="")


def test_nobody_there_does_not_climb() -> None:
    routed = ask("professional", "350502", CONSTRUCTION)
    assert (routed.authority_id, routed.code, routed.fallback) == (None, "NO_AUTHORITY", "no_industry_body")


def test_case_5_automatic_registration_is_stamped_automatically() -> None:
    routed = ask("public", "350504", None, "automatic")
    assert routed == Route("luojiang", ("FJ-08", "FJ-09"), "none", automatic=True, code="")
    assert ask("public", "350502", None, "automatic") == Route(
        None, ("FJ-08", "FJ-09"), "none", automatic=True, code=""
    )


def test_an_able_body_is_preferred_and_ties_do_not_depend_on_order() -> None:
    bodies = [
        body("a", "350504", "county", HEALTH, unable=True),
        body("c", "350504", "county", HEALTH),
        body("b", "350504", "county", HEALTH),
    ]
    question = RouteQuestion("professional", "350504", HEALTH, "submitted")
    for order in permutations(bodies):
        assert FUJIAN.route(question, order).authority_id == "b"


def test_an_authority_at_another_level_than_its_area_answers_for_nobody() -> None:
    question = RouteQuestion("public", "350504", None, "submitted")
    assert FUJIAN.route(question, [hrss("wrong", "350504", "city")]).authority_id is None


def test_questions_that_have_no_answer_are_errors() -> None:
    with pytest.raises(UnknownKindError):
        ask("elective", "350504", None)
    with pytest.raises(UnknownDivisionError):
        ask("public", "nowhere", None)
    with pytest.raises(UnknownKindError):
        FUJIAN.platform_confirmer("elective", "city", "350500", None, AUTHORITIES)


@pytest.mark.parametrize(
    ("kind", "level", "region", "industry", "authority"),
    [
        ("public", "county", "350504", None, "quanzhou"),
        ("professional", "county", "350504", CONSTRUCTION, "quanzhou-construction"),
        ("professional", "county", "350504", HEALTH, "quanzhou"),
        ("public", "city", "350500", None, "quanzhou"),
        ("public", "province", "350000", None, "province"),
        ("public", "province", "350100", None, "province"),
        ("professional", "province", "350000", CONSTRUCTION, "province"),
        ("public", "city", "350128", None, "pingtan"),
        ("public", "county", "350128", None, "pingtan"),
        ("public", "county", "350121", None, "fuzhou"),
        ("public", "county", "350500", None, None),
    ],
)
def test_case_15_who_confirms_a_platform(
    kind: str, level: str, region: str, industry: int | None, authority: str | None
) -> None:
    routed = FUJIAN.platform_confirmer(kind, level, region, industry, AUTHORITIES)  # type: ignore[arg-type]
    assert routed.authority_id == authority
    assert routed.rule_ids[0] == "FJ-15"
    assert routed.code == ("" if authority else "NO_AUTHORITY")


def test_an_industry_body_that_cannot_stamp_still_confirms_platforms() -> None:
    bodies = [*AUTHORITIES, body("quanzhou-health", "350500", "city", HEALTH, unable=True)]
    assert FUJIAN.platform_confirmer("professional", "city", "350500", HEALTH, bodies).authority_id == "quanzhou-health"
