"""Codes and rule ids in words. One that the present rulebook no longer has is shown as it stands."""

from xueshi_rulebook import Guidance, Rulebook, UnknownCodeError, UnknownRuleError


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
