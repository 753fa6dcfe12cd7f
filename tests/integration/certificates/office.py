"""A certificates service under test, and transcripts as the registry would say them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import httpx

from xueshi.certificates.v1.proofs_pb2 import ProofChanged
from xueshi.gateway.v1.hour_records_pb2 import Identity
from xueshi.registry.v1.transcripts_pb2 import KindTotal, TranscriptChanged, TranscriptEntry
from xueshi_cli.runtime.provision import Provisioned
from xueshi_kit.auth import Caller, UnauthenticatedError
from xueshi_kit.clock import FixedClock
from xueshi_kit.crypto import Sealer
from xueshi_kit.service import Service

BUCKETS = 4
PUBLIC_URL = "https://check.example"
# New Year has begun in China and not in UTC.
CLOCK = FixedClock(datetime(2025, 12, 31, 16, 30, tzinfo=UTC))
YEAR_OF_ISSUE = 2026
NAME = "陈晓岚"
ID_NUMBER = "359900199003070011"

Hours = dict[str, tuple[str, int]]
"""Stamped records: record id to subject kind and centihours."""

COMPLIANT: Hours = {"R-1": ("public", 3000), "R-2": ("professional", 6000)}
MORE: Hours = {**COMPLIANT, "R-3": ("public", 450)}
SHORT: Hours = {"R-1": ("public", 3000)}


def new_person() -> bytes:
    """Return a person key that no other test has."""
    return uuid4().bytes


@dataclass(slots=True)
class Office:
    """The service with what a test asks of it."""

    service: Service
    sealer: Sealer
    database: Provisioned

    def transcript(
        self, person: bytes, revision: int, hours: Hours, *, name: str = NAME, title: str = "混凝土结构耐久性"
    ) -> TranscriptChanged:
        """Return what the registry says of a person's stamped hours of 2025, freshly sealed."""
        stamped = {kind: sum(each for of, each in hours.values() if of == kind) for kind in ("public", "professional")}
        lacking = {kind: max(0, need - stamped[kind]) for kind, need in (("public", 3000), ("professional", 6000))}
        identity = Identity(id_type="resident_id", id_number=ID_NUMBER, name=name)
        return TranscriptChanged(
            person_key=person,
            identity=self.sealer.seal(identity.SerializeToString(), person),
            jurisdiction="fujian",
            period="2025",
            revision=revision,
            totals=[
                KindTotal(
                    kind=kind,
                    required_centihours=stamped[kind] + lacking[kind],
                    stamped_centihours=stamped[kind],
                    lacking_centihours=lacking[kind],
                )
                for kind in stamped
            ],
            verdict="short" if any(lacking.values()) else "compliant",
            rule_ids=["FJ-01"],
            rulebook="book-1",
            entries=[
                TranscriptEntry(
                    platform="fj-online",
                    record_id=record_id,
                    version=1,
                    kind=kind,
                    course_title=title,
                    learning_form="online",
                    first_on=20240,
                    last_on=20241,
                    credited_centihours=centihours,
                    passed=True,
                    score="88",
                    authority="hrss-359900",
                    authority_name="某市人力资源和社会保障局",
                )
                for record_id, (kind, centihours) in hours.items()
            ],
        )

    async def take(self, *events: TranscriptChanged) -> None:
        """Apply events as the consumer does, in one transaction."""
        (subscription,) = self.service.subscriptions
        async with self.service.parts.db.transaction() as tx:
            await subscription.handle(tx, list(events))

    async def fetch(self, query: str, *values: object) -> Sequence[Any]:
        """Read the service's database."""
        async with self.service.parts.db.transaction() as tx:
            return await tx.sql.fetch(query, *values)

    async def proofs(self, person: bytes) -> list[tuple[str, str, str]]:
        """Return number, status and reason of each of a person's proofs, oldest first."""
        rows = await self.fetch(
            "SELECT p.number, s.status, s.reason FROM proof p JOIN LATERAL (SELECT status, reason FROM proof_status"
            " WHERE number = p.number ORDER BY position DESC LIMIT 1) s ON true WHERE person_key = $1"
            " ORDER BY p.number",
            UUID(bytes=person),
        )
        return [(row["number"], row["status"], row["reason"]) for row in rows]

    async def statuses(self, person: bytes) -> list[tuple[str, str]]:
        """Return status and reason of each of a person's proofs, oldest first."""
        return [(status, reason) for _, status, reason in await self.proofs(person)]

    async def said(self, person: bytes) -> list[ProofChanged]:
        """Return the events said of a person, in order."""
        rows = await self.fetch("SELECT payload FROM outbox WHERE key LIKE $1 ORDER BY id", f"{person.hex()}:%")
        return [ProofChanged.FromString(row["payload"]) for row in rows]

    async def tag_of(self, number: str) -> str:
        """Return the tag that opens a proof."""
        (row,) = await self.fetch("SELECT tag FROM proof WHERE number = $1", number)
        return str(row["tag"])

    def client(self, *scopes: str) -> httpx.AsyncClient:
        """Return an HTTP client, with a token of these scopes if there are any."""
        self.service.app.state.token_verifier = _Verifier()
        headers = {"Authorization": f"Bearer {','.join(scopes)}"} if scopes else {}
        transport = httpx.ASGITransport(self.service.app)
        return httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL, headers=headers)


class _Verifier:
    """Takes a token for the list of its scopes."""

    async def verify(self, token: str) -> Caller:
        if token == "bad":
            raise UnauthenticatedError("signature")
        return Caller("officer-1", "console", "officer", frozenset(token.split(",")), "")
