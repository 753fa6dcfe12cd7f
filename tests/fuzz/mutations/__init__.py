"""Mutations of genuine requests by kind: each touches signed bytes, key, timestamp or signature."""

import hashlib
import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.fuzz.gateway import Platform
from tests.fuzz.mutations import bodies, headers, keys, signatures, wire
from tests.fuzz.mutations.kind import Kind
from tests.fuzz.requests import POOL_MUTANTS, Clock, Pool, Request

KINDS: tuple[Kind, ...] = (*bodies.KINDS, *headers.KINDS, *signatures.KINDS, *keys.KINDS, *wire.KINDS)
MOST_TRIES = 40
"""A kind that fits few requests is tried on so many before the next one's turn."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mutated request. `number` and the run's seed lead to it again."""

    number: int
    kind: Kind
    request: Request


def mutants(seed: int, platforms: Sequence[Platform], clock: Clock, kinds: Sequence[Kind] = KINDS) -> Iterator[Mutant]:
    """Yield mutants without end, kind by kind in turn, no two of the same bytes.

    What a receiver would read as one of the genuine requests is no mutation and is passed over.
    """
    seen: set[bytes] = set()
    pool, number = Pool.draw(random.Random(seed), platforms, clock), 0
    for kind in itertools.cycle(kinds):
        for _ in range(MOST_TRIES):
            number += 1
            rng = random.Random(f"{seed}:{number}")
            if pool.is_worn or number % POOL_MUTANTS == 0:
                pool = Pool.draw(rng, platforms, clock)
            request = kind.make(rng, rng.choice(pool.requests), pool)
            if request is None or request.meaning() in pool.meanings:
                continue
            digest = hashlib.blake2b(request.render(), digest_size=16).digest()
            if digest not in seen:
                seen.add(digest)
                yield Mutant(number, kind, request)
                break
