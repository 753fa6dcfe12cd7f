"""Which faults come in which order: all of them in turn in the first round, by the seed's chance in the others."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from tests.faults.acts import Faults
from tests.faults.site import KAFKA, POSTGRES

Act = Callable[[], Awaitable[None]]

RANDOM_ACTS = 24


def in_turn(faults: Faults, *, kafka: bool) -> list[Act]:
    """Return every fault once: each process killed and the leased ones frozen, the servers stopped, killed, filled."""
    places = faults.site.places
    acts: list[Act] = [partial(faults.kill, place) for place in places]
    acts += [partial(faults.freeze, place) for place in places if place.relays or place.consumes]
    acts += [faults.cut_connections, faults.stop_postgres, faults.kill_postgres]
    acts += [faults.stop_kafka, faults.kill_kafka] if kafka else []
    return acts + _fillings(faults)


def shortly(faults: Faults, chance: random.Random, *, kafka: bool) -> list[Act]:
    """Return a few faults that show each kind, for a run of seconds."""
    places = faults.site.places
    relaying = [place for place in places if place.relays and not place.consumes]
    consuming = [place for place in places if place.consumes and place.role == "all"]
    return [
        partial(faults.freeze, chance.choice(consuming)),
        partial(faults.kill, chance.choice([place for place in places if place.role == "api"])),
        faults.kill_kafka if kafka else faults.stop_postgres,
        partial(faults.kill, chance.choice([place for place in places if place.role == "worker"])),
        partial(faults.freeze, chance.choice(relaying)),
        faults.cut_connections,
        partial(faults.kill, chance.choice(consuming)),
        faults.kill_postgres,
    ]


def at_random(faults: Faults, chance: random.Random, *, kafka: bool) -> list[Act]:
    """Return a round's worth of faults by chance, processes more often than servers."""
    places = faults.site.places
    leased = [place for place in places if place.relays or place.consumes]
    kinds: dict[Callable[[], Act], float] = {
        lambda: partial(faults.kill, chance.choice(places)): 10,
        lambda: partial(faults.kill_some, places, chance.randrange(2, 5)): 3,
        lambda: partial(faults.freeze, chance.choice(leased)): 5,
        lambda: faults.cut_connections: 3,
        lambda: faults.stop_postgres: 1.5,
        lambda: faults.kill_postgres: 1.5,
    }
    if kafka:
        kinds |= {lambda: faults.stop_kafka: 1.5, lambda: faults.kill_kafka: 1.5}
    if faults.disks:
        kinds |= {lambda: chance.choice(_fillings(faults)): 0.7}
    return [make() for make in chance.choices(list(kinds), list(kinds.values()), k=RANDOM_ACTS)]


def _fillings(faults: Faults) -> list[Act]:
    """Return how each of the small disks is filled."""
    ways = {POSTGRES: faults.fill_postgres_disk, KAFKA: faults.fill_kafka_disk}
    return [partial(ways[server], disk) for server, disk in faults.disks.items()]


async def carry_out(acts: Sequence[Act], chance: random.Random, pause_seconds: float) -> None:
    """Bring the faults one after the other, with uneven pauses between them."""
    for act in acts:
        await act()
        await asyncio.sleep(pause_seconds * (0.3 + 1.4 * chance.random()))
