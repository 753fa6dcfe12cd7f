"""Which signing key is used and published when; identifiers without ID numbers."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xueshi_identity.domain import (
    TOKEN_LIFETIME,
    KeyId,
    PersonalDataError,
    SigningKey,
    check_identifier,
    current_key,
    next_key,
    published_keys,
    withdrawn_keys,
)

START = datetime(2025, 6, 3, tzinfo=UTC)


def key(name: str, minutes: float) -> SigningKey:
    return SigningKey(KeyId(name), {}, b"", START + timedelta(minutes=minutes))


KEYS = [key("a", 0), key("b", 60), key("c", 120)]


@pytest.mark.parametrize(
    ("minutes", "current", "following", "published"),
    [
        (-1, None, "a", "abc"),
        (0, "a", "b", "abc"),
        (59.9, "a", "b", "abc"),
        (60, "b", "c", "abc"),
        (70.3, "b", "c", "abc"),
        (70.34, "b", "c", "bc"),
        (120, "c", None, "bc"),
        (200, "c", None, "c"),
    ],
)
def test_keys_take_turns(minutes: float, current: str | None, following: str | None, published: str) -> None:
    now = START + timedelta(minutes=minutes)
    found, after = current_key(KEYS, now), next_key(KEYS, now)
    assert (found and found.key_id, after and after.key_id) == (current, following)
    assert "".join(each.key_id for each in published_keys(KEYS, now)) == published


@given(
    st.lists(st.floats(0, 1000), min_size=1, max_size=6, unique=True),
    st.floats(0, 1000),
    st.floats(0, TOKEN_LIFETIME.total_seconds() / 60),
)
def test_whatever_signed_a_living_token_is_published(turns: list[float], signed: float, age: float) -> None:
    keys = [key(str(number), minutes) for number, minutes in enumerate(turns)]
    signer = current_key(keys, START + timedelta(minutes=signed))
    if signer is not None:
        assert signer in published_keys(keys, START + timedelta(minutes=signed + age))


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=6, unique=True), st.floats(0, 2000))
def test_published_and_withdrawn_are_all_keys_once(turns: list[float], minutes: float) -> None:
    keys = [key(str(number), at) for number, at in enumerate(turns)]
    now = START + timedelta(minutes=minutes)
    both = [*published_keys(keys, now), *withdrawn_keys(keys, now)]
    assert sorted(both, key=lambda each: each.key_id) == sorted(keys, key=lambda each: each.key_id)


@pytest.mark.parametrize(
    "value", ["359900199003070011", "x-35990019900307001X", "id_35990019900307001x", "359900900307001"]
)
def test_an_identifier_with_an_id_number_is_refused(value: str) -> None:
    with pytest.raises(PersonalDataError):
        check_identifier("subject", value)


@pytest.mark.parametrize("value", ["officer-7", "20250603-00017", "91350100M000100Y43", "12345678901234"])
def test_other_identifiers_pass(value: str) -> None:
    check_identifier("subject", value)
