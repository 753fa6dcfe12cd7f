"""One record's path through the product, for whoever has to find out what went wrong with it."""

from collections.abc import Iterable, Iterator

from tests.faults.found import Reader
from tests.faults.order import RULES, Seen
from tests.faults.story import RecordKey
from xueshi.gateway.v1.hour_records_pb2 import HourRecordsAccepted
from xueshi.registry.v1.hours_pb2 import HoursChanged
from xueshi.verification.v1.decisions_pb2 import HoursDecided
from xueshi_cli.site.layout import DECISIONS, HOUR_RECORDS, HOURS

_TABLES = {
    "gateway": (
        ("version", "SELECT version, is_void, person_key, delivery FROM hour_record"),
        ("fate", "SELECT version, state, code, credited_centihours, position FROM fate"),
    ),
    "registry": (
        (
            "version",
            (
                "SELECT id, version, person_key, state, code, place, days, claimed, credited, registered_position,"
                " accepted_position FROM record"
            ),
        ),
        ("ledger", "SELECT id, version, account, days, deltas, cause, caused_by, entered_at FROM ledger"),
    ),
    "verification": (
        ("item", "SELECT version, person_key, state, authority_id, registration_position FROM item"),
        ("decision", "SELECT id, version, outcome, officer, registration_position, decided_at FROM decision"),
    ),
}


async def path_of(reader: Reader, messages: Iterable[Seen], record: RecordKey) -> list[str]:
    """Return everything that is known of a record, a line each."""
    lines = [f"path of {record[0]}/{record[1]}"]
    for database, tables in _TABLES.items():
        for name, sql in tables:
            rows = await reader.fetch(database, f"{sql} WHERE platform = $1 AND record_id = $2 ORDER BY 1", *record)
            lines += [f"  {database} {name}: {_line(dict(row))}" for row in rows]
    for message in messages:
        lines += [f"  {message.place} event {message.event_id}: {each}" for each in _said(message, record)]
    return lines


def _said(message: Seen, record: RecordKey) -> Iterator[str]:
    """Say what a message says of the record, without anything of the person."""
    if message.topic not in RULES:
        return
    if message.topic == HOUR_RECORDS:
        accepted = HourRecordsAccepted.FromString(message.value)
        for each in accepted.records:
            if (accepted.platform, each.record_id) == record:
                yield f"{each.change} version {each.version} of {each.person_key.hex()}"
    elif message.topic == HOURS:
        for change in HoursChanged.FromString(message.value).changes:
            if (change.platform, change.record_id) == record:
                yield f"{change.state} {change.code} version {change.version} at {change.position}"
    elif message.topic == DECISIONS:
        for decision in HoursDecided.FromString(message.value).decisions:
            if (decision.platform, decision.record_id) == record:
                yield f"{decision.outcome} version {decision.version} on {decision.registration_position}"


def _line(row: dict[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in row.items())
