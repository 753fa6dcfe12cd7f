"""What several questions are given alike: facts that were shown, authorities, findings in an answer."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final, Literal, cast

from xueshi_rulebook.authorities import AUTHORITY_KINDS, Authority
from xueshi_rulebook.conditions import Finding, Shown
from xueshi_rulebook.divisions import level, read_level
from xueshi_rulebook.errors import UnknownDivisionError
from xueshi_rulebook.yamlsource import Value

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


def read_industry(fields: Mapping[str, Value]) -> int | None:
    """Read ``industry``, a number of S0 附件5, None where it is absent."""
    return fields["industry"].integer(1, _MOST_INDUSTRIES) if "industry" in fields else None


def read_authorities(section: Value) -> tuple[Authority, ...]:
    """Read ``{id, kind, region}``; a body's ``industries`` and ``unable``; ``level`` where it is not the area's."""
    return tuple(_read_authority(item) for item in section.items())


def _read_authority(item: Value) -> Authority:
    fields = item.fields(("id", "kind", "region"), ("industries", "unable", "level"))
    kind = cast('Literal["hrss", "industry"]', fields["kind"].choice(AUTHORITY_KINDS))
    if (kind == "industry") != ("industries" in fields):
        item.fail("an industry body names its industries, an HRSS bureau none")
    region = fields["region"]
    try:
        own = level(region.text())
    except UnknownDivisionError as error:
        region.fail(str(error))
    numbers = fields["industries"].items() if "industries" in fields else ()
    return Authority(
        id=fields["id"].text(),
        kind=kind,
        region=region.text(),
        level=read_level(fields["level"]) if "level" in fields else own,
        industries=frozenset(each.integer(1, _MOST_INDUSTRIES) for each in numbers),
        unable="unable" in fields and fields["unable"].flag(),
    )


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
