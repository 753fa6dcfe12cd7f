"""What several questions are given alike: facts that were shown, authorities, findings in an answer."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from xueshi_rulebook.authorities import Authority
from xueshi_rulebook.conditions import Finding, Shown
from xueshi_rulebook.divisions import read_level
from xueshi_rulebook.yamlsource import Value

_KINDS: Final = ("hrss", "industry")
_LARGEST: Final = 1_000_000_000
_MOST_INDUSTRIES: Final = 99


def read_facts(fields: Mapping[str, Value]) -> dict[str, Shown]:
    """Read ``shown``, a list of codes that are there, and ``fields``, entries by code; a code in both is refused."""
    facts: dict[str, Shown] = {}
    if "shown" in fields:
        facts = {item.text(): True for item in fields["shown"].items()}
    for code, value in fields["fields"].entries().items() if "fields" in fields else ():
        if code in facts:
            value.fail(f"{code!r} is shown already")
        facts[code] = _read_fact(value)
    return facts


def _read_fact(value: Value) -> Shown:
    """Read an entry as it is written: true, a number, a day, text, or a list of texts."""
    scalar = value.scalars()
    if isinstance(scalar, list):
        return tuple(item.text() for item in value.items())
    if isinstance(scalar, bool):
        return scalar
    if isinstance(scalar, int):
        return value.integer(-_LARGEST, _LARGEST)
    if value.is_day():
        return value.day()
    return value.text()


def read_authorities(value: Value) -> list[Authority]:
    """Read authorities: id, kind, region, level and the industries of an industry body."""
    found: list[Authority] = []
    for item in value.items():
        fields = item.fields(("id", "kind", "region", "level"), ("industries", "unable"))
        numbers = fields["industries"].items() if "industries" in fields else ()
        found.append(
            Authority(
                fields["id"].text(),
                "hrss" if fields["kind"].choice(_KINDS) == "hrss" else "industry",
                fields["region"].text(),
                read_level(fields["level"]),
                frozenset(number.integer(1, _MOST_INDUSTRIES) for number in numbers),
                unable="unable" in fields and fields["unable"].flag(),
            )
        )
    return found


def show_findings(findings: Iterable[Finding]) -> dict[str, object]:
    """Return each condition's standing, with the numbers that were compared."""
    return {finding.code: _show(finding) for finding in findings}


def _show(finding: Finding) -> dict[str, object]:
    shown: dict[str, object] = {"standing": finding.standing}
    if finding.required is not None:
        shown["required"] = finding.required
    if finding.shown is not None:
        shown["shown"] = finding.shown
    return shown


def show_day(day: date | None) -> str | None:
    """Return a day as ISO text."""
    return None if day is None else day.isoformat()
