"""Signing keys: made once, kept sealed, published before their turn and until their last token has ended."""

import asyncio
import base64
import json

import asyncpg
import pytest

from tests.integration.identity.site import ADMIN_KEY, Deployment, Site
from xueshi_identity import app
from xueshi_identity.app import build
from xueshi_identity.handlers.keys import SigningKeys
from xueshi_kit.auth import UnauthenticatedError
from xueshi_kit.crypto import UnknownKeyError
from xueshi_kit.keyring import KeyKind, KeyRing


async def published(site: Site) -> list[str]:
    keys = (await site.http.get("/.well-known/jwks.json")).json()["keys"]
    return [key["kid"] for key in keys]


async def token(site: Site) -> str:
    return await site.source("admin", ADMIN_KEY, "", "identity").token()


def key_of(access_token: str) -> str:
    header = json.loads(base64.urlsafe_b64decode(access_token.partition(".")[0] + "=="))
    return str(header["kid"])


async def test_from_the_start_the_next_key_is_published_too(site: Site) -> None:
    current, following = await published(site)
    assert key_of(await token(site)) == current != following


async def test_a_start_waits_for_a_database_that_is_away(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    tend, attempts = SigningKeys.tend, 0

    async def away_at_first(keys: SigningKeys) -> None:
        nonlocal attempts
        attempts += 1
        if attempts < 3:
            raise ConnectionRefusedError
        await tend(keys)

    monkeypatch.setattr(SigningKeys, "tend", away_at_first)
    monkeypatch.setattr(app, "_RETRY_SECONDS", 0.01)
    service = await build(deployment.settings)
    async with service.parts.db.transaction() as tx:
        assert await tx.sql.fetchval("SELECT count(*) FROM client") == 1
    await service.parts.close()
    assert attempts == 3


async def test_starting_again_or_side_by_side_makes_no_further_keys(site: Site, deployment: Deployment) -> None:
    before = await published(site)
    others = await asyncio.gather(*(build(deployment.settings, site.clock) for _ in range(3)))
    assert await published(Site(others[0], site.clock)) == before
    for other in others:
        await other.parts.close()


async def test_keys_turn_by_themselves_and_no_token_fails_over_it(site: Site, deployment: Deployment) -> None:
    first, second = await published(site)
    verifier = site.verifier("identity")
    site.later(days=90, seconds=-1)
    last_of_first = await token(site)
    assert key_of(last_of_first) == first
    assert await verifier.verify(last_of_first)
    site.later(seconds=1)
    # The verifier knows the second key already: its turn costs no fetch.
    first_of_second = await token(site)
    assert key_of(first_of_second) == second
    assert await verifier.verify(first_of_second)
    assert await verifier.verify(last_of_first)
    restarted = Site(await build(deployment.settings, site.clock), site.clock)
    assert (await published(restarted))[:2] == [first, second]
    restarted.later(minutes=10, seconds=20)
    keys = await published(restarted)
    assert first not in keys
    assert keys[0] == second
    assert len(keys) == 2
    await restarted.service.parts.close()


async def test_an_administrator_can_turn_the_keys_now(site: Site) -> None:
    first, second = await published(site)
    before = await token(site)
    site.later(minutes=1)
    answer = await site.admin().post("/v1/signing-keys/rotations", json={})
    assert answer.status_code == 201
    shown = [item["key_id"] for item in answer.json()["items"]]
    assert shown == await published(site)
    assert shown[:2] == [first, second]
    assert len(shown) == 3
    assert key_of(await token(site)) == second
    assert await site.verifier("identity").verify(before)
    assert [item["key_id"] for item in (await site.admin().get("/v1/signing-keys")).json()["items"]] == shown


async def test_a_distrusted_key_is_gone_at_once(site: Site) -> None:
    first, second = await published(site)
    before = await token(site)
    site.later(minutes=1)
    await site.admin().post("/v1/signing-keys/rotations", json={"distrust_current": True})
    keys = await published(site)
    assert first not in keys
    assert keys[0] == second
    with pytest.raises(UnauthenticatedError):
        await site.verifier("identity").verify(before)
    assert await site.verifier("identity").verify(await token(site))


async def test_private_keys_are_sealed_in_the_database(site: Site, deployment: Deployment) -> None:
    assert await token(site)
    connection = await asyncpg.connect(deployment.database.owner_dsn)
    rows = await connection.fetch("SELECT * FROM signing_key")
    await connection.close()
    for row in rows:
        assert '"d"' not in row["public_jwk"]
        assert b'"d"' not in row["private_sealed"]


async def test_without_its_own_sealing_key_the_service_does_not_start(deployment: Deployment, site: Site) -> None:
    assert deployment.settings.keys_file is not None
    ring = KeyRing.generate({"issuer-secrets": KeyKind.SEAL_AES}).rotated("issuer-secrets", "k2")
    ring.without("issuer-secrets", "k1").write(deployment.settings.keys_file)
    with pytest.raises(UnknownKeyError):
        await build(deployment.settings, site.clock)
