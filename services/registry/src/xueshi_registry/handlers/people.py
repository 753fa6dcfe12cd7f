"""People and their employments: registered under their real names, confirmed, and their held records released."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from xueshi.gateway.v1 import hour_records_pb2
from xueshi_kit.crypto import KeyedIndex, Sealer
from xueshi_kit.db import Transaction
from xueshi_registry.domain.model import HELD, NAME_CONFIRMED, NO_PROFILE, PersonKey, Profile
from xueshi_registry.handlers.holds import judge_held_of_people
from xueshi_registry.handlers.labels import label_of
from xueshi_registry.handlers.records import leave
from xueshi_registry.handlers.registry import Registry
from xueshi_registry.handlers.settling import Batch, write
from xueshi_registry.handlers.transcripts import derive_changed, judge_people
from xueshi_registry.store import people as people_store
from xueshi_registry.store import records as records_store
from xueshi_registry.store import releases
from xueshi_registry.store.people import NewEmployment
from xueshi_rulebook.identifiers import normalise_id, normalise_name


class Job(NamedTuple):
    """A dated employment of a person to register."""

    employer: str
    from_on: date
    to_on: date | None
    main: bool
    profile: Profile = NO_PROFILE


@dataclass(frozen=True, slots=True)
class Registration:
    """A person to register: documents as given, and the employments known of them."""

    id_type: str
    id_number: str
    name: str
    employments: tuple[Job, ...] = ()


class Identities:
    """Turns documents into what is stored: a keyed index, a sealed identity, a keyed digest of the name.

    The gateway does the same with the same keys, so that records meet the person here.
    """

    def __init__(self, index: KeyedIndex, sealer: Sealer) -> None:
        """`index` is the key of look-ups, `sealer` holds the keys of identities."""
        self._index = index
        self.sealer = sealer

    def key_of(self, id_type: str, id_number: str) -> PersonKey:
        """Return the person key of a document. Raises `IdentifierError` for a number that cannot be."""
        number = normalise_id(id_type, id_number)
        return PersonKey(self._index.digest16(id_type.encode(), number.encode()))

    def name_digest(self, key: PersonKey, name: str) -> bytes:
        """Return the keyed digest under which names are compared, after normalising."""
        return self._index.digest(key.hex.encode(), normalise_name(name).encode())

    def new_person(self, given: Registration) -> people_store.NewPerson:
        """Return the row of a registered person. Raises `IdentifierError`."""
        number = normalise_id(given.id_type, given.id_number)
        key = self.key_of(given.id_type, number)
        plain = hour_records_pb2.Identity(id_type=given.id_type, id_number=number, name=given.name.strip())
        identity = self.sealer.seal(plain.SerializeToString(), key.bytes)
        return people_store.NewPerson(
            key=key,
            identity=identity,
            name_digest=self.name_digest(key, given.name),
            label=label_of(self.sealer, identity, key),
            claimed=True,
            name_state=NAME_CONFIRMED,
        )


async def register_people(
    tx: Transaction, registry: Registry, identities: Identities, given: Sequence[Registration], actor: str
) -> list[PersonKey]:
    """Register people under their real names, with employments; records that waited for them are judged anew.

    A person whom records brought before is claimed by this: records under another name are held `NAME_MISMATCH`.
    """
    people = [identities.new_person(each) for each in given]
    await releases.share_reference(tx)
    keys = [each.key for each in people]
    known = await people_store.lock_people(tx, keys)
    await people_store.add_people(tx, [each for each in people if each.key not in known], registry.clock.now())
    await people_store.lock_people(tx, keys)
    await people_store.claim(tx, people, registry.clock.now())
    employments = [
        NewEmployment(person.key, *job) for person, each in zip(people, given, strict=True) for job in each.employments
    ]
    await _employ(tx, registry, keys, employments)
    await hold_other_names(tx, registry, keys, actor)
    await judge_held_of_people(tx, registry, keys, actor=actor)
    return keys


async def hold_other_names(tx: Transaction, registry: Registry, keys: Sequence[PersonKey], actor: str) -> None:
    """Hold the people's counting records that give another name than the one now confirmed."""
    batch = Batch()
    for stake in await records_store.stakes_under_another_name(tx, keys):
        leave(batch, stake, HELD, "NAME_MISMATCH", cause="held")
        stake.actor = actor
    await write(tx, registry, batch)


async def confirm_name(
    tx: Transaction, registry: Registry, identities: Identities, key: PersonKey, name: str, actor: str
) -> int | None:
    """Confirm which of the names is the person's; return how many held records are free, None for nobody."""
    await releases.share_reference(tx)
    known = await people_store.lock_people(tx, [key])
    if key not in known:
        return None
    sealed = await people_store.identity_of(tx, key)
    plain = hour_records_pb2.Identity.FromString(identities.sealer.open(sealed, key.bytes))
    plain.name = name.strip()
    identity = identities.sealer.seal(plain.SerializeToString(), key.bytes)
    await people_store.rename(
        tx,
        key,
        identity,
        identities.name_digest(key, name),
        label_of(identities.sealer, identity, key),
        registry.clock.now(),
    )
    await hold_other_names(tx, registry, [key], actor)
    return await judge_held_of_people(tx, registry, [key], actor=actor)


async def add_employments(tx: Transaction, registry: Registry, employments: Sequence[NewEmployment], actor: str) -> int:
    """Enter dated employments of known people; return how many held records are free."""
    keys = {each.person_key for each in employments}
    await releases.share_reference(tx)
    await people_store.lock_people(tx, keys)
    await _employ(tx, registry, keys, employments)
    return await judge_held_of_people(tx, registry, keys, actor=actor)


async def _employ(
    tx: Transaction, registry: Registry, keys: Collection[PersonKey], employments: Sequence[NewEmployment]
) -> None:
    """Enter employments; transcripts that are judged otherwise by them are derived anew."""
    before = await judge_people(tx, registry, keys)
    await people_store.add_employments(tx, employments, registry.clock.now())
    await derive_changed(tx, registry, before, keys)
