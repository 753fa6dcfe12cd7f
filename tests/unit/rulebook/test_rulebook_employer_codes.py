"""Unified social credit codes and the comparison of names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xueshi_rulebook import IdentifierError
from xueshi_rulebook.identifiers import check_uscc, normalise_name, uscc_checksum

VECTOR = "91350100M000100Y43"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
BODIES = st.text(alphabet=ALPHABET, min_size=17, max_size=17)


def test_published_vector() -> None:
    assert check_uscc(VECTOR) == VECTOR
    assert check_uscc(f" {VECTOR.lower()} ") == VECTOR
    assert check_uscc("９１３５０１００Ｍ０００１００Ｙ４３") == VECTOR


@given(BODIES)
def test_every_code_with_its_own_check_is_accepted(body: str) -> None:
    assert check_uscc(body + uscc_checksum(body)) == body + uscc_checksum(body)


@given(BODIES, st.integers(0, 16), st.integers(1, 30))
def test_one_changed_character_is_always_found(body: str, position: int, step: int) -> None:
    changed = ALPHABET[(ALPHABET.index(body[position]) + step) % 31]
    wrong = body[:position] + changed + body[position + 1 :] + uscc_checksum(body)
    with pytest.raises(IdentifierError) as caught:
        check_uscc(wrong)
    assert caught.value.code == "EMPLOYER_CODE_INVALID"


@pytest.mark.parametrize("code", ["", VECTOR[:-1], VECTOR + "0", "91350100M000100I43", "91350100M000100Y4-"])
def test_malformed_codes(code: str) -> None:
    with pytest.raises(IdentifierError) as caught:
        check_uscc(code)
    assert caught.value.code == "EMPLOYER_CODE_INVALID"


def test_checksum_refuses_letters_outside_the_alphabet() -> None:
    with pytest.raises(ValueError, match="alphabet"):
        uscc_checksum("I" * 17)


@pytest.mark.parametrize(
    "written",
    [
        "阿卜杜拉·买买提",
        "阿卜杜拉•买买提",
        "阿卜杜拉．买买提",
        "阿卜杜拉・买买提",
        "阿卜杜拉 · 买买提",
        "阿卜杜拉　买买提",
        "阿卜杜拉买买提\u200b",
    ],
)
def test_dots_and_spaces_do_not_make_another_name(written: str) -> None:
    assert normalise_name(written) == normalise_name("阿卜杜拉·买买提")


def test_latin_names_ignore_case_and_width() -> None:
    assert normalise_name("ＪＯＨＮ  Smith") == normalise_name("John SMITH")


def test_other_names_stay_other() -> None:
    assert normalise_name("陈晓") != normalise_name("陈小")


@given(st.text())
def test_normalising_twice_changes_nothing(name: str) -> None:
    assert normalise_name(normalise_name(name)) == normalise_name(name)
