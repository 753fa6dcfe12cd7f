"""Transcripts and held records, for reading; the audited exception to the day's cap.

Who may read: scope `registry.read`. A person's competing records are shown here, never to a platform.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request

from xueshi_kit.auth import Caller, require
from xueshi_kit.db import Database, Transaction
from xueshi_kit.problems import conflict, not_found
from xueshi_registry.api.models import (
    HeldOut,
    HeldPage,
    ReasonIn,
    RecordOut,
    TranscriptHead,
    TranscriptOut,
)
from xueshi_registry.api.paging import POSITION, Cursor, cursor_of, key_of
from xueshi_registry.api.words import decided_rules, guidance_of, totals_of
from xueshi_registry.domain.model import PersonKey, Ref
from xueshi_registry.handlers.audit import audit
from xueshi_registry.handlers.exceptions import exempt_from_cap
from xueshi_registry.handlers.holds import return_held
from xueshi_registry.handlers.registry import Registry
from xueshi_registry.handlers.settling import cap_code
from xueshi_registry.handlers.transcripts import judge
from xueshi_registry.store import queries
from xueshi_rulebook import Rulebook, RuleWords, format_hours

Admin = Annotated[Caller, Depends(require("registry.admin"))]
Reader = Annotated[Caller, Depends(require("registry.read"))]
Period = Annotated[str, Path(pattern=r"^(19|20)[0-9]{2}$", examples=["2025"])]
RecordId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,64}$", examples=["KC25-000183"])]
Version = Annotated[int, Path(ge=1, lt=2**31)]


def router(db: Database, registry: Registry) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["records"])
    rulebook = registry.rulebook

    @routes.get("/v1/people/{person_key}/transcripts")
    async def list_transcripts(_: Reader, person_key: UUID) -> list[TranscriptHead]:
        """List a person's years, newest first."""
        async with db.transaction() as tx:
            rows = await queries.transcripts(tx, PersonKey(person_key))
        return [
            TranscriptHead(
                period=row["period"],
                jurisdiction=row["jurisdiction"],
                verdict=row["verdict"],
                revision=row["revision"],
                changed_at=row["changed_at"],
            )
            for row in rows
        ]

    @routes.get("/v1/people/{person_key}/transcripts/{period}")
    async def get_transcript(_: Reader, person_key: UUID, period: Period) -> TranscriptOut:
        """Return a person's year: totals, verdict with its arithmetic and clause, and each record's fate."""
        key = PersonKey(person_key)
        async with db.transaction() as tx:
            rows = [row for row in await queries.transcripts(tx, key) if row["period"] == period]
            if not rows:
                raise not_found("该年度的学时", "Hours of that year")
            (row,) = rows
            days = rulebook.jurisdiction(row["jurisdiction"]).days_of(period)
            found = await queries.records_of(tx, key, period, *days)
            judged = await judge(tx, registry, {(key, period): row["jurisdiction"]})
            versions = await registry.shelf.words(tx, (each["rulebook"] for each in found))
        progress = judged[key, period].progress
        return TranscriptOut(
            person_key=str(key),
            period=period,
            jurisdiction=row["jurisdiction"],
            revision=row["revision"],
            verdict=row["verdict"],
            explanation={"zh": progress.explain("zh"), "en": progress.explain("en")},
            rulebook=rulebook.hash,
            changed_at=row["changed_at"],
            totals=totals_of(progress),
            records=[_record(each, rulebook, versions[each["rulebook"]]) for each in found],
        )

    @routes.get("/v1/held-records")
    async def list_held(
        _: Reader,
        code: Annotated[str | None, Query(pattern=r"^[A-Z_]{1,40}$")] = None,
        cursor: Cursor = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> HeldPage:
        """List held records, oldest first, with what each waits for and who can help."""
        after = int(key_of(cursor, POSITION) or 0)
        async with db.transaction() as tx:
            rows = await queries.held(tx, code, after, limit + 1)
            counts = await queries.held_counts(tx)
        items = [_held(row, rulebook) for row in rows[:limit]]
        more = cursor_of(str(rows[limit - 1]["id"])) if len(rows) > limit else None
        return HeldPage(items=items, next_cursor=more, counts=dict(Counter(counts)))

    @routes.post(
        "/v1/records/{platform}/{record_id}/{version}/cap-exception",
        responses={409: {"description": "The record does not count at present (`NOT_COUNTING`)."}},
    )
    async def exempt(
        caller: Admin, request: Request, platform: RecordId, record_id: RecordId, version: Version, given: ReasonIn
    ) -> RecordOut:
        """Except one record from the day's cap (FJ-03, reading: a hard cap with an audited exception)."""
        ref = Ref(platform, record_id, version)
        async with db.transaction() as tx:
            if await exempt_from_cap(tx, registry, ref, caller.subject, given.reason) is None:
                raise conflict(
                    "NOT_COUNTING",
                    "该记录当前不计学时,请先查看其处理结果。",
                    "This record does not count at present; see what became of it first.",
                )
            answer = await _done(tx, caller, "record.exempt", ref, given.reason)
        request.app.state.wake_relay()
        return answer

    @routes.post(
        "/v1/records/{platform}/{record_id}/{version}/return",
        responses={409: {"description": "The record is not held (`NOT_HELD`)."}},
    )
    async def return_record(
        caller: Admin, request: Request, platform: RecordId, record_id: RecordId, version: Version, given: ReasonIn
    ) -> RecordOut:
        """Return a held record that nothing else will free; its platform may then correct or void it."""
        ref = Ref(platform, record_id, version)
        async with db.transaction() as tx:
            if await return_held(tx, registry, ref, caller.subject, given.reason) is None:
                raise conflict(
                    "NOT_HELD",
                    "该记录未处于待处理状态,无需退回,请查看其处理结果。",
                    "This record is not held, so there is nothing to return; see what became of it.",
                )
            answer = await _done(tx, caller, "record.return", ref, given.reason)
        request.app.state.wake_relay()
        return answer

    async def _done(tx: Transaction, caller: Caller, action: str, ref: Ref, reason: str) -> RecordOut:
        """Audit what an administrator did to a record and return the record as it is now."""
        name = f"{ref.platform}/{ref.record_id}/{ref.version}"
        await audit(tx, registry, caller.subject, action, name, {"reason": reason})
        row = await queries.record(tx, ref)
        if row is None:
            raise not_found("该记录", "Record")
        versions = await registry.shelf.words(tx, [row["rulebook"]])
        return _record(row, rulebook, versions[row["rulebook"]])

    return routes


def _record(row: queries.Row, rulebook: Rulebook, decided: Mapping[str, RuleWords]) -> RecordOut:
    """Return a record: what to do by the present rulebook, what it rests on by the one that judged it."""
    code = row["code"] or cap_code(row["stake"])
    guidance = guidance_of(rulebook, code) if code else None
    return RecordOut(
        platform=row["platform"],
        record_id=row["record_id"],
        version=row["version"],
        state=row["state"],
        code=code,
        rulebook=row["rulebook"],
        guidance=guidance
        and {
            "reason_zh": guidance.reason_zh,
            "reason_en": guidance.reason_en,
            "todo_zh": guidance.todo_zh,
            "todo_en": guidance.todo_en,
        },
        subject_kind=row["subject_kind"],
        learning_form=row["learning_form"],
        course_title=row["course_title"],
        first_on=row["first_on"],
        last_on=row["last_on"],
        credit_year=row["credit_year"],
        claimed=format_hours(sum(row["claimed"])),
        credited=format_hours(sum(row["credited"])),
        authority=row["authority"],
        reason=row["reason"],
        rules=decided_rules(decided, rulebook, row["rule_ids"]),
    )


def _held(row: queries.Row, rulebook: Rulebook) -> HeldOut:
    guidance = guidance_of(rulebook, row["code"])
    return HeldOut(
        platform=row["platform"],
        record_id=row["record_id"],
        version=row["version"],
        person_key=str(row["person_key"]),
        person_label=row["label"],
        code=row["code"],
        reason={"zh": guidance.reason_zh, "en": guidance.reason_en},
        todo={"zh": guidance.todo_zh, "en": guidance.todo_en},
        owner=guidance.owner,
        employer=row["employer"],
        course_title=row["course_title"],
        last_on=row["last_on"],
    )
