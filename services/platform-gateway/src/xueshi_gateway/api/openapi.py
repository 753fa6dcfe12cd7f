"""The published description of the webhook, made from the very types that decode it."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from fastapi import FastAPI

from xueshi_gateway.wire.checks import CheckReport
from xueshi_gateway.wire.deliveries import delivery_schema
from xueshi_gateway.wire.receipts import Receipt

_REF: Final = "#/components/schemas/{name}"
_DELIVERY: Final = "Delivery"

EXAMPLE: Final[Mapping[str, Any]] = {
    "type": "hour_records.completed",
    "timestamp": "2025-06-03T18:20:00+08:00",
    "data": {
        "records": [
            {
                "record_id": "KC25-000183",
                "learner": {"id_type": "resident_id", "id_number": "359900199003070011", "name": "陈晓"},
                "employer": "91350100M000100Y43",
                "subject_kind": "professional",
                "learning_form": "online",
                "course": {"id": "C-2025-118", "title": "混凝土结构耐久性"},
                "industry": 5,
                "major": "土木工程",
                "learned": [{"on": "2025-06-01", "hours": "3"}, {"on": "2025-06-02", "hours": "1.5"}],
                "hours": "4.5",
                "assessment": {"passed": True, "score": "88"},
                "completed_at": "2025-06-02T21:40:00+08:00",
            }
        ]
    },
}
_RECEIPT_EXAMPLE: Final[Mapping[str, Any]] = {
    "delivery": "msg_2b9",
    "counts": {"accepted": 1, "duplicate": 0, "rejected": 0},
    "results": [{"record_id": "KC25-000183", "status": "accepted", "version": 1}],
}


def _header(name: str, pattern: str, description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": True,
        "description": description,
        "schema": {"type": "string", "pattern": pattern},
    }


def _problem(description: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/problem+json": {}}}


_REPORT_EXAMPLE: Final[Mapping[str, Any]] = {
    "rulebook": "6ac6d95fb391",
    "results": [
        {
            "record_id": "KC25-000183",
            "status": "valid",
            "forms": [
                {
                    "jurisdiction": "fujian",
                    "rule": "FJ-04",
                    "clause": "闽人社办〔2023〕70号 附件1（一）；附件2 一（一）",
                    "form": {"zh": "确认接入的网络培训平台学习", "en": "confirmed online platform"},
                    "submitters": ["platform"],
                    "conditions": [],
                    "evidence": [],
                }
            ],
        }
    ],
}

DELIVERY_OPERATION: Final[dict[str, Any]] = {
    "parameters": [
        _header("webhook-id", "^[A-Za-z0-9_-]{1,64}$", "The delivery's id; the same for every retry."),
        _header("webhook-timestamp", "^[1-9][0-9]{0,9}$", "Seconds since 1970, within five minutes of now."),
        _header("webhook-signature", "^v1a?,", "Standard Webhooks signatures, parted by single spaces."),
    ],
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": _REF.format(name=_DELIVERY)}, "example": EXAMPLE}},
    },
    "responses": {
        "200": {
            "description": "The receipt: a result for each record.",
            "content": {
                "application/json": {"schema": {"$ref": _REF.format(name="Receipt")}, "example": _RECEIPT_EXAMPLE}
            },
        },
        "400": _problem("The body is not JSON."),
        "401": _problem("The signature does not hold, is stale, or was made by a key that no longer counts."),
        "403": _problem("The platform is suspended."),
        "409": _problem("The delivery id came before with other bytes."),
        "413": _problem("The body is over 1 MiB."),
        "415": _problem("The body is not uncompressed application/json."),
        "422": _problem("The body is not a delivery."),
        "429": _problem("Over the platform's records per minute; see Retry-After."),
    },
}

CHECK_OPERATION: Final[dict[str, Any]] = {
    **DELIVERY_OPERATION,
    "responses": {
        **{code: answer for code, answer in DELIVERY_OPERATION["responses"].items() if code != "409"},
        "200": {
            "description": "A result for each record.",
            "content": {
                "application/json": {"schema": {"$ref": _REF.format(name="CheckReport")}, "example": _REPORT_EXAMPLE}
            },
        },
    },
}


def publish_delivery_types(app: FastAPI) -> None:
    """Add the types of the webhook's request and answer to the application's OpenAPI document."""
    describe: Callable[[], dict[str, Any]] = app.openapi

    def openapi() -> dict[str, Any]:
        document = describe()
        schema, components = delivery_schema(_REF)
        _, answers = msgspec.json.schema_components([Receipt, CheckReport], ref_template=_REF)
        published = document.setdefault("components", {}).setdefault("schemas", {})
        published.update({**components, **answers, _DELIVERY: schema})
        return document

    app.openapi = openapi  # type: ignore[method-assign]
