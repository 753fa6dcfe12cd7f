"""Access tokens: what is accepted, every way in which one is refused, and how the issuer's keys are kept."""

import base64
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import Depends, FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws, jwt
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from xueshi_kit.auth import (
    Caller,
    ForbiddenError,
    IssuerUnavailableError,
    Jwks,
    TokenVerifier,
    UnauthenticatedError,
    require,
)
from xueshi_kit.clock import FixedClock

NOW = datetime(2025, 6, 3, 10, 20, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
ISSUER = "https://id.example"
AUDIENCE = "registry"
EVERY_ALGORITHM = ["EdDSA", "Ed25519", "ES256", "RS256", "PS256", "HS256", "ES384", "Ed448", "none"]

ED = OKPKey.generate_key("Ed25519", {"kid": "ed"})
EC = ECKey.generate_key("P-256", {"kid": "ec"})
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})


class Issuer:
    """Publishes keys through a transport; counts the fetches and can be taken down."""

    def __init__(self, keys: list[Key]) -> None:
        self.document: Any = {"keys": [key.as_dict(private=False) for key in keys]}
        self.fetches = 0
        self.status = 200
        self.seconds = 0.0
        self.http = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.fetches += 1
        assert str(request.url) == f"{ISSUER}/jwks"
        return httpx.Response(self.status, json=self.document)

    def verifier(self, clock: FixedClock | None = None) -> TokenVerifier:
        """Return a new verifier of this issuer's tokens, knowing no key yet."""
        jwks = Jwks(f"{ISSUER}/jwks", self.http, monotonic=lambda: self.seconds)
        return TokenVerifier(jwks, ISSUER, AUDIENCE, clock or FixedClock(NOW))


NOTHING: Mapping[str, object] = {}


def claims(changes: Mapping[str, object] = NOTHING) -> dict[str, Any]:
    full = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "officer-7",
        "client_id": "client-7",
        "kind": "officer",
        "name": "测试员",
        "scope": "queue:read queue:decide",
        "iat": SECONDS,
        "nbf": SECONDS,
        "exp": SECONDS + 600,
        **changes,
    }
    return {name: value for name, value in full.items() if value is not None}


def token(
    changes: Mapping[str, object] = NOTHING,
    key: Key = ED,
    algorithm: str = "Ed25519",
    header: Mapping[str, object] = NOTHING,
) -> str:
    """Sign a token; a change to None takes the claim or header away."""
    full = {"alg": algorithm, "kid": key.kid, "typ": "at+jwt", **header}
    return jwt.encode(
        {name: value for name, value in full.items() if value is not None},
        claims(changes),
        key,
        registry=jws.JWSRegistry(algorithms=EVERY_ALGORITHM, strict_check_header=False),
        default_type=None,
    )


def by_hand(header: Mapping[str, object], sign: Callable[[bytes], bytes]) -> str:
    """Put a token together from its parts, as no library would."""
    signed = b".".join(base64url(json.dumps(part).encode()) for part in (header, claims()))
    return (signed + b"." + base64url(sign(signed))).decode()


def base64url(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def sign_with_ed(message: bytes) -> bytes:
    private = ED.get_op_key("sign")
    assert isinstance(private, Ed25519PrivateKey)
    return private.sign(message)


async def refusal(text: str, issuer: Issuer | None = None, clock: FixedClock | None = None) -> str:
    with pytest.raises(UnauthenticatedError) as refused:
        await (issuer or Issuer([ED, EC, RSA])).verifier(clock).verify(text)
    return refused.value.reason


@pytest.mark.parametrize(
    ("key", "algorithm"), [(ED, "Ed25519"), (ED, "EdDSA"), (EC, "ES256"), (RSA, "RS256"), (RSA, "PS256")]
)
async def test_a_good_token_tells_who_calls(key: Key, algorithm: str) -> None:
    caller = await Issuer([ED, EC, RSA]).verifier().verify(token(key=key, algorithm=algorithm))
    scopes = frozenset({"queue:read", "queue:decide"})
    assert caller == Caller("officer-7", "client-7", "officer", scopes, "测试员")


async def test_a_plain_oidc_issuer_serves_too() -> None:
    text = token(
        {"client_id": None, "azp": "app", "kind": None, "name": None, "scope": None},
        header={"typ": "JWT", "nonce": "n"},
    )
    caller = await Issuer([ED]).verifier().verify(text)
    assert caller == Caller("officer-7", "app", "", frozenset(), "")
    anonymous = token(
        {"client_id": None, "aud": ["other", AUDIENCE], "nbf": None, "iat": None}, header={"typ": None, "kid": None}
    )
    assert (await Issuer([ED]).verifier().verify(anonymous)).client_id == "officer-7"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "https://id.example/"}, "claims"),
        ({"iss": None}, "claims"),
        ({"aud": "registry2"}, "claims"),
        ({"aud": ["a", "b"]}, "claims"),
        ({"aud": None}, "claims"),
        ({"sub": None}, "claims"),
        ({"sub": ""}, "claims"),
        ({"sub": 7}, "claims"),
        ({"exp": None}, "claims"),
        ({"exp": "soon"}, "claims"),
        ({"exp": True}, "claims"),
        ({"exp": float("nan")}, "claims"),
        ({"exp": float("inf")}, "claims"),
        ({"exp": SECONDS - 10}, "expired"),
        ({"exp": 0}, "expired"),
        ({"nbf": SECONDS + 11}, "claims"),
        ({"iat": SECONDS + 11}, "claims"),
        ({"scope": ["queue:read"]}, "claims"),
        ({"kind": 3}, "claims"),
        ({"client_id": {}}, "claims"),
        ({"name": []}, "claims"),
    ],
)
async def test_claims_that_do_not_fit_are_refused(changes: dict[str, object], reason: str) -> None:
    assert await refusal(token(changes)) == reason


@pytest.mark.parametrize("field", ["nbf", "iat"])
async def test_clocks_may_differ_by_ten_seconds(field: str) -> None:
    assert await Issuer([ED]).verifier().verify(token({field: SECONDS + 10}))
    assert await Issuer([ED]).verifier().verify(token({"exp": SECONDS - 9}))


async def test_a_token_ends_with_its_time() -> None:
    clock, issuer = FixedClock(NOW), Issuer([ED])
    verifier, text = issuer.verifier(clock), token()
    assert await verifier.verify(text)
    clock.set(NOW + timedelta(seconds=611))
    with pytest.raises(UnauthenticatedError):
        await verifier.verify(text)


async def test_a_public_key_never_serves_as_a_shared_secret() -> None:
    for key in (RSA, EC, ED):
        sign = partial(hmac.digest, key.as_pem(private=False), digest="sha256")
        assert await refusal(by_hand({"alg": "HS256", "kid": key.kid}, sign)) == "algorithm"


async def test_a_published_shared_secret_is_ignored() -> None:
    secret = OctKey.generate_key(256, {"kid": "shared"})
    issuer = Issuer([ED])
    issuer.document["keys"].append(secret.as_dict(private=True))
    assert await refusal(token(key=secret, algorithm="HS256"), issuer) == "algorithm"
    relabelled = token(header={"kid": "shared"})
    assert await refusal(relabelled, issuer) == "unknown key"


async def test_unsigned_tokens_are_refused() -> None:
    for algorithm in ("none", "None", "NONE", ""):
        assert await refusal(by_hand({"alg": algorithm, "kid": "ed"}, lambda _: b"")) == "algorithm"


async def test_an_algorithm_works_only_with_its_own_kind_of_key() -> None:
    for key, algorithm, kid in ((RSA, "RS256", "ec"), (EC, "ES256", "ed"), (ED, "Ed25519", "rsa")):
        assert await refusal(token(key=key, algorithm=algorithm, header={"kid": kid})) == "signature"


async def test_weak_or_foreign_keys_are_not_taken_from_the_issuer() -> None:
    weak = RSAKey.generate_key(1024, {"kid": "weak"})
    curve = ECKey.generate_key("P-384", {"kid": "curve"})
    other = OKPKey.generate_key("Ed448", {"kid": "ed448"})
    sealing = OKPKey.generate_key("Ed25519", {"kid": "sealing", "use": "enc"})
    issuer = Issuer([weak, curve, other, sealing, ED])
    issuer.document["keys"] += [{"kty": "AKP", "kid": "new"}, {}, "odd", None, {"kty": "RSA", "n": "!", "e": "AQAB"}]
    assert await refusal(token(key=weak, algorithm="RS256"), issuer) == "unknown key"
    assert await refusal(token(key=curve, algorithm="ES384"), issuer) == "algorithm"
    assert await refusal(token(key=other, algorithm="EdDSA"), issuer) == "unknown key"
    assert await refusal(token(header={"kid": "sealing"}), issuer) == "unknown key"
    assert await issuer.verifier().verify(token())


@pytest.mark.parametrize(
    "header",
    [{"typ": "logout+jwt"}, {"typ": "dpop+jwt"}, {"crit": ["exp"]}, {"crit": ["b64"], "b64": True}, {"b64": True}],
)
async def test_other_kinds_of_signed_objects_are_refused(header: dict[str, Any]) -> None:
    text = by_hand({"alg": "Ed25519", "kid": "ed", **header}, sign_with_ed)
    assert await refusal(text) in {"type", "malformed"}


async def test_a_token_put_together_by_hand_holds_like_any_other() -> None:
    assert await Issuer([ED]).verifier().verify(by_hand({"alg": "Ed25519", "kid": "ed"}, sign_with_ed))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "..",
        "a.b.c",
        "a.b.c.d.e",
        "é.é.é",
        "bnVsbA.bnVsbA.bnVsbA",
        "W10.e30.AA",
        "eyJhbGciOjF9.e30.AA",
        base64.urlsafe_b64encode(b"[" * 3000).decode() + ".e30.AA",
    ],
)
async def test_what_is_no_token_is_refused(text: str) -> None:
    assert await refusal(text) in {"malformed", "algorithm", "type"}


async def test_a_token_has_a_greatest_length() -> None:
    assert await refusal(token({"name": "x" * 8192})) == "too long"


async def test_a_payload_that_is_no_object_is_refused() -> None:
    for payload in (b"[]", b"1", b"{", b"\xff", b"[" * 3000):
        text = jws.serialize_compact({"alg": "Ed25519", "kid": "ed"}, payload, ED, algorithms=["Ed25519"])
        assert await refusal(text) == "signature"


@settings(deadline=None)
@given(st.data())
async def test_any_changed_character_is_noticed(data: st.DataObject) -> None:
    text = token()
    at = data.draw(st.integers(0, len(text) - 1))
    letters = st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ ")
    changed = text[:at] + data.draw(letters) + text[at + 1 :]
    if changed == text:
        return
    try:
        await Issuer([ED]).verifier().verify(changed)
    except UnauthenticatedError:
        return
    # The last character of the signature carries four bits that mean nothing; nothing else may change.
    assert changed[:-1] == text[:-1]


async def test_keys_are_fetched_once_and_again_when_old() -> None:
    issuer = Issuer([ED])
    verifier = issuer.verifier()
    for _ in range(5):
        await verifier.verify(token())
    assert issuer.fetches == 1
    issuer.seconds = 601
    await verifier.verify(token())
    assert issuer.fetches == 2


async def test_a_new_key_is_found_and_a_withdrawn_one_forgotten() -> None:
    issuer = Issuer([ED])
    verifier = issuer.verifier()
    await verifier.verify(token())
    issuer.document = {"keys": [EC.as_dict(private=False)]}
    issuer.seconds = 11
    assert await verifier.verify(token(key=EC, algorithm="ES256"))
    with pytest.raises(UnauthenticatedError):
        await verifier.verify(token())


async def test_made_up_key_ids_cause_few_fetches() -> None:
    issuer = Issuer([ED])
    verifier = issuer.verifier()
    for second in range(100):
        issuer.seconds = second / 10
        with pytest.raises(UnauthenticatedError):
            await verifier.verify(token(header={"kid": f"made-up-{second}"}))
    assert issuer.fetches == 1
    issuer.seconds = 10
    with pytest.raises(UnauthenticatedError):
        await verifier.verify(token(header={"kid": "made-up"}))
    assert issuer.fetches == 2


async def test_known_keys_serve_on_for_a_day_while_the_issuer_is_away() -> None:
    issuer = Issuer([ED])
    verifier = issuer.verifier()
    await verifier.verify(token())
    issuer.status, issuer.seconds = 500, 86_000
    assert await verifier.verify(token())
    issuer.seconds = 86_401
    with pytest.raises(IssuerUnavailableError):
        await verifier.verify(token())
    issuer.status, issuer.seconds = 200, 86_412
    assert await verifier.verify(token())


@pytest.mark.parametrize("document", [{"keys": []}, {}, [], "x", {"keys": 3}, {"keys": [None]}, {"keys": None}])
async def test_an_issuer_without_keys_counts_as_away(document: object) -> None:
    issuer = Issuer([])
    issuer.document = document
    verifier = issuer.verifier()
    with pytest.raises(ConnectionError):
        await verifier.verify(token())
    with pytest.raises(IssuerUnavailableError):
        await verifier.verify(token())
    assert issuer.fetches == 1
    issuer.document, issuer.seconds = {"keys": [ED.as_dict(private=False)]}, 1
    assert await verifier.verify(token())


def _app(issuer: Issuer) -> httpx.AsyncClient:
    app = FastAPI()
    app.state.token_verifier = issuer.verifier()

    @app.get("/decide", dependencies=[Depends(require("queue:decide", kinds=("officer",)))])
    async def decide() -> str:
        return "done"

    @app.get("/who")
    async def who(caller: Caller = Depends(require("queue:read"))) -> str:  # noqa: FAST002, B008 - defined in a function
        return caller.subject

    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def test_a_route_asks_for_scope_and_kind() -> None:
    client = _app(Issuer([ED]))
    good = {"Authorization": f"Bearer {token()}"}
    assert (await client.get("/decide", headers=good)).json() == "done"
    assert (await client.get("/who", headers=good)).json() == "officer-7"
    refused_changes: list[tuple[dict[str, object], str]] = [
        ({"scope": "queue:read"}, "queue:decide"),
        ({"kind": "platform"}, "officer"),
    ]
    for changes, needed in refused_changes:
        with pytest.raises(ForbiddenError) as refused:
            await client.get("/decide", headers={"Authorization": f"Bearer {token(changes)}"})
        assert refused.value.needed == needed


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("authorization", "Basic eA==")],
        [("authorization", "Bearer")],
        [("authorization", "Bearer ")],
        [("authorization", "Bearer x"), ("authorization", "Bearer y")],
    ],
)
async def test_a_route_without_a_token_is_closed(headers: list[tuple[str, str]]) -> None:
    with pytest.raises(UnauthenticatedError):
        await _app(Issuer([ED])).get("/who", headers=headers)


async def test_the_description_of_the_api_names_the_scope() -> None:
    document = (await _app(Issuer([ED])).get("/openapi.json")).json()
    assert document["paths"]["/decide"]["get"]["security"] == [{"AccessToken": ["queue:decide"]}]
