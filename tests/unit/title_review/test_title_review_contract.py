"""What is published under docs/api/title-review is what the service does."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from xueshi.titlereview.v1 import verified_hours_pb2
from xueshi_kit.crypto import KeyedIndex
from xueshi_kit.events import topic_of
from xueshi_rulebook.identifiers import normalise_id
from xueshi_title_review.handlers import subject_ref

PUBLISHED = Path(__file__).parents[3] / "docs" / "api" / "title-review"
VECTORS = json.loads((PUBLISHED / "subject-ref-vectors.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["given"])
def test_the_subject_ref_vectors_hold(vector: dict[str, str]) -> None:
    number = normalise_id(vector["id_type"], vector["given"])
    assert number == vector["normalised"]
    index = KeyedIndex(bytes.fromhex(VECTORS["key_hex"]))
    assert subject_ref(index, vector["id_type"], number) == vector["subject_ref"]


@pytest.fixture(scope="module")
def asyncapi() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((PUBLISHED / "asyncapi.yaml").read_text(encoding="utf-8"))
    return content


@pytest.mark.parametrize(
    ("channel", "message"),
    [("verifiedHours", verified_hours_pb2.VerifiedHours), ("acknowledgements", verified_hours_pb2.Acknowledgement)],
)
def test_the_asyncapi_names_topics_and_fields_as_they_are(
    asyncapi: dict[str, Any], channel: str, message: type[Any]
) -> None:
    assert asyncapi["channels"][channel]["address"] == topic_of(message).name
    schema = asyncapi["components"]["schemas"][message.DESCRIPTOR.name]
    assert list(schema["properties"]) == [field.name for field in message.DESCRIPTOR.fields]
    for field in message.DESCRIPTOR.fields:
        if field.message_type is not None:
            inner = asyncapi["components"]["schemas"][field.message_type.name]
            assert list(inner["properties"]) == [each.name for each in field.message_type.fields]


def test_every_reference_of_the_asyncapi_leads_somewhere(asyncapi: dict[str, Any]) -> None:
    def references(node: object) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if "$ref" in node else []
            return own + [each for value in node.values() for each in references(value)]
        return [each for value in node for each in references(value)] if isinstance(node, list) else []

    found = references(asyncapi)
    assert found
    for reference in found:
        node: Any = asyncapi
        for part in reference.removeprefix("#/").split("/"):
            node = node[part.replace("~1", "/")]
