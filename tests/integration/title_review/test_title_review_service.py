"""The wiring: from settings and a key file to a service that answers."""

from pathlib import Path

import httpx
from pydantic import SecretStr

from tests.support.databases import DatabaseFactory
from tests.support.title_review import TitleReview
from xueshi_kit.bus.embedded import install
from xueshi_kit.keyring import KeyKind, KeyRing
from xueshi_title_review.app import build
from xueshi_title_review.settings import Settings


async def test_the_service_is_wired(review: TitleReview, make_database: DatabaseFactory, tmp_path: Path) -> None:
    bus = make_database("bus")
    await install(bus.owner_dsn, 4)
    keys = KeyRing.generate({"identity": KeyKind.SEAL_AES, "title-review-subjects": KeyKind.INDEX})
    keys.write(tmp_path / "keys.json")
    service = await build(
        Settings(
            database_url=SecretStr(review.app_dsn),
            bus_url=SecretStr(bus.app_dsn),
            buckets=4,
            keys_file=tmp_path / "keys.json",
        )
    )
    try:
        transport = httpx.ASGITransport(service.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            assert (await client.get("/readyz")).status_code == 200
            assert (await client.get("/v1/verified-hours")).status_code == 401
            paths = (await client.get("/openapi.json")).json()["paths"]
        assert set(paths) == {
            "/v1/verified-hours",
            "/v1/verified-hours/{subject_ref}/{period}",
            "/v1/eligibility-checks",
            "/v1/unacknowledged",
        }
        assert [each.consumer for each in service.subscriptions] == [
            "title-review.transcripts",
            "title-review.proofs",
            "title-review.acknowledgements",
        ]
    finally:
        await service.parts.close()
