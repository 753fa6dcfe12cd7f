"""What every API's OpenAPI document says beyond its routes: the answers that all share, who may call, examples.

The routes declare what is theirs: their models with an example for each field, and a description for each refusal of
their own (`responses={409: {"description": "…"}}`). Here each refusal gets the one schema `Problem`, each operation the
refusals that the shell gives, and each body and good answer an example that is put together from its fields' own.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from fastapi import FastAPI

from xueshi_kit.problems import MEDIA_TYPE

Node = dict[str, Any]
"""A part of the document."""

METHODS: Final = ("get", "put", "post", "patch", "delete")
_PREFIX: Final = "#/components/schemas/"
_JSON: Final = "application/json"
_REFUSED_FROM: Final = 400

_WORDS: Final[Node] = {
    "type": "object",
    "required": ["zh", "en"],
    "properties": {"zh": {"type": "string"}, "en": {"type": "string"}},
}
_FIELD: Final[Node] = {
    "title": "ProblemField",
    "description": "What is wrong with one place of the request. The refused value itself is never repeated.",
    "type": "object",
    "required": ["pointer", "code", "message"],
    "properties": {
        "pointer": {"type": "string", "description": "JSON pointer; `/body`, `/query` or `/path` comes first."},
        "code": {"type": "string", "description": "Stable; the list is open."},
        "message": _WORDS,
    },
}
_PROBLEM: Final[Node] = {
    "title": "Problem",
    "description": "Why there is no other answer (RFC 9457). Codes are stable; more members may come.",
    "type": "object",
    "required": ["type", "title", "status", "code", "message"],
    "properties": {
        "type": {"type": "string", "description": "`urn:xueshi:problem:` and the code."},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string", "description": "Stable; the list is open."},
        "message": _WORDS,
        "request_id": {"type": "string", "description": "Also in the header `x-request-id` and in the logs."},
        "errors": {"type": "array", "items": {"$ref": f"{_PREFIX}ProblemField"}},
    },
    "examples": [
        {
            "type": "urn:xueshi:problem:request-invalid",
            "title": "The request is not valid; see errors.",
            "status": 422,
            "code": "REQUEST_INVALID",
            "message": {
                "zh": "请求内容不符合要求,请按 errors 修改后重试。",
                "en": "The request is not valid; see errors.",
            },
            "request_id": "0c9f6b1e5d3a4f7f8a2b1c0d9e8f7a6b",
            "errors": [
                {
                    "pointer": "/body/name",
                    "code": "MISSING",
                    "message": {"zh": "缺少必填项。", "en": "Field required"},
                }
            ],
        }
    ],
}

_SHARED: Final[Mapping[str, str]] = {
    "400": "The body cannot be read.",
    "401": "No access token, or one that does not hold.",
    "403": "The token does not allow this.",
    "404": "There is no such thing.",
    "413": "The body is over 1 MiB.",
    "422": "The request is not valid; `errors` says where and why.",
    "503": "Not available at the moment; see Retry-After.",
}
_RETRY_AFTER: Final[Node] = {"description": "Seconds to wait.", "schema": {"type": "string", "pattern": "^[0-9]+$"}}


def complete_document(app: FastAPI) -> None:
    """Let the application's document be completed as the module says, once, when it is first asked for."""
    describe: Callable[[], Node] = app.openapi

    def openapi() -> Node:
        is_new = app.openapi_schema is None
        document = describe()
        if is_new:
            _complete(document)
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def operations(document: Node) -> Iterator[tuple[str, str, Node]]:
    """Return (method, path, operation) of each operation."""
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


def _complete(document: Node) -> None:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas |= {"Problem": _PROBLEM, "ProblemField": _FIELD}
    for _, _, operation in operations(document):
        _add_refusals(operation)
        _say_who(operation)
        _add_examples(operation, schemas)


def _add_refusals(operation: Node) -> None:
    responses: Node = operation["responses"]
    for status in _shared_statuses(operation):
        responses.setdefault(status, {"description": _SHARED[status]})
    for status, answer in responses.items():
        if status.isdigit() and int(status) >= _REFUSED_FROM:
            _as_problem(status, answer)
    operation["responses"] = dict(sorted(responses.items()))


def _shared_statuses(operation: Node) -> Iterator[str]:
    """Return the refusals that the shell may give to this operation."""
    parameters = operation.get("parameters", [])
    yield "503"
    if operation.get("security"):
        yield from ("401", "403")
    if any(each["in"] == "path" for each in parameters):
        yield "404"
    if "requestBody" in operation:
        yield from ("400", "413")
        yield "422"
    elif parameters:
        yield "422"


def _as_problem(status: str, answer: Node) -> None:
    """Give a refusal the schema of problems, unless it has a form of its own."""
    content: Node = answer.setdefault("content", {})
    if content.get(_JSON, {}).get("schema", {}).get("$ref", "").endswith("/HTTPValidationError"):
        del content[_JSON]
        answer["description"] = _SHARED[status]
    # The shell may give these two in place of any form that the route itself has.
    if not content or MEDIA_TYPE in content or status in {"422", "503"}:
        content[MEDIA_TYPE] = {"schema": {"$ref": f"{_PREFIX}Problem"}}
    if status in {"429", "503"}:
        answer.setdefault("headers", {})["Retry-After"] = _RETRY_AFTER


def _say_who(operation: Node) -> None:
    """Add to the description which scope of a token opens the operation, or that none is needed."""
    scopes = [scope for scheme in operation.get("security", []) for scope in next(iter(scheme.values()))]
    named = " or ".join(f"`{scope}`" for scope in dict.fromkeys(scopes))
    who = f"Needs an access token with {named}." if named else "Needs no access token."
    operation["description"] = f"{operation.get('description', '')}\n\n{who}".strip()


def _add_examples(operation: Node, schemas: Node) -> None:
    answers = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
    for holder in [operation.get("requestBody", {}), *answers]:
        for content in holder.get("content", {}).values():
            if "example" not in content and "examples" not in content and content.get("schema"):
                content["example"] = example_of(content["schema"], schemas)


def example_of(schema: Node, schemas: Node) -> Any:  # noqa: ANN401 - any JSON
    """Return an instance put together from the examples, defaults and constants that stand in a schema."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].removeprefix(_PREFIX)], schemas)
    for given in ("examples", "enum"):
        if given in schema:
            return schema[given][0]
    for given in ("default", "const"):
        if given in schema:
            return schema[given]
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return example_of(schema[choice][0], schemas)
    kind = schema.get("type")
    if kind == "object":
        return {name: example_of(each, schemas) for name, each in schema.get("properties", {}).items()}
    if kind == "array":
        return [example_of(schema["items"], schemas)]
    return _PLAIN.get(schema.get("format", kind))


_PLAIN: Final[Mapping[str | None, Any]] = {
    "date": "2025-06-02",
    "date-time": "2025-06-02T21:40:00+08:00",
    "uuid": "5f1c0a9e-7b3d-4268-8c1e-9a0b7d6f4e21",
    "boolean": True,
    "integer": 1,
}
