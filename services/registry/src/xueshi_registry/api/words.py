"""Codes, rule ids and totals in words. A code or rule that the present rulebook no longer has is shown as it stands."""

from collections.abc import Iterable, Mapping

from xueshi_registry.api.models import KindOut, RuleOut
from xueshi_rulebook import Guidance, Progress, Rulebook, RuleWords, UnknownCodeError, format_hours


def guidance_of(rulebook: Rulebook, code: str) -> Guidance:
    """Return what a code means and what its owner does next."""
    try:
        return rulebook.guidance(code)
    except UnknownCodeError:
        return Guidance(
            code, (), f"原因代码 {code}。", f"Reason code {code}.", "请联系管理员。", "Ask an operator.", "operator"
        )


def rule_of(rulebook: Rulebook, rule_id: str) -> RuleOut:
    """Return a rule's id, clause and title, and what of it is a reading."""
    return _rule_out(rulebook.rule_words(rule_id))


def _rule_out(rule: RuleWords) -> RuleOut:
    return RuleOut(
        id=rule.id,
        clause=rule.citation,
        title_zh=rule.title.zh,
        title_en=rule.title.en,
        reading_zh=None if rule.reading is None else rule.reading.zh,
        reading_en=None if rule.reading is None else rule.reading.en,
    )


def decided_rules(decided: Mapping[str, RuleWords], present: Rulebook, rule_ids: Iterable[str]) -> list[RuleOut]:
    """Return the rules of a record in the words of the version that judged it, whose rules are `decided` by id.

    An authority may have decided by a later version, whose rules the earlier one need not have.
    """
    return [_rule_out(decided.get(rule_id) or present.rule_words(rule_id)) for rule_id in rule_ids]


def totals_of(progress: Progress) -> list[KindOut]:
    """Return the lines of a person's period."""
    return [
        KindOut(
            kind=line.kind,
            unit=line.unit,
            required=format_hours(line.required),
            registered=format_hours(line.registered),
            stamped=format_hours(line.counted),
            lacking=format_hours(line.lacking),
        )
        for line in progress.lines
    ]
