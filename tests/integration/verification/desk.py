"""A verification service on a real database, driven through its consumer and its API, with a clock that is set."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5

import httpx
from fastapi import FastAPI

from tests.support.rulebooks import clauses_of
from xueshi.registry.v1 import hours_pb2
from xueshi.verification.v1 import decisions_pb2
from xueshi_kit.auth import Caller, UnauthenticatedError
from xueshi_kit.clock import FixedClock
from xueshi_kit.crypto import KeyedIndex
from xueshi_kit.db import Database
from xueshi_kit.outbox import Outbox
from xueshi_kit.web import create_app
from xueshi_rulebook import load_rulebook
from xueshi_verification import api
from xueshi_verification.consumer import subscriptions
from xueshi_verification.handlers.grants import Persons
from xueshi_verification.handlers.office import Office
from xueshi_verification.handlers.routing import Routing

START = datetime(2025, 6, 3, 1, 0, tzinfo=UTC)
PERSONS = Persons(KeyedIndex(b"k" * 32))
JUDGED_BY = "ab" * 32
"""The rulebook that registered the records, which is not the one that decides here."""
PLATFORM = "haixi"
_EPOCH = date(1970, 1, 1)
_PEOPLE = UUID("5a1c0000-0000-4000-8000-000000000000")

HRSS: dict[str, object] = {"name": "洛江区人社局", "kind": "hrss", "region": "350504", "level": "county"}
BUILDERS: dict[str, object] = {
    "name": "洛江区住建局",
    "kind": "industry",
    "region": "350504",
    "level": "county",
    "industries": [5],
}


def person(name: str) -> UUID:
    """Return a person key for a name."""
    return uuid5(_PEOPLE, name)


def registered(record_id: str, version: int = 1, **changes: object) -> hours_pb2.HoursChange:
    """Return a registration; unless told otherwise a professional, submitted record of Luojiang's building industry."""
    who, at, position = changes.pop("who", record_id), changes.pop("at", START), changes.pop("position", 0)
    assert isinstance(at, datetime)
    assert isinstance(position, int)
    values: dict[str, Any] = {
        "jurisdiction": "fujian",
        "region": "350504",
        "industry": 5,
        "employer": "91350100M000100Y43",
        "employer_name": "样例建设公司",
        "subject_kind": "professional",
        "learning_form": "conference",
        "registered_by": "submitted",
        "course_title": "混凝土结构耐久性",
        "first_on": (date(2025, 6, 1) - _EPOCH).days,
        "last_on": (date(2025, 6, 2) - _EPOCH).days,
        "passed": True,
        "person_label": "陈* 359900********0011",
    }
    return hours_pb2.HoursChange(
        platform=PLATFORM,
        record_id=record_id,
        version=version,
        person_key=person(str(who)).bytes,
        state="registered",
        position=position,
        changed_at_ms=int(at.timestamp() * 1000),
        claimed_centihours=450,
        credited_centihours=450,
        registration=hours_pb2.Registration(**values | changes),
        rulebook=JUDGED_BY,
        registered_rulebook=JUDGED_BY,
    )


def became(
    state: str, record_id: str, version: int = 1, *, who: str = "", claimed: int = 450, credited: int = 450
) -> hours_pb2.HoursChange:
    """Return any other change of a record; hours in hundredths."""
    return hours_pb2.HoursChange(
        platform=PLATFORM,
        record_id=record_id,
        version=version,
        person_key=person(who or record_id).bytes,
        state=state,
        changed_at_ms=int(START.timestamp() * 1000),
        claimed_centihours=claimed,
        credited_centihours=credited,
    )


class Tokens:
    """Stands for the issuer: a token is `kind:subject:scope scope`."""

    async def verify(self, token: str) -> Caller:
        """Return the caller whom the token spells out."""
        parts = token.split(":")
        if len(parts) != 3:
            reason = "malformed"
            raise UnauthenticatedError(reason)
        kind, subject, scopes = parts
        return Caller(subject, subject, kind, frozenset(scopes.split()), subject)


def bearer(kind: str, subject: str, scope: str) -> dict[str, str]:
    """Return the header of a token."""
    return {"authorization": f"Bearer {kind}:{subject}:{scope}"}


OPERATOR = bearer("client", "ops", "verification.admin")


def officer(name: str) -> dict[str, str]:
    """Return the header of an officer's token."""
    return bearer("officer", name, "verification.decide")


@dataclass
class Desk:
    """One service on its own database."""

    db: Database
    clock: FixedClock
    office: Office
    app: FastAPI
    http: httpx.AsyncClient
    clauses: dict[str, dict[str, str]] = field(default_factory=dict)
    _seen: int = field(default=0)

    async def hear(self, *changes: hours_pb2.HoursChange) -> None:
        """Let the consumer handle one event that holds these changes."""
        [subscription] = subscriptions(self.office)
        async with self.db.transaction() as tx:
            await subscription.handle(tx, [hours_pb2.HoursChanged(changes=changes)])

    async def told(self) -> list[decisions_pb2.Decision]:
        """Return what was told since the last call, in order; `clauses` came along, by version and rule."""
        async with self.db.transaction() as tx:
            rows = await tx.sql.fetch("SELECT id, payload FROM outbox WHERE id > $1 ORDER BY id", self._seen)
        self._seen = max((row["id"] for row in rows), default=self._seen)
        events = [decisions_pb2.HoursDecided.FromString(row["payload"]) for row in rows]
        self.clauses = clauses_of(event.clauses for event in events)
        return [decision for event in events for decision in event.decisions]

    async def outcomes(self) -> dict[str, tuple[str, str]]:
        """Return what was told since the last call: record → (outcome, authority); the last word on each."""
        return {each.record_id: (each.outcome, each.authority) for each in await self.told()}

    async def authority(self, authority_id: str, body: Mapping[str, Any]) -> None:
        """Enter an authority, as an operator."""
        answer = await self.http.put(f"/v1/authorities/{authority_id}", json=dict(body), headers=OPERATOR)
        assert answer.status_code in {200, 201}, answer.text

    async def grant(self, authority_id: str, name: str, role: str = "reviewer", **more: object) -> str:
        """Give a grant, as an operator; return its id."""
        answer = await self.http.post(
            f"/v1/authorities/{authority_id}/grants",
            json={"officer": name, "officer_name": name, "role": role, **more},
            headers=OPERATOR,
        )
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def decide(
        self, name: str, record_id: str, outcome: str = "stamped", *, version: int = 1, reason: object = None
    ) -> httpx.Response:
        """Decide one record as an officer."""
        body: dict[str, object] = {"outcome": outcome}
        if reason is not None:
            body["reason"] = reason
        return await self.http.post(
            f"/v1/items/{PLATFORM}/{record_id}/{version}/decision", json=body, headers=officer(name)
        )

    async def claim(self, name: str, record_id: str, version: int = 1) -> httpx.Response:
        """Claim one record as an officer."""
        return await self.http.post(f"/v1/items/{PLATFORM}/{record_id}/{version}/claim", headers=officer(name))

    async def queue(self, name: str, authority_id: str, **query: object) -> list[str]:
        """Return the records that an officer sees in a queue's first page."""
        answer = await self.http.get(
            f"/v1/authorities/{authority_id}/queue",
            params=_texts(query),
            headers=officer(name),
        )
        assert answer.status_code == 200, answer.text
        return [each["record_id"] for each in answer.json()["items"]]

    async def states(self) -> dict[str, str]:
        """Return every record's state, as the table holds it; of two people's sides the newest version's."""
        async with self.db.transaction() as tx:
            rows = await tx.sql.fetch("SELECT record_id, state FROM item ORDER BY record_id, version")
        return {row["record_id"]: row["state"] for row in rows}


def open_desk(url: str) -> Desk:
    """Return a service on this database."""
    clock = FixedClock(START)
    db = Database(url, application="verification-test")
    office = Office(Routing(load_rulebook()), Outbox("verification", 8, clock), clock)
    app = create_app("test", "test", ready={"database": db.ping})
    app.state.token_verifier = Tokens()
    app.state.wake_relay = lambda: None
    app.include_router(api.router(db, office, PERSONS))
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://verification.test")
    return Desk(db, clock, office, app, http)


def _texts(query: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in query.items()}


def codes(results: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return what became of each decision of a batch: record → `done` or the code."""
    return {each["record_id"]: each["code"] or each["status"] for each in results}
