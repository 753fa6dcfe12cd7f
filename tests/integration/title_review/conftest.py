"""Fixtures of title-review-sync's suites."""

import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.support.databases import DatabaseFactory
from tests.support.title_review import TitleReview
from xueshi_cli.runtime.provision import Provisioned
from xueshi_kit import migrations
from xueshi_kit.auth import Caller, UnauthenticatedError
from xueshi_kit.web import create_app
from xueshi_title_review import api

# The sample client is not installed: a vendor copies it.
sys.path.append(str(Path(__file__).parents[3] / "samples" / "title-review-client" / "src"))


@pytest.fixture(scope="session")
def migrated(make_database: DatabaseFactory) -> Provisioned:
    """Give a migrated database."""
    made = make_database("title_review")
    with ThreadPoolExecutor(1) as aside:
        aside.submit(migrations.upgrade, "xueshi_title_review", made.owner_dsn).result()
    return made


@pytest.fixture
async def review(migrated: Provisioned) -> AsyncIterator[TitleReview]:
    """Give a title-review-sync on an empty database."""
    harness = await TitleReview.open(migrated)
    yield harness
    await harness.db.close()


class Tokens:
    """Takes any token for a caller with the scopes that it names."""

    async def verify(self, token: str) -> Caller:
        """Return the caller; the token `broken` holds nothing."""
        if token == "broken":
            reason = "signature"
            raise UnauthenticatedError(reason)
        return Caller("client-1", "client-1", "client", frozenset(token.split(",")), "")


@pytest.fixture
async def anyone(review: TitleReview) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of the API without a token."""
    app = create_app("test", api.DESCRIPTION, ready={})
    app.state.token_verifier = Tokens()
    app.include_router(api.router(review.db, review.desk))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


@pytest.fixture
def client(anyone: httpx.AsyncClient) -> httpx.AsyncClient:
    """Give a client of the API that may read."""
    anyone.headers["Authorization"] = "Bearer title-review.read"
    return anyone
