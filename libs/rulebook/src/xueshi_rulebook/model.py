"""The frozen records that people and services read: rules, sources, guidance, what a value rests on."""

from datetime import date
from typing import Literal, NamedTuple

RuleKind = Literal["computed", "checked", "supported", "informative"]
BasisKind = Literal["clause", "reading", "unconfirmed"]
Unit = Literal["hours", "credits", "items", "days"]
"""What amounts of a subject kind are counted in. Inside, every amount is an integer, in hundredths of its unit."""


class Text(NamedTuple):
    """The same words in Chinese and English."""

    zh: str
    en: str

    def within(self, language: str) -> str:
        """Return the words in ``language``, "zh" or "en"."""
        return self.zh if language == "zh" else self.en


class Basis(NamedTuple):
    """What a value rests on: a clause of the notice, our reading of it, or a source still to be confirmed."""

    kind: BasisKind
    note: Text


class Kind(NamedTuple):
    """A subject kind (科目): its name and the unit of its amounts, which are never converted without a rule (FJ-02)."""

    name: Text
    unit: Unit


class Clause(NamedTuple):
    """One clause of a notice, and the rules that follow from it; where none does, ``nothing`` says why.

    ``quote`` has the notice's own words where no rule's quote has them, else it is empty.
    """

    clause: str
    heading: Text
    rule_ids: tuple[str, ...]
    nothing: Text | None
    quote: str


class Source(NamedTuple):
    """A published notice. ``id`` is its short name in this repository, ``number`` its official number.

    ``issued_on`` is None where the text bears no date. ``clauses`` is its concordance: every clause from the first
    to the last annex, in the notice's order.
    """

    id: str
    number: str
    title_zh: str
    title_en: str
    issued_on: date | None
    clauses: tuple[Clause, ...]


class Rule(NamedTuple):
    """One rule. ``source`` is the notice's official number, ``clause`` the place in it.

    ``valid_to`` is the last day in force, None while open. ``reading_zh`` and ``reading_en`` hold what
    we settle where the text is open, empty where the text alone decides. ``quote`` has the notice's own words, with
    "……" where some are left out; ``effect_zh`` and ``effect_en`` say what the product does because of the rule. Both
    may be empty.
    """

    id: str
    source: str
    clause: str
    title_zh: str
    title_en: str
    kind: RuleKind
    valid_from: date
    valid_to: date | None
    is_reading: bool
    reading_zh: str
    reading_en: str
    source_id: str
    quote: str
    effect_zh: str
    effect_en: str

    def in_force(self, on: date) -> bool:
        """Tell whether the rule holds on a day; its last day is one."""
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)

    @property
    def citation(self) -> str:
        """The notice and the place in it, for people."""
        return f"{self.source} {self.clause}"


class RuleWords(NamedTuple):
    """A rule as a decision that rests on it shows it to people.

    ``reading`` is what we settle where the notice leaves the rule open, None where its own words decide. Of a rule
    that this version of the rulebook lacks only the id is known; the other words are empty.
    """

    id: str
    source: str
    clause: str
    title: Text
    reading: Text | None

    @property
    def citation(self) -> str:
        """The notice's number, a blank and the place in it; empty where they are not known."""
        return f"{self.source} {self.clause}".strip()


class Guidance(NamedTuple):
    """What a code means for people, and what its owner does next.

    ``rule_ids`` are those that it rests on, over all jurisdictions; which of them hold for a record its own decides.
    """

    code: str
    rule_ids: tuple[str, ...]
    reason_zh: str
    reason_en: str
    todo_zh: str
    todo_en: str
    owner: str


class Industry(NamedTuple):
    """One of the industries that the notice numbers (S0 附件5)."""

    number: int
    name_zh: str
    name_en: str
    basis: Basis
