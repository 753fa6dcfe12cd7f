import pytest
from hypothesis import given
from hypothesis import strategies as st

from xueshi_certificates.domain.holder import Holder, Identity, mask_name


@pytest.mark.parametrize(
    ("name", "masked"),
    [("陈晓", "陈*"), ("陈晓岚", "陈**"), ("欧阳晓岚", "欧**"), ("Anna Lee", "A**"), ("陈", "陈*"), ("", "*")],
)
def test_a_masked_name_keeps_its_first_character_alone(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@given(st.text(min_size=2))
def test_a_masked_name_tells_neither_the_rest_nor_the_length(name: str) -> None:
    masked = mask_name(name)
    assert len(masked) <= 3
    assert masked[1:].strip("*") == ""


def test_the_public_sees_less_of_the_number_than_officers() -> None:
    identity = Identity("resident_id", "359900199003070011", "陈晓岚")
    assert Holder.masked(identity) == Holder("陈**", "resident_id", "0011", public=True)
    assert Holder.named(identity) == Holder("陈晓岚", "resident_id", "359900********0011", public=False)


def test_of_a_short_number_the_public_sees_nothing() -> None:
    assert Holder.masked(Identity("passport", "E12345678", "陈晓")).id_number == ""


def test_nothing_personal_stands_in_a_representation() -> None:
    assert "陈晓" not in repr(Identity("passport", "E12345678", "陈晓"))
    assert "E12345678" not in repr(Identity("passport", "E12345678", "陈晓"))
