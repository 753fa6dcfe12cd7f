"""Cursors and the OpenAPI of the pull API."""

from contextlib import suppress
from typing import Any, cast

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from xueshi_kit.problems import Problem
from xueshi_title_review import api
from xueshi_title_review.api.paging import cursor_of, numbers_of
from xueshi_title_review.wire.answers import ChecksIn

REF = "0" * 64


@given(st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=3))
def test_a_cursor_leads_back_to_its_numbers(numbers: list[int]) -> None:
    assert numbers_of("v", len(numbers), cursor_of("v", *numbers)) == tuple(numbers)
    with pytest.raises(Problem):
        numbers_of("u", len(numbers), cursor_of("v", *numbers))
    with pytest.raises(Problem):
        numbers_of("v", len(numbers) + 1, cursor_of("v", *numbers))


@given(st.text(st.sampled_from("ABCdjo0-_129"), max_size=30))
def test_any_other_text_is_refused_as_a_cursor(text: str) -> None:
    with suppress(Problem):
        (number,) = numbers_of("v", 1, text) or ()
        assert 0 <= number < 2**63


@pytest.fixture(scope="module")
def openapi() -> dict[str, Any]:
    app = FastAPI()
    app.include_router(api.router(cast("Any", None), cast("Any", None)))
    return app.openapi()


VALUES = [REF, "x", "2025", 2025, 2025.0, 2025.5, True, None, 1989, 10000, [], ""]


@given(st.dictionaries(st.sampled_from(["subject_ref", "period", "year", "name"]), st.sampled_from(VALUES)))
def test_a_check_is_taken_exactly_where_its_schema_takes_it(openapi: dict[str, Any], check: dict[str, Any]) -> None:
    for each in (check, {"subject_ref": REF, **check}):
        body = {"checks": [each]}
        schema = {"$ref": "#/components/schemas/ChecksIn", "components": openapi["components"]}
        try:
            ChecksIn.model_validate(body)
            taken = True
        except ValidationError:
            taken = False
        assert taken == Draft202012Validator(schema).is_valid(body), body
