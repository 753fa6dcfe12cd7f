"""The published documents: equal to what the services give, complete, and their examples right."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
from jsonschema import Draft202012Validator, FormatChecker

from tests.contract.openapi.apps import BASE_URL
from tests.contract.openapi.conftest import Rigs
from xueshi_cli.openapi import as_text
from xueshi_cli.site.layout import SERVICES
from xueshi_kit.openapi import operations

Document = Mapping[str, Any]

DOCUMENTS = Path(__file__).parents[3] / "docs" / "api"
NAMES = [spec.name for spec in SERVICES]
PROBLEM = {"$ref": "#/components/schemas/Problem"}
NOT_JSON = ("text/html", "application/pdf", "text/csv")


def _published(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((DOCUMENTS / f"{name}.openapi.json").read_text(encoding="utf-8"))
    return document


@pytest.fixture(params=NAMES)
def document(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Give each published document."""
    return _published(request.param)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_published_is_what_the_service_gives(name: str, rigs: Rigs) -> None:
    with rigs(name).client() as client:
        answer: requests.Response = client.get(f"{BASE_URL}/openapi.json")
    published = (DOCUMENTS / f"{name}.openapi.json").read_text(encoding="utf-8")
    assert as_text(answer.json()) == published, "run `python -m xueshi_cli.openapi docs/api`"


def test_each_operation_says_what_it_does_and_who_may_call_it(document: Document) -> None:
    silent = [
        f"{method} {path}"
        for method, path, operation in operations(dict(document))
        if not operation.get("summary")
        or not operation.get("description")
        or len(operation["description"].split("\n\n")) == 1  # nothing but what the kit adds
    ]
    assert silent == []


def test_every_refusal_is_the_one_problem(document: Document) -> None:
    """Apart from pages for browsers and OAuth's own errors, which other standards give their form."""
    others = [
        f"{method} {path} {status}"
        for method, path, operation in operations(dict(document))
        for status, answer in operation["responses"].items()
        if status >= "400"
        if answer["content"].get("application/problem+json", {}).get("schema") != PROBLEM
        if "text/html" not in answer["content"] and (path, status) != ("/oauth2/token", "400")
    ]
    assert others == []


def test_bodies_and_main_answers_have_examples_that_their_schemas_allow(document: Document) -> None:
    missing, wrong = [], []
    for place, content in _bodies_and_answers(document):
        examples = _examples(content)
        if not examples:
            missing.append(place)
        schema = {**content.get("schema", {}), "components": document["components"]}
        validator = Draft202012Validator(schema, format_checker=FormatChecker())
        wrong += [
            f"{place}: {error.json_path} {error.message}" for each in examples for error in validator.iter_errors(each)
        ]
    assert missing == []
    assert wrong == []


def test_parameters_examples_are_allowed(document: Document) -> None:
    wrong = [
        f"{method} {path}: {parameter['name']}"
        for method, path, operation in operations(dict(document))
        for parameter in operation.get("parameters", [])
        for example in parameter["schema"].get("examples", [])
        if not Draft202012Validator(parameter["schema"]).is_valid(example)
    ]
    assert wrong == []


def _bodies_and_answers(document: Document) -> Iterator[tuple[str, dict[str, Any]]]:
    for method, path, operation in operations(dict(document)):
        success = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
        for holder in [operation.get("requestBody", {}), *success]:
            for media_type, content in holder.get("content", {}).items():
                if holder is operation.get("requestBody") or media_type not in NOT_JSON:
                    yield f"{method} {path} {media_type}", content


def _examples(content: Mapping[str, Any]) -> list[Any]:
    plain = [content["example"]] if "example" in content else []
    return plain + [each["value"] for each in content.get("examples", {}).values()]
