"""What holds for every number: spellings of a valid one, single slips in it, its mask, and codes of employers alike."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xueshi_rulebook import IdentifierError
from xueshi_rulebook.identifiers import (
    ID_TYPES,
    check_uscc,
    contains_id_number,
    id_checksum,
    mask_id,
    normalise_id,
    uscc_checksum,
)

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@st.composite
def eighteen(draw: st.DrawFn, areas: st.SearchStrategy[str]) -> str:
    """Build an 18-character number of an existing birth date with its own check character."""
    born = draw(st.dates(date(1, 1, 1), date(9999, 12, 31)))
    body = f"{draw(areas)}{born.isoformat().replace('-', '')}{draw(st.integers(0, 999)):03}"
    return body + id_checksum(body)


VALID = {
    "resident_id": eighteen(st.integers(0, 999999).map("{:06}".format)),
    "hmt_residence_permit": eighteen(st.sampled_from(["810000", "820000", "830000"])),
    "foreign_permanent_resident": st.one_of(
        eighteen(st.integers(900000, 999999).map(str)), st.from_regex(r"[A-Z]{3}[0-9]{12}", fullmatch=True)
    ),
    "passport": st.from_regex(r"[A-Z0-9]{4,18}[0-9]", fullmatch=True),
    "hmt_travel_permit": st.from_regex(r"[HM][0-9]{8}|[HM][0-9]{10}|[0-9]{8}|[0-9]{10}|[0-9]{10}[A-Z]", fullmatch=True),
}
CHECKED = ("resident_id", "hmt_residence_permit", "foreign_permanent_resident")
DOCUMENTS = st.sampled_from(sorted(VALID)).flatmap(lambda kind: st.tuples(st.just(kind), VALID[kind]))
CHECKED_DOCUMENTS = st.sampled_from(CHECKED).flatmap(
    lambda kind: st.tuples(st.just(kind), VALID[kind].filter(lambda number: len(number) == 18))
)
USCC_BODIES = st.text(alphabet=ALPHABET, min_size=17, max_size=17)
SPELLINGS = st.tuples(st.booleans(), st.booleans(), st.text(" \t\n\u3000", max_size=2))


def spelt(number: str, spelling: tuple[bool, bool, str]) -> str:
    """Write a number in lower case, in full width, between spaces."""
    low, wide, space = spelling
    written = number.lower() if low else number
    return space + (written.translate(FULL_WIDTH) if wide else written) + space


def swapped(number: str, position: int) -> str:
    return number[:position] + number[position + 1] + number[position] + number[position + 2 :]


def put(number: str, position: int, character: str) -> str:
    return number[:position] + character + number[position + 1 :]


def refused(check: Callable[[], str], number: str) -> str:
    """Return the code of the refusal, whose words never repeat the number."""
    with pytest.raises(IdentifierError) as caught:
        check()
    assert number not in str(caught.value)
    assert number not in caught.value.message_zh
    return caught.value.code


def test_every_type_is_tried() -> None:
    assert set(VALID) == ID_TYPES


@given(DOCUMENTS, SPELLINGS)
def test_a_valid_number_has_one_form_however_it_is_spelt(
    document: tuple[str, str], spelling: tuple[bool, bool, str]
) -> None:
    id_type, number = document
    assert normalise_id(id_type, spelt(number, spelling)) == number
    assert normalise_id(id_type, number) == number


@given(st.sampled_from(sorted(ID_TYPES)), st.text(alphabet="019AHMXxhmß１９ＸＨı -\u3000\u200b", max_size=20))
def test_normalising_twice_changes_nothing_whatever_is_given(id_type: str, given_text: str) -> None:
    try:
        once = normalise_id(id_type, given_text)
    except IdentifierError as error:
        assert error.code == "ID_NUMBER_INVALID"  # noqa: PT017 - most texts are refused, some are not
    else:
        assert once.isascii()
        assert normalise_id(id_type, once) == once


@given(CHECKED_DOCUMENTS, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_changed_character_is_always_found(document: tuple[str, str], position: int, character: str) -> None:
    id_type, number = document
    changed = put(number, position, character)
    if changed != number:
        assert refused(lambda: normalise_id(id_type, changed), changed) == "ID_NUMBER_INVALID"


@given(CHECKED_DOCUMENTS, st.integers(0, 16))
def test_two_swapped_neighbours_are_always_found_the_check_character_too(
    document: tuple[str, str], position: int
) -> None:
    id_type, number = document
    changed = swapped(number, position)
    if changed != number:
        assert refused(lambda: normalise_id(id_type, changed), changed) == "ID_NUMBER_INVALID"


@given(st.from_regex(r"[0-9]{17}", fullmatch=True))
def test_the_check_character_is_that_of_iso_7064_mod_11_2(body: str) -> None:
    carried = 0
    for digit in body:
        carried = (carried + int(digit)) * 2 % 11
    assert id_checksum(body) == "0123456789X"[(1 - carried) % 11]


@given(USCC_BODIES)
def test_the_weighted_sum_of_an_employer_code_is_a_multiple_of_31(body: str) -> None:
    code = body + uscc_checksum(body)
    total = 0
    for character in reversed(code[:17]):
        total = total * 3 + ALPHABET.index(character)
    assert (total + ALPHABET.index(code[17])) % 31 == 0


@given(st.integers(0, 99), st.integers(1, 9999), st.integers(1, 99), st.integers(1, 99))
def test_a_birth_date_passes_exactly_where_the_calendar_has_it(area: int, year: int, month: int, day: int) -> None:
    body = f"3505{area:02}{year:04}{month:02}{day:02}001"
    try:
        date(year, month, day)
    except ValueError:
        with pytest.raises(IdentifierError):
            normalise_id("resident_id", body + id_checksum(body))
    else:
        assert normalise_id("resident_id", body + id_checksum(body)) == body + id_checksum(body)


@given(DOCUMENTS)
def test_a_mask_hides_what_tells_a_person(document: tuple[str, str]) -> None:
    number = document[1]
    masked = mask_id(number)
    shown = [position for position, character in enumerate(masked) if character != "*"]
    assert len(masked) == len(number)
    assert all(masked[position] == number[position] for position in shown)
    if len(number) == 18:
        assert shown == [*range(6), *range(14, 18)]
    else:
        assert len(shown) <= 4
        assert len(shown) <= len(number) // 2
    assert not contains_id_number(masked)


@given(st.text(max_size=40))
def test_a_mask_never_shows_more_than_ten_characters_of_anything(text: str) -> None:
    hidden = mask_id(text).count("*")
    assert hidden >= len(text) - (10 if len(text) == 18 else 4)
    assert hidden >= min(4, len(text))


@given(USCC_BODIES, SPELLINGS)
def test_a_valid_employer_code_has_one_form_however_it_is_spelt(body: str, spelling: tuple[bool, bool, str]) -> None:
    code = body + uscc_checksum(body)
    assert check_uscc(spelt(code, spelling)) == code
    assert check_uscc(check_uscc(spelt(code, spelling))) == code


@given(USCC_BODIES, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_changed_character_of_an_employer_code_is_always_found(body: str, position: int, character: str) -> None:
    code = body + uscc_checksum(body)
    changed = put(code, position, character)
    if changed != code:
        assert refused(lambda: check_uscc(changed), changed) == "EMPLOYER_CODE_INVALID"


@given(USCC_BODIES, st.integers(0, 16))
def test_two_swapped_neighbours_of_an_employer_code_are_always_found(body: str, position: int) -> None:
    code = body + uscc_checksum(body)
    changed = swapped(code, position)
    if changed != code:
        assert refused(lambda: check_uscc(changed), changed) == "EMPLOYER_CODE_INVALID"
