"""Proofs by number, for those who may know whose they are.

Who may read: tokens with the scope `certificates.read` (the holder's own application, authorities, administrators,
the console). They read the holder's name, type of document and masked number (`350504********0016`), never the whole
number. Who may issue: tokens with the scope `certificates.issue`.
"""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from xueshi_certificates import store
from xueshi_certificates.api.desk import Desk
from xueshi_certificates.api.public import RETRY_SECONDS, pdf_response
from xueshi_certificates.domain.content import PersonKey, ProofState, Status
from xueshi_certificates.domain.number import NUMBER_PATTERN, is_proof_number
from xueshi_certificates.domain.transitions import NothingToProveError
from xueshi_certificates.handlers import (
    UnknownProofError,
    UnknownTranscriptError,
    issue_on_request,
    proof_by_number,
)
from xueshi_certificates.rendering.pdf import BusyError, NoFontError
from xueshi_certificates.wire.answers import IssueIn, ListedOut, PageOut, PeriodText, PersonKeyText, ProofOut
from xueshi_kit.auth import Caller, require
from xueshi_kit.clock import CHINA
from xueshi_kit.cursors import CursorError, decode, encode, foreign_cursor
from xueshi_kit.problems import Problem, conflict, not_found

Reader = Annotated[Caller, Depends(require("certificates.read"))]
Issuer = Annotated[Caller, Depends(require("certificates.issue"))]
Number = Annotated[str, Path(pattern=NUMBER_PATTERN, examples=["FJ-2025-0000001234-9"])]

_PRIVATE = {"Cache-Control": "private, no-store"}


def router(desk: Desk) -> APIRouter:
    """Return the routes of proofs by number."""
    routes = APIRouter(prefix="/v1/proofs", tags=["proofs"])

    async def find(number: str) -> ProofState:
        try:
            async with desk.db.transaction() as tx:
                return await proof_by_number(tx, number)
        except UnknownProofError as error:
            raise not_found("该编号的证明", "Proof") from error

    def answer(state: ProofState) -> ProofOut:
        return ProofOut.of(state, desk.named(state), desk.form(state), desk.public_url)

    @routes.get("")
    async def list_proofs(
        _: Reader,
        person_key: Annotated[PersonKeyText | None, Query()] = None,
        period: Annotated[PeriodText | None, Query()] = None,
        status: Annotated[Status | None, Query()] = None,
        cursor: Annotated[str | None, Query(max_length=64)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> PageOut:
        """List proofs by number: all, or those of a person, a period or a status. It reads nothing of the holders."""
        wanted = store.ProofFilter(None if person_key is None else PersonKey(UUID(person_key)), period, status)
        async with desk.db.transaction() as tx:
            found = await store.list_proofs(tx, wanted, _number_of(cursor), limit + 1)
        items = [_listed(each, desk.public_url) for each in found[:limit]]
        return PageOut(items=items, next_cursor=encode(items[-1].number) if len(found) > limit else None)

    @routes.post(
        "",
        status_code=201,
        responses={
            200: {"model": ProofOut, "description": "A valid proof stands."},
            404: {"description": "Nothing is known of the person in the period."},
            409: {"description": "No hours are stamped in the period (`NO_STAMPED_HOURS`)."},
        },
    )
    async def issue_proof(caller: Issuer, request: Request, response: Response, given: IssueIn) -> ProofOut:
        """Issue a proof of the hours stamped so far; short of the requirement, it says so.

        Where a valid proof stands, that one is returned (200): it always says what is stamped now. 404 where nothing
        is known of the person in the period, 409 `NO_STAMPED_HOURS` where no hours are stamped.
        """
        key = PersonKey(UUID(given.person_key))
        try:
            async with desk.db.transaction() as tx:
                state, issued = await issue_on_request(tx, desk.tools, key, given.period, caller.subject)
        except UnknownTranscriptError as error:
            raise not_found("该人员在此期间的学时", "Transcript") from error
        except NothingToProveError as error:
            raise conflict(
                "NO_STAMPED_HOURS",
                "该期间尚无计入的学时，暂不能出具证明。",
                "No hours are stamped in this period yet.",
            ) from error
        request.app.state.wake_relay()
        response.status_code = 201 if issued else 200
        response.headers["Location"] = f"/v1/proofs/{state.proof.number}"
        response.headers.update(_PRIVATE)
        return answer(state)

    @routes.get("/{number}.pdf", response_class=Response, responses={200: {"content": {"application/pdf": {}}}})
    async def get_proof_pdf(_: Reader, number: Number) -> Response:
        """Return the proof as PDF (PDF/A-2a), with the holder's name and masked number."""
        state = await find(number)
        try:
            content = await desk.pdf(state, desk.named(state))
        except (BusyError, NoFontError) as error:
            raise _PDF_UNAVAILABLE from error
        return pdf_response(state, content, _PRIVATE)

    @routes.get("/{number}")
    async def get_proof(_: Reader, number: Number, response: Response) -> ProofOut:
        """Return a proof with its records, its status, and the holder's name and masked number."""
        response.headers.update(_PRIVATE)
        return answer(await find(number))

    return routes


_PDF_UNAVAILABLE = Problem(
    503,
    "PDF_UNAVAILABLE",
    "PDF 暂时不能生成，请稍后重试。",
    "The PDF cannot be made at the moment; try again.",
    headers={"Retry-After": RETRY_SECONDS},
)


def _listed(listed: store.Listed, public_url: str) -> ListedOut:
    return ListedOut(
        number=listed.number,
        status=listed.status,
        person_key=listed.person_key.hex,
        period=listed.period,
        basis=listed.basis,
        verdict=listed.verdict,
        issued_at=listed.issued_at.astimezone(CHINA),
        public_url=f"{public_url}/p/{listed.tag}",
    )


def _number_of(cursor: str | None) -> str:
    """Return the number behind which a page begins. Raises a 422 problem for a cursor that is not one of ours."""
    if cursor is None:
        return ""
    try:
        number = decode(cursor)
    except CursorError:
        number = ""
    if not is_proof_number(number):
        raise foreign_cursor()
    return number
