"""The page at `/docs`: an API's OpenAPI document as one HTML page that needs nothing from outside, not even scripts."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

HEADERS = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"}
METHODS = ("get", "post", "put", "patch", "delete")

Node = Mapping[str, Any]
"""A part of the OpenAPI document."""

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; --line: #8885; --soft: #8881; }
body { margin: 0 auto; max-width: 64rem; padding: 1rem; }
code, pre { font: 0.875em/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
pre { background: var(--soft); border: 1px solid var(--line); overflow-x: auto; padding: 0.75rem; }
table { border-collapse: collapse; margin: 0.5rem 0 1rem; width: 100%; }
caption { font-weight: 600; text-align: left; }
th, td { border-bottom: 1px solid var(--line); padding: 0.3rem 0.75rem 0.3rem 0; text-align: left; }
td { vertical-align: top; }
article { border-top: 2px solid var(--line); margin-top: 2rem; }
nav a { text-decoration: none; } nav a:hover, nav a:focus { text-decoration: underline; }
nav ul { list-style: none; padding: 0; } nav li { padding: 0.15rem 0; }
.method { display: inline-block; font-weight: 700; min-width: 4.5rem; text-transform: uppercase; }
.skip { left: -99rem; position: absolute; } .skip:focus { left: 1rem; }
"""


def render(document: Node) -> str:
    """Return the page for an OpenAPI 3.1 document: every operation with its parameters, bodies, answers and schemas."""
    info = document["info"]
    operations = list(_operations(document))
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(info['title'])}</title><style>{_STYLE}</style></head><body>",
        '<a class="skip" href="#operations">Skip to the operations</a>',
        f"<header><h1>{escape(info['title'])}</h1>{_prose(info.get('description'))}",
        '<p>The same as data: <a href="openapi.json">openapi.json</a></p></header>',
        '<nav aria-label="Operations"><ul>',
        *(
            f'<li><a href="#{_anchor(method, path)}"><span class="method">{method}</span> <code>{escape(path)}</code>'
            f"</a> {escape(operation.get('summary', ''))}</li>"
            for method, path, operation in operations
        ),
        '</ul></nav><main><h2 id="operations">Operations</h2>',
        *(_operation(method, path, operation) for method, path, operation in operations),
        "<h2>Schemas</h2>",
        *(_schema(name, schema) for name, schema in sorted(document.get("components", {}).get("schemas", {}).items())),
        "</main></body></html>",
    ]
    return "".join(parts)


def _operations(document: Node) -> Iterator[tuple[str, str, Node]]:
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method]


def _operation(method: str, path: str, operation: Node) -> str:
    parameters = [
        (
            f"<code>{escape(each['name'])}</code>{_required(bool(each.get('required')))}",
            escape(each["in"]),
            _type(each.get("schema", {})),
            _prose(each.get("description") or each.get("schema", {}).get("description")),
        )
        for each in operation.get("parameters", [])
    ]
    body = operation.get("requestBody")
    return "".join(
        [
            f'<article id="{_anchor(method, path)}"><h3><span class="method">{method}</span> ',
            f"<code>{escape(path)}</code></h3><p><strong>{escape(operation.get('summary', ''))}</strong></p>",
            _prose(operation.get("description")),
            _table("Parameters", ("Name", "In", "Type", "Meaning"), parameters),
            f"<h4>Request body{_required(bool(body.get('required')))}</h4>{_contents(body)}" if body else "",
            "<h4>Answers</h4>",
            *(
                f"<h5>{escape(status)}</h5>{_prose(answer.get('description'))}{_contents(answer)}"
                for status, answer in operation.get("responses", {}).items()
            ),
            "</article>",
        ]
    )


def _contents(holder: Node) -> str:
    """Return the media types of a body or an answer, each with its schema and its examples."""
    parts: list[str] = []
    for media_type, content in holder.get("content", {}).items():
        schema = content.get("schema", {})
        parts.append(f"<p><code>{escape(media_type)}</code> {_type(schema)}</p>")
        named = [each.get("value") for each in content.get("examples", {}).values()]
        plain = [content["example"]] if "example" in content else []
        parts += [_example(each) for each in named + plain + list(schema.get("examples", []))]
    return "".join(parts)


def _schema(name: str, schema: Node) -> str:
    required = set(schema.get("required", []))
    rows = [
        (
            f"<code>{escape(field)}</code>{_required(field in required)}",
            _type(value),
            _prose(value.get("description")) + "".join(f" {_code(each)}" for each in value.get("examples", [])),
        )
        for field, value in schema.get("properties", {}).items()
    ]
    kind = "" if rows else f"<p>{_type(schema)}</p>"
    return (
        f'<article id="schema-{escape(name)}"><h3><code>{escape(name)}</code></h3>{_prose(schema.get("description"))}'
        f"{kind}{_table('Fields', ('Name', 'Type', 'Meaning'), rows)}"
        f"{''.join(_example(each) for each in schema.get('examples', []))}</article>"
    )


def _type(schema: Node) -> str:
    """Return a schema in a few words, with links to the named ones."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rsplit("/", 1)[-1])
        return f'<a href="#schema-{name}">{name}</a>'
    for union in ("anyOf", "oneOf", "allOf"):
        if union in schema:
            return " or ".join(_type(each) for each in schema[union])
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return "one of " + ", ".join(_code(each) for each in values)
    kind = str(schema.get("type", "any"))
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}{_limits(schema)}"
    if isinstance(schema.get("additionalProperties"), Mapping):
        return f"object of {_type(schema['additionalProperties'])}"
    named = f"{kind} ({schema['format']})" if "format" in schema else kind
    return escape(named) + _limits(schema)


_LIMITS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern", "default")


def _limits(schema: Node) -> str:
    return "".join(f", {name} {_code(schema[name])}" for name in _LIMITS if name in schema)


def _table(caption: str, heads: Iterable[str], rows: Sequence[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{each}</th>' for each in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _example(value: object) -> str:
    text = escape(json.dumps(value, ensure_ascii=False, indent=2))
    return f'<pre tabindex="0" aria-label="Example">{text}</pre>'


def _code(value: object) -> str:
    return f"<code>{escape(json.dumps(value, ensure_ascii=False))}</code>"


_BACKTICKS = re.compile("`([^`]+)`")
_AS_CODE = r"<code>\1</code>"


def _prose(text: str | None) -> str:
    """Return paragraphs; only code in backticks is marked up."""
    paragraphs = re.split(r"\n\s*\n", (text or "").strip())
    return "".join(f"<p>{_BACKTICKS.sub(_AS_CODE, escape(each))}</p>" for each in paragraphs if each)


def _required(required: bool) -> str:
    return " (required)" if required else ""


def _anchor(method: str, path: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", f"{method}-{path}".lower()).strip("-")
