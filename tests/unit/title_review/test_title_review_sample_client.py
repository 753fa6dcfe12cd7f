"""The sample client: whom a ref means, what it takes and refuses, how it gets tokens."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OKPKey
from title_review_client.client import Applicant, Memory, Message, Register, Tokens, answer, subject_ref, take

from xueshi.titlereview.v1.verified_hours_pb2 import VerifiedHours

VECTORS = json.loads(
    (Path(__file__).parents[3] / "docs/api/title-review/subject-ref-vectors.json").read_text(encoding="utf-8")
)
KEY = bytes.fromhex(VECTORS["key_hex"])
REF = VECTORS["vectors"][0]["subject_ref"]
REGISTER = Register(KEY, "k1", [Applicant("resident_id", "359900199003070011")])


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    made = Memory(tmp_path / "held.sqlite")
    yield made
    made.close()


def told(revision: int, **fields: str) -> dict[str, Any]:
    return {
        "schema_version": "1.0",
        "subject_ref": REF,
        "subject_key_id": "k1",
        "period": "2025",
        "revision": revision,
    } | fields


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["given"])
def test_the_client_makes_the_same_refs(vector: dict[str, str]) -> None:
    assert subject_ref(KEY, vector["id_type"], vector["given"]) == vector["subject_ref"]


def test_an_applicant_is_known_by_ref() -> None:
    assert list(REGISTER.by_ref) == [REF]
    assert "359900199003070011" not in repr(REGISTER.by_ref)


def test_only_news_is_kept_and_an_older_revision_refused(memory: Memory) -> None:
    assert take(memory, REGISTER, told(3, verdict="short")) == ""
    assert take(memory, REGISTER, told(3, verdict="other")) == ""
    assert take(memory, REGISTER, told(2)) == "revision 3 is here already"
    assert memory.content(REF, "2025") == told(3, verdict="short")
    assert take(memory, REGISTER, told(5, verdict="compliant")) == ""
    assert memory.revision(REF, "2025") == 5


@pytest.mark.parametrize("strange", [{"schema_version": "2.0"}, {"subject_key_id": "k9"}])
def test_what_cannot_be_understood_is_refused(memory: Memory, strange: dict[str, str]) -> None:
    assert take(memory, REGISTER, told(1, **strange)).endswith("is not known here")
    assert memory.revision(REF, "2025") == 0


def test_a_message_is_answered_or_cannot_be_read(memory: Memory) -> None:
    value = VerifiedHours(schema_version="1.0", subject_ref=REF, subject_key_id="k1", period="2025", revision=2)
    said = answer(memory, REGISTER, Message(0, 0, f"{REF}:2025", value.SerializeToString()))
    assert said is not None
    assert (said.subject_ref, said.period, said.revision, said.outcome) == (REF, "2025", 2, "taken")
    content = memory.content(REF, "2025")
    assert content is not None
    assert (content["revision"], content["entries"]) == (2, [])
    assert answer(memory, REGISTER, Message(0, 1, "", b"\xff")) is None


async def test_a_token_is_asked_for_once_and_again_after_a_401() -> None:
    key = OKPKey.generate_key("Ed25519", {"kid": "c1", "alg": "Ed25519"})
    public = OKPKey.import_key(key.as_dict(private=False))
    given: list[str] = []

    def serve(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            form = dict(httpx.QueryParams(request.content.decode()))
            claims = jwt.decode(form["client_assertion"], public, algorithms=["Ed25519"]).claims
            assert claims["iss"] == claims["sub"] == "client-1"
            assert claims["aud"] == "https://id.example/token"
            assert form["scope"] == "title-review.read"
            given.append(f"token-{len(given)}")
            return httpx.Response(200, json={"access_token": given[-1], "expires_in": 600})
        return httpx.Response(401 if request.headers["authorization"] == "Bearer token-0" else 200)

    tokens = Tokens("https://id.example/token", "client-1", key.as_dict(private=True), "xueshi")
    async with httpx.AsyncClient(transport=httpx.MockTransport(serve), auth=tokens) as api:
        assert [(await api.get("https://api.example/v1")).status_code for _ in range(3)] == [200, 200, 200]
    assert given == ["token-0", "token-1"]
