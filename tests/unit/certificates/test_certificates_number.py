import pytest
from hypothesis import given
from hypothesis import strategies as st

from xueshi_certificates.domain.number import (
    TAG_BITS,
    check_digit,
    is_proof_number,
    is_tag,
    new_tag,
    proof_number,
)


def test_the_check_digit_is_that_of_iso_7064_mod_11_10() -> None:
    # The standard's own example for this system.
    assert check_digit("0794") == 5


def test_a_number_has_letters_year_sequence_and_check_digit() -> None:
    assert proof_number("FJ", 2025, 1234) == "FJ-2025-0000001234-9"


@given(st.integers(2000, 2999), st.integers(1, 9_999_999_999))
def test_every_number_made_is_one(year: int, sequence: int) -> None:
    assert is_proof_number(proof_number("FJ", year, sequence))


@given(st.integers(1, 9_999_999_999), st.data())
def test_one_wrong_digit_is_always_found(sequence: int, data: st.DataObject) -> None:
    number = proof_number("FJ", 2025, sequence)
    place = data.draw(st.sampled_from([index for index, each in enumerate(number) if each.isdigit()]))
    digit = data.draw(st.sampled_from([each for each in "0123456789" if each != number[place]]))
    assert not is_proof_number(number[:place] + digit + number[place + 1 :])


@pytest.mark.parametrize(
    "text",
    ["", "FJ-2025-0000001234", "FJ-2025-0000001234-8", "fj-2025-0000001234-9", " FJ-2025-0000001234-9", "FJ20251234"],
)
def test_what_is_no_number(text: str) -> None:
    assert not is_proof_number(text)


@pytest.mark.parametrize(("letters", "sequence"), [("F", 1), ("fj", 1), ("FJ", 0), ("FJ", 10_000_000_000)])
def test_no_number_is_made_of_the_wrong_parts(letters: str, sequence: int) -> None:
    with pytest.raises(ValueError, match="no proof number"):
        proof_number(letters, 2025, sequence)


def test_tags_have_at_least_80_random_bits_and_stand_in_a_url() -> None:
    tags = {new_tag() for _ in range(1000)}
    assert TAG_BITS >= 80
    assert len(tags) == 1000
    assert all(is_tag(tag) and tag.isalnum() and tag.isascii() for tag in tags)
    # Every symbol of the alphabet turns up: 20,000 drawn of 32.
    assert len(set("".join(tags))) == 32


@pytest.mark.parametrize("text", ["", "0123456789abcdefghj", "0123456789ABCDEFGHJK", "0123456789abcdefghjl", "../etc"])
def test_what_is_no_tag(text: str) -> None:
    assert not is_tag(text)
