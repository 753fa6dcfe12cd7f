"""Getting tokens: what they say, when they are refused, and that an assertion counts once."""

import asyncio
import base64
import json

import asyncpg
import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from tests.integration.identity.site import ADMIN_KEY, ISSUER, START, TOKEN_URL, Deployment, Site
from xueshi_identity.app import build
from xueshi_kit.auth import Caller, UnauthenticatedError
from xueshi_kit.clock import FixedClock
from xueshi_kit.token_client import TokenRefusedError, generate_private_jwk, public_jwk

SECONDS = int(START.timestamp())


async def test_a_token_says_who_calls_and_holds_for_ten_minutes(site: Site) -> None:
    source = site.source("admin", ADMIN_KEY, "identity:read", "identity")
    token = await source.token()
    verifier = site.verifier("identity")
    caller = await verifier.verify(token)
    assert caller == Caller("admin-1", "admin", "administrator", frozenset({"identity:read"}), "测试管理员")
    header, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2])
    assert header["typ"] == "at+jwt"
    assert claims["exp"] - claims["iat"] == 600
    site.later(seconds=609)
    assert await verifier.verify(token)
    site.later(seconds=2)
    with pytest.raises(UnauthenticatedError):
        await verifier.verify(token)
    with pytest.raises(UnauthenticatedError):
        await site.verifier("registry").verify(token)


async def test_the_answer_is_the_standards(site: Site) -> None:
    answer = await site.ask(scope="identity:write identity:read")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    content = answer.json()
    assert content.pop("access_token")
    assert content == {"token_type": "Bearer", "expires_in": 600, "scope": "identity:read identity:write"}
    assert (await site.ask()).json()["scope"] == "identity:read identity:write"


async def test_an_assertion_counts_once(site: Site) -> None:
    assertion = site.assertion()
    assert (await site.ask(client_assertion=assertion)).status_code == 200
    again = await site.ask(client_assertion=assertion)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_client")


async def test_an_assertion_counts_once_among_many_at_the_same_time(site: Site) -> None:
    assertion = site.assertion()
    answers = await asyncio.gather(*(site.ask(client_assertion=assertion) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7


async def test_an_assertion_is_spent_also_where_no_token_comes_of_it(site: Site) -> None:
    assertion = site.assertion()
    assert (await site.ask(client_assertion=assertion, scope="other")).json()["error"] == "invalid_scope"
    assert (await site.ask(client_assertion=assertion)).json()["error"] == "invalid_client"


async def test_a_spent_assertion_is_refused_by_another_instance_and_after_tidying_up(
    site: Site, deployment: Deployment
) -> None:
    assertion = site.assertion()
    assert (await site.ask(client_assertion=assertion)).status_code == 200
    clock = FixedClock(site.clock.now())
    other = Site(await build(deployment.settings, clock), clock)
    for seconds in (0, 59, 61, 69, 70, 71, 79, 81, 90, 120):
        clock.set(START)
        other.later(seconds=seconds)
        await _tidy_up(other)
        assert (await other.ask(client_assertion=assertion)).status_code == 400
    await other.service.parts.close()
    assert await _spent_count(deployment) == 0


async def _tidy_up(site: Site) -> None:
    """Do one round of the background work."""
    (background,) = site.service.background
    task = asyncio.create_task(background())
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _spent_count(deployment: Deployment) -> int:
    connection = await asyncpg.connect(deployment.database.owner_dsn)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM spent_assertion"))
    finally:
        await connection.close()


BAD_CLAIMS: list[dict[str, object]] = [
    {"iss": "other"},
    {"iss": None},
    {"sub": "nobody", "iss": "nobody"},
    {"sub": None},
    {"sub": 7},
    {"sub": "a\u0000b"},
    {"sub": "\ud800"},
    {"aud": "https://other.example"},
    {"aud": [TOKEN_URL, "https://other.example"]},
    {"aud": None},
    {"aud": []},
    {"exp": None},
    {"exp": SECONDS - 10},
    {"exp": SECONDS + 311},
    {"exp": 10**400},
    {"exp": "soon"},
    {"nbf": SECONDS + 11},
    {"iat": SECONDS + 11},
    {"jti": None},
    {"jti": ""},
    {"jti": 5},
    {"jti": "a b"},
    {"jti": "a\u0000"},
    {"jti": "\ud800"},
    {"jti": "j" * 129},
]


async def test_an_assertion_must_say_the_right_things(site: Site) -> None:
    refused = {"error": "invalid_client", "error_description": "The client could not be authenticated."}
    for change in BAD_CLAIMS:
        answer = await site.ask(client_assertion=_escaped(site, change))
        assert (answer.status_code, answer.json()) == (400, refused), change


def _escaped(site: Site, change: dict[str, object]) -> str:
    """Sign claims that hold lone surrogates as escapes, as a hostile client would; others as usual."""
    try:
        return site.assertion(change)
    except UnicodeEncodeError:
        now = int(site.clock.now().timestamp())
        claims = {"iss": "admin", "sub": "admin", "aud": TOKEN_URL, "exp": now + 60, "jti": "x", **change}
        header = {"alg": "Ed25519", "kid": "admin-key"}
        return jws.serialize_compact(header, json.dumps(claims), OKPKey.import_key(ADMIN_KEY), algorithms=["Ed25519"])


GOOD_CLAIMS: list[dict[str, object]] = [
    {"aud": ISSUER},
    {"aud": [TOKEN_URL]},
    {"aud": [ISSUER, TOKEN_URL]},
    {"exp": SECONDS - 9},
    {"exp": SECONDS + 310},
    {"iat": None},
]


async def test_an_assertion_may_say_it_in_other_ways(site: Site) -> None:
    for change in GOOD_CLAIMS:
        assert (await site.ask(client_assertion=site.assertion(change))).status_code == 200, change


async def test_only_the_clients_own_key_proves_it(site: Site) -> None:
    stranger = generate_private_jwk("admin-key")
    shared = OctKey.import_key({"kty": "oct", "k": public_jwk(ADMIN_KEY)["x"]})
    unsigned = site.assertion().rsplit(".", 1)[0] + "."
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=") + "." + unsigned.split(".")[1] + "."
    for assertion in (
        site.assertion(key=stranger),
        site.assertion(header={"kid": "other"}),
        site.assertion(key=dict(shared.as_dict(private=True)), header={"alg": "HS256"}),
        unsigned,
        none,
        "",
        "a.b.c",
        "x" * 10_000,
    ):
        answer = await site.ask(client_assertion=assertion)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")


async def test_clients_may_hold_keys_of_other_kinds_and_several(site: Site) -> None:
    admin = site.admin()
    kinds = {
        "ed": generate_private_jwk("ed"),
        "ec": dict(ECKey.generate_key("P-256", {"kid": "ec"}).as_dict(private=True)),
        "rsa": dict(RSAKey.generate_key(2048, {"kid": "rsa"}).as_dict(private=True)),
    }
    keys = [{**public_jwk(private), "use": "sig"} for private in kinds.values()]
    patched = await admin.patch("/v1/clients/admin", json={"public_keys": [public_jwk(ADMIN_KEY), *keys]})
    assert patched.status_code == 200, patched.text
    for private in kinds.values():
        assert await site.source("admin", private, "identity:read", "identity").token()


async def test_one_audience_is_chosen(site: Site) -> None:
    await site.admin().patch("/v1/clients/admin", json={"audiences": ["identity", "registry"]})
    assert (await site.ask(audience=None)).json()["error"] == "invalid_target"
    assert (await site.ask(audience="verification")).json()["error"] == "invalid_target"
    token = (await site.ask(audience="registry")).json()["access_token"]
    assert (await site.verifier("registry").verify(token)).client_id == "admin"
    await site.admin().patch("/v1/clients/admin", json={"audiences": ["registry"]})
    token = (await site.ask(audience=None)).json()["access_token"]
    assert await site.verifier("registry").verify(token)


BAD_FORMS: list[tuple[dict[str, str | None], str]] = [
    ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
    ({"grant_type": "钥\u0000"}, "unsupported_grant_type"),
    ({"grant_type": None}, "unsupported_grant_type"),
    ({"client_assertion_type": "other"}, "invalid_client"),
    ({"client_assertion_type": None}, "invalid_client"),
    ({"client_assertion": None}, "invalid_client"),
    ({"scope": "identity:read other"}, "invalid_scope"),
    ({"scope": "\u0000"}, "invalid_scope"),
]


async def test_other_requests_are_refused(site: Site) -> None:
    for changes, error in BAD_FORMS:
        answer = await site.ask(**changes)
        assert (answer.status_code, answer.json()["error"]) == (400, error), changes
        assert answer.json()["error_description"].isascii()


NO_FORMS: list[tuple[str, bytes]] = [
    ("application/json", b"{}"),
    ("", b"grant_type=client_credentials"),
    ("application/x-www-form-urlencoded", b"\xff"),
    ("application/x-www-form-urlencoded", b"grant_type=%ff"),
    ("application/x-www-form-urlencoded", b"a=1&a=2"),
    ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % number for number in range(30))),
    ("application/x-www-form-urlencoded", b"a=" + b"x" * 40_000),
]


async def test_what_is_no_form_is_refused(site: Site) -> None:
    for content_type, body in NO_FORMS:
        answer = await site.http.post("/oauth2/token", content=body, headers={"content-type": content_type})
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), body[:40]


async def test_the_metadata_leads_to_the_endpoints(site: Site) -> None:
    for path in ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"):
        metadata = (await site.http.get(path)).json()
        assert metadata["issuer"] == ISSUER
        assert metadata["token_endpoint"] == TOKEN_URL
        assert metadata["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
        keys = (await site.http.get(metadata["jwks_uri"].removeprefix(ISSUER))).json()["keys"]
        assert all(key["kty"] == "OKP" and "d" not in key for key in keys)


async def test_the_kits_client_hears_of_refusals(site: Site) -> None:
    with pytest.raises(TokenRefusedError) as refused:
        await site.source("nobody", ADMIN_KEY, "", "identity").token()
    assert refused.value.code == "invalid_client"


async def test_refusals_take_no_notice_in_the_log_of_what_is_secret(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    assertion = site.assertion({"aud": "https://other.example"})
    await site.ask(client_assertion=assertion)
    written = capsys.readouterr()
    logged = written.out + written.err
    assert "token.refused" in logged
    assert assertion.split(".")[2] not in logged
