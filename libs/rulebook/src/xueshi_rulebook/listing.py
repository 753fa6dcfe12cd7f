"""The words of answers that only list: rules in force, information, who may spot-check, who sees a base."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Final

from xueshi_rulebook import divisions
from xueshi_rulebook.authorities import Authority
from xueshi_rulebook.explaining import Language, Wording, say, say_grounds
from xueshi_rulebook.facts import Fact
from xueshi_rulebook.model import Basis, Rule, Text
from xueshi_rulebook.spot_checks import SpotCheck, SpotCheckRules

WORDING_KEYS: Final = (
    "in_force", "not_in_force", "open", "no_rule", "fact", "no_fact", "hrss", "industry", "checkers", "nobody_checks",
    "automatic", "not_automatic", "revoke", "not_revoke", "seen_by", "seen_by_nobody", "separator",
)  # fmt: skip


class Teller:
    """Says lists in one language."""

    def __init__(self, wording: Wording, language: Language) -> None:
        """Take the templates."""
        self._wording, self._language = wording, language

    def _say(self, key: str, **words: object) -> str:
        return say(self._wording["listed"], key, self._language, **words)

    def _grounded(self, lines: Sequence[str], rules: Iterable[Rule], bases: Iterable[Basis]) -> str:
        return "\n".join([*lines, *say_grounds(self._wording, rules, bases, self._language)])

    def rules_in_force(self, rules: Sequence[Rule], on: date) -> str:
        """Return of each rule whether it holds on a day, and from when to when."""
        lines = [self._rule(rule, on) for rule in rules]
        return self._grounded(lines or [self._say("no_rule")], rules, ())

    def _rule(self, rule: Rule, on: date) -> str:
        return self._say(
            "in_force" if rule.in_force(on) else "not_in_force",
            rule=rule.id,
            title=Text(rule.title_zh, rule.title_en).within(self._language),
            on=on,
            first=rule.valid_from,
            last=rule.valid_to or self._say("open"),
        )

    def facts(self, facts: Sequence[Fact], rules: Iterable[Rule], on: date) -> str:
        """Return the text of each piece of information that holds on a day."""
        lines = [self._say("fact", text=fact.text.within(self._language)) for fact in facts]
        return self._grounded(lines or [self._say("no_fact", on=on)], rules, [fact.basis for fact in facts])

    def spot_check(self, check: SpotCheck, rules: SpotCheckRules, authorities: Collection[Authority]) -> str:
        """Return who may check a final result, automatic ones too, and what a failed check may do."""
        names = self._names(check.authority_ids, authorities)
        lines = [
            self._say("checkers", names=names) if names else self._say("nobody_checks"),
            self._say("automatic" if check.includes_automatic else "not_automatic"),
            self._say("revoke" if check.may_revoke else "not_revoke"),
        ]
        return self._grounded(lines, [rules.rule], rules.bases)

    def oversight(
        self, ids: Collection[str], authorities: Collection[Authority], rule: Rule, bases: Iterable[Basis]
    ) -> str:
        """Return who sees a base."""
        names = self._names(ids, authorities)
        return self._grounded(
            [self._say("seen_by", names=names) if names else self._say("seen_by_nobody")], [rule], bases
        )

    def _names(self, ids: Collection[str], authorities: Collection[Authority]) -> str:
        """Return the authorities by kind and area, in the order of their ids."""
        known = {each.id: each for each in authorities}
        found = [known[authority_id] for authority_id in ids]
        named = [self._say(each.kind, area=divisions.shown(each.region, self._language), id=each.id) for each in found]
        return self._say("separator").join(named)
