"""Codes, rule ids and totals in words. A code or rule that the present rulebook no longer has is shown as it stands."""

from xueshi_registry.api.models import KindOut
from xueshi_rulebook import Guidance, Progress, Rulebook, UnknownCodeError, UnknownRuleError, format_hours


def guidance_of(rulebook: Rulebook, code: str) -> Guidance:
    """Return what a code means and what its owner does next."""
    try:
        return rulebook.guidance(code)
    except UnknownCodeError:
        return Guidance(
            code, (), f"原因代码 {code}。", f"Reason code {code}.", "请联系管理员。", "Ask an operator.", "operator"
        )


def rule_of(rulebook: Rulebook, rule_id: str) -> dict[str, str]:
    """Return a rule's id, clause and title."""
    try:
        rule = rulebook.rule(rule_id)
    except UnknownRuleError:
        return {"id": rule_id, "clause": "", "title_zh": "", "title_en": ""}
    return {"id": rule.id, "clause": rule.citation, "title_zh": rule.title_zh, "title_en": rule.title_en}


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
