"""A record as JSON: checked by the registry's dry run, or entered the way that the gateway sends it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast

import msgspec
from msgspec import UNSET

from tests.support.registry import EMPLOYER, Harness
from xueshi.gateway.v1.hour_records_pb2 import HourRecordsAccepted
from xueshi_gateway.domain.versions import Accepted
from xueshi_gateway.wire.events import People, SliceWriter
from xueshi_records import Bounds, Record, digest_of, kinds_of_forms, settle_form
from xueshi_registry import wire
from xueshi_registry.domain.model import PersonKey
from xueshi_registry.handlers.checks import Asked, Checked, check_record, end_of
from xueshi_registry.handlers.records import enter_records
from xueshi_registry.store import people as people_store
from xueshi_rulebook import format_hours

Draft = dict[str, Any]
"""A record as a platform writes it."""


def draft(
    learned: Sequence[tuple[date, int]] | tuple[date, date],
    *,
    hours: int | None = None,
    learner: str = "359900199003070011",
    name: str = "陈晓",
    **fields: object,
) -> Draft:
    """Return a record; `learned` are days with hundredths of an hour, or a range, which needs `hours`."""
    if isinstance(learned[0], tuple):
        days = cast("Sequence[tuple[date, int]]", learned)
        shown: object = [{"on": on.isoformat(), "hours": format_hours(each)} for on, each in days]
        total = sum(each for _, each in days)
    else:
        first, last = cast("tuple[date, date]", learned)
        shown, total = {"from": first.isoformat(), "to": last.isoformat()}, 0
    return {
        "learner": {"id_type": "resident_id", "id_number": learner, "name": name},
        "employer": EMPLOYER,
        "subject_kind": "professional",
        "learning_form": "online",
        "course": {"id": "C-1", "title": "混凝土结构耐久性"},
        "industry": 5,
        "major": "土木工程",
        "learned": shown,
        "hours": format_hours(total if hours is None else hours),
        "assessment": {"passed": True, "score": "88"},
        "completed_at": "2025-11-30T21:40:00+08:00",
        **fields,
    }


async def check(
    registry: Harness,
    record: Mapping[str, Any],
    *,
    platform: str = "p1",
    person_key: PersonKey | None = None,
    as_of: date | None = None,
) -> Checked:
    """Return what the dry run says, over a snapshot that can write nothing."""
    moment = registry.clock.now() if as_of is None else min(end_of(as_of), registry.clock.now())
    given = {name: value for name, value in record.items() if name != "learner" or person_key is None}
    read = wire.read_asked(given, bounds(registry, moment))
    async with registry.db.snapshot() as tx:
        if read.learner is not UNSET:
            key = registry.identities.key_of(read.learner.id_type, read.learner.id_number)
            digest = registry.identities.name_digest(key, read.learner.name)
        else:
            assert person_key is not None
            key = person_key
            person = await people_store.get_person(tx, key)
            assert person is not None
            digest = person.name_digest
        record_id = "" if read.record_id is UNSET else read.record_id
        asked = Asked(platform, record_id, key, wire.content_of(read, digest), as_of)
        return await check_record(tx, registry.registry, asked)


def outcome(checked: Checked) -> tuple[str, str, list[tuple[int, int]]]:
    """Return state, code, and for each day what is claimed and what would be credited."""
    return checked.stake.state, checked.stake.code, [(each.claimed, each.credited) for each in checked.shares]


async def enter(registry: Harness, record: Draft, *, version: int, platform: str = "p1") -> None:
    """Enter a record as the gateway accepts and sends it; a version above 1 is a correction."""
    read = msgspec.json.decode(msgspec.json.encode(record), type=Record)
    settle_form(read, bounds(registry, registry.clock.now()))
    people = People(registry.index, registry.registry.sealer)
    accepted = Accepted(read, people.keyed(digest_of(read)), version, people.key_of(read))
    writer = SliceWriter(platform, "d", registry.clock.now(), 8, people)
    events = writer.write("completed" if version == 1 else "corrected", [accepted])
    async with registry.db.transaction() as tx:
        await enter_records(
            tx, registry.registry, wire.incoming([cast("HourRecordsAccepted", each.event) for each in events])
        )


def bounds(registry: Harness, moment: datetime) -> Bounds:
    """Return what the gateway holds records against."""
    jurisdictions = registry.registry.rulebook.jurisdictions.values()
    kinds = frozenset(kind for each in jurisdictions for kind in each.kinds)
    return Bounds.at(moment, kinds, kinds_of_forms(jurisdictions))
