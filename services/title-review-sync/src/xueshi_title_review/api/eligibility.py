"""Eligibility checks: what the hours say about a batch of applicants."""

from fastapi import APIRouter

from xueshi_kit.clock import CHINA
from xueshi_kit.db import Database
from xueshi_title_review import store
from xueshi_title_review.api.access import Reader
from xueshi_title_review.domain import SubjectRef
from xueshi_title_review.handlers import Desk
from xueshi_title_review.wire.answers import CheckOut, ChecksIn, ChecksOut, evidence_notice
from xueshi_title_review.wire.events import china_time


def router(db: Database, desk: Desk) -> APIRouter:
    """Return the route."""
    routes = APIRouter(tags=["eligibility"])

    @routes.post("/v1/eligibility-checks")
    async def check_eligibility(_: Reader, given: ChecksIn) -> ChecksOut:
        """Check up to 500 applicants, each by subject ref and period or year; one result each, in the same order.

        A verdict is evidence with its rules and clauses, not the review's decision (FJ-21); `outcome` says what it
        means for an application made today that is asked for this period. `unknown` says that no hours of the subject
        are known in the period, be it that the subject is unknown or that nothing is verified. Who the applicant is
        (a teacher, say) is not known here either: a bar for an unfinished cycle (LJ-04) shows in the registry alone.
        """
        wanted = [(SubjectRef(each.subject_ref), each.period_code) for each in given.checks]
        async with db.transaction() as tx:
            found = await store.told(tx, set(wanted))
        now = desk.clock.now()
        today = now.astimezone(CHINA).date()
        return ChecksOut(
            checked_at=china_time(now),
            notice=evidence_notice(),
            items=[CheckOut.of(ref, period, found.get((ref, period)), desk.rulebook, today) for ref, period in wanted],
        )

    return routes
