"""What one record is worth in Fujian (FJ-03, 04, 05, 07, 12, 17)."""

from datetime import date

import pytest

from xueshi_rulebook import Assessment, Authority, Claim, Jurisdiction, Provider, RouteQuestion, Work, load_rulebook
from xueshi_rulebook.explaining import Language

FUJIAN = load_rulebook().jurisdiction("fujian")
DAY = date(2025, 6, 1)
CITY_PLATFORM = Provider("platform", "city", "350500")
CITY_BASE = Provider("base", "city", "350500")
ORGANISER = Provider("organiser", None, None)
ONLINE = Claim(
    subject_kind="public",
    learning_form="online",
    learned_days=((DAY, 300),),
    learned_range=None,
    centihours=300,
    passed=True,
    employer_region="350504",
    provider=CITY_PLATFORM,
    class_plan_confirmed_by=None,
)
CLASS = ONLINE._replace(learning_form="face_to_face", provider=CITY_BASE)


def assess(claim: Claim, **changes: object) -> Assessment:
    return FUJIAN.assess(claim._replace(**changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("jurisdiction", load_rulebook().jurisdictions.values(), ids=lambda each: each.code)
def test_naming_the_year_of_the_learning_changes_nothing(jurisdiction: Jurisdiction) -> None:
    for code, forms in jurisdiction.forms.items():
        for kind in {kind for form in forms for kind in form.kinds}:
            claim = ONLINE._replace(
                learning_form=code, subject_kind=kind, employer_region=jurisdiction.covers[0].region
            )
            named = claim._replace(work=Work(credit_year="2025"))
            assert jurisdiction.assess(named) == jurisdiction.assess(claim), (code, kind)


def test_case_5_confirmed_platform_registers_automatically() -> None:
    for kind in ("public", "professional"):
        made = assess(ONLINE, subject_kind=kind)
        rule_ids = ("FJ-04", "FJ-07", "FJ-03", "FJ-17")
        days = ((DAY, 300),)
        assert made == Assessment("registered", "", "automatic", days, day_cap_exempt=False, rule_ids=rule_ids)


def test_case_5_what_registers_automatically_is_stamped_at_once_and_provable() -> None:
    made = assess(ONLINE)
    hrss = Authority("luojiang", "hrss", "350504", "county", frozenset(), unable=False)
    route = FUJIAN.route(RouteQuestion("public", "350504", 5, made.registration, DAY), [hrss])
    assert (route.automatic, "FJ-09" in route.rule_ids, "FJ-11" in FUJIAN.proof.rule_ids) == (True, True, True)


@pytest.mark.parametrize(
    ("kind", "confirmed_by", "registration"),
    [
        ("public", None, "submitted"),
        ("public", "hrss", "automatic"),
        ("public", "industry", "submitted"),
        ("professional", None, "submitted"),
        ("professional", "hrss", "submitted"),
        ("professional", "industry", "automatic"),
        ("professional", "hrss_fallback", "automatic"),
        ("public", "hrss_fallback", "submitted"),
    ],
)
def test_case_14_a_class_is_automatic_only_with_a_plan_of_who_may_stamp(
    kind: str, confirmed_by: str | None, registration: str
) -> None:
    made = assess(CLASS, subject_kind=kind, class_plan_confirmed_by=confirmed_by)
    assert (made.outcome, made.registration) == ("registered", registration)
    assert ("FJ-05" in made.rule_ids) == (confirmed_by is not None)


def test_a_class_plan_means_nothing_to_an_online_platform() -> None:
    assert "FJ-05" not in assess(ONLINE, class_plan_confirmed_by="hrss").rule_ids


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"learned_days": None}, "INCOMPLETE"),
        ({"learned_days": ()}, "INCOMPLETE"),
        ({"learned_range": (DAY, DAY)}, "FIELD_INVALID"),
        ({"centihours": 0}, "FIELD_INVALID"),
        ({"centihours": -300, "learned_days": ((DAY, -300),)}, "FIELD_INVALID"),
        ({"learned_days": ((DAY, 400), (date(2025, 6, 2), -100))}, "FIELD_INVALID"),
        ({"learned_days": None, "learned_range": (DAY, date(2025, 5, 31))}, "FIELD_INVALID"),
        ({"centihours": 299}, "HOURS_MISMATCH"),
        ({"centihours": 301}, "HOURS_MISMATCH"),
        ({"passed": False}, "NOT_PASSED"),
        ({"subject_kind": "elective"}, "FIELD_INVALID"),
        ({"learning_form": "telepathy"}, "FIELD_INVALID"),
    ],
)
def test_faults_of_the_record_are_rejected(changes: dict[str, object], code: str) -> None:
    made = assess(ONLINE, **changes)
    assert (made.outcome, made.code, made.days) == ("rejected", code, ())
    assert made.rule_ids


@pytest.mark.parametrize(("days", "accepted"), [(365, True), (366, True), (367, False)])
def test_the_longest_span_of_one_record(days: int, *, accepted: bool) -> None:
    last = date.fromordinal(DAY.toordinal() + days - 1)
    made = assess(ONLINE, learned_days=None, learned_range=(DAY, last))
    assert (made.outcome == "registered") == accepted
    listed = tuple((date.fromordinal(DAY.toordinal() + n), 1) for n in range(days))
    made = assess(ONLINE, learned_days=listed, centihours=days)
    assert (made.outcome == "registered") == accepted


@pytest.mark.parametrize(
    ("first", "outcome"), [("2023-05-08", "held"), ("2023-05-09", "registered"), ("2023-05-10", "registered")]
)
def test_learning_before_the_notice_is_held(first: str, outcome: str) -> None:
    day = date.fromisoformat(first)
    made = assess(ONLINE, learned_days=((day, 300),))
    assert (made.outcome, made.code) == (outcome, "BEFORE_RULES" if outcome == "held" else "")
    made = assess(ONLINE, learned_days=None, learned_range=(day, date(2023, 5, 20)))
    assert made.outcome == outcome
    made = assess(ONLINE, learned_days=((date(2023, 5, 20), 100), (day, 200)))
    assert made.outcome == outcome


PAPER = ONLINE._replace(
    subject_kind="professional",
    learning_form="achievement",
    learned_days=None,
    provider=None,
    work=Work(
        submitter="person",
        item="paper",
        rank=1,
        earned_on=DAY,
        facts=frozenset({"work_related", "formally_published"}),
        evidence=frozenset({"publication"}),
    ),
)


@pytest.mark.parametrize(
    "form",
    ["external_class", "employer_run", "secondment", "conference", "other_confirmed"],
)
def test_a_platform_does_not_submit_what_employers_and_people_submit(form: str) -> None:
    made = assess(ONLINE, learning_form=form, subject_kind="professional")
    assert (made.outcome, made.code, made.rule_ids) == ("rejected", "WRONG_SUBMITTER", ("FJ-04",))
    assert made.missing == ("employer", "person")


@pytest.mark.parametrize(
    ("work", "code", "missing"),
    [
        ({"submitter": "organiser"}, "WRONG_SUBMITTER", ("employer", "person")),
        ({"facts": frozenset({"work_related"})}, "CONDITION_UNMET", ("formally_published",)),
        ({"facts": frozenset()}, "CONDITION_UNMET", ("work_related", "formally_published")),
        ({"evidence": frozenset()}, "EVIDENCE_MISSING", ("publication",)),
        ({"item": "poem"}, "EARNS_NOTHING", ()),
        ({"rank": 0}, "EARNS_NOTHING", ()),
        ({"earned_on": None}, "INCOMPLETE", ()),
    ],
)
def test_the_first_unmet_condition_is_named(work: dict[str, object], code: str, missing: tuple[str, ...]) -> None:
    made = assess(PAPER, work=PAPER.work._replace(**work))  # type: ignore[arg-type]
    assert (made.outcome, made.code, made.missing) == ("rejected", code, missing)


def test_what_a_person_must_decide_is_held() -> None:
    made = assess(PAPER, work=PAPER.work._replace(facts=PAPER.work.facts | {"shared_first_author"}))
    assert (made.outcome, made.code, made.missing) == ("held", "NEEDS_DECISION", ("shared_first_author",))


@pytest.mark.parametrize(
    ("language", "words"), [("zh", "须由人工认定：并列第一作者"), ("en", "A person decides: shared first")]
)
@pytest.mark.parametrize("rank", [0, 1])
def test_what_a_person_must_decide_is_said_without_arithmetic(rank: int, language: Language, words: str) -> None:
    work = PAPER.work._replace(facts=PAPER.work.facts | {"shared_first_author"}, rank=rank)
    said = FUJIAN.explain_assessment(PAPER._replace(work=work), language)
    assert words in said
    assert "×" not in said


def test_a_paper_counts_whole_on_the_day_of_publication() -> None:
    made = assess(PAPER)
    assert (made.outcome, made.days, made.day_cap_exempt) == ("registered", ((DAY, 6000),), True)


def test_a_docked_system_of_an_industry_registers_any_form_automatically() -> None:
    made = assess(PAPER, work=PAPER.work._replace(submitter="industry_system"))
    assert (made.outcome, made.registration) == ("registered", "automatic")
    assert "FJ-06" in made.rule_ids


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_assessment_is_explained_with_its_arithmetic_and_readings(language: Language) -> None:
    said = FUJIAN.explain_assessment(PAPER, language)
    assert "60" in said
    assert "附件1（八）" in said
    assert FUJIAN.rules["FJ-04"].citation in said
    refused = FUJIAN.explain_assessment(PAPER._replace(work=PAPER.work._replace(facts=frozenset())), language)
    form = FUJIAN.form_on("achievement", "professional", DAY)
    assert form is not None
    assert form.needs[0].name.within(language) in refused


def test_records_of_one_day_share_its_cap_and_name_their_rivals() -> None:
    five = ONLINE._replace(centihours=500, learned_days=((DAY, 500),))
    six = ONLINE._replace(centihours=600, learned_days=((DAY, 600),), provider=CITY_BASE, learning_form="face_to_face")
    first, second = FUJIAN.credit([five, six])
    assert (first.credited, first.competing) == (500, ())
    assert (second.claimed, second.credited, second.competing) == (600, 300, (0,))


@pytest.mark.parametrize(("language", "words"), [("zh", "6 − 3 = 3学时未计入"), ("en", "6 - 3 = 3 are not")])
def test_what_is_uncredited_is_explained_with_its_arithmetic_and_rival(language: Language, words: str) -> None:
    five = ONLINE._replace(centihours=500, learned_days=((DAY, 500),))
    six = ONLINE._replace(centihours=600, learned_days=((DAY, 600),))
    said = FUJIAN.explain_credit([five, six, ONLINE._replace(passed=False)], language)
    assert words in said
    assert FUJIAN.rules["FJ-03"].citation in said
    assert "记录1" in said or "record 1" in said


def test_items_of_one_form_share_the_years_cap() -> None:
    next_year = PAPER._replace(work=PAPER.work._replace(earned_on=date(2026, 1, 1)))
    made = FUJIAN.credit([PAPER._replace(work=PAPER.work._replace(rank=2)), PAPER, PAPER, next_year])
    assert [each.credited for each in made] == [3000, 3000, 0, 6000]
    assert made[1].competing == (0,)


def test_forms_are_numbered_as_in_the_notice_and_know_their_kinds() -> None:
    forms = [form for [form] in FUJIAN.forms.values()]
    assert [form.number for form in forms] == list(range(1, 10))
    assert {form.number for form in forms if form.kinds == ("professional",)} == {3, 5, 7, 8}
    assert {form.number for form in forms if form.day_cap_exempt} == {6, 8}
    assert assess(ONLINE, learning_form="conference").code == "FIELD_INVALID"


@pytest.mark.parametrize(
    ("provider", "region", "inside"),
    [
        (Provider("platform", "province", "350000"), "350504", True),
        (Provider("platform", "province", "350000"), "350128", True),
        (Provider("platform", "province", "350100"), "350504", True),
        (Provider("platform", "province", "330000"), "350504", False),
        (Provider("platform", "city", "350500"), "350504", True),
        (Provider("platform", "city", "350500"), "350500", True),
        (Provider("platform", "city", "350504"), "350502", True),
        (Provider("platform", "city", "350500"), "350000", False),
        (Provider("platform", "city", "350500"), "350102", False),
        (Provider("platform", "city", "350100"), "350128", False),
        (Provider("platform", "city", "350128"), "350128", True),
        (Provider("platform", "county", "350128"), "350128", True),
        (Provider("platform", "county", "350504"), "350504", True),
        (Provider("platform", "county", "350504"), "350502", False),
        (Provider("platform", "county", "350504"), "350500", False),
        (Provider("platform", "county", "350500"), "350504", False),
        (Provider("platform", None, None), "350102", True),
        (Provider("base", "city", "350500"), "350102", False),
        (Provider("base", None, "350500"), "350504", False),
        (Provider("base", "city", None), "350504", False),
        (Provider("base", "city", "nowhere"), "350504", False),
        (Provider("organiser", "city", "350500"), "350102", True),
    ],
)
def test_bases_serve_their_own_area_only(provider: Provider, region: str, *, inside: bool) -> None:
    assert FUJIAN.provider_in_scope(provider, region) == inside
    made = assess(ONLINE, provider=provider, employer_region=region)
    assert (made.outcome, made.code) == (("registered", "") if inside else ("held", "OUT_OF_SCOPE"))
    assert made.days == ((DAY, 300),)


def test_who_does_not_act_as_a_base_is_not_tested() -> None:
    made = assess(CLASS, provider=ORGANISER, employer_region="350102")
    assert made.outcome == "registered"
    assert "FJ-17" not in made.rule_ids


def test_an_unknown_provider_is_held() -> None:
    assert assess(ONLINE, provider=None).code == "PLATFORM_UNKNOWN"
    assert assess(CLASS, provider=None).code == "PLATFORM_UNKNOWN"


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (799, [799]),
        (800, [800]),
        (801, [800, 1]),
        (1600, [800, 800]),
        (2400, [800, 800, 800]),
        (2401, [800, 800, 801]),
        (5000, [800, 800, 3400]),
    ],
)
def test_a_range_fills_the_earliest_day_first_and_leaves_the_rest_on_the_last(hours: int, expected: list[int]) -> None:
    made = assess(ONLINE, learned_days=None, learned_range=(DAY, date(2025, 6, 3)), centihours=hours)
    assert [claimed for _, claimed in made.days] == expected
    assert made.days[0][0] == DAY


def test_how_a_span_fills_its_days_is_said_to_be_a_reading() -> None:
    words = "自首日起逐日计满每日上限"
    span = ONLINE._replace(learned_days=None, learned_range=(DAY, date(2025, 6, 3)), centihours=2000)
    assert words in FUJIAN.explain_assessment(span, "zh")
    assert words not in FUJIAN.explain_assessment(span._replace(learned_range=(DAY, DAY)), "zh")
    assert words not in FUJIAN.explain_assessment(ONLINE, "zh")


def test_a_range_of_one_day_keeps_all_its_hours_there() -> None:
    assert assess(ONLINE, learned_days=None, learned_range=(DAY, DAY), centihours=900).days == ((DAY, 900),)


def test_a_range_over_new_year_splits_by_day_and_period() -> None:
    span = (date(2024, 12, 31), date(2025, 1, 1))
    made = assess(ONLINE, learned_days=None, learned_range=span, centihours=1000)
    assert [(FUJIAN.period_of(day), hours) for day, hours in made.days] == [("2024", 800), ("2025", 200)]


def test_listed_days_come_back_once_each_and_in_order() -> None:
    second = date(2025, 6, 2)
    made = assess(ONLINE, learned_days=((second, 100), (DAY, 150), (second, 50)))
    assert made.days == ((DAY, 150), (second, 150))
