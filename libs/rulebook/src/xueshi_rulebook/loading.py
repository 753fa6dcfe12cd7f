"""Loading the packaged YAML, or a draft of it from another folder."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Final, NamedTuple

from xueshi_rulebook import (
    applications,
    attendance,
    bases,
    conditions,
    divisions,
    funds,
    industries,
    scope,
    titles,
)
from xueshi_rulebook.assessed import WORDING_KEYS as ASSESS_KEYS
from xueshi_rulebook.compiling import REQUIRED_SECTIONS, SECTIONS, read_jurisdiction
from xueshi_rulebook.concordance import check_citations
from xueshi_rulebook.dated import Span
from xueshi_rulebook.deadlines import WORDING_KEYS as DEADLINE_KEYS
from xueshi_rulebook.deadlines import Counting, check_codes
from xueshi_rulebook.eligible import WORDING_KEYS as ELIGIBLE_KEYS
from xueshi_rulebook.errors import RulebookDataError
from xueshi_rulebook.explaining import CODES, COMMON, COMMON_KEYS, REASONS, REFUSED, REFUSED_KEYS, read_wording
from xueshi_rulebook.jurisdiction import Jurisdiction
from xueshi_rulebook.listing import WORDING_KEYS as LISTED_KEYS
from xueshi_rulebook.model import Guidance, Kind, Rule, Text
from xueshi_rulebook.person import WORDING_KEYS as PERSON_KEYS
from xueshi_rulebook.progress import WORDING_KEYS as PROGRESS_KEYS
from xueshi_rulebook.reading import read_text
from xueshi_rulebook.routing import WORDING_KEYS as ROUTE_KEYS
from xueshi_rulebook.rulebook import Rulebook, canonical_form, content_hash
from xueshi_rulebook.rules import read_all_kinds
from xueshi_rulebook.vocabulary import check_blanks, check_declared, read_vocabulary
from xueshi_rulebook.workdays import read_calendar, read_convention
from xueshi_rulebook.yamlsource import Value, packaged, parse, parse_file

_WORDING_TOPICS: Final = {
    COMMON: COMMON_KEYS,
    "listed": LISTED_KEYS,
    REFUSED: REFUSED_KEYS,
    "assess": ASSESS_KEYS,
    "deadline": DEADLINE_KEYS,
    "eligible": ELIGIBLE_KEYS,
    "person": PERSON_KEYS,
    "progress": PROGRESS_KEYS,
    "route": ROUTE_KEYS,
    "conditions": conditions.WORDING_KEYS,
    "base": bases.WORDING_KEYS,
    "application": applications.WORDING_KEYS,
    "scope": scope.WORDING_KEYS,
    "attendance": attendance.WORDING_KEYS,
    "funds": funds.WORDING_KEYS,
}
_TABLES: Final = ("divisions", "industries", "titles")
_WORKDAYS: Final = "workdays"
_GUIDANCE: Final = (("owner", "reason", "todo"), ("rules",))
_OWNERS: Final = ("platform", "person", "employer", "officer", "administrator")


class Content(NamedTuple):
    """The parsed files of a rulebook. ``jurisdictions`` holds each one's sections with what it inherits."""

    guidance: Value
    wording: Value
    workdays: Value
    jurisdictions: Mapping[str, Mapping[str, Value]]


_Coverage = dict[tuple[str, int], tuple[tuple[Span, Jurisdiction], ...]]


@cache
def load_rulebook() -> Rulebook:
    """Return the packaged rulebook, read and checked once per process; raises RulebookDataError."""
    return read_rulebook(resources.files("xueshi_rulebook"))


def read_rulebook(folder: Traversable) -> Rulebook:
    """Read a rulebook from ``folder``: ``guidance.yaml``, ``wording.yaml`` and ``jurisdictions/<name>/*.yaml``.

    The tables of ``data/`` (divisions, industries, title series, working days) are always the packaged ones, and so are
    the words of ``labels.yaml`` unless the folder has its own. Raises RulebookDataError with file, line and reason.
    """
    content = read_content(folder)
    rulebook = compile_rulebook(content)
    _proofread(folder, content, rulebook)
    return rulebook


def read_canonical(text: str, file: str = "canonical form") -> Rulebook:
    """Read a version again from its canonical form, to ask it what it was asked in its time; it keeps its hash.

    Its sections, guidance and working days are taken as they stand there. The divisions, industries and title series
    are the packaged ones, which only grow: a row of the version that has changed or is gone is refused, for its
    answers would no longer be the old ones. The sentences of explanations are always the packaged ones, which this
    code fills in. ``file`` is what refusals call it. Raises RulebookDataError.
    """
    version = parse(text, file)
    fields = version.fields(("divisions", "tables", _WORKDAYS, "guidance", "wording", "jurisdictions"))
    for name, table in _tables().items():
        if not _still_stands(fields[name].scalars(), table):
            fields[name].fail(f"the {name} of this version are no longer those of the package")
    jurisdictions = {name: sections.entries() for name, sections in fields["jurisdictions"].entries().items()}
    wording = parse_file(resources.files("xueshi_rulebook") / "wording.yaml", "wording.yaml")
    read = compile_rulebook(Content(fields["guidance"], wording, fields[_WORKDAYS], jurisdictions))
    canonical = canonical_form(version.scalars())
    return replace(read, canonical=canonical, hash=content_hash(canonical))


def _proofread(folder: Traversable, content: Content, rulebook: Rulebook) -> None:
    """Refuse what no answer depends on and people would look for in vain: clauses, codes, blanks in sentences.

    Only data that are being written are read so: a version that was in force must be read again as it stands.
    """
    package = resources.files("xueshi_rulebook")
    labels = folder / "labels.yaml"
    vocabulary = read_vocabulary(
        parse_file(labels if labels.is_file() else package / labels.name, labels.name), content.jurisdictions
    )
    for name, sections in content.jurisdictions.items():
        jurisdiction = rulebook.jurisdiction(name)
        check_citations(sections, jurisdiction.sources, jurisdiction.rules)
        check_declared(sections, vocabulary)
    check_blanks(content.wording, parse_file(package / "wording.yaml", "wording.yaml"))


def read_content(folder: Traversable) -> Content:
    """Parse the files of ``folder`` and lay each jurisdiction over what it inherits; nothing is compiled yet."""
    return Content(
        guidance=parse_file(folder / "guidance.yaml", "guidance.yaml"),
        wording=parse_file(folder / "wording.yaml", "wording.yaml"),
        workdays=packaged(f"{_WORKDAYS}.yaml"),
        jurisdictions=_read_folders(folder / "jurisdictions"),
    )


def compile_rulebook(content: Content) -> Rulebook:
    """Compile what was parsed; raises RulebookDataError."""
    jurisdictions = _compile(content, content.jurisdictions)
    rules = _merge_rules(jurisdictions, content.jurisdictions)
    _check_tables(rules)
    guidance = _read_guidance(content.guidance, rules)
    for sections in content.jurisdictions.values():
        if "deadlines" in sections:
            check_codes(sections["deadlines"], guidance)
        in_force = sections["jurisdiction"].entries()["in_force"].entries()
        if "earlier" in in_force:
            in_force["earlier"].entries()["code"].choice(guidance)
    canonical = canonical_form(
        {
            **_tables(),
            _WORKDAYS: content.workdays.scalars(),
            "guidance": content.guidance.scalars(),
            "wording": content.wording.scalars(),
            "jurisdictions": {
                name: {section: value.scalars() for section, value in sections.items()}
                for name, sections in content.jurisdictions.items()
            },
        }
    )
    return Rulebook(
        jurisdictions=MappingProxyType(jurisdictions),
        canonical=canonical,
        hash=content_hash(canonical),
        _rules=rules,
        _guidance=guidance,
        _coverage=_read_coverage(jurisdictions, content.jurisdictions),
    )


def recompile(rulebook: Rulebook, content: Content, names: Collection[str]) -> Rulebook:
    """Return ``rulebook`` with only the named jurisdictions compiled anew; raises RulebookDataError.

    For trying out changes one by one: the rest, and the hash with it, stay those of ``rulebook``.
    """
    jurisdictions = {**rulebook.jurisdictions, **_compile(content, names)}
    return replace(
        rulebook, jurisdictions=jurisdictions, _coverage=_read_coverage(jurisdictions, content.jurisdictions)
    )


def _check_sections(content: Content) -> None:
    """Refuse a section that is missing or unknown."""
    for name, sections in content.jurisdictions.items():
        for section in REQUIRED_SECTIONS:
            if section not in sections:
                next(iter(sections.values()), content.guidance).fail(f"section {section!r} of {name} is missing")
        for section, value in sections.items():
            if section not in SECTIONS:
                value.fail(f"unknown section {section!r}")


def _compile(content: Content, names: Collection[str]) -> dict[str, Jurisdiction]:
    _check_sections(content)
    wording = {
        **read_wording(content.wording, _WORDING_TOPICS),
        REASONS: _reasons(content.guidance),
        CODES: code_words(),
    }
    everywhere = _read_kinds_everywhere(content.jurisdictions)
    counting = Counting(read_calendar(content.workdays), read_convention(content.workdays))
    jurisdictions: dict[str, Jurisdiction] = {}
    for name in names:
        sections = content.jurisdictions[name]
        jurisdictions[name] = read_jurisdiction(sections, wording, counting, everywhere)
        if jurisdictions[name].code != name:
            sections["jurisdiction"].fail(f"the code {jurisdictions[name].code!r} is not the folder's name")
    return jurisdictions


@cache
def _tables() -> Mapping[str, object]:
    """Return the tables that all versions share, as they stand in the canonical form."""
    return {
        "divisions": [list(row) for row in divisions.table_rows()],
        "tables": {name: packaged(f"{name}.yaml").scalars() for name in _TABLES},
    }


def _still_stands(old: object, new: object) -> bool:
    """Tell whether each row of ``old``, an item of a list, is in ``new``; what is said of a table may change."""
    if isinstance(old, Mapping):
        return isinstance(new, Mapping) and all(_still_stands(value, new.get(key)) for key, value in old.items())
    if isinstance(old, list):
        rows = {canonical_form(row) for row in new} if isinstance(new, list) else set()
        return all(canonical_form(row) in rows for row in old)
    return True


def _read_folders(folder: Traversable) -> dict[str, dict[str, Value]]:
    """Return each jurisdiction's sections, with what it inherits."""
    if not folder.is_dir():
        raise RulebookDataError("jurisdictions", 1, "the folder is missing")
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith(("_", ".")))
    own = {name: _read_sections(folder / name, f"jurisdictions/{name}") for name in names}
    return {name: _inherit(name, own, ()) for name in names}


def _read_sections(folder: Traversable, shown: str) -> dict[str, Value]:
    """Gather the sections of all files of one jurisdiction; how they are spread over files has no meaning."""
    sections: dict[str, Value] = {}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".yaml"):
            continue
        for name, value in parse_file(file, f"{shown}/{file.name}").entries().items():
            sections[name] = sections[name].joined(value) if name in sections else value
    if "jurisdiction" not in sections:
        raise RulebookDataError(shown, 1, "section 'jurisdiction' is missing")
    return sections


def _inherit(name: str, own: Mapping[str, Mapping[str, Value]], heirs: tuple[str, ...]) -> dict[str, Value]:
    """Lay a jurisdiction's sections over those that it inherits, except its head and what the head ``replaces``."""
    sections = dict(own[name])
    head = sections["jurisdiction"].entries()
    above = head.get("inherits")
    if above is None:
        return sections
    replaced = head["replaces"].choices(sections) if "replaces" in head else ()
    source = above.choice(own)
    if source in (name, *heirs):
        above.fail("the inheritance runs in a circle")
    for section, value in _inherit(source, own, (name, *heirs)).items():
        if section != "jurisdiction" and section not in replaced:
            sections[section] = sections[section].over(value) if section in sections else value
    return sections


def _read_kinds_everywhere(all_sections: Mapping[str, Mapping[str, Value]]) -> dict[str, Kind]:
    """Return the kinds of all jurisdictions; one that is counted in two units is refused."""
    kinds: dict[str, Kind] = {}
    for sections in all_sections.values():
        for code, kind in read_all_kinds(sections).items():
            if kinds.setdefault(code, kind).unit != kind.unit:
                sections["kinds"].fail(f"kind {code!r} is counted in {kinds[code].unit} elsewhere")
    return kinds


def _merge_rules(
    jurisdictions: Mapping[str, Jurisdiction], all_sections: Mapping[str, Mapping[str, Value]]
) -> dict[str, Rule]:
    rules: dict[str, Rule] = {}
    for name, jurisdiction in jurisdictions.items():
        for rule_id, rule in jurisdiction.rules.items():
            if rules.get(rule_id, rule) != rule:
                all_sections[name]["rules"].entries()[rule_id].fail(
                    f"rule {rule_id!r} says something else in another jurisdiction"
                )
            rules[rule_id] = rule
    return rules


def _check_tables(rules: Mapping[str, Rule]) -> None:
    """Read the packaged tables, so that a fault in them stops the load and not the first question."""
    divisions.as_of()
    industries.industries()
    titles.title_series()
    for item in divisions.source()["exceptions"].items():
        rule = item.entries()["rule"]
        if rule.text() not in rules:
            rule.fail(f"no rule {rule.text()!r}")


def _reasons(file: Value) -> dict[str, Text]:
    """Return each code's reason; the catalogue itself is read once all rules are."""
    codes = file.fields(("guidance",))["guidance"].entries()
    return {code: read_text(item.fields(*_GUIDANCE)["reason"]) for code, item in codes.items()}


@cache
def code_words() -> dict[str, Text]:
    """Return what the codes of the data are called; always as packaged, for words compute nothing."""
    labels = parse_file(resources.files("xueshi_rulebook") / "labels.yaml", "labels.yaml").entries()
    return {code: read_text(value) for code, value in labels["codes"].entries().items()}


def _read_guidance(file: Value, rules: Mapping[str, Rule]) -> dict[str, Guidance]:
    catalogue: dict[str, Guidance] = {}
    for code, item in file.fields(("guidance",))["guidance"].entries().items():
        fields = item.fields(*_GUIDANCE)
        rule_ids = fields["rules"].choices(rules) if "rules" in fields else ()
        reason, todo = read_text(fields["reason"]), read_text(fields["todo"])
        owner = fields["owner"].choice(_OWNERS)
        catalogue[code] = Guidance(code, rule_ids, reason.zh, reason.en, todo.zh, todo.en, owner)
    return catalogue


def _read_coverage(
    jurisdictions: Mapping[str, Jurisdiction], all_sections: Mapping[str, Mapping[str, Value]]
) -> _Coverage:
    coverage: _Coverage = {}
    for name, jurisdiction in jurisdictions.items():
        for region, industry, span in jurisdiction.covers:
            standing = coverage.get((region, industry), ())
            if any(span.overlaps(other) for other, _ in standing):
                all_sections[name]["jurisdiction"].fail(f"region {region} is covered twice on the same day")
            coverage[region, industry] = (*standing, (span, jurisdiction))
    return coverage
