"""A registry on a database of its own, driven through its handlers as its consumers drive them."""

import asyncio
import hashlib
import os
import secrets
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Self

from tests.support.databases import DatabaseFactory
from tests.support.rulebooks import clauses_of
from xueshi.gateway.v1 import hour_records_pb2, platforms_pb2
from xueshi.registry.v1 import hours_pb2, transcripts_pb2
from xueshi_kit import migrations
from xueshi_kit.clock import FixedClock
from xueshi_kit.crypto import KeyedIndex, Sealer
from xueshi_kit.db import Database
from xueshi_kit.outbox import Outbox
from xueshi_registry import wire
from xueshi_registry.domain.model import NO_PROFILE, Employer, PersonKey, Profile, Ref
from xueshi_registry.handlers.audit import audit
from xueshi_registry.handlers.decisions import apply_decisions
from xueshi_registry.handlers.employers import save_employers
from xueshi_registry.handlers.exceptions import exempt_from_cap
from xueshi_registry.handlers.holds import release_some, return_held
from xueshi_registry.handlers.people import Identities, Job, Registration, register_people
from xueshi_registry.handlers.platforms import take_platforms
from xueshi_registry.handlers.records import enter_records
from xueshi_registry.handlers.registry import Registry
from xueshi_registry.handlers.rulebooks import Shelf
from xueshi_registry.wire import Decided
from xueshi_rulebook import Rulebook, load_rulebook, read_rulebook

EMPLOYER = "91350100M000100Y43"
NOW = datetime(2025, 12, 1, 4, 0, tzinfo=UTC)
SCOPES = (("public", 0, ""), ("professional", 5, ""))


@dataclass(slots=True)
class Harness:
    """A registry with one known employer in 350504 and the platforms that tests name."""

    db: Database
    registry: Registry
    identities: Identities
    index: KeyedIndex
    owner_dsn: str
    app_dsn: str
    clock: FixedClock

    @classmethod
    async def open(
        cls,
        make_database: DatabaseFactory,
        platforms: Sequence[str] = ("p1", "p2"),
        rulebook: Rulebook | None = None,
    ) -> Self:
        """Migrate a new database and enter the employer and the platforms. `rulebook`: the packaged one by default."""
        made = make_database("registry")
        await asyncio.to_thread(migrations.upgrade, "xueshi_registry", made.owner_dsn)
        clock = FixedClock(NOW)
        sealer = Sealer({"k1": secrets.token_bytes(32)}, "k1")
        index = KeyedIndex(secrets.token_bytes(32))
        rules = rulebook or load_rulebook()
        harness = cls(
            Database(made.app_dsn, application="test", pool_size=8),
            Registry(Outbox("registry", 8, clock), rules, clock, sealer, Shelf(rules)),
            Identities(index, sealer),
            index,
            made.owner_dsn,
            made.app_dsn,
            clock,
        )
        async with harness.db.transaction() as tx:
            await save_employers(tx, harness.registry, [Employer(EMPLOYER, "洛江第一建筑", "350504", 5)], "admin")
        for platform in platforms:
            await harness.platform(platform)
        return harness

    async def platform(
        self, platform: str, scopes: Sequence[tuple[str, int, str]] = SCOPES, revision: int = 1, region: str = "350000"
    ) -> None:
        """Take a platform's accession from the gateway."""
        level = "province" if region.endswith("0000") else "city"
        event = platforms_pb2.PlatformChanged(
            platform=platform, name=platform, status="active", base_level=level, base_region=region, revision=revision
        )
        for kind, industry, major in scopes:
            event.scopes.add(subject_kind=kind, industry=industry, major=major)
        async with self.db.transaction() as tx:
            await take_platforms(tx, self.registry, [event])
        await self.work_off_releases()

    async def work_off_releases(self) -> None:
        """Do what the registry's background does: judge anew what was asked for."""
        more = True
        while more:
            async with self.db.transaction() as tx:
                more = await release_some(tx, self.registry)

    def key(self, number: str) -> PersonKey:
        """Return the person key of a sample number."""
        return PersonKey(self.index.digest16(b"resident_id", number.encode()))

    def record(
        self,
        record_id: str,
        person: str = "359900199003070011",
        *,
        name: str = "陈晓",
        days: Sequence[tuple[date, int]] = ((date(2025, 6, 1), 800),),
        span: tuple[date, date] | None = None,
        centihours: int | None = None,
        change: str = "completed",
        version: int = 1,
        **fields: Any,  # noqa: ANN401 - whatever the event's item has
    ) -> hour_records_pb2.HourRecord:
        """Return an accepted record as the gateway would publish it."""
        key = self.key(person)
        identity = hour_records_pb2.Identity(id_type="resident_id", id_number=person, name=name)
        made = hour_records_pb2.HourRecord(
            record_id=record_id,
            version=version,
            person_key=key.bytes,
            change=change,
            identity=self.registry.sealer.seal(identity.SerializeToString(), key.bytes),
            name_digest=self.identities.name_digest(key, name),
            employer=EMPLOYER,
            subject_kind="professional",
            learning_form="online",
            course_id="C-1",
            course_title="混凝土结构耐久性",
            industry=5,
            major="土木工程",
            centihours=sum(each for _, each in days) if centihours is None else centihours,
            passed=True,
            score="88",
            completed_at_ms=int(NOW.timestamp() * 1000),
            digest=hashlib.sha256(record_id.encode()).digest(),
        )
        if span is None:
            for day, hours in days:
                made.learned_days.add(on=wire.days_since_epoch(day), centihours=hours)
        else:
            made.learned_range.from_on = wire.days_since_epoch(span[0])
            made.learned_range.to_on = wire.days_since_epoch(span[1])
        for name_, value in fields.items():
            setattr(made, name_, value)
        return made

    async def enter(self, *records: hour_records_pb2.HourRecord, platform: str = "p1") -> None:
        """Enter accepted records in one transaction."""
        event = hour_records_pb2.HourRecordsAccepted(platform=platform, delivery="d", records=records)
        async with self.db.transaction() as tx:
            await enter_records(tx, self.registry, wire.incoming([event]))

    async def decide(
        self,
        outcome: str,
        record_id: str,
        *,
        version: int = 1,
        platform: str = "p1",
        person: str = "359900199003070011",
        position: int = 0,
        reason_code: str = "",
        rule_ids: tuple[str, ...] = ("FJ-08",),
    ) -> None:
        """Apply one decision of an authority."""
        decided = Decided(
            ref=Ref(platform, record_id, version),
            person_key=self.key(person),
            outcome=outcome,
            authority="hrss-350504",
            authority_name="洛江区人社局",
            officer="officer-1",
            reason="",
            rule_ids=rule_ids,
            reason_code=reason_code,
            registration_position=position,
        )
        async with self.db.transaction() as tx:
            await apply_decisions(tx, self.registry, [decided])

    async def employer(self, uscc: str, region: str) -> None:
        """Enter an employer, or move it."""
        async with self.db.transaction() as tx:
            await save_employers(tx, self.registry, [Employer(uscc, "另一家单位", region, 5)], "admin")
        await self.work_off_releases()

    async def exempt(self, record_id: str, platform: str = "p1", version: int = 1) -> None:
        """Except a record from the day's cap, with the line in the audit trail that the API writes."""
        ref = Ref(platform, record_id, version)
        async with self.db.transaction() as tx:
            if await exempt_from_cap(tx, self.registry, ref, "admin", "核准") is not None:
                subject = f"{platform}/{record_id}/{version}"
                await audit(tx, self.registry, "admin", "record.exempt", subject, {"reason": "核准"})

    async def return_held(self, record_id: str, platform: str = "p1") -> None:
        """Return a held record."""
        async with self.db.transaction() as tx:
            assert await return_held(tx, self.registry, Ref(platform, record_id, 1), "admin", "无法受理")

    async def register(
        self,
        person: str = "359900199003070011",
        name: str = "陈晓",
        *,
        employer: str = EMPLOYER,
        since: date = date(2020, 1, 1),
        until: date | None = None,
        profile: Profile = NO_PROFILE,
    ) -> None:
        """Register a person with an employment."""
        employments = (Job(employer, since, until, main=True, profile=profile),)
        async with self.db.transaction() as tx:
            await register_people(
                tx, self.registry, self.identities, [Registration("resident_id", person, name, employments)], "admin"
            )

    def under(self, draft: Path) -> "Harness":
        """Return the registry as it runs with the rulebook of a folder, on the same database."""
        rulebook = read_rulebook(draft)
        return replace(self, registry=replace(self.registry, rulebook=rulebook, shelf=Shelf(rulebook)))

    def role(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a role of the registry as its operators do."""
        return subprocess.run(
            (sys.executable, "-m", "xueshi_registry", *arguments),
            env={**os.environ, "XUESHI_DATABASE_URL": self.app_dsn, "COLUMNS": "200"},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    async def fetch(self, sql: str, *arguments: object) -> list[Any]:
        """Read with SQL."""
        async with self.db.transaction() as tx:
            return list(await tx.sql.fetch(sql, *arguments))

    async def state(self, record_id: str, platform: str = "p1") -> tuple[str, str, int]:
        """Return (state, code, credited centihours) of the record's newest version."""
        (row,) = await self.fetch(
            "SELECT state, code, credited FROM record WHERE platform = $1 AND record_id = $2"
            " ORDER BY version DESC LIMIT 1",
            platform,
            record_id,
        )
        return row["state"], row["code"], sum(row["credited"])

    async def changes(self) -> list[hours_pb2.HoursChange]:
        """Return every change that was told, in feed order."""
        rows = await self.fetch("SELECT payload FROM outbox WHERE topic = 'xueshi.registry.hours'")
        found = [change for row in rows for change in hours_pb2.HoursChanged.FromString(row["payload"]).changes]
        return sorted(found, key=lambda change: change.position)

    async def clauses(self) -> dict[str, dict[str, str]]:
        """Return every clause that was told with a change, by version of the rulebook and rule."""
        rows = await self.fetch("SELECT payload FROM outbox WHERE topic = 'xueshi.registry.hours' ORDER BY id")
        return clauses_of(hours_pb2.HoursChanged.FromString(row["payload"]).clauses for row in rows)

    async def transcripts(self) -> list[transcripts_pb2.TranscriptChanged]:
        """Return every transcript that was told, in order."""
        rows = await self.fetch("SELECT payload FROM outbox WHERE topic = 'xueshi.registry.transcripts' ORDER BY id")
        return [transcripts_pb2.TranscriptChanged.FromString(row["payload"]) for row in rows]
