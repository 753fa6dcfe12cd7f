"""Decisions: approve, return, withdraw a stamp; the trail of a record, and of an officer.

Who may call: officers with a `reviewer` grant that covers the record; the trails also operators and administrators.
"""

import csv
import io
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from xueshi_kit.db import Database
from xueshi_verification.api.access import AnOfficer, OfficerOrOperator
from xueshi_verification.api.paging import Cursor, key_of, next_cursor, position
from xueshi_verification.api.refusals import conflicts, refusal_of, translated
from xueshi_verification.domain.model import OfficerId, PlatformId, RecordId, RecordKey
from xueshi_verification.handlers import decisions as handlers
from xueshi_verification.handlers import trails
from xueshi_verification.handlers.office import Office
from xueshi_verification.wire.decisions import (
    DecisionIn,
    DecisionOut,
    DecisionPage,
    DecisionsIn,
    ReasonCodesOut,
    ResultOut,
    ResultsOut,
    WithdrawalIn,
    decision_out,
    logged_out,
    reason_codes,
)
from xueshi_verification.wire.fields import (
    Bilingual,
    Moment,
    OfficerPath,
    PlatformPath,
    RecordPath,
    VersionPath,
    version_key,
)


def router(db: Database, office: Office) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["decisions"])

    @routes.post(
        "/v1/items/{platform}/{record_id}/{version}/decision",
        responses=conflicts("STALE_VERSION", "DECIDED", "CLAIMED", "NOT_WAITING"),
    )
    async def decide(
        request: Request,
        officer: AnOfficer,
        platform: PlatformPath,
        record_id: RecordPath,
        version: VersionPath,
        body: DecisionIn,
    ) -> DecisionOut:
        """Approve (`stamped`) or return one version.

        409 `STALE_VERSION` for an older version, `DECIDED`, `CLAIMED` by somebody else, `NOT_WAITING`;
        403 `OWN_RECORD`, `NOT_GRANTED`.
        """
        with translated():
            async with db.transaction() as tx:
                decision = await handlers.decide_one(
                    tx, office, officer, body.verdict(version_key(platform, record_id, version))
                )
        request.app.state.wake_relay()
        return decision_out(decision, office.routing.rulebook.clauses(decision.rule_ids).values())

    @routes.post("/v1/decisions")
    async def decide_many(request: Request, officer: AnOfficer, body: DecisionsIn) -> ResultsOut:
        """Decide up to 500 versions, each on its own: what is refused leaves the others as they are."""
        verdicts = [each.verdict(each.key) for each in body.decisions]
        async with db.transaction() as tx:
            results = await handlers.decide(tx, office, officer, verdicts)
        request.app.state.wake_relay()
        shown = [_result(each) for each in results]
        done = sum(each.status == "done" for each in shown)
        return ResultsOut(done=done, refused=len(shown) - done, results=shown)

    @routes.post(
        "/v1/stamps/{platform}/{record_id}/{version}/withdrawal", responses=conflicts("STALE_VERSION", "NOT_STAMPED")
    )
    async def withdraw(
        request: Request,
        officer: AnOfficer,
        platform: PlatformPath,
        record_id: RecordPath,
        version: VersionPath,
        body: WithdrawalIn,
    ) -> DecisionOut:
        """Withdraw a stamp, an automatic one too (FJ-10, FJ-24): the record is revoked and its hours go.

        409 `STALE_VERSION`, `NOT_STAMPED`; 403 `OWN_RECORD`, `NOT_GRANTED`.
        """
        with translated():
            async with db.transaction() as tx:
                decision = await handlers.decide_one(
                    tx, office, officer, body.verdict(version_key(platform, record_id, version))
                )
        request.app.state.wake_relay()
        return decision_out(decision, office.routing.rulebook.clauses(decision.rule_ids).values())

    @routes.get("/v1/reasons")
    async def list_reasons(_: OfficerOrOperator) -> ReasonCodesOut:
        """List the reasons that a return or a withdrawal may give."""
        return reason_codes()

    @routes.get("/v1/records/{platform}/{record_id}/decisions")
    async def read_trail(actor: OfficerOrOperator, platform: PlatformPath, record_id: RecordPath) -> DecisionPage:
        """Return every decision on any version of a record.

        For operators, and for reviewers and administrators of the authority where the record is now.
        """
        key = RecordKey(PlatformId(platform), RecordId(record_id))
        with translated():
            async with db.transaction() as tx:
                found = await trails.of_record(tx, office, actor.officer, key)
        return DecisionPage(items=[logged_out(each) for each in found], next_cursor=None)

    @routes.get(
        "/v1/officers/{officer}/decisions",
        response_model=DecisionPage,
        responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
    )
    async def export_decisions(
        actor: OfficerOrOperator,
        officer: OfficerPath,
        *,
        decided_from: Annotated[Moment | None, Query(description="Decided at this moment or later.")] = None,
        decided_until: Annotated[Moment | None, Query(description="Decided before this moment.")] = None,
        format_: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
        cursor: Cursor = None,
        limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    ) -> Response:
        """Export what an officer decided, oldest first (WZ-11).

        For operators, for the officer, and for administrators: these see the decisions at their own authorities. A
        CSV answer carries its cursor in the header `x-next-cursor`.
        """
        wanted = trails.Period(decided_from, decided_until)
        after = key_of(cursor, position, 0)
        async with db.transaction() as tx:
            found = await trails.of_officer(
                tx, office, actor.officer, OfficerId(officer), wanted, after=after, limit=limit
            )
        page = DecisionPage(
            items=[logged_out(each) for each in found], next_cursor=next_cursor(found, limit, lambda each: each.id)
        )
        if format_ == "json":
            return Response(page.model_dump_json(), media_type="application/json")
        headers = {} if page.next_cursor is None else {"x-next-cursor": page.next_cursor}
        return Response(_csv(page.items), media_type="text/csv; charset=utf-8", headers=headers)

    return routes


def _result(result: handlers.Result) -> ResultOut:
    key = result.verdict.key
    refusal = None if result.refusal is None else refusal_of(result.refusal)
    return ResultOut(
        platform=key.platform,
        record_id=key.record_id,
        version=key.version,
        status="done" if refusal is None else "refused",
        outcome=None if result.decision is None else result.decision.outcome,
        code=None if refusal is None else refusal.code,
        message=None if refusal is None else Bilingual(zh=refusal.zh, en=refusal.en),
    )


def _csv(decisions: list[DecisionOut]) -> str:
    """Write decisions as CSV, with the mark that makes spreadsheets read it as UTF-8."""
    columns = [name for name in DecisionOut.model_fields if name not in {"reason", "rules", "clauses"}]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*columns, "reason_code", "reason", "rules", "clauses"])
    for each in decisions:
        values = each.model_dump(mode="json")
        reason = each.reason
        row = [values[name] for name in columns]
        row += [reason.code, reason.text] if reason else ["", ""]
        row += [" ".join(each.rules), "；".join(each.clauses)]
        writer.writerow([_inert(value) for value in row])
    return "\ufeff" + text.getvalue()


def _inert(value: object) -> object:
    """Keep a spreadsheet from taking an officer's words for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@"} else value
