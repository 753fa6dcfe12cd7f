"""Token client: the assertion it signs, how long it keeps a token, and what the issuer's answers become."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, JWKRegistry, Key, OctKey, OKPKey, RSAKey

from xueshi_kit.clock import FixedClock
from xueshi_kit.token_client import (
    ASSERTION_TYPE,
    TokenRefusedError,
    TokenSource,
    TokenUnavailableError,
    generate_private_jwk,
    public_jwk,
)

NOW = datetime(2025, 6, 3, 10, 20, tzinfo=UTC)
TOKEN_URL = "https://id.example/oauth2/token"
PRIVATE = generate_private_jwk("mine")


class Issuer:
    """Hands out numbered tokens and keeps the forms it was sent."""

    def __init__(self) -> None:
        self.forms: list[dict[str, str]] = []
        self.answer: httpx.Response | Exception | None = None
        self.lifetime = 600
        self.seconds = 0.0

    async def respond(self, request: httpx.Request) -> httpx.Response:
        """Answer one request as told, by default with a token."""
        await asyncio.sleep(0)
        fields = parse_qs(request.content.decode(), strict_parsing=True)
        self.forms.append({name: values[0] for name, values in fields.items() if len(values) == 1})
        if isinstance(self.answer, Exception):
            raise self.answer
        if self.answer is not None:
            return self.answer
        return httpx.Response(200, json={"access_token": f"t{len(self.forms)}", "expires_in": self.lifetime})

    def source(self, private: dict[str, Any] = PRIVATE, issuer: str = "") -> TokenSource:
        """Return a token source that asks this issuer."""
        return TokenSource(
            httpx.AsyncClient(transport=httpx.MockTransport(self.respond)),
            TOKEN_URL,
            "client-7",
            private,
            scope="a b",
            audience="registry",
            clock=FixedClock(NOW),
            issuer=issuer,
            monotonic=lambda: self.seconds,
        )


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (OKPKey.generate_key("Ed25519"), "Ed25519"),
        (OKPKey.generate_key("Ed25519", {"alg": "EdDSA"}), "EdDSA"),
        (ECKey.generate_key("P-256"), "ES256"),
        (RSAKey.generate_key(2048), "PS256"),
        (RSAKey.generate_key(2048, {"alg": "RS256"}), "RS256"),
    ],
)
async def test_the_assertion_says_who_asks_and_is_signed(key: Key, algorithm: str) -> None:
    issuer = Issuer()
    private = dict(key.as_dict(private=True))
    private.pop("kid", None)
    assert await issuer.source(private).token() == "t1"
    (form,) = issuer.forms
    assertion = form.pop("client_assertion")
    assert form == {
        "grant_type": "client_credentials",
        "scope": "a b",
        "audience": "registry",
        "client_assertion_type": ASSERTION_TYPE,
    }
    published = JWKRegistry.import_key(public_jwk(private))
    assert not published.is_private
    read = jwt.decode(assertion, published, algorithms=[algorithm])
    identifier = read.claims.pop("jti")
    assert len(identifier) >= 32
    moment = int(NOW.timestamp())
    assert read.claims == {"iss": "client-7", "sub": "client-7", "aud": TOKEN_URL, "iat": moment, "exp": moment + 60}


async def test_the_assertion_may_be_addressed_to_the_issuer_and_names_its_key() -> None:
    issuer = Issuer()
    await issuer.source(issuer="https://id.example").token()
    read = jwt.decode(issuer.forms[0]["client_assertion"], JWKRegistry.import_key(PRIVATE), algorithms=["Ed25519"])
    assert read.claims["aud"] == "https://id.example"
    assert read.header["kid"] == "mine"


async def test_a_token_is_kept_until_shortly_before_its_end_and_assertions_never_repeat() -> None:
    issuer = Issuer()
    source = issuer.source()
    assert [await source.token() for _ in range(3)] == ["t1"] * 3
    issuer.seconds = 569
    assert await source.token() == "t1"
    issuer.seconds = 570
    assert await source.token() == "t2"
    assert issuer.forms[0]["client_assertion"] != issuer.forms[1]["client_assertion"]


async def test_a_short_token_is_used_for_half_of_its_life() -> None:
    issuer = Issuer()
    issuer.lifetime = 20
    source = issuer.source()
    issuer.seconds = 9
    assert await source.token() == "t1"
    issuer.seconds = 19
    assert await source.token() == "t2"


async def test_many_askers_cause_one_request() -> None:
    issuer = Issuer()
    source = issuer.source()
    assert set(await asyncio.gather(*(source.token() for _ in range(20)))) == {"t1"}


async def test_a_refusal_is_told_by_its_code() -> None:
    issuer = Issuer()
    issuer.answer = httpx.Response(401, json={"error": "invalid_client", "error_description": "no"})
    with pytest.raises(TokenRefusedError) as refused:
        await issuer.source().token()
    assert refused.value.code == "invalid_client"


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(502, text="<html>"),
        httpx.Response(500, json={}),
        httpx.Response(200, json={"access_token": "x"}),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={"access_token": "x", "expires_in": "soon"}),
        httpx.ConnectError("down"),
        httpx.ReadTimeout("slow"),
    ],
)
async def test_an_answer_that_makes_no_sense_may_be_tried_again(answer: httpx.Response | Exception) -> None:
    issuer = Issuer()
    issuer.answer = answer
    source = issuer.source()
    with pytest.raises(TokenUnavailableError) as failed:
        await source.token()
    assert isinstance(failed.value, ConnectionError)
    issuer.answer = None
    assert await source.token() == "t2"


def _resource(source: TokenSource, good: set[str]) -> httpx.AsyncClient:
    def respond(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200 if request.headers["authorization"] in good else 401)

    return httpx.AsyncClient(transport=httpx.MockTransport(respond), auth=source)


async def test_requests_carry_the_token_and_a_refused_one_is_replaced_once() -> None:
    issuer = Issuer()
    source = issuer.source()
    assert (await _resource(source, {"Bearer t1"}).get("https://api.example")).status_code == 200
    assert (await _resource(source, {"Bearer t2"}).get("https://api.example")).status_code == 200
    assert len(issuer.forms) == 2
    assert (await _resource(source, set()).get("https://api.example")).status_code == 401
    assert len(issuer.forms) == 3


@pytest.mark.parametrize("private", [public_jwk(PRIVATE), OctKey.generate_key(256).as_dict(private=True)])
def test_a_client_needs_a_private_asymmetric_key(private: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="private asymmetric key"):
        Issuer().source(private)
