"""The shell of every HTTP API: problem details, health, metrics, documentation. Its outermost layer is `edge`."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from xueshi_kit import api_page
from xueshi_kit.auth import ForbiddenError, UnauthenticatedError
from xueshi_kit.edge import BODY_SECONDS, Edge
from xueshi_kit.openapi import complete_document
from xueshi_kit.problems import FieldError, Problem, invalid

Check = Callable[[], Awaitable[None]]


def create_app(
    title: str, description: str, *, ready: Mapping[str, Check], tags: Sequence[dict[str, Any]] = ()
) -> FastAPI:
    """Return an application with the common endpoints and error handling. `ready` are checks by name."""
    app = FastAPI(
        title=title,
        description=description,
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_tags=list(tags),
        separate_input_output_schemas=False,
        # An address with a slash more is another one: a redirect would be built from what the client calls us.
        redirect_slashes=False,
    )
    app.state.draining = False
    app.state.body_seconds = BODY_SECONDS
    # Starlette calls each handler for its own kind of error alone, which its types do not say.
    app.add_exception_handler(Problem, _on_problem)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, _on_invalid)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, _on_http)  # type: ignore[arg-type]
    app.add_exception_handler(UnauthenticatedError, _on_unauthenticated)
    app.add_exception_handler(ForbiddenError, _on_forbidden)  # type: ignore[arg-type]
    app.add_middleware(Edge, app_state=app.state)
    complete_document(app)

    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> PlainTextResponse:
        return PlainTextResponse("ok")

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> JSONResponse:
        failed: dict[str, str] = {"draining": "yes"} if app.state.draining else {}
        for name, check in ready.items():
            try:
                await check()
            except Exception as error:  # noqa: BLE001 - whatever a check raises, the service is not ready
                failed[name] = type(error).__name__
        return JSONResponse({"ready": not failed, "failed": failed}, 503 if failed else 200)

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return HTMLResponse(api_page.render(app.openapi()), headers=api_page.HEADERS)

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return app


async def _on_problem(request: Request, error: Problem) -> Response:
    # A problem that is a constant is raised again and again: it must not gather the frames of each time.
    error.__traceback__ = error.__context__ = None
    return error.response(request)


async def _on_invalid(request: Request, error: RequestValidationError) -> Response:
    """Translate FastAPI's own validation. The refused input itself is never repeated: it may be personal."""
    if any(each["type"] == "json_invalid" for each in error.errors()):
        return _not_json().response(request)
    errors = [
        FieldError(
            "/" + "/".join(_pointer_part(part) for part in each["loc"]),
            each["type"].upper(),
            _CHINESE_BY_TYPE.get(each["type"], "取值不符合要求。"),
            _ENGLISH_BY_TYPE.get(each["type"], each["msg"]),
        )
        for each in error.errors()
    ]
    return invalid(errors).response(request)


def _pointer_part(part: str | int) -> str:
    """Return a part of a JSON pointer; a name that no schema has may be anything, so it is shown as `?`."""
    return str(part) if isinstance(part, int) or _NAME.match(part) else "?"


def _not_json() -> Problem:
    return Problem(400, "NOT_JSON", "请求体不是合法的 JSON。", "The body is not JSON.")


_NAME = re.compile(r"[A-Za-z_][A-Za-z_-]{0,63}\Z")
_ENGLISH_BY_TYPE = {"union_tag_invalid": "The value that names the kind is not a known one."}
_CHINESE_BY_TYPE = {
    "missing": "缺少必填项。",
    "extra_forbidden": "不认识的字段。",
    "string_too_long": "文字过长。",
    "string_too_short": "文字过短。",
    "string_pattern_mismatch": "格式不符合要求。",
    "string_type": "应为文字。",
    "int_type": "应为整数。",
    "bool_type": "应为 true 或 false。",
    "personal_data": "不得含有证件号码。",
    "date_from_datetime_parsing": "应为日期(YYYY-MM-DD)。",
}


async def _on_http(request: Request, error: HTTPException) -> Response:
    if isinstance(error.__cause__, Problem):  # raised while the body was read
        return error.__cause__.response(request)
    if error.status_code == HTTPStatus.BAD_REQUEST:
        return _not_json().response(request)
    zh = {404: "没有这个地址。", 405: "不支持这种请求方法。"}.get(error.status_code, "请求无法处理。")
    code = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}.get(error.status_code, f"HTTP_{error.status_code}")
    return Problem(error.status_code, code, zh, str(error.detail), headers=error.headers or {}).response(request)


async def _on_unauthenticated(request: Request, _error: Exception) -> Response:
    return Problem(
        401,
        "UNAUTHENTICATED",
        "需要有效的访问令牌。",
        "A valid access token is needed.",
        headers={"WWW-Authenticate": 'Bearer realm="xueshi"'},
    ).response(request)


async def _on_forbidden(request: Request, error: ForbiddenError) -> Response:
    return Problem(
        403,
        "FORBIDDEN",
        f"该令牌没有执行此操作的权限,需要:{error.needed_zh}。",
        f"This token does not allow the request; it needs {error.needed}.",
    ).response(request)
