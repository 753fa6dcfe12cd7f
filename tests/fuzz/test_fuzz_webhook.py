"""A short seeded part of what `make fuzz` does, against a real gateway: every run the same choices."""

from pathlib import Path

from tests.fuzz.effects import half_done
from tests.fuzz.gateway import Gateway
from tests.fuzz.mutations import KINDS
from tests.fuzz.odd import AGAIN, Bodies
from tests.fuzz.odd import KINDS as BODY_KINDS
from tests.fuzz.receipts import send_bodies
from tests.fuzz.run import counted, now, run
from tests.support.databases import DatabaseFactory

SEED = 20_250_603
MUTATIONS, BODIES = 25 * len(KINDS), 2000


def quiet(_line: str) -> None:
    """Tell nobody how far it is."""


async def test_no_mutation_is_accepted_and_no_odd_body_is_half_done(
    make_database: DatabaseFactory, tmp_path: Path
) -> None:
    outcome = await run(make_database, tmp_path, SEED, MUTATIONS, BODIES, quiet)
    assert outcome.mistakes == []
    assert (outcome.tally.sent, len(outcome.tally.kinds)) == (MUTATIONS, len(KINDS))
    assert outcome.ledger.kinds.keys() > BODY_KINDS.keys()
    assert outcome.ledger.results["accepted"] > BODIES / 2
    assert outcome.ledger.results.keys() > {"duplicate", "CONFLICT", "FIELD_INVALID", "PERSONAL_DATA", "INCOMPLETE"}
    assert {"200", "400 NOT_JSON", "413 BODY_TOO_LARGE", "422 DELIVERY_INVALID"} <= set(
        sum(outcome.ledger.kinds.values(), start=type(outcome.tally.answers)())
    )


async def test_what_is_half_done_is_seen(gateway: Gateway) -> None:
    """Take away or add a row behind the gateway's back, or say that more was answered."""
    bodies = Bodies(SEED, gateway.platforms, now)
    ledger = await send_bodies(gateway, bodies, counted(bodies, 60, quiet, ""))
    assert ledger.kinds[AGAIN].total() > 0
    assert await half_done(gateway, ledger.accepted) == []
    name = next(name for name, versions in ledger.accepted.items() if versions)
    assert await half_done(gateway, {**ledger.accepted, name: []})
    assert await half_done(gateway, {key: value for key, value in ledger.accepted.items() if key != name})
    assert await half_done(gateway, {**ledger.accepted, ("mooc", "never"): []})
    await gateway.rows(
        "DELETE FROM outbox WHERE id = (SELECT max(id) FROM outbox WHERE topic = 'xueshi.gateway.hour-records')"
    )
    assert await half_done(gateway, ledger.accepted)
