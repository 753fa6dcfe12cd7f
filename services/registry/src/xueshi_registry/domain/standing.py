"""What stands of one person, to be computed anew: records, ledger, transcripts, and what judges them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from xueshi_registry.domain.model import COUNTING, Content, Employer, Employment, Person, PersonKey, Ref
from xueshi_registry.domain.transcripts import Totals


class Standing(NamedTuple):
    """One record version as its row has it; `rulebook` is the version by which it was judged last.

    Its hours count for `credit_year`; where it is empty, for that of each day.
    """

    id: int
    ref: Ref
    subject_kind: str
    jurisdiction: str
    place: int | None
    state: str
    days: Sequence[date]
    claimed: Sequence[int]
    credited: Sequence[int]
    cap_exempt: bool
    rulebook: str
    credit_year: str = ""

    @property
    def counts(self) -> bool:
        """Whether the record takes hours of its days."""
        return self.state in COUNTING


class Entry(NamedTuple):
    """One entry of the ledger; the deltas and their sum are hundredths of an hour."""

    ref: Ref
    period: str
    subject_kind: str
    account: str
    days: Sequence[date]
    deltas: Sequence[int]
    centihours: int


class Kept(NamedTuple):
    """A transcript as its row has it; `rulebook` is the version by which it was derived."""

    period: str
    jurisdiction: str
    kinds: Sequence[str]
    registered: Sequence[int]
    stamped: Sequence[int]
    verdict: str
    rulebook: str

    @property
    def totals(self) -> Totals:
        """The hours by kind of subject."""
        return Totals(
            dict(zip(self.kinds, self.registered, strict=True)), dict(zip(self.kinds, self.stamped, strict=True))
        )


class Account(NamedTuple):
    """All of one person that recomputing needs."""

    key: PersonKey
    employments: Sequence[Employment]
    records: Sequence[Standing]
    entries: Sequence[Entry]
    transcripts: Sequence[Kept]


class Live(NamedTuple):
    """A record that counts, or may come to count by itself, with all that it can be assessed by again."""

    standing: Standing
    code: str
    rule_ids: Sequence[str]
    region: str
    content: Content


class Prospect(NamedTuple):
    """All of one person that trying a draft needs. `employers` are those that the records name."""

    person: Person
    employments: Sequence[Employment]
    employers: Mapping[str, Employer]
    live: Sequence[Live]
    transcripts: Sequence[Kept]
