"""Administrators keep the clients: who may, what is refused, what is recorded, how the first one gets in."""

import json
from typing import Any

import asyncpg
import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from tests.integration.identity.site import ADMIN_KEY, Deployment, Site, administrator
from xueshi_identity.app import build
from xueshi_kit.migrations import check
from xueshi_kit.token_client import TokenRefusedError, generate_private_jwk, public_jwk

PLATFORM_KEY = generate_private_jwk("2025-06")


def platform(**changes: object) -> dict[str, Any]:
    return {
        "client_id": "platform-kc25",
        "kind": "platform",
        "subject": "kc25",
        "name": "示例培训平台",
        "public_keys": [public_jwk(PLATFORM_KEY)],
        "scopes": ["hour-records:read"],
        "audiences": ["platform-gateway"],
        **changes,
    }


async def test_a_registered_client_gets_tokens(site: Site) -> None:
    created = await site.admin().post("/v1/clients", json=platform())
    assert created.status_code == 201, created.text
    shown = created.json()
    assert shown == (await site.admin().get("/v1/clients/platform-kc25")).json()
    assert {name: shown[name] for name in ("client_id", "kind", "subject", "name", "scopes", "audiences")} == {
        name: value for name, value in platform().items() if name != "public_keys"
    }
    assert shown["disabled"] is False
    token = await site.source("platform-kc25", PLATFORM_KEY, "hour-records:read", "platform-gateway").token()
    caller = await site.verifier("platform-gateway").verify(token)
    assert (caller.subject, caller.client_id, caller.kind) == ("kc25", "platform-kc25", "platform")


async def test_a_disabled_client_gets_none_until_it_is_enabled(site: Site) -> None:
    admin = site.admin()
    await admin.post("/v1/clients", json=platform())
    source = site.source("platform-kc25", PLATFORM_KEY)
    assert (await admin.patch("/v1/clients/platform-kc25", json={"disabled": True})).json()["disabled"] is True
    with pytest.raises(TokenRefusedError):
        await source.token()
    assert (await admin.patch("/v1/clients/platform-kc25", json={"disabled": False})).json()["disabled"] is False
    with pytest.raises(TokenRefusedError) as refused:
        await site.source("platform-kc25", PLATFORM_KEY, "identity:write", "platform-gateway").token()
    assert refused.value.code == "invalid_scope"
    assert await site.source("platform-kc25", PLATFORM_KEY, "", "platform-gateway").token()


async def test_a_changed_key_replaces_the_old_one(site: Site) -> None:
    admin = site.admin()
    await admin.post("/v1/clients", json=platform())
    new = generate_private_jwk("2026-01")
    await admin.patch("/v1/clients/platform-kc25", json={"public_keys": [public_jwk(new)], "name": "新名称"})
    assert await site.source("platform-kc25", new, "", "platform-gateway").token()
    with pytest.raises(TokenRefusedError):
        await site.source("platform-kc25", PLATFORM_KEY, "", "platform-gateway").token()
    assert (await admin.get("/v1/clients/platform-kc25")).json()["name"] == "新名称"


async def test_only_administrators_with_the_scope_come_in(site: Site) -> None:
    calls = [
        ("GET", "/v1/clients", None),
        ("GET", "/v1/clients/admin", None),
        ("POST", "/v1/clients", platform()),
        ("PATCH", "/v1/clients/admin", {"name": "x"}),
        ("GET", "/v1/signing-keys", None),
        ("POST", "/v1/signing-keys/rotations", {}),
    ]
    await site.admin().post(
        "/v1/clients", json=platform(scopes=["identity:read", "identity:write"], audiences=["identity"])
    )
    wrong_kind = await site.source("platform-kc25", PLATFORM_KEY, "", "identity").token()
    read_only = await site.source("admin", ADMIN_KEY, "identity:read", "identity").token()
    for method, path, body in calls:
        assert (await site.http.request(method, path, json=body)).status_code == 401
        headers = {"Authorization": f"Bearer {wrong_kind}"}
        assert (await site.http.request(method, path, json=body, headers=headers)).status_code == 403
        headers = {"Authorization": f"Bearer {read_only}"}
        answer = await site.http.request(method, path, json=body, headers=headers)
        assert answer.status_code == (200 if method == "GET" else 403)


async def test_a_client_is_registered_once(site: Site) -> None:
    admin = site.admin()
    await admin.post("/v1/clients", json=platform())
    again = await admin.post("/v1/clients", json=platform(name="Other"))
    assert (again.status_code, again.json()["code"]) == (409, "CLIENT_EXISTS")
    assert (await admin.get("/v1/clients/platform-kc25")).json()["name"] == "示例培训平台"


async def test_an_unknown_client_is_not_found(site: Site) -> None:
    admin = site.admin()
    assert (await admin.get("/v1/clients/nobody")).status_code == 404
    assert (await admin.patch("/v1/clients/nobody", json={"name": "x"})).status_code == 404


def _private() -> dict[str, Any]:
    return {**PLATFORM_KEY, "use": "sig"}


BAD_CLIENTS: list[dict[str, object]] = [
    {"client_id": "a.b"},
    {"client_id": ""},
    {"client_id": "p" * 65},
    {"client_id": "x359900199003070011"},
    {"subject": "359900900307001"},
    {"subject": "a b"},
    {"kind": "other"},
    {"name": ""},
    {"name": "a\u0000b"},
    {"scopes": ["a b"]},
    {"scopes": ["A"]},
    {"audiences": []},
    {"public_keys": []},
    {"public_keys": [public_jwk(PLATFORM_KEY)] * 2},
    {"public_keys": [_private()]},
    {"public_keys": [{**public_jwk(PLATFORM_KEY), "x": "!" * 43}]},
    {"public_keys": [{**public_jwk(PLATFORM_KEY), "alg": "HS256"}]},
    {"public_keys": [{name: value for name, value in public_jwk(PLATFORM_KEY).items() if name != "kid"}]},
    {"public_keys": [{"kty": "EC", "crv": "P-256", "kid": "k", "x": "A" * 43, "y": "A" * 43}]},
    {"public_keys": [dict(OctKey.generate_key(256, {"kid": "k"}).as_dict(private=True))]},
    {"public_keys": [dict(RSAKey.generate_key(1024, {"kid": "k"}).as_dict(private=False))]},
    {"public_keys": [dict(ECKey.generate_key("P-384", {"kid": "k"}).as_dict(private=False))]},
    {"unknown": 1},
]


async def test_what_does_not_fit_is_refused(site: Site) -> None:
    admin = site.admin()
    for changes in BAD_CLIENTS:
        answer = await admin.post("/v1/clients", json=platform(**changes))
        assert answer.status_code == 422, changes
        assert answer.headers["content-type"] == "application/problem+json"
        assert PLATFORM_KEY["d"] not in answer.text


async def test_the_list_is_paged_in_order(site: Site) -> None:
    admin = site.admin()
    for number in range(5):
        await admin.post("/v1/clients", json=platform(client_id=f"p-{number}"))
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await admin.get("/v1/clients", params={"limit": 2, **({"cursor": cursor} if cursor else {})})).json()
        found += [item["client_id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert found == ["admin", "p-0", "p-1", "p-2", "p-3", "p-4"]
    for foreign in ("!", "AA", "é"):
        assert (await admin.get("/v1/clients", params={"cursor": foreign})).status_code == 422


async def test_every_change_is_recorded_with_who_made_it(site: Site, deployment: Deployment) -> None:
    admin = site.admin()
    await admin.post("/v1/clients", json=platform())
    await admin.patch("/v1/clients/platform-kc25", json={"disabled": True, "name": "新名称"})
    rows = await _fetch(deployment.database.owner_dsn, "SELECT * FROM client_change ORDER BY id")
    recorded = [(row["client_id"], row["changed_by"]) for row in rows]
    assert recorded == [("admin", "clients-file"), ("platform-kc25", "admin-1"), ("platform-kc25", "admin-1")]
    assert json.loads(rows[2]["changes"]) == {"is_disabled": True, "name": "changed"}


async def test_names_are_sealed_and_the_record_cannot_be_rewritten(site: Site, deployment: Deployment) -> None:
    await site.admin().post("/v1/clients", json=platform())
    for table in ("client", "client_change"):
        rows = await _fetch(deployment.database.owner_dsn, f"SELECT t::text AS row FROM {table} t")  # noqa: S608
        assert rows
        for name in ("示例培训平台", "测试管理员"):
            assert name not in str(rows)
            assert name.encode().hex() not in str(rows)
    for statement in (
        "UPDATE client_change SET changed_by = 'x'",
        "DELETE FROM client_change",
        "DELETE FROM client",
        "UPDATE spent_assertion SET expires_at = now()",
        "CREATE TABLE mine (id int)",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await _fetch(deployment.database.app_dsn, statement)


async def _fetch(dsn: str, statement: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(dsn)
    try:
        return list(await connection.fetch(statement))
    finally:
        await connection.close()


async def test_declared_clients_follow_their_file_and_stay_disabled(deployment: Deployment, site: Site) -> None:
    await site.admin().patch("/v1/clients/admin", json={"disabled": True})
    new = generate_private_jwk("found-again")
    deployment.declare([{**administrator(), "public_keys": [public_jwk(new)], "name": "新管理员"}])
    again = Site(await build(deployment.settings, site.clock), site.clock)
    with pytest.raises(TokenRefusedError):
        await again.source("admin", new, "", "identity").token()
    await _fetch(deployment.database.owner_dsn, "UPDATE client SET disabled_at = NULL")
    token = await again.source("admin", new, "", "identity").token()
    assert (await again.verifier("identity").verify(token)).name == "新管理员"
    await again.service.parts.close()


async def test_a_start_without_news_changes_nothing(deployment: Deployment, site: Site) -> None:
    site.later(hours=1)
    before = await _fetch(deployment.database.owner_dsn, "SELECT * FROM client, client_change")
    again = await build(deployment.settings, site.clock)
    await again.parts.close()
    assert await _fetch(deployment.database.owner_dsn, "SELECT * FROM client, client_change") == before


def test_the_tables_are_what_the_migrations_make(deployment: Deployment) -> None:
    check("xueshi_identity", deployment.database.owner_dsn)
