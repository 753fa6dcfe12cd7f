"""The wiring of title-review-sync: the only reader of its settings."""

from xueshi.titlereview.v1.verified_hours_pb2 import VerifiedHours
from xueshi_kit.service import Service
from xueshi_kit.web import create_app
from xueshi_kit.wiring import open_parts
from xueshi_rulebook import load_rulebook
from xueshi_title_review import api
from xueshi_title_review.consumer import subscriptions
from xueshi_title_review.handlers import Desk, Subjects
from xueshi_title_review.settings import Settings

SUBJECTS = "title-review-subjects"
"""The purpose in the key file that holds the receiver's key."""


async def build(settings: Settings) -> Service:
    """Wire title-review-sync."""
    parts = await open_parts("title-review-sync", settings)
    keys = parts.keys()
    subjects = Subjects(keys.index(SUBJECTS), keys.current_id(SUBJECTS), keys.sealer("identity"))
    desk = Desk(parts.outbox, load_rulebook(), parts.clock, subjects)
    app = create_app("Xueshi title review", api.DESCRIPTION, ready={"database": parts.db.ping}, tags=api.TAGS)
    parts.guard(app)
    app.include_router(api.router(parts.db, desk))
    return Service("title-review-sync", parts, app, subscriptions(desk), published=[VerifiedHours])
