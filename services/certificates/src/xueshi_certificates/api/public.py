"""The public check: `/p/{tag}` as a page, as JSON and as PDF.

Who may: anyone who has the address. The tag has 100 random bits and is on the proof alone, so that only who was shown a
proof can open it; nothing opens by number, and every address that opens nothing gets the same answer. It reads of the
holder: the first character of the name, the type of document and the last four characters of its number.

A superseded proof links to the one that stands in its place: the holder gave the first to whoever checks it, the newer
one says more of the same period and shows the same masked data, and a checker must not have to ask again. A revoked
proof links to nothing: what is true after a revocation is the holder's to show.
"""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from xueshi_certificates.api.desk import Desk
from xueshi_certificates.api.throttle import Throttle
from xueshi_certificates.domain.content import ProofState
from xueshi_certificates.handlers import UnknownProofError, proof_by_tag
from xueshi_certificates.rendering.page import HEADERS, MISSING, TOO_MANY, UNAVAILABLE, proof_page
from xueshi_certificates.rendering.pdf import BusyError, NoFontError
from xueshi_certificates.wire.answers import PublicProofOut
from xueshi_kit.problems import Problem, not_found

RETRY_SECONDS = "5"

_Responses = dict[int | str, dict[str, Any]]

_PAGE: _Responses = {
    200: {"content": {"text/html": {}}, "description": "The proof's status and masked data."},
    404: {"content": {"text/html": {}}, "description": "The address opens no proof."},
    429: {"content": {"text/html": {}}, "description": "Too many requests from one address; see Retry-After."},
}
_PDF: _Responses = {
    **_PAGE,
    200: {"content": {"application/pdf": {}}, "description": "The proof, the holder masked (PDF/A-2a)."},
    503: {"content": {"text/html": {}}, "description": "Too many PDFs are being set; see Retry-After."},
}
_JSON: _Responses = {404: {"description": "The address opens no proof."}, 429: {"description": "See Retry-After."}}
# A browser's own PDF viewer needs what the page's policy forbids.
_PDF_HEADERS = {**HEADERS, "Content-Security-Policy": "frame-ancestors 'none'"}


def router(desk: Desk, throttle: Throttle) -> APIRouter:
    """Return the public routes."""
    routes = APIRouter(prefix="/p", tags=["public check"])

    async def find(tag: str) -> ProofState:
        async with desk.db.transaction() as tx:
            return await proof_by_tag(tx, tag)

    @routes.get("/{tag}.json", response_model=PublicProofOut, responses=_JSON)
    async def proof_as_json(request: Request, tag: str) -> Response:
        """Return a proof's status and masked data. Anyone who has the address; it reads no name and no full number."""
        wait = throttle.wait_seconds(_address(request))
        if wait:
            return _too_many(wait).response(request)
        try:
            state = await find(tag)
        except UnknownProofError:
            return _with_headers(not_found("该证明", "Proof").response(request))
        shown = PublicProofOut.of(state, desk.masked(state), desk.form(state), desk.public_url)
        return JSONResponse(shown.model_dump(mode="json"), headers=HEADERS)

    @routes.get("/{tag}.pdf", response_class=Response, responses=_PDF)
    async def proof_as_pdf(request: Request, tag: str) -> Response:
        """Return the proof as PDF, the holder masked. Anyone who has the address."""
        wait = throttle.wait_seconds(_address(request))
        if wait:
            return _page(TOO_MANY, 429, wait)
        try:
            state = await find(tag)
            content = await desk.pdf(state, desk.masked(state))
        except UnknownProofError:
            return _page(MISSING, 404)
        except (BusyError, NoFontError):
            return _page(UNAVAILABLE, 503, int(RETRY_SECONDS))
        return pdf_response(state, content, _PDF_HEADERS)

    @routes.get("/{tag}", response_class=HTMLResponse, responses=_PAGE)
    async def proof_as_page(request: Request, tag: str) -> Response:
        """Show a proof's status and masked data as a page in Chinese. Anyone who has the address."""
        wait = throttle.wait_seconds(_address(request))
        if wait:
            return _page(TOO_MANY, 429, wait)
        try:
            state = await find(tag)
        except UnknownProofError:
            return _page(MISSING, 404)
        return _page(proof_page(desk.view(state, desk.masked(state)), desk.tools.clock.now()), 200)

    return routes


def pdf_response(state: ProofState, content: bytes, headers: dict[str, str]) -> Response:
    """Return a PDF that a browser shows, and saves under the proof's number."""
    name = {"Content-Disposition": f'inline; filename="{state.proof.number}.pdf"'}
    return Response(content, media_type="application/pdf", headers={**headers, **name})


def _page(html: str, status: int, retry_seconds: int = 0) -> HTMLResponse:
    retry = {"Retry-After": str(retry_seconds)} if retry_seconds else {}
    return HTMLResponse(html, status, {**HEADERS, **retry})


def _too_many(wait: int) -> Problem:
    headers = {**HEADERS, "Retry-After": str(wait)}
    return Problem(
        429, "TOO_MANY_REQUESTS", "访问过于频繁，请稍后再试。", "Too many requests; try again later.", headers=headers
    )


def _with_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response


def _address(request: Request) -> str:
    return "" if request.client is None else request.client.host
