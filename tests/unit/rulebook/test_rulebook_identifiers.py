"""Identity numbers: the standards' vectors, properties of the check digits, masks, and numbers hidden in text."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xueshi_rulebook import IdentifierError
from xueshi_rulebook.identifiers import (
    ID_TYPES,
    contains_id_number,
    id_checksum,
    id_warning,
    mask_id,
    normalise_id,
)

VECTOR = "11010519491231002X"
SAMPLE = "359900199003070011"


def numbers(prefix: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Build valid 18-character numbers with the given six-digit prefix."""

    def build(area: str, born: date, order: int) -> str:
        body = f"{area}{born:%Y%m%d}{order:03}"
        return body + id_checksum(body)

    births = st.dates(date(1900, 1, 1), date(2029, 12, 31))
    return st.builds(build, prefix, births, st.integers(0, 999))


AREAS = st.integers(100000, 799999).map(str)


def refused(id_type: str, number: str) -> str:
    with pytest.raises(IdentifierError) as caught:
        normalise_id(id_type, number)
    assert number not in str(caught.value)
    assert number not in caught.value.message_zh
    return caught.value.code


def test_published_vector_and_sample_number() -> None:
    assert normalise_id("resident_id", VECTOR) == VECTOR
    assert normalise_id("resident_id", SAMPLE) == SAMPLE


@pytest.mark.parametrize("written", [VECTOR.lower(), f"  {VECTOR}\n", "１１０１０５１９４９１２３１００２Ｘ"])
def test_other_spellings_give_one_number(written: str) -> None:
    assert normalise_id("resident_id", written) == VECTOR


@pytest.mark.parametrize(
    ("born", "exists"),
    [
        ("20240229", True),
        ("20230229", False),
        ("19000229", False),
        ("20000229", True),
        ("19900230", False),
        ("19901301", False),
        ("19900001", False),
        ("19900100", False),
        ("19900431", False),
        ("19901231", True),
        ("00000101", False),
    ],
)
def test_the_birth_date_must_exist(born: str, *, exists: bool) -> None:
    body = f"359900{born}001"
    number = body + id_checksum(body)
    if exists:
        assert normalise_id("resident_id", number) == number
    else:
        assert refused("resident_id", number) == "ID_NUMBER_INVALID"


@pytest.mark.parametrize("number", ["", "X", SAMPLE[:-1], SAMPLE + "1", "35990019900307001X1", "35990019900307O011"])
def test_malformed_numbers_are_refused(number: str) -> None:
    with pytest.raises(IdentifierError):
        normalise_id("resident_id", number)


def test_residence_permits_take_three_prefixes_only() -> None:
    assert refused("hmt_residence_permit", SAMPLE) == "ID_NUMBER_INVALID"
    wrong = "810000199001010010"
    body = wrong[:17]
    right = body + id_checksum(body)
    assert normalise_id("hmt_residence_permit", right) == right
    other = str((int(right[-1]) + 1) % 10) if right[-1] != "X" else "1"
    assert refused("hmt_residence_permit", body + other) == "ID_NUMBER_INVALID"


def test_old_permanent_resident_cards_and_what_is_neither() -> None:
    assert normalise_id("foreign_permanent_resident", "usa310081121201") == "USA310081121201"
    for number in ("US3100811212010", "USA31008112120", SAMPLE):
        assert refused("foreign_permanent_resident", number) == "ID_NUMBER_INVALID"


@pytest.mark.parametrize(
    ("id_type", "number"),
    [
        ("passport", "E12345678"),
        ("passport", "AB1234567"),
        ("hmt_travel_permit", "H12345678"),
        ("hmt_travel_permit", "M1234567801"),
        ("hmt_travel_permit", "12345678"),
    ],
)
def test_passports_and_travel_permits_by_form(id_type: str, number: str) -> None:
    assert normalise_id(id_type, number.lower()) == number


@pytest.mark.parametrize(
    ("id_type", "number"),
    [
        ("passport", "ABCDE"),
        ("passport", "1234"),
        ("passport", "E1234-5678"),
        ("hmt_travel_permit", "X12345678"),
        ("hmt_travel_permit", "H1234567"),
    ],
)
def test_malformed_passports_and_travel_permits(id_type: str, number: str) -> None:
    assert refused(id_type, number) == "ID_NUMBER_INVALID"


def test_unknown_type_has_its_own_code() -> None:
    assert refused("driving_licence", SAMPLE) == "ID_TYPE_UNKNOWN"


def test_checksum_wants_seventeen_digits() -> None:
    assert id_checksum(VECTOR[:17]) == "X"
    for body in ("", VECTOR, "1101051949123100X"):
        with pytest.raises(ValueError, match="17 digits"):
            id_checksum(body)


def test_masks() -> None:
    assert mask_id(SAMPLE) == "359900********0011"
    assert mask_id("E12345678") == "E1*****78"
    assert mask_id("E1234567") == "E1****67"
    assert mask_id("E123456") == "*******"
    assert mask_id("") == ""


@pytest.mark.parametrize("id_type", sorted(ID_TYPES - {"resident_id"}))
def test_only_a_resident_id_has_an_area_to_be_known(id_type: str) -> None:
    assert id_warning(id_type, "810000199001010010") == ""


def test_an_unknown_area_is_a_warning_and_no_fault() -> None:
    assert id_warning("resident_id", VECTOR) == ""
    assert id_warning("resident_id", normalise_id("resident_id", SAMPLE)) == "ID_AREA_UNKNOWN"


@pytest.mark.parametrize(
    "text",
    [
        SAMPLE,
        VECTOR.lower(),
        f"KC{SAMPLE}A",
        f"7{SAMPLE}",
        f"{SAMPLE}0",
        "3599 0019 9003 0700 11",
        "359900-19900307-0011",
        "３５９９００１９９００３０７００１１",
        f"课程（学员{SAMPLE}）",
        "359900\u200b199003070011",
        "359900_1990.0307/0011",
    ],
)
def test_numbers_in_text_are_found(text: str) -> None:
    assert contains_id_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "KC25-000183",
        "混凝土结构耐久性",
        "2025-06-01 2025-06-02 12",
        "359900199003070012",
        "359900199013070011",
        "130503670401001",
        "359900199003 课 070011",
        "9" * 40,
    ],
)
def test_other_text_is_left_alone(text: str) -> None:
    assert not contains_id_number(text)


@given(numbers(AREAS), st.text(alphabet=" -·", max_size=3), st.integers(1, 17))
def test_a_number_is_found_however_it_is_grouped(number: str, gap: str, position: int) -> None:
    assert contains_id_number(f"a{number[:position]}{gap}{number[position:]}b")
