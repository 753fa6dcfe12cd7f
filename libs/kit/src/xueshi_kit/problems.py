"""RFC 9457 problem details with stable codes, in Chinese and English: where typed errors are translated for people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one place of a request: a JSON pointer, a stable code, a message in both languages."""

    pointer: str
    code: str
    message_zh: str
    message_en: str

    def as_json(self) -> dict[str, Any]:
        """Return the JSON object of this error."""
        return {
            "pointer": self.pointer,
            "code": self.code,
            "message": {"zh": self.message_zh, "en": self.message_en},
        }


@dataclass(eq=False)
class Problem(Exception):  # noqa: N818 - the standard's own noun
    """An answer other than success. `code` is stable and upper-case; the messages say what to do."""

    status: int
    code: str
    message_zh: str
    message_en: str
    errors: Sequence[FieldError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def response(self, request: Request | None = None) -> JSONResponse:
        """Return the problem as an HTTP answer."""
        body: dict[str, Any] = {
            "type": f"urn:xueshi:problem:{self.code.lower().replace('_', '-')}",
            "title": self.message_en,
            "status": self.status,
            "code": self.code,
            "message": {"zh": self.message_zh, "en": self.message_en},
            **self.extra,
        }
        if request is not None:
            body["request_id"] = request.scope.get("request_id", "")
        if self.errors:
            body["errors"] = [error.as_json() for error in self.errors]
        return JSONResponse(body, self.status, dict(self.headers), MEDIA_TYPE)


def not_found(what_zh: str, what_en: str) -> Problem:
    """Return the 404 problem for a thing that is not there."""
    return Problem(404, "NOT_FOUND", f"未找到{what_zh}。", f"{what_en} not found.")


def conflict(code: str, zh: str, en: str) -> Problem:
    """Return a 409 problem."""
    return Problem(409, code, zh, en)


def invalid(errors: Sequence[FieldError]) -> Problem:
    """Return the 422 problem that lists what is wrong with a request."""
    return Problem(
        422,
        "REQUEST_INVALID",
        "请求内容不符合要求,请按 errors 修改后重试。",
        "The request is not valid; see errors.",
        errors,
    )
