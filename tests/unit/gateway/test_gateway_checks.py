"""What makes a record well-formed (FJ-07, FJ-24), one rule at a time, each side of each threshold."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from tests.unit.gateway.example import BOUNDS, ID_NUMBER, changed
from xueshi_records import (
    Bounds,
    Record,
    RejectedError,
    Void,
    canonical_form,
    centihours,
    kinds_of_forms,
    settle_form,
    settle_void,
)
from xueshi_rulebook import load_rulebook


def _settled(**changes: object) -> Record:
    """Return the contract's example with changed members, checked and settled."""
    record = msgspec.convert(changed(**changes), Record)
    settle_form(record, BOUNDS)
    return record


def _refusal(**changes: object) -> tuple[str, str]:
    with pytest.raises(RejectedError) as caught:
        _settled(**changes)
    return caught.value.code, caught.value.pointer


def test_the_contracts_example_is_well_formed() -> None:
    assert _settled().record_id == "KC25-000183"


@pytest.mark.parametrize(
    ("changes", "code", "pointer"),
    [
        ({"record_id": "a b"}, "FIELD_INVALID", "/record_id"),
        ({"record_id": "a\n"}, "FIELD_INVALID", "/record_id"),
        ({"record_id": ID_NUMBER}, "PERSONAL_DATA", "/record_id"),
        ({"record_id": f"x-{ID_NUMBER}-1"}, "PERSONAL_DATA", "/record_id"),
        ({"record_id": "359900-19900307-0011"}, "PERSONAL_DATA", "/record_id"),
        ({"learner__id_type": "library_card"}, "ID_TYPE_UNKNOWN", "/learner/id_type"),
        ({"learner__id_number": "359900199003070012"}, "ID_NUMBER_INVALID", "/learner/id_number"),
        ({"learner__id_number": "359900199002300018"}, "ID_NUMBER_INVALID", "/learner/id_number"),
        ({"learner__name": "陈\x00晓"}, "FIELD_INVALID", "/learner/name"),
        ({"learner__name": " · "}, "FIELD_INVALID", "/learner/name"),
        ({"employer": "91350100M000100Y44"}, "EMPLOYER_CODE_INVALID", "/employer"),
        ({"employer": "福建某公司"}, "EMPLOYER_CODE_INVALID", "/employer"),
        ({"subject_kind": "leisure"}, "FIELD_INVALID", "/subject_kind"),
        ({"learning_form": "dreaming"}, "FIELD_INVALID", "/learning_form"),
        ({"learning_form": "secondment", "subject_kind": "public"}, "FIELD_INVALID", "/learning_form"),
        ({"course__id": "课程"}, "FIELD_INVALID", "/course/id"),
        ({"course__id": ID_NUMBER}, "PERSONAL_DATA", "/course/id"),
        ({"course__title": f"致{ID_NUMBER}"}, "PERSONAL_DATA", "/course/title"),
        ({"course__title": "结构\x7f"}, "FIELD_INVALID", "/course/title"),
        ({"course__title": "结构\x85"}, "FIELD_INVALID", "/course/title"),
        ({"major": ID_NUMBER}, "PERSONAL_DATA", "/major"),
        ({"credit_year": "1899"}, "FIELD_INVALID", "/credit_year"),
        ({"credit_year": "18"}, "FIELD_INVALID", "/credit_year"),
        ({"assessment__passed": False}, "NOT_PASSED", "/assessment/passed"),
        ({"assessment__score": "88.123"}, "FIELD_INVALID", "/assessment/score"),
        ({"hours": "4,5"}, "FIELD_INVALID", "/hours"),
        ({"hours": "4.5\n"}, "FIELD_INVALID", "/hours"),
        ({"hours": "-4.5"}, "FIELD_INVALID", "/hours"),
        ({"hours": "04.5"}, "FIELD_INVALID", "/hours"),
        ({"hours": "0"}, "FIELD_INVALID", "/hours"),
        ({"hours": "4.51"}, "HOURS_MISMATCH", "/hours"),
        ({"hours": "4.49"}, "HOURS_MISMATCH", "/hours"),
        ({"learned": [{"on": "2025-06-01", "hours": "0.0"}]}, "FIELD_INVALID", "/learned/0/hours"),
        ({"learned": [{"on": "2025-06-04", "hours": "4.5"}]}, "IN_FUTURE", "/learned/0/on"),
        ({"learned": [{"on": "1989-12-31", "hours": "4.5"}]}, "FIELD_INVALID", "/learned/0/on"),
        (
            {"learned": [{"on": "2025-06-01", "hours": "3"}, {"on": "2025-06-01", "hours": "1.5"}]},
            "FIELD_INVALID",
            "/learned/1/on",
        ),
        ({"learned": {"from": "2025-06-02", "to": "2025-06-01"}}, "FIELD_INVALID", "/learned/to"),
        ({"learned": {"from": "2025-06-02", "to": "2025-06-04"}}, "IN_FUTURE", "/learned/to"),
        ({"learned": {"from": "2024-06-01", "to": "2025-06-02"}}, "FIELD_INVALID", "/learned/to"),
        ({"completed_at": "2025-06-03T18:25:01+08:00"}, "IN_FUTURE", "/completed_at"),
        ({"completed_at": "9999-12-31T23:59:59-08:00"}, "IN_FUTURE", "/completed_at"),
        ({"completed_at": "0001-01-01T00:00:00+08:00"}, "FIELD_INVALID", "/completed_at"),
    ],
)
def test_each_rule_names_its_code_and_place(changes: dict[str, Any], code: str, pointer: str) -> None:
    assert _refusal(**changes) == (code, pointer)


@pytest.mark.parametrize(
    "changes",
    [
        {"completed_at": "2025-06-03T18:25:00+08:00"},
        {"learned": [{"on": "2025-06-03", "hours": "4.5"}]},
        {"learned": [{"on": "1990-01-01", "hours": "4.5"}]},
        {"learned": {"from": "2024-06-02", "to": "2025-06-02"}},
        {"learned": {"from": "2025-06-02", "to": "2025-06-02"}},
        {"learner__id_number": "35990019900307001１"},
        {"learner__name": "买买提·艾力\u3000"},
        {"course__title": "全角\u3000空格与 emoji 😀"},
        {"assessment__score": None},
        {"employer": None, "industry": None, "major": None},
        {"hours": "4.50"},
        {"learning_form": "secondment"},
        {"subject_kind": "public"},
    ],
)
def test_what_lies_within_the_thresholds_passes(changes: dict[str, Any]) -> None:
    _settled(**changes)


def test_a_form_of_another_subject_is_named_and_an_unknown_one_not_repeated() -> None:
    for form, named in (("secondment", "secondment"), ("dreaming", "")):
        with pytest.raises(RejectedError) as caught:
            _settled(learning_form=form, subject_kind="public")
        assert caught.value.form == named


def test_the_door_refuses_the_form_and_kind_that_every_jurisdiction_refuses() -> None:
    jurisdiction = load_rulebook().jurisdiction("fujian")
    allowed = kinds_of_forms([jurisdiction])
    assert allowed.keys() == jurisdiction.forms.keys()
    for form, kinds in allowed.items():
        assert {kind for each in jurisdiction.forms[form] for kind in each.kinds} == kinds
    [secondment] = jurisdiction.forms["secondment"]
    other = replace(jurisdiction, forms={"secondment": (secondment._replace(kinds=("public",)),)})
    assert kinds_of_forms([jurisdiction, other])["secondment"] == {"public", "professional"}


def test_the_last_minutes_of_the_day_count_in_china() -> None:
    just_before_midnight = datetime(2025, 6, 3, 15, 54, 59, tzinfo=UTC)
    assert Bounds.at(just_before_midnight, (), {}).latest_on.isoformat() == "2025-06-03"
    assert Bounds.at(just_before_midnight.replace(minute=55, second=0), (), {}).latest_on.isoformat() == "2025-06-04"


def test_what_means_the_same_becomes_the_same() -> None:
    otherwise = _settled(
        hours="4.50",
        learned=[{"on": "2025-06-02", "hours": "1.50"}, {"on": "2025-06-01", "hours": "3.00"}],
        completed_at="2025-06-02T13:40:00Z",
        industry=5.0,
        employer="91350100m000100y43",
        assessment__score="88.0",
    )
    assert canonical_form(otherwise) == canonical_form(_settled())


@pytest.mark.parametrize(("text", "hundredths"), [("4.5", 450), ("0.05", 5), ("9999.99", 999_999), ("12", 1200)])
def test_decimals_are_hundredths(text: str, hundredths: int) -> None:
    assert centihours(text) == hundredths


def test_a_void_carries_no_personal_data() -> None:
    settle_void(Void(record_id="KC25-000183", reason="重复上报"))
    for reason, code in ((f"号码{ID_NUMBER}有误", "PERSONAL_DATA"), ("\x07", "FIELD_INVALID")):
        with pytest.raises(RejectedError) as caught:
            settle_void(Void(record_id="KC25-000183", reason=reason))
        assert (caught.value.code, caught.value.pointer) == (code, "/reason")
