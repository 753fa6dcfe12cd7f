"""How officers see a person: masked name and masked number."""

from xueshi.gateway.v1 import hour_records_pb2
from xueshi_kit.crypto import Sealer
from xueshi_registry.domain.model import PersonKey
from xueshi_rulebook.identifiers import mask_id


def label_of(sealer: Sealer, identity: bytes, person_key: PersonKey) -> str:
    """Return e.g. `陈* 350504********0016` for a sealed identity."""
    opened = hour_records_pb2.Identity.FromString(sealer.open(identity, person_key.bytes))
    return f"{mask_name(opened.name)} {mask_id(opened.id_number)}"


def mask_name(name: str) -> str:
    """Keep the first character; the others become stars."""
    return name[:1] + "*" * (len(name) - 1)
