"""What a title-review system does with verified hours: who is meant, what is kept, what is answered, what is pulled."""

import asyncio
import hmac
import json
import secrets
import sqlite3
import time
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError
from joserfc import jwt
from joserfc.jwk import JWKRegistry

from xueshi.titlereview.v1.verified_hours_pb2 import Acknowledgement, VerifiedHours

CHECKS_PER_REQUEST = 500
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTION_SECONDS = 60
_UNAUTHORIZED = 401


def subject_ref(key: bytes, id_type: str, id_number: str) -> str:
    """Return the ref of a person under the key that we share with the platform (docs/api/title-review has vectors)."""
    normalised = unicodedata.normalize("NFKC", id_number).strip().upper()
    return hmac.digest(key, f"{id_type}\0{normalised}".encode(), "sha256").hex()


@dataclass(frozen=True, slots=True)
class Applicant:
    """A person whom we know by their document; it never leaves our house."""

    id_type: str
    id_number: str = field(repr=False)


class Register:
    """Our applicants by subject ref, so that a message is known to be theirs."""

    def __init__(self, key: bytes, key_id: str, applicants: Iterable[Applicant] = ()) -> None:
        """`key_id` names the key; messages under another one cannot be matched."""
        self.key_id = key_id
        self.by_ref = {subject_ref(key, each.id_type, each.id_number): each for each in applicants}


class Memory:
    """What we hold, in one SQLite file: the newest revision of each subject and period, and how far we have read."""

    def __init__(self, path: Path | str) -> None:
        self._db = sqlite3.connect(path)
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS held (subject_ref TEXT, period TEXT, revision INTEGER NOT NULL,"
            " content TEXT NOT NULL, PRIMARY KEY (subject_ref, period))"
        )
        self._db.execute("CREATE TABLE IF NOT EXISTS progress (name TEXT PRIMARY KEY, value TEXT NOT NULL)")

    def revision(self, ref: str, period: str) -> int:
        """Return the revision that we hold, 0 for none."""
        query = "SELECT revision FROM held WHERE subject_ref = ? AND period = ?"
        row = self._db.execute(query, (ref, period)).fetchone()
        return int(row[0]) if row else 0

    def content(self, ref: str, period: str) -> dict[str, Any] | None:
        """Return what we hold of a subject and period."""
        query = "SELECT content FROM held WHERE subject_ref = ? AND period = ?"
        row = self._db.execute(query, (ref, period)).fetchone()
        return dict(json.loads(row[0])) if row else None

    def keep(self, content: Mapping[str, Any]) -> None:
        """Keep a state in the place of the one before; it is on disk when this returns."""
        row = (content["subject_ref"], content["period"], content["revision"], json.dumps(dict(content)))
        with self._db:
            self._db.execute("INSERT OR REPLACE INTO held VALUES (?, ?, ?, ?)", row)

    def progress(self, name: str) -> str | None:
        """Return how far we have read a thing."""
        row = self._db.execute("SELECT value FROM progress WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def note_progress(self, name: str, value: str) -> None:
        """Note how far we have read a thing."""
        with self._db:
            self._db.execute("INSERT OR REPLACE INTO progress VALUES (?, ?)", (name, value))

    def close(self) -> None:
        """Close the file."""
        self._db.close()


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the topic and its place there."""

    partition: int
    offset: int
    key: str
    value: bytes


class Topics(Protocol):
    """Both topics, on Kafka or on the embedded bus: see `topics.py`."""

    async def read(self) -> list[Message]:
        """Return the next messages; empty where there are none for a moment."""
        ...

    async def acknowledge(self, answers: Sequence[tuple[Message, Acknowledgement]]) -> None:
        """Publish the answers to messages; they are in the log when this returns."""
        ...

    async def done(self, messages: Sequence[Message]) -> None:
        """Note that these messages need not be read again."""
        ...


def take(memory: Memory, register: Register, content: Mapping[str, Any]) -> str:
    """Keep a state that is news to us; return why we refuse it, or nothing."""
    if not content["schema_version"].startswith("1."):
        return f"schema version {content['schema_version']} is not known here"
    if content["subject_key_id"] != register.key_id:
        return f"key {content['subject_key_id']} is not known here"
    held = memory.revision(content["subject_ref"], content["period"])
    if content["revision"] < held:
        return f"revision {held} is here already"
    if content["revision"] > held:
        memory.keep(content)
    return ""


def answer(memory: Memory, register: Register, message: Message) -> Acknowledgement | None:
    """Take or refuse one message of the topic; None for one that cannot be read at all."""
    try:
        told = VerifiedHours.FromString(message.value)
    except DecodeError:
        return None
    fields = MessageToDict(told, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)
    # JSON of protobuf writes 64-bit integers as text.
    content = fields | {"revision": told.revision}
    refusal = take(memory, register, content)
    return Acknowledgement(
        subject_ref=told.subject_ref,
        period=told.period,
        revision=told.revision,
        outcome="refused" if refusal else "taken",
        reason=refusal,
    )


async def follow(topics: Topics, memory: Memory, register: Register, *, once: bool = False) -> tuple[int, int]:
    """Read on and on: keep, answer, and only then call it done, so that a crash repeats and loses nothing.

    With `once` it ends when there is nothing more; returns how many messages were taken and refused.
    """
    taken = refused = 0
    while True:
        messages = await topics.read()
        if not messages and once:
            return taken, refused
        answers = [(each, said) for each in messages if (said := answer(memory, register, each)) is not None]
        taken += sum(said.outcome == "taken" for _, said in answers)
        refused += sum(said.outcome == "refused" for _, said in answers)
        await topics.acknowledge(answers)
        await topics.done(messages)


class Tokens(httpx.Auth):
    """Access tokens by OAuth 2 client credentials; we prove ourselves with a signed assertion (private_key_jwt)."""

    requires_response_body = True

    def __init__(self, token_url: str, client_id: str, private_jwk: Mapping[str, Any], audience: str) -> None:
        self._token_url = token_url
        self._client_id = client_id
        self._jwk = dict(private_jwk)
        self._audience = audience
        self._token = ""
        self._until = 0.0

    def auth_flow(self, request: httpx.Request) -> Any:  # noqa: ANN401 - httpx's own generator type
        """Put a token on a request; get one where we have none that still holds (httpx calls this)."""
        if time.monotonic() > self._until:
            yield from self._renew()
        request.headers["Authorization"] = f"Bearer {self._token}"
        response = yield request
        if response.status_code == _UNAUTHORIZED:
            yield from self._renew()
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request

    def _renew(self) -> Any:  # noqa: ANN401 - as above
        form = {
            "grant_type": "client_credentials",
            "scope": "title-review.read",
            "audience": self._audience,
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": self._assertion(),
        }
        response = yield httpx.Request("POST", self._token_url, data=form)
        response.raise_for_status()
        self._token = response.json()["access_token"]
        self._until = time.monotonic() + response.json()["expires_in"] / 2

    def _assertion(self) -> str:
        now = int(time.time())
        claims = {"iss": self._client_id, "sub": self._client_id, "aud": self._token_url, "iat": now}
        claims |= {"exp": now + _ASSERTION_SECONDS, "jti": secrets.token_urlsafe(24)}
        algorithm = self._jwk.get("alg", "Ed25519")
        header = {"alg": algorithm, "kid": self._jwk["kid"]}
        return jwt.encode(header, claims, JWKRegistry.import_key(self._jwk), algorithms=[algorithm])


async def pull(api: httpx.AsyncClient, memory: Memory, register: Register) -> tuple[int, int]:
    """Pull what changed since the last time; return how many states were taken and how many were known or refused."""
    taken = passed = 0
    while True:
        cursor = memory.progress("cursor")
        response = await api.get("/v1/verified-hours", params={"cursor": cursor} if cursor else {})
        response.raise_for_status()
        page = response.json()
        for item in page["items"]:
            known = memory.revision(item["subject_ref"], item["period"])
            refusal = take(memory, register, item)
            news = not refusal and item["revision"] > known
            taken, passed = taken + news, passed + (not news)
        memory.note_progress("cursor", page["next_cursor"])
        if not page["more"]:
            return taken, passed


async def check(api: httpx.AsyncClient, register: Register, year: int) -> dict[str, dict[str, Any]]:
    """Ask what the hours say about all our applicants; return the results by subject ref."""
    refs = list(register.by_ref)
    batches = [refs[start : start + CHECKS_PER_REQUEST] for start in range(0, len(refs), CHECKS_PER_REQUEST)]
    bodies = [{"checks": [{"subject_ref": ref, "year": year} for ref in batch]} for batch in batches]
    responses = await asyncio.gather(*(api.post("/v1/eligibility-checks", json=body) for body in bodies))
    for response in responses:
        response.raise_for_status()
    return {item["subject_ref"]: item for response in responses for item in response.json()["items"]}
