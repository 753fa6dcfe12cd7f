"""The canonical form is RFC 8785's, checked against an independent writer; the digest is its SHA-256."""

import hashlib
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.gateway.example import BOUNDS, changed
from xueshi_records import (
    Assessment,
    Course,
    LearnedDay,
    LearnedRange,
    Learner,
    Record,
    RejectedError,
    Void,
    canonical_form,
    digest_of,
    settle_form,
    settle_void,
)

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/record_digests.json").read_text(encoding="utf-8"))["vectors"]


def _jcs(value: object) -> bytes:
    """RFC 8785 for values without floats, control characters and member names beyond ASCII."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def test_members_stand_in_canonical_order() -> None:
    for struct in (Record, Learner, Course, Assessment, LearnedDay, LearnedRange, Void):
        assert list(struct.__struct_encode_fields__) == sorted(struct.__struct_encode_fields__)


def test_the_examples_canonical_form() -> None:
    record = msgspec.convert(changed(), Record)
    settle_form(record, BOUNDS)
    expected = changed() | {"completed_at": "2025-06-02T13:40:00Z"}
    assert canonical_form(record) == _jcs(expected)
    assert digest_of(record) == hashlib.sha256(_jcs(expected)).digest()


def test_a_credit_year_stands_in_its_place_and_is_nowhere_where_none_is_named() -> None:
    record = msgspec.convert(changed(credit_year="2018"), Record)
    settle_form(record, BOUNDS)
    assert canonical_form(record) == _jcs(changed(credit_year="2018") | {"completed_at": "2025-06-02T13:40:00Z"})
    assert b"credit_year" not in canonical_form(msgspec.convert(changed(), Record))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_published_vectors(vector: dict[str, Any]) -> None:
    content: Record | Void
    if vector["kind"] == "void":
        content = void = msgspec.convert(vector["content"], Void)
        settle_void(void)
    else:
        content = record = msgspec.convert(vector["content"], Record)
        settle_form(record, BOUNDS)
    assert canonical_form(content).decode() == vector["canonical"]
    assert digest_of(content).hex() == vector["sha256"]
    assert _jcs(json.loads(vector["canonical"])).decode() == vector["canonical"]


def test_the_vectors_begin_with_the_example_and_the_same_written_otherwise() -> None:
    example, otherwise, *others = VECTORS
    assert example["content"] == changed()
    assert example["sha256"] == otherwise["sha256"]
    assert len({each["sha256"] for each in [example, *others]}) == len(VECTORS) - 1


_TEXT = st.text(min_size=1, max_size=20).filter(lambda text: "\\" not in text)


@given(name=_TEXT, title=_TEXT, major=_TEXT)
def test_any_text_is_written_canonically(name: str, title: str, major: str) -> None:
    content = changed() | {"major": major, "completed_at": "2025-06-02T13:40:00Z"}
    content["learner"]["name"] = name
    content["course"]["title"] = title
    record = msgspec.convert(content, Record)
    try:
        settle_form(record, BOUNDS)
    except RejectedError:
        return
    assert canonical_form(record) == _jcs(content)
