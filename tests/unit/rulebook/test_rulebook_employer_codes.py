"""Unified social credit codes and the comparison of names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xueshi_rulebook import IdentifierError
from xueshi_rulebook.identifiers import check_uscc, normalise_name, uscc_checksum

VECTOR = "91350100M000100Y43"


def test_published_vector() -> None:
    assert check_uscc(VECTOR) == VECTOR
    assert check_uscc(f" {VECTOR.lower()} ") == VECTOR
    assert check_uscc("９１３５０１００Ｍ０００１００Ｙ４３") == VECTOR


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
