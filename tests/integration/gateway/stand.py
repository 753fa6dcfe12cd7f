"""A gateway to test against: its service, its database, a platform's side of the webhook, an administrator."""

import json
from collections.abc import Mapping, Sequence
from copy import copy, deepcopy
from datetime import UTC, datetime
from typing import Any

import asyncpg
import httpx

from xueshi.gateway.v1.hour_records_pb2 import HourRecord, HourRecordsAccepted, Identity
from xueshi_cli.runtime.provision import Provisioned
from xueshi_gateway.api.openapi import EXAMPLE
from xueshi_kit.auth import Caller, UnauthenticatedError
from xueshi_kit.clock import FixedClock
from xueshi_kit.keyring import KeyRing
from xueshi_kit.service import Service
from xueshi_kit.webhooks import SigningKey, parse_signing_key, sign
from xueshi_rulebook.identifiers import id_checksum

START = datetime(2025, 6, 3, 10, 20, tzinfo=UTC)
BUCKETS = 4
WAITING_EVENTS = 20
CALLERS = {
    "admin": Caller("root-admin", "root-admin", "administrator", frozenset({"gateway.admin"}), "管理员"),
    "reader": Caller("someone", "someone", "system", frozenset({"registry.read"}), ""),
}


class Tokens:
    """Stands in for the issuer: a token is the name of its caller, or `platform:<id>`."""

    async def verify(self, token: str) -> Caller:
        """Return the caller named by the token."""
        if token.startswith("platform:"):
            platform = token.removeprefix("platform:")
            return Caller(platform, platform, "platform", frozenset({"gateway.read"}), "")
        if token not in CALLERS:
            raise UnauthenticatedError("unknown")
        return CALLERS[token]


class Stand:
    """The gateway as its users see it, and its database as only a test does."""

    def __init__(self, service: Service, database: Provisioned, clock: FixedClock, keys: KeyRing) -> None:
        """Wrap a wired service."""
        self.service = service
        self.database = database
        self.clock = clock
        self.keys = keys
        service.app.state.token_verifier = Tokens()
        transport = httpx.ASGITransport(app=service.app)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://gateway.test")

    async def close(self) -> None:
        """Release what the stand holds."""
        await self.http.aclose()
        await self.service.parts.close()

    async def admin(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Do something as administrator."""
        return await self.http.request(method, path, json=body, headers={"authorization": "Bearer admin"})

    async def read(self, platform: str, path: str, **params: str | int) -> httpx.Response:
        """Read as a platform, of itself."""
        headers = {"authorization": f"Bearer platform:{platform}"}
        return await self.http.get(f"/v1/platforms/{platform}{path}", params=params, headers=headers)

    async def platform(self, platform: str = "mooc", records_per_minute: int | None = None) -> "Sender":
        """Enter a platform with one shared secret and return its side of the webhook."""
        new = {"id": platform, "name": "福建网络学院", "base_level": "province", "base_region": "350000"}
        made = await self.admin("POST", "/v1/platforms", {**new, "records_per_minute": records_per_minute})
        assert made.status_code == 201, made.text
        key = (await self.admin("POST", f"/v1/platforms/{platform}/keys", {"version": "v1"})).json()
        return Sender(self, platform, key["key"]["key_id"], key["secret"])

    async def rows(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        """Ask the database as its owner."""
        connection = await asyncpg.connect(self.database.owner_dsn)
        try:
            return await connection.fetch(query, *arguments)
        finally:
            await connection.close()

    async def events(self) -> list[HourRecordsAccepted]:
        """Return the slices in the outbox, in order."""
        query = "SELECT bucket, payload FROM outbox WHERE topic = 'xueshi.gateway.hour-records' ORDER BY id"
        return [HourRecordsAccepted.FromString(row["payload"]) for row in await self.rows(query)]

    async def items(self) -> list[HourRecord]:
        """Return the records of all slices."""
        return [item for event in await self.events() for item in event.records]

    def identity(self, item: HourRecord) -> Identity:
        """Open the identity of an event's record."""
        return Identity.FromString(self.keys.sealer("identity").open(item.identity, item.person_key))


class Sender:
    """A training platform: it signs and sends."""

    def __init__(self, stand: Stand, platform: str, key_id: str, secret: str) -> None:
        """Sign with one shared secret until told otherwise."""
        self.stand = stand
        self.platform = platform
        self.key_id = key_id
        self.keys: list[SigningKey] = [parse_signing_key(secret)]
        self._sent = 0

    def through(self, stand: Stand) -> "Sender":
        """Return the same platform, with the same keys, that sends to another instance."""
        other = copy(self)
        other.stand = stand
        return other

    async def send(
        self,
        records: Sequence[Mapping[str, Any]],
        change: str = "completed",
        delivery: str | None = None,
        **envelope: object,
    ) -> httpx.Response:
        """Send records in a delivery of its own id, unless one is given."""
        timestamp = self.stand.clock.now().isoformat()
        body = {"type": f"hour_records.{change}", "timestamp": timestamp, "data": {"records": records}, **envelope}
        return await self.send_raw(json.dumps(body, ensure_ascii=False).encode(), delivery)

    async def send_raw(
        self,
        body: bytes,
        delivery: str | None = None,
        headers: Mapping[str, str] | None = None,
        signed_at: datetime | None = None,
        route: str = "deliveries",
    ) -> httpx.Response:
        """Send a body, signed; `headers` replace or add."""
        self._sent += 1
        name = delivery or f"msg_{self._sent}"
        marks = sign(self.keys, name, signed_at or self.stand.clock.now(), body)
        return await self.stand.http.post(
            f"/v1/platforms/{self.platform}/{route}",
            content=body,
            headers={"content-type": "application/json", **marks, **(headers or {})},
        )


def record(record_id: str = "KC25-000183", person: int = 1, **changes: object) -> dict[str, Any]:
    """Return the contract's example under another id and person; `changes` replace members, None takes one out."""
    made = deepcopy(EXAMPLE["data"]["records"][0])
    made["record_id"] = record_id
    made["learner"]["id_number"] = id_number(person)
    made.update(changes)
    return {name: value for name, value in made.items() if value is not None}


def id_number(person: int) -> str:
    """Return a well-formed number of an area that does not exist."""
    body = f"35990019900307{person:03}"
    return body + id_checksum(body)


def results(answer: httpx.Response) -> list[dict[str, Any]]:
    """Return the results of a receipt."""
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def statuses(answer: httpx.Response) -> list[str]:
    """Return each result's status, or the code of a rejection."""
    return [each.get("code", each["status"]) for each in results(answer)]
