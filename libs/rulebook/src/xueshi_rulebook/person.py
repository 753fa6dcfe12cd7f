"""Who is judged: what of a person decides which of a notice's requirements applies to them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final, Generic, NamedTuple, TypeVar

from xueshi_rulebook.dated import Span, first_gap
from xueshi_rulebook.explaining import Language, Sentences, say
from xueshi_rulebook.yamlsource import Value

T = TypeVar("T")

OCCUPATIONS: Final = ("teacher", "health", "accounting", "archives")
INSTITUTION_LEVELS: Final = ("primary", "secondary", "tertiary")
_MOST_INDUSTRIES: Final = 99
_DIMENSIONS: Final = ("occupations", "institution_levels", "industries")
WORDING_KEYS: Final = (
    "who", "and", "or", "industry",
    *OCCUPATIONS, *INSTITUTION_LEVELS,
)  # fmt: skip


class Person(NamedTuple):
    """What is known of a person; the defaults know nothing, and everybody's requirement applies.

    ``industry`` is a number of S0 附件5, 0 for unknown. ``occupation`` is one of OCCUPATIONS and
    ``institution_level`` one of INSTITUTION_LEVELS (一级, 二级, 三级), empty for unknown. ``cycle_from`` is the first
    day of the current cycle. ``employed_from`` and ``employed_to`` bound the employment, None while open.
    """

    industry: int = 0
    occupation: str = ""
    institution_level: str = ""
    cycle_from: date | None = None
    employed_from: date | None = None
    employed_to: date | None = None

    def is_partly_employed(self, first: date, last: date) -> bool:
        """Tell whether the employment is known to begin after ``first`` or to end before ``last``."""
        late = self.employed_from is not None and self.employed_from > first
        early = self.employed_to is not None and self.employed_to < last
        return late or early


ANYBODY: Final = Person()


class AppliesTo(NamedTuple):
    """Whom a value is for. An empty set asks nothing; a person of whom a thing is unknown has none of its codes."""

    occupations: frozenset[str]
    institution_levels: frozenset[str]
    industries: frozenset[int]

    @property
    def specificity(self) -> int:
        """How many things are asked of the person."""
        return sum(map(bool, self))

    def includes(self, person: Person) -> bool:
        """Tell whether the value is for this person."""
        occupations, levels, industries = self
        return (
            (not occupations or person.occupation in occupations)
            and (not levels or person.institution_level in levels)
            and (not industries or person.industry in industries)
        )

    def meets(self, other: "AppliesTo") -> bool:
        """Tell whether somebody may be meant by both."""
        return all(not mine or not theirs or mine & theirs for mine, theirs in zip(self, other, strict=True))

    def say(self, said: Sentences, language: Language) -> str:
        """Return in words whom the value is for, empty where it is for everybody."""
        codes = (sorted(self.occupations), sorted(self.institution_levels, key=INSTITUTION_LEVELS.index))
        named = [[said[code].within(language) for code in each] for each in codes if each]
        if self.industries:
            named.append([say(said, "industry", language, number=number) for number in sorted(self.industries)])
        if not named:
            return ""
        either, both = said["or"].within(language), said["and"].within(language)
        return say(said, "who", language, who=both.join(either.join(each) for each in named))


EVERYBODY: Final = AppliesTo(frozenset(), frozenset(), frozenset())


class Choice(NamedTuple, Generic[T]):
    """One of several values, for some people in some time."""

    who: AppliesTo
    span: Span
    value: T


def choose(choices: Iterable[Choice[T]], person: Person, on: date) -> Choice[T] | None:
    """Return the most specific of the values that are for this person and in force on a day."""
    best: Choice[T] | None = None
    for each in choices:
        if each.span.includes(on) and each.who.includes(person):
            best = each if best is None or each.who.specificity > best.who.specificity else best
    return best


def read_applies_to(fields: Mapping[str, Value]) -> AppliesTo:
    """Read ``applies_to``; where it is absent the value is for everybody."""
    if "applies_to" not in fields:
        return EVERYBODY
    owner = fields["applies_to"]
    parts = owner.fields((), _DIMENSIONS)
    if not parts:
        owner.fail(f"one of {', '.join(_DIMENSIONS)} is needed")
    numbers = parts["industries"].items() if "industries" in parts else ()
    return AppliesTo(
        frozenset(parts["occupations"].choices(OCCUPATIONS) if "occupations" in parts else ()),
        frozenset(parts["institution_levels"].choices(INSTITUTION_LEVELS) if "institution_levels" in parts else ()),
        frozenset(number.integer(1, _MOST_INDUSTRIES) for number in numbers),
    )


def refuse_tie(item: Value, new: Choice[T], standing: Sequence[Choice[T]]) -> None:
    """Refuse a value that for somebody on some day is as specific as another one: nothing would decide."""
    for other in standing:
        tied = new.who.specificity == other.who.specificity and new.who.meets(other.who)
        if tied and new.span.overlaps(other.span):
            item.fail(f"from {max(new.span.first, other.span.first)} on another value is for the same people")


def refuse_gap(section: Value, standing: Sequence[Choice[T]]) -> None:
    """Refuse days between two values for the same people on which neither is in force."""
    for who in {each.who for each in standing}:
        gap = first_gap(each.span for each in standing if each.who == who)
        if gap is not None:
            section.fail(f"between two values for the same people none is in force from {gap.first} to {gap.last}")
