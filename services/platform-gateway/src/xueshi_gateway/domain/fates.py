"""What became of a record, as its platform is told."""

from dataclasses import dataclass
from datetime import datetime

ACCEPTED = "accepted"
VOIDED = "voided"
CREDITED = "credited"
"""A change of the credited hours alone; it is no state."""


@dataclass(frozen=True, slots=True)
class RecordVersion:
    """A version of a record: the live one, unless said otherwise."""

    record_id: str
    version: int
    person_key: bytes
    is_void: bool
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """What the registry says of one version. Hours are hundredths."""

    platform: str
    record_id: str
    version: int
    person_key: bytes
    state: str
    code: str
    rule_ids: tuple[str, ...]
    rulebook: str
    registered_rulebook: str
    changed_at: datetime
    claimed_centihours: int
    credited_centihours: int
    reason: str
    authority: str

    def concerns(self, live: RecordVersion) -> bool:
        """Tell whether this says something of the live version.

        Of a record that was voided, the registry may still name the version that the void has ended.
        """
        if self.person_key and self.person_key != live.person_key:
            return False
        ends_former = live.is_void and self.state == VOIDED and self.version == live.version - 1
        return self.version == live.version or ends_former


@dataclass(frozen=True, slots=True)
class Fate:
    """The state of a record's live version. `position` is its place in the platform's feed; 0 before it has one.

    `rulebook` is the content hash of the one that decided on the last change, `registered_rulebook` of the one that
    judged the version, empty where it is the same. `clauses` says for each rule where it stands, in their words; empty
    where none was told.
    """

    record_id: str
    version: int
    state: str
    changed_at: datetime
    position: int = 0
    code: str = ""
    rule_ids: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    rulebook: str = ""
    registered_rulebook: str = ""
    claimed_centihours: int = 0
    credited_centihours: int = 0
    authority: str = ""
    reason: str = ""
