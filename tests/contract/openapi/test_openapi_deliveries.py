"""The webhook's decoder takes and refuses what its published schema does, over HTTP and signed."""

import json
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator, FormatChecker
from requests import Response
from schemathesis import Case, Config, GenerationMode

from tests.contract.openapi.apps import BASE_URL
from tests.contract.openapi.callers import PLATFORM
from tests.contract.openapi.conftest import Rigs
from xueshi_kit.webhooks import parse_signing_key, sign

DOCUMENT = Path(__file__).parents[3] / "docs" / "api" / "gateway.openapi.json"
ROUTE = "/v1/platforms/{platform}/deliveries"
ADDRESS = ROUTE.replace("{platform}", PLATFORM)
SETTINGS = settings(
    max_examples=25, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
TIMESTAMP = "2025-06-03T18:20:00+08:00"

_published: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
_operation = schemathesis.openapi.from_path(
    DOCUMENT, config=Config.from_dict({"generation": {"with-security-parameters": False}})
)[ROUTE]["POST"]
EXAMPLE: dict[str, Any] = _published["paths"][ROUTE]["post"]["requestBody"]["content"]["application/json"]["example"]
RECORD: dict[str, Any] = EXAMPLE["data"]["records"][0]

Send = Callable[[bytes], Response]


@pytest.fixture(scope="session")
def send(rigs: Rigs) -> Send:
    """Give a platform that signs a body and sends it, each in a delivery of its own."""
    rig = rigs("gateway")
    numbers = count()
    with rig.client() as client:
        path = f"/v1/platforms/{PLATFORM}/keys"
        headers = dict(rig.headers("POST", path))
        made = client.post(f"{BASE_URL}{path}", json={"version": "v1"}, headers=headers).json()
    key = parse_signing_key(made["secret"])

    def post(body: bytes) -> Response:
        signed = sign([key], f"msg_{next(numbers)}", datetime.now(UTC), body)
        with rig.client() as client:
            return client.post(
                f"{BASE_URL}{ADDRESS}", data=body, headers={"content-type": "application/json", **signed}
            )

    return post


def _is_day(text: object) -> bool:
    if not isinstance(text, str):
        return True
    try:
        return bool(re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text) and date.fromisoformat(text))
    except ValueError:
        return False


def _is_moment(text: object) -> bool:
    form = r"([0-9-]{10})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
    if not isinstance(text, str):
        return True
    found = re.fullmatch(form, text)
    if found is None or not _is_day(found[1]):
        return False
    offset = [int(each) for each in found[6][1:].split(":") if each]
    return int(found[2]) < 24 and int(found[3]) < 60 and int(found[4]) < 60 and offset[:1] < [24] and offset[1:] < [60]


def _validator(schema: Mapping[str, Any]) -> Draft202012Validator:
    formats = FormatChecker(formats=())
    formats.checks("date")(_is_day)
    formats.checks("date-time")(_is_moment)
    return Draft202012Validator({**schema, "components": _published["components"]}, format_checker=formats)


def _envelope(kind: str) -> dict[str, Any]:
    """Return the schema of a kind of delivery without what it says of each record."""
    schemas = _published["components"]["schemas"]
    schema: dict[str, Any] = deepcopy(schemas[kind])
    records = deepcopy(schemas[schema["properties"]["data"]["$ref"].rsplit("/", 1)[-1]])
    records["properties"]["records"]["items"] = {}
    schema["properties"]["data"] = records
    return schema


ENVELOPE = _validator({"anyOf": [_envelope(kind) for kind in ("Completed", "Corrected", "Voided")]})
OF_A_RECORD = _validator({"$ref": "#/components/schemas/Record"})
OF_A_VOID = _validator({"$ref": "#/components/schemas/Void"})


def _delivery(body: object) -> bytes:
    return json.dumps(body).encode()


def _meaningful(record: dict[str, Any], number: int) -> dict[str, Any]:
    """Replace what a schema cannot tell by what means something; the rest stays as it was made."""
    if "reason" in record:
        return record
    learned = record["learned"]
    if isinstance(learned, dict):
        learned = {"from": "2025-01-01", "to": "2025-02-01"}
    else:
        days = [date(2024, 1, 1) + timedelta(days=place) for place in range(len(learned))]
        learned = [{"on": str(on), "hours": _more(each["hours"])} for on, each in zip(days, learned, strict=True)]
    said = {
        "learner": {**RECORD["learner"], "name": f"陈{record['learner']['name']}"[:64]},
        "subject_kind": "professional",
        "learning_form": "online",
        "completed_at": TIMESTAMP,
        "assessment": {**record["assessment"], "passed": True},
        "learned": learned,
        "hours": _total(learned, _more(record["hours"])),
        "record_id": f"{record['record_id'][:56]}-{number % 9_999_999}",
    }
    employer = {"employer": RECORD["employer"]} if "employer" in record else {}
    return {**record, **said, **employer}


def _more(hours: str) -> str:
    return "1" if float(hours) == 0 else hours


def _total(learned: dict[str, Any] | list[dict[str, str]], otherwise: str) -> str:
    """Return the sum of the days' hours, where it is one that can be written."""
    if isinstance(learned, dict):
        return otherwise
    total = sum(Decimal(each["hours"]) for each in learned)
    return str(total) if total < 10_000 else otherwise


_numbers = count()


@given(_operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
@SETTINGS
def test_what_the_schema_allows_is_never_refused_for_its_form(send: Send, case: Case[Any]) -> None:
    body: dict[str, Any] = json.loads(json.dumps(case.body))
    body["timestamp"] = TIMESTAMP
    records = [_meaningful(each, next(_numbers)) for each in body["data"]["records"]]
    body["data"]["records"] = records
    answer = send(_delivery(body))
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert len(results) == len(records)
    said = [(each["status"], each.get("code")) for each in results]
    # A void of what never was; ten thousand hours; an id that happens to hold an ID number.
    business = {("rejected", code) for code in ("UNKNOWN_RECORD", "HOURS_MISMATCH", "PERSONAL_DATA")}
    assert set(said) <= {("accepted", None), *business}, [*zip(said, records, strict=True)]


@given(_operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
@SETTINGS
def test_what_the_schema_refuses_is_refused(send: Send, case: Case[Any]) -> None:
    if isinstance(case.body, bytes):
        assert send(case.body).status_code in {400, 422}
        return
    body: Any = json.loads(json.dumps(case.body))
    if isinstance(body, dict) and isinstance(body.get("timestamp"), str) and _is_moment(body["timestamp"]):
        body["timestamp"] = TIMESTAMP
    _hold_against_schema(send, body)


def _hold_against_schema(send: Send, body: Any) -> None:  # noqa: ANN401 - any JSON
    answer = send(_delivery(body))
    if not ENVELOPE.is_valid(body):
        assert answer.status_code == 422, answer.text
        assert answer.json()["code"] == "DELIVERY_INVALID"
        return
    assert answer.status_code == 200, answer.text
    schema = OF_A_VOID if body["type"] == "hour_records.voided" else OF_A_RECORD
    for record, result in zip(body["data"]["records"], answer.json()["results"], strict=True):
        if not schema.is_valid(record):
            assert result["status"] == "rejected", record


def _with(**changes: object) -> bytes:
    record = {**RECORD, "record_id": f"hostile-{next(_numbers)}", **changes}
    return _delivery({**EXAMPLE, "data": {"records": [record]}})


@pytest.mark.parametrize("industry", [5, 5.0, 1, 99.0])
def test_an_integer_may_be_written_with_a_fraction_of_zero(send: Send, industry: float) -> None:
    assert send(_with(industry=industry)).json()["counts"]["accepted"] == 1


@pytest.mark.parametrize(
    "change",
    [
        {"industry": 5.5},
        {"industry": 10**400},
        {"industry": -(2**63) - 1},
        {"industry": True},
        {"industry": "5"},
        {"unknown": 1},
        {"major": "长" * 65},
        {"major": "a" * 500_000},
        {"major": "\0"},
        {"course": {"id": "C", "title": "x\0y"}},
        {"record_id": "x\0"},
        {"record_id": "x" * 65},
        {"learner": {**RECORD["learner"], "name": "陈\0晓"}},
        {"learner": {**RECORD["learner"], "id_number": "\0" * 18}},
        {"hours": "4.5\n"},
        {"hours": 4.5},
        {"learned": {"from": "2025-06-01", "to": "2025-06-02", "on": "2025-06-01"}},
        {"learned": [{"on": "2025-06-01", "hours": "1"}] * 367},
        {"completed_at": 0},
        {"completed_at": "0001-01-01T00:00:00+14:00"},
        {"completed_at": "9999-12-31T23:59:59-14:00"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_hostile_record_is_refused_alone(send: Send, change: dict[str, Any]) -> None:
    sound = {**RECORD, "record_id": f"sound-{next(_numbers)}"}
    body = json.loads(_with(**change))
    body["data"]["records"].append(sound)
    answer = send(_delivery(body))
    assert answer.status_code == 200, answer.text
    assert [each["status"] for each in answer.json()["results"]] == ["rejected", "accepted"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (_with().replace(b'"passed"', b'"passed": false, "passed"'), 200),
        (_with().replace(b'"record_id"', b'"record_id": 1, "record_id"'), 200),
        (_with().replace(b'"timestamp"', b'"timestamp": 1, "timestamp"'), 422),
        (_with().replace(b'"timestamp"', b'"x": 1, "timestamp"'), 422),
        (_with().replace(b'"type"', b'"type": "hour_records.voided", "type"'), 422),
        (_with(major="X").replace(b'"X"', b'"\\ud800"'), 400),
        (_with(major="X").replace(b'"X"', b'"\xed\xa0\x80"'), 400),
        (_with(major="X").replace(b'"X"', b"NaN"), 400),
        (_with(industry=7).replace(b": 7,", b": 1e999,"), 200),
        (_with(industry=7).replace(b": 7,", b": " + b"9" * 100_000 + b","), 200),
        (b'{"type": ' + b"9" * 100_000 + b"}", 422),
        (b"[" * 500_000, 400),
        (b"[" * 100_000 + b"]" * 100_000, 400),
        (b'{"type":' * 100_000 + b"1" + b"}" * 100_000, 400),
        (b"\xef\xbb\xbf" + _with(), 400),
        (b"\0", 400),
        (b"", 400),
        (b"null", 422),
        (b"[]", 422),
        (b'"hour_records.completed"', 422),
    ],
)
def test_a_hostile_body_has_its_answer(send: Send, body: bytes, status: int) -> None:
    answer = send(body)
    assert answer.status_code == status, answer.text
    if status != 200:
        assert answer.headers["content-type"] == "application/problem+json"
