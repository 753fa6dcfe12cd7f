"""What each service takes, refuses and answers is what its OpenAPI document says (schemathesis, both ways)."""

from pathlib import Path
from typing import Any, get_args

import schemathesis
from hypothesis import HealthCheck, settings
from pydantic_core.core_schema import ErrorType
from schemathesis import BaseSchema, Case, CheckContext, Config, Response
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.failures import Failure
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from tests.contract.openapi import callers
from tests.contract.openapi.apps import BASE_URL
from tests.contract.openapi.conftest import Rigs

DOCUMENTS = Path(__file__).parents[3] / "docs" / "api"
EXAMPLES = 20
FORMAL = frozenset(each.upper() for each in get_args(ErrorType)) - {"VALUE_ERROR"}
"""Codes of what a schema can tell. Other refusals are for meaning: no such code, a wrong check digit."""


def formal_acceptance(_context: CheckContext, response: Response, case: Case[Any]) -> None:
    """Fail where data that the schema allows is refused for its form."""
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code != 422:
        return
    formal = [error for error in response.json().get("errors", []) if error["code"] in FORMAL]
    if formal:
        raise Failure(operation=case.operation.label, title="Refused what the schema allows", message=str(formal))


CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
    formal_acceptance,
]


SETTINGS = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))


def _published(name: str) -> BaseSchema:
    """Return the document of a service as it is published; another test holds it equal to the service's own."""
    config = Config.from_dict(
        {
            "generation": {
                "mode": "all",
                "max-examples": EXAMPLES,
                "deterministic": True,
                "database": "none",
                "with-security-parameters": False,
            },
            "phases": {"coverage": {"enabled": False}},
            "parameters": dict(callers.PARAMETERS.get(name, {})),
        }
    )
    return schemathesis.openapi.from_path(DOCUMENTS / f"{name}.openapi.json", config=config)


def _check(rigs: Rigs, name: str, case: Case[Any]) -> None:
    rig = rigs(name)
    headers = dict(rig.headers(case.method, case.path))
    with rig.client() as client:
        case.call_and_validate(BASE_URL, client, headers, CHECKS)


@_published("gateway").parametrize()
@SETTINGS
def test_gateway(case: Case[Any], rigs: Rigs) -> None:
    _check(rigs, "gateway", case)


@_published("registry").parametrize()
@SETTINGS
def test_registry(case: Case[Any], rigs: Rigs) -> None:
    _check(rigs, "registry", case)


@_published("verification").parametrize()
@SETTINGS
def test_verification(case: Case[Any], rigs: Rigs) -> None:
    _check(rigs, "verification", case)


@_published("certificates").parametrize()
@SETTINGS
def test_certificates(case: Case[Any], rigs: Rigs) -> None:
    _check(rigs, "certificates", case)


@_published("title-review").parametrize()
@SETTINGS
def test_title_review(case: Case[Any], rigs: Rigs) -> None:
    _check(rigs, "title-review", case)


@_published("identity").parametrize()
@SETTINGS
def test_identity(case: Case[Any], rigs: Rigs) -> None:
    _check(rigs, "identity", case)
