"""What a run has left in the gateway's database, set against what was answered; and no person in it, nor in the log."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from tests.fuzz.gateway import Gateway
from tests.fuzz.receipts import is_personal
from xueshi.gateway.v1.hour_records_pb2 import HourRecordsAccepted
from xueshi_gateway.tables import metadata

TABLES = tuple(table.name for table in metadata.sorted_tables)
PERSON_CHANGED = "PERSON_CHANGED"
CRASHES = ('"level": "error"', "Traceback (most recent call last)", "http.crash")
_DIGEST = (
    "SELECT count(*) AS rows, md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')) AS digest"
    " FROM {table} t"
)

Deliveries = dict[tuple[str, str], list[tuple[str, int]]]
"""By platform and delivery id the versions that it has brought: record id and version."""


@dataclass(frozen=True, slots=True)
class State:
    """A picture of all tables: rows of each, and a digest of each."""

    rows: dict[str, int]
    digests: dict[str, str]


async def state_of(gateway: Gateway) -> State:
    """Take the picture."""
    rows, digests = {}, {}
    for table in TABLES:
        (row,) = await gateway.rows(_DIGEST.format(table=table))
        rows[table], digests[table] = row["rows"], row["digest"]
    return State(rows, digests)


async def stored_versions(gateway: Gateway) -> Deliveries:
    """Return every delivery with its versions, as the tables have them."""
    found: Deliveries = defaultdict(list)
    for row in await gateway.rows("SELECT platform, webhook_id FROM delivery"):
        found[row["platform"], row["webhook_id"]] = []
    query = (
        "SELECT d.platform, d.webhook_id, h.record_id, h.version FROM hour_record h"
        " JOIN delivery d ON d.id = h.delivery AND d.platform = h.platform"
    )
    for row in await gateway.rows(query):
        found[row["platform"], row["webhook_id"]].append((row["record_id"], row["version"]))
    return found


async def told_versions(gateway: Gateway) -> Deliveries:
    """Return what the outbox tells of: the versions of each delivery; a person's leaving is no version of its own."""
    found: Deliveries = defaultdict(list)
    for row in await gateway.rows("SELECT payload FROM outbox WHERE topic = 'xueshi.gateway.hour-records'"):
        event = HourRecordsAccepted.FromString(row["payload"])
        found[event.platform, event.delivery] += [
            (item.record_id, item.version)
            for item in event.records
            if (item.change, item.reason) != ("voided", PERSON_CHANGED)
        ]
    return found


async def half_done(gateway: Gateway, accepted: Deliveries) -> list[str]:
    """Return where the tables or the outbox differ from what was answered: nothing, where nothing is half done."""
    stored, told = await stored_versions(gateway), await told_versions(gateway)
    faults = [f"{name}: stored without a receipt" for name in stored.keys() - accepted.keys()]
    faults += [f"{name}: a receipt without a delivery" for name in accepted.keys() - stored.keys()]
    for name, versions in accepted.items():
        for where, kept in (("hour_record", stored.get(name, [])), ("outbox", told.get(name, []))):
            if Counter(kept) != Counter(versions):
                faults.append(f"{name}: {len(versions)} accepted, {len(kept)} in {where}")
    faults += [f"{name}: told without a receipt" for name in told.keys() - accepted.keys()]
    (row,) = await gateway.rows(
        "SELECT count(*) AS rows FROM delivery d FULL JOIN receipt r ON r.delivery = d.id"
        " WHERE d.id IS NULL OR r.delivery IS NULL"
    )
    if row["rows"]:
        faults.append(f"{row['rows']} deliveries without a receipt, or receipts without a delivery")
    return faults


async def leaks(gateway: Gateway) -> list[str]:
    """Return where personal data stands in the gateway's log, or in what it stores in plain text."""
    log = gateway.log_file.read_text("utf-8", "replace")
    found = [f"log: {line[:200]}" for line in log.splitlines() if is_personal(line)]
    for query in (
        "SELECT webhook_id AS text FROM delivery",
        "SELECT record_id AS text FROM hour_record",
        "SELECT key AS text FROM outbox",
        "SELECT convert_from(body, 'UTF8') AS text FROM receipt",
    ):
        found += [f"{query}: {row['text'][:80]}" for row in await gateway.rows(query) if is_personal(row["text"])]
    return found


def crashes(gateway: Gateway) -> list[str]:
    """Return the lines of the log that tell of a fault of the gateway's own."""
    log = gateway.log_file.read_text("utf-8", "replace")
    return [line for line in log.splitlines() if any(mark in line for mark in CRASHES)]
