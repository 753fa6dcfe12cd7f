"""The whole rulebook: all jurisdictions, the guidance catalogue, and the hash that names this version of both."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from xueshi_rulebook import divisions
from xueshi_rulebook.dated import Span
from xueshi_rulebook.errors import UnknownCodeError, UnknownDivisionError, UnknownJurisdictionError, UnknownRuleError
from xueshi_rulebook.jurisdiction import Jurisdiction
from xueshi_rulebook.model import Guidance, Rule, RuleWords, Text


@dataclass(frozen=True, slots=True, repr=False)
class Rulebook:
    """One version of all rules. ``canonical`` is its content as text; ``hash`` is that text's SHA-256 in hex."""

    jurisdictions: Mapping[str, Jurisdiction]
    canonical: str
    hash: str
    _rules: Mapping[str, Rule]
    _guidance: Mapping[str, Guidance]
    _coverage: Mapping[tuple[str, int], tuple[tuple[Span, Jurisdiction], ...]]

    def __repr__(self) -> str:
        """Name the version. A crash's report shows what the frames hold, and must not spell out all rules."""
        return f"Rulebook({self.hash})"

    def rule(self, rule_id: str) -> Rule:
        """Return a rule of any jurisdiction by its id; raises UnknownRuleError."""
        found = self._rules.get(rule_id)
        if found is None:
            raise UnknownRuleError(rule_id)
        return found

    def rule_words(self, rule_id: str) -> RuleWords:
        """Return how a decision shows a rule: its clause, its title and what of it is a reading.

        One that this version lacks is shown by its id, so that what older or newer rules decided can still be read.
        """
        rule = self._rules.get(rule_id)
        if rule is None:
            return RuleWords(rule_id, "", "", Text("", ""), None)
        reading = Text(rule.reading_zh, rule.reading_en) if rule.is_reading else None
        return RuleWords(rule.id, rule.source, rule.clause, Text(rule.title_zh, rule.title_en), reading)

    def clauses(self, rule_ids: Iterable[str]) -> dict[str, str]:
        """Return by rule the notice's number and the place in it, as decisions carry them; empty for an unknown one."""
        return {each: rule.citation if (rule := self._rules.get(each)) else "" for each in rule_ids}

    def rule_ids(self) -> frozenset[str]:
        """Return the id of every rule."""
        return frozenset(self._rules)

    def guidance(self, code: str) -> Guidance:
        """Return what a code of a hold, return, rejection or uncredited hour means; raises UnknownCodeError."""
        found = self._guidance.get(code)
        if found is None:
            raise UnknownCodeError(code)
        return found

    def guidance_rules(self, code: str, jurisdiction: Jurisdiction) -> tuple[str, ...]:
        """Return the ids of the rules on which a code rests in this jurisdiction; raises UnknownCodeError."""
        return tuple(each for each in self.guidance(code).rule_ids if each in jurisdiction.rules)

    def guidance_codes(self) -> frozenset[str]:
        """Return every code of the catalogue."""
        return frozenset(self._guidance)

    def jurisdiction(self, code: str) -> Jurisdiction:
        """Return a jurisdiction by its code, "fujian"; raises UnknownJurisdictionError."""
        found = self.jurisdictions.get(code)
        if found is None:
            raise UnknownJurisdictionError(code)
        return found

    def jurisdiction_for(self, region: str, on: date, industry: int = 0) -> Jurisdiction | None:
        """Return the jurisdiction of an employer's six-digit division code on a day, None where none is known.

        The most specific area that a jurisdiction covers decides, and there an industry's own method before that of all
        (WZ-12). A jurisdiction also answers for days before its notice, by holding their records ``BEFORE_RULES``.
        """
        current: str | None = region
        while current is not None:
            for key in ((current, industry), (current, 0)) if industry else ((current, 0),):
                for span, jurisdiction in self._coverage.get(key, ()):
                    if span.includes(on):
                        return jurisdiction
            try:
                current = divisions.parent(current)
            except UnknownDivisionError:
                return None
        return None


def canonical_form(content: object) -> str:
    """Return the text that is hashed: JSON with sorted keys and no white space, so that layout never changes it."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def rules_in(canonical: str) -> dict[str, RuleWords]:
    """Return the rules of a version's canonical form in words, by id, without compiling what it computes."""
    found: dict[str, RuleWords] = {}
    for sections in json.loads(canonical)["jurisdictions"].values():
        for rule_id, rule in sections["rules"].items():
            number, reading = sections["sources"][rule["source"]]["number"], rule.get("reading")
            reading = None if reading is None else Text(**reading)
            found[rule_id] = RuleWords(rule_id, number, rule["clause"], Text(**rule["title"]), reading)
    return found


def content_hash(canonical: str) -> str:
    """Return the SHA-256 of a canonical form, in lower-case hex."""
    return hashlib.sha256(canonical.encode()).hexdigest()
