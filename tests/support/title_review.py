"""A title-review-sync on a database of its own, with events as registry and certificates would send them."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Self
from uuid import UUID

import asyncpg

from xueshi.certificates.v1.proofs_pb2 import ProofChanged
from xueshi.gateway.v1.hour_records_pb2 import Identity
from xueshi.registry.v1.transcripts_pb2 import KindTotal, TranscriptChanged, TranscriptEntry
from xueshi.titlereview.v1.verified_hours_pb2 import Acknowledgement, VerifiedHours
from xueshi_cli.runtime.provision import Provisioned
from xueshi_kit.clock import FixedClock
from xueshi_kit.crypto import KeyedIndex, Sealer
from xueshi_kit.db import Database
from xueshi_kit.outbox import Outbox
from xueshi_rulebook import load_rulebook
from xueshi_title_review.consumer import subscriptions
from xueshi_title_review.domain import SubjectRef
from xueshi_title_review.handlers import Desk, Subjects, subject_ref

NOW = datetime(2025, 12, 1, 4, 0, tzinfo=UTC)
NUMBER = "359900199003070011"
NAME = "陈晓"
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


@dataclass(slots=True)
class TitleReview:
    """The service's handlers as its consumers call them, and what they told."""

    db: Database
    desk: Desk
    clock: FixedClock
    people: KeyedIndex
    sealer: Sealer
    owner_dsn: str
    app_dsn: str

    @classmethod
    async def open(cls, made: Provisioned) -> Self:
        """Empty a migrated database and work on it."""
        owner = await asyncpg.connect(made.owner_dsn)
        try:
            await owner.execute("TRUNCATE standing, subject, outbox, inbox, parked, relay_lease")
            await owner.execute("UPDATE feed_head SET position = 0")
        finally:
            await owner.close()
        clock = FixedClock(NOW)
        sealer = Sealer({"k1": secrets.token_bytes(32)}, "k1")
        subjects = Subjects(KeyedIndex(secrets.token_bytes(32)), "r1", sealer)
        return cls(
            Database(made.app_dsn, application="test", pool_size=10),
            Desk(Outbox("title-review-sync", 4, clock), load_rulebook(), clock, subjects),
            clock,
            KeyedIndex(secrets.token_bytes(32)),
            sealer,
            made.owner_dsn,
            made.app_dsn,
        )

    def person_key(self, number: str = NUMBER) -> UUID:
        """Return the person key of a sample number."""
        return self.people.digest16(b"resident_id", number.encode())

    def ref(self, number: str = NUMBER) -> SubjectRef:
        """Return the subject ref of a sample number."""
        return subject_ref(self.desk.subjects.index, "resident_id", number)

    def transcript(
        self,
        revision: int,
        number: str = NUMBER,
        *,
        stamped: Mapping[str, int] | None = None,
        registered: Mapping[str, int] | None = None,
        period: str = "2025",
        records: Sequence[str] = ("r1",),
    ) -> TranscriptChanged:
        """Return a transcript as the registry derives it from stamped centihours by kind."""
        stamped = stamped or {"professional": 800}
        progress = self.desk.rulebook.jurisdiction("fujian").progress(period, stamped, registered or stamped)
        key = self.person_key(number)
        identity = Identity(id_type="resident_id", id_number=number, name=NAME)
        learned_on = date(int(period), 6, 1).toordinal() - _EPOCH_ORDINAL
        return TranscriptChanged(
            person_key=key.bytes,
            identity=self.sealer.seal(identity.SerializeToString(), key.bytes),
            jurisdiction="fujian",
            period=period,
            revision=revision,
            totals=[
                KindTotal(
                    kind=line.kind,
                    required_centihours=line.required,
                    registered_centihours=line.registered,
                    stamped_centihours=line.counted,
                    lacking_centihours=line.lacking,
                )
                for line in progress.lines
            ],
            verdict=progress.verdict,
            rule_ids=progress.rule_ids,
            clauses=self.desk.rulebook.clauses(progress.rule_ids).values(),
            rulebook=self.desk.rulebook.hash,
            entries=[
                TranscriptEntry(
                    platform="p1",
                    record_id=record,
                    version=1,
                    kind="professional",
                    course_title="混凝土结构耐久性",
                    learning_form="online",
                    first_on=learned_on,
                    last_on=learned_on,
                    credited_centihours=450,
                    passed=True,
                    authority="hrss-350504",
                )
                for record in records
            ],
            changed_at_ms=int(NOW.timestamp() * 1000),
        )

    def proof(
        self,
        transcript_revision: int = 1,
        number: str = NUMBER,
        *,
        proof: str = "FJ-2025-0000000001-1",
        status: str = "valid",
        period: str = "2025",
    ) -> ProofChanged:
        """Return the change of a proof as certificates tells it."""
        return ProofChanged(
            person_key=self.person_key(number).bytes,
            jurisdiction="fujian",
            period=period,
            number=proof,
            status=status,
            transcript_revision=transcript_revision,
            changed_at_ms=int(NOW.timestamp() * 1000),
        )

    def acknowledgement(
        self, revision: int, outcome: str = "taken", reason: str = "", *, number: str = NUMBER, period: str = "2025"
    ) -> Acknowledgement:
        """Return what the receiver says of a revision."""
        return Acknowledgement(
            subject_ref=self.ref(number), period=period, revision=revision, outcome=outcome, reason=reason
        )

    async def take(
        self, *events: TranscriptChanged | ProofChanged | Acknowledgement, pause_seconds: float = 0.0
    ) -> None:
        """Handle events of one type as one batch, in one transaction, which commits after a pause."""
        (subscription,) = [each for each in subscriptions(self.desk) if each.event is type(events[0])]
        async with self.db.transaction() as tx:
            await subscription.handle(tx, events)
            await asyncio.sleep(pause_seconds)

    async def told(self) -> list[VerifiedHours]:
        """Return every message that was told, in order."""
        rows = await self.fetch("SELECT payload FROM outbox ORDER BY id")
        return [VerifiedHours.FromString(row["payload"]) for row in rows]

    async def fetch(self, sql: str, *arguments: object) -> list[Any]:
        """Read with SQL."""
        async with self.db.transaction() as tx:
            return list(await tx.sql.fetch(sql, *arguments))
