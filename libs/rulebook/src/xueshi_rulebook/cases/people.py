"""The person of a case."""

from datetime import date
from typing import Final

from xueshi_rulebook.person import ANYBODY, INSTITUTION_LEVELS, OCCUPATIONS, Person
from xueshi_rulebook.yamlsource import Value

_MOST_INDUSTRIES: Final = 99


def read_person(value: Value | None) -> Person:
    """Read the keys of ``Person`` that a case gives; what it leaves out is not known."""
    if value is None:
        return ANYBODY
    fields = value.fields((), Person._fields)

    def day(key: str) -> date | None:
        return fields[key].day() if key in fields else None

    def code(key: str, allowed: tuple[str, ...]) -> str:
        return fields[key].choice(allowed) if key in fields else ""

    return Person(
        industry=fields["industry"].integer(1, _MOST_INDUSTRIES) if "industry" in fields else 0,
        occupation=fields["occupation"].choice(OCCUPATIONS) if "occupation" in fields else "",
        institution_level=fields["institution_level"].choice(INSTITUTION_LEVELS)
        if "institution_level" in fields
        else "",
        cycle_from=day("cycle_from"),
        employed_from=day("employed_from"),
        employed_to=day("employed_to"),
    )
