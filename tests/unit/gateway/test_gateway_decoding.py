"""Decoding: in one piece or apart, the same; strict; in step with the published schema."""

import json
import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from tests.unit.gateway.example import BOUNDS, ID_NUMBER, changed
from xueshi_gateway.api.openapi import EXAMPLE
from xueshi_gateway.domain.errors import EnvelopeInvalidError, NotJsonError
from xueshi_gateway.domain.versions import Refused
from xueshi_gateway.wire.deliveries import decode_delivery, delivery_schema
from xueshi_records import Record, RejectedError, Void, settle_form, settle_void

RECORD = changed()
VOID = {"record_id": "KC25-000183", "reason": "重复上报"}


def _body(*records: object, change: str = "completed") -> bytes:
    envelope = {**EXAMPLE, "type": f"hour_records.{change}", "data": {"records": records}}
    return json.dumps(envelope).encode()


def test_apart_and_in_one_piece_read_the_same() -> None:
    together = decode_delivery(_body(RECORD)).contents
    apart = decode_delivery(_body(RECORD, {"record_id": "broken"})).contents
    assert apart[0] == together[0]
    assert isinstance(apart[1], Refused)


def test_the_three_types_of_delivery() -> None:
    assert decode_delivery(_body(RECORD)).change == "completed"
    assert decode_delivery(_body(RECORD, change="corrected")).change == "corrected"
    voided = decode_delivery(_body(VOID, change="voided"))
    assert voided.change == "voided"
    assert voided.contents == [Void(**VOID)]
    assert isinstance(decode_delivery(_body(VOID, RECORD, change="voided")).contents[1], Refused)


@pytest.mark.parametrize("item", ["assessment", "completed_at", "course", "hours", "learned", "learning_form"])
def test_each_of_the_five_items_is_required(item: str) -> None:
    (refused,) = decode_delivery(_body(changed(**{item: None}))).contents
    assert refused == Refused("KC25-000183", "INCOMPLETE", f"/{item}")


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        ("learner__name", None, "/learner/name"),
        ("course__title", None, "/course/title"),
        ("assessment__passed", None, "/assessment/passed"),
        ("learned__0__on", None, "/learned/0/on"),
    ],
)
def test_a_missing_member_is_named(path: str, value: object, pointer: str) -> None:
    (refused,) = decode_delivery(_body(changed(**{path: value}))).contents
    assert refused == Refused("KC25-000183", "INCOMPLETE", pointer)


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        ("hours", 4.5, "/hours"),
        ("hours", "12345.678", "/hours"),
        ("industry", 5.5, "/industry"),
        ("industry", 0, "/industry"),
        ("industry", 10**400, "/industry"),
        ("industry", True, "/industry"),
        ("industry", "5", "/industry"),
        ("major", "", "/major"),
        ("major", "长" * 65, "/major"),
        ("completed_at", "2025-06-02T21:40:00", "/completed_at"),
        ("completed_at", "2025-06-02", "/completed_at"),
        ("completed_at", 1748871600, "/completed_at"),
        ("learned", [], "/learned"),
        ("learned", [{"on": "2025-06-01", "hours": "1"}] * 367, "/learned"),
        ("learned__1__on", "2025-02-30", "/learned/1/on"),
        ("learner__name", ["陈晓"], "/learner/name"),
        ("learner__nickname", "小晓", "/learner"),
        ("assessment__passed", "true", "/assessment/passed"),
        ("record_id", "a" * 65, "/record_id"),
    ],
)
def test_a_wrong_member_is_named(path: str, value: object, pointer: str) -> None:
    (refused,) = decode_delivery(_body(changed(**{path: value}))).contents
    assert isinstance(refused, Refused)
    assert (refused.code, refused.pointer) == ("FIELD_INVALID", pointer)


@pytest.mark.parametrize(
    "name", [ID_NUMBER, f"x` - at `$.{ID_NUMBER}", "x` - at `$.learned[123456789]", "x` - at `$.hours"]
)
def test_the_name_of_an_unknown_member_is_never_repeated(name: str) -> None:
    (refused,) = decode_delivery(_body({**RECORD, name: 1})).contents
    assert isinstance(refused, Refused)
    assert refused.code == "FIELD_INVALID"
    assert not re.search(r"[0-9]{4,}", refused.pointer)


@pytest.mark.parametrize("body", [b"", b"{", b"{} {}", b"\xef\xbb\xbf{}", b"\xff", b"nul", b"[" * 10_000, b'"\\ud800"'])
def test_what_is_not_json(body: bytes) -> None:
    with pytest.raises(NotJsonError):
        decode_delivery(body)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b"1e999", ""),
        (b"null", ""),
        (_body(), "/data/records"),
        (_body(*[RECORD] * 1001), "/data/records"),
        (_body(RECORD, change="gone"), "/type"),
        (_body(RECORD).replace(b'"timestamp"', b'"time"'), ""),
        (b'{"type": "hour_records.completed", "timestamp": "2025-06-03T18:20:00+08:00"}', "/data"),
        (b'{"type": "hour_records.completed", "timestamp": 1, "data": {"records": [1]}}', "/timestamp"),
    ],
)
def test_what_is_json_but_no_delivery(body: bytes, pointer: str) -> None:
    with pytest.raises(EnvelopeInvalidError) as caught:
        decode_delivery(body)
    assert caught.value.pointer == pointer


_schema, _components = delivery_schema("#/$defs/{name}")
_VALIDATOR = Draft202012Validator({**_schema, "$defs": _components})

_SOME_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=70),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
_PATHS = [
    "assessment", "assessment__passed", "assessment__score", "completed_at", "course", "course__id", "course__title",
    "employer", "hours", "industry", "learned", "learned__0", "learned__0__hours", "learned__0__on", "learner",
    "learner__id_type", "learner__name", "learning_form", "major", "record_id", "subject_kind", "extra",
]  # fmt: skip
_NEARLY = st.sampled_from(
    [
        "4.5", "4.50", "4.500", "04.5", "4.", ".5", "4.5\n", "10000", "5", 5, 5.0, 5.5, 0, 99, 100, True, "", " ",
        "a\n", "a" * 64, "a" * 65, "长" * 64, "长" * 65, "\x00", "\x1f", "\x7f", "\x9f", "\u3000", "\u2028", "online",
        "2025-06-01", "2025-13-01", "2025-06-02T21:40:00+08:00", {"from": "2025-06-01", "to": "2025-06-02"},
    ]
)  # fmt: skip


@settings(max_examples=300)
@given(path=st.sampled_from(_PATHS), value=_NEARLY | _SOME_JSON)
def test_decoder_checks_and_schema_are_one(path: str, value: object) -> None:
    """What the schema refuses is refused; what it allows is refused for its meaning alone."""
    body = _body(changed(**{path: value if value is not None else [None]}))
    allowed = _VALIDATOR.is_valid(json.loads(body))
    (content,) = decode_delivery(body).contents
    refusal = content.code if isinstance(content, Refused) else _refused_by_checks(content)
    if not allowed:
        assert refusal is not None, "taken against the schema"
    elif refusal in {"FIELD_INVALID", "INCOMPLETE"}:
        assert path in _MEANINGFUL, "refused although the schema allows it"


_MEANINGFUL = {
    # What no schema can tell: real days and moments, known codes, names that are more than dots, hours above zero.
    "completed_at", "hours", "learned", "learned__0", "learned__0__on", "learned__0__hours", "learner__name",
    "learning_form", "subject_kind",
}  # fmt: skip


def _refused_by_checks(content: Record | Void) -> str | None:
    try:
        if isinstance(content, Record):
            settle_form(content, BOUNDS)
        else:
            settle_void(content)
    except RejectedError as error:
        return error.code
    return None


def test_every_string_of_the_schema_is_bounded() -> None:
    strings = [
        (name, member)
        for name, component in _components.items()
        for member, schema in component["properties"].items()
        if schema.get("type") == "string" and "format" not in schema
        if "maxLength" not in schema or "pattern" not in schema
    ]
    assert strings == []


def test_floats_that_are_whole_are_integers_in_json() -> None:
    record = msgspec.convert({**RECORD, "industry": 5.0}, Record)
    settle_form(record, BOUNDS)
    assert record.industry == 5
    assert isinstance(record.industry, int)
