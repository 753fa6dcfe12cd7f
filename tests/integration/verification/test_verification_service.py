"""The service as it is wired: migrations, a real bus, many records at once, its published API."""

import asyncio
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic import SecretStr

from tests.integration.verification.desk import BUILDERS, HRSS, Desk, registered
from tests.support.databases import DatabaseFactory
from xueshi.registry.v1.hours_pb2 import HoursChanged
from xueshi.verification.v1.decisions_pb2 import HoursDecided
from xueshi_cli.runtime.provision import Provisioned
from xueshi_kit.bus.embedded import install
from xueshi_kit.events import topic_of
from xueshi_kit.keyring import KeyKind, KeyRing
from xueshi_kit.migrations import check, upgrade
from xueshi_kit.outbox import OutboxEvent
from xueshi_verification.app import build
from xueshi_verification.domain.model import Authority, AuthorityId
from xueshi_verification.settings import Settings
from xueshi_verification.store import authorities as authority_store

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_tables_are_what_the_migrations_make(verification_database: Provisioned) -> None:
    await asyncio.to_thread(check, "xueshi_verification", verification_database.owner_dsn)


async def test_many_records_at_once_are_routed_stamped_and_told_in_slices(desk: Desk) -> None:
    count = 2000
    await desk.hear(
        *(registered(f"r{n:04}", registered_by="automatic" if n % 2 else "submitted") for n in range(count))
    )
    async with desk.db.transaction() as tx:
        events = await tx.sql.fetch("SELECT bucket, octet_length(payload) AS size FROM outbox")
        stamps = await tx.sql.fetchval("SELECT count(*) FROM decision WHERE officer IS NULL")
    assert stamps == count // 2
    assert len(events) <= 2 * 8
    assert {event["bucket"] for event in events} == set(range(8))
    told = await desk.told()
    assert len({each.record_id for each in told}) == len(told) == count


@pytest_asyncio.fixture(loop_scope="session")
async def settings(make_database: DatabaseFactory, tmp_path: Path) -> Settings:
    """Give settings of a service with a database of its own and the embedded bus in another."""
    database, bus = make_database("verification"), make_database("bus")
    await asyncio.to_thread(upgrade, "xueshi_verification", database.owner_dsn)
    await install(bus.owner_dsn, 4)
    keys = tmp_path / "keys.json"
    KeyRing.generate({"person-index": KeyKind.INDEX}).write(keys)
    return Settings(database_url=SecretStr(database.app_dsn), bus_url=SecretStr(bus.app_dsn), keys_file=keys, buckets=4)


async def test_from_the_registrys_topic_to_the_topic_of_decisions(settings: Settings) -> None:
    service = await build(settings)
    parts = service.parts
    topics = [topic_of(HoursChanged), topic_of(HoursDecided)]
    try:
        await parts.bus.ensure_topics(topics)
        async with parts.db.transaction() as tx:
            for authority_id, body in (("hrss", HRSS), ("builders", BUILDERS)):
                await authority_store.insert(tx, _authority(authority_id, body), parts.clock.now())
            change = registered("r", registered_by="automatic")
            event = OutboxEvent("k", change.person_key, HoursChanged(changes=[change]))
            await parts.outbox.append(tx, [event, event])
        [worker] = service.workers()
        running = [asyncio.create_task(each) for each in (worker.run(), service.relay.run())]
        decided = HoursDecided()
        async with asyncio.timeout(20), parts.bus.consume("test", [topics[1].name]) as consumer:
            while not decided.decisions:
                for received in await consumer.poll(10, 0.2):
                    decided.ParseFromString(received.value or b"")
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    finally:
        await parts.close()
    assert [(each.outcome, each.authority) for each in decided.decisions] == [("stamped", "builders")]


def _authority(authority_id: str, body: dict[str, object]) -> Authority:
    return Authority(id=AuthorityId(authority_id), **{"industries": (), "unable": False} | body)  # type: ignore[arg-type]


async def test_every_operation_says_who_may_call_it(desk: Desk) -> None:
    schema = desk.app.openapi()
    operations = [operation for methods in schema["paths"].values() for operation in methods.values()]
    assert len(operations) >= 20
    for operation in operations:
        assert operation["security"], operation["operationId"]
        assert operation["description"]


async def test_the_published_schema_shows_the_limits(desk: Desk) -> None:
    schemas = desk.app.openapi()["components"]["schemas"]
    assert schemas["ReturnReasonIn"]["properties"]["text"]["maxLength"] == 500
    assert schemas["ReturnReasonIn"]["properties"]["text"]["minLength"] == 1
    assert schemas["DecisionsIn"]["properties"]["decisions"]["maxItems"] == 500
    assert schemas["NamedStampIn"]["properties"]["version"]["minimum"] == 1
    assert schemas["GrantIn"]["properties"]["industry"]["anyOf"][0]["maximum"] == 20
    assert schemas["GrantIn"]["additionalProperties"] is False
