"""A dry run in words: codes, rules, arithmetic, in Chinese and English."""

from collections.abc import Iterable
from datetime import date

from xueshi_records import RejectedError
from xueshi_registry.api.check_models import (
    BesideOut,
    CheckOut,
    CompetingOut,
    GuidanceOut,
    ProgressOut,
    RouteOut,
    ShareOut,
    VerdictOut,
    Words,
)
from xueshi_registry.api.models import RuleOut
from xueshi_registry.api.words import guidance_of, rule_of, totals_of
from xueshi_registry.domain.transcripts import Judged
from xueshi_registry.handlers.checks import Asked, Checked, Share
from xueshi_registry.handlers.settling import cap_code
from xueshi_rulebook import Jurisdiction, RouteQuestion, Rulebook, format_hours
from xueshi_rulebook.explaining import Language


def answer(rulebook: Rulebook, asked: Asked, checked: Checked) -> CheckOut:
    """Return what entering a record would come to."""
    judgement, stake = checked.judgement, checked.stake
    jurisdiction = rulebook.jurisdiction(judgement.jurisdiction) if judgement.jurisdiction else None
    code = stake.code or cap_code(stake)
    named = rulebook.guidance_rules(code, jurisdiction) if code and jurisdiction is not None else ()
    return CheckOut(
        verdict=VerdictOut(
            state=stake.state,
            code=code,
            pointer="",
            guidance=_guidance(rulebook, code),
            jurisdiction=judgement.jurisdiction,
            registered_by=judgement.registered_by if stake.counts else "",
            missing=list(judgement.missing),
            flags=list(judgement.flags),
            corrects=checked.corrects,
        ),
        rules=_rules(rulebook, (*stake.rule_ids, *named)),
        explanation=Words(
            zh=_explain(rulebook, jurisdiction, checked, code, "zh"),
            en=_explain(rulebook, jurisdiction, checked, code, "en"),
        ),
        claimed=format_hours(sum(stake.claimed) or asked.content.centihours),
        counted=format_hours(sum(stake.credited)),
        days=[_share(each) for each in checked.shares],
        route=None if jurisdiction is None else _route(rulebook, jurisdiction, asked, checked),
        progress=[_progress(rulebook, period, each) for period, each in checked.judged.items()],
        as_of=asked.as_of,
        rulebook=rulebook.hash,
    )


def rejection(rulebook: Rulebook, error: RejectedError, as_of: date | None) -> CheckOut:
    """Return what a record comes to that the gateway would not take."""
    guidance = guidance_of(rulebook, error.code)
    return CheckOut(
        verdict=VerdictOut(
            state="rejected",
            code=error.code,
            pointer=error.pointer,
            guidance=_guidance(rulebook, error.code),
            jurisdiction="",
            registered_by="",
            missing=[],
            flags=[],
            corrects=None,
        ),
        rules=_rules(rulebook, guidance.rule_ids),
        explanation=Words(zh=guidance.reason_zh, en=guidance.reason_en),
        claimed="0",
        counted="0",
        days=[],
        route=None,
        progress=[],
        as_of=as_of,
        rulebook=rulebook.hash,
    )


def _guidance(rulebook: Rulebook, code: str) -> GuidanceOut | None:
    if not code:
        return None
    found = guidance_of(rulebook, code)
    return GuidanceOut(
        reason=Words(zh=found.reason_zh, en=found.reason_en),
        todo=Words(zh=found.todo_zh, en=found.todo_en),
        owner=found.owner,
    )


def _rules(rulebook: Rulebook, rule_ids: Iterable[str]) -> list[RuleOut]:
    return [rule_of(rulebook, each) for each in dict.fromkeys(rule_ids)]


def _explain(
    rulebook: Rulebook, jurisdiction: Jurisdiction | None, checked: Checked, code: str, language: Language
) -> str:
    """Return the assessment with its arithmetic; before it, or beside it, why no more hours count."""
    parts = []
    claim = checked.judgement.claim
    if code:
        guidance = guidance_of(rulebook, code)
        parts.append(guidance.reason_zh if language == "zh" else guidance.reason_en)
    if claim is not None and jurisdiction is not None:
        parts.append(jurisdiction.explain_assessment(claim, language))
    return "\n".join(parts)


def _share(share: Share) -> ShareOut:
    return ShareOut(
        on=share.on,
        cap=None if share.cap is None else format_hours(share.cap),
        claimed=format_hours(share.claimed),
        counted=format_hours(share.credited),
        competing=[
            CompetingOut(
                platform=ref.platform, record_id=ref.record_id, version=ref.version, credited=format_hours(credited)
            )
            for ref, credited in share.competing
        ],
    )


def _route(rulebook: Rulebook, jurisdiction: Jurisdiction, asked: Asked, checked: Checked) -> RouteOut | None:
    """Return whose act the record needs; None for a kind of subject that the jurisdiction does not have."""
    judgement, content = checked.judgement, asked.content
    if content.subject_kind not in jurisdiction.kinds or judgement.employer is None:
        return None
    industry = judgement.employer.industry or None
    route = jurisdiction.assignment(
        RouteQuestion(
            subject_kind=content.subject_kind,
            region=judgement.region,
            industry=industry,
            registration="automatic" if judgement.registered_by == "automatic" else "submitted",
            on=content.first_on,
        )
    )
    assignment = route.grounds.assignment
    return RouteOut(
        act=assignment.act,
        authority=route.actor,
        area=route.grounds.area,
        industry=industry,
        fallback=sorted(assignment.replacement.when) if assignment.replacement is not None else [],
        automatic=route.automatic,
        beside=[BesideOut(part=each.part, authority=each.actor, area=each.area) for each in route.beside],
        rules=_rules(rulebook, route.rule_ids),
        explanation=Words(zh=route.explain("zh"), en=route.explain("en")),
    )


def _progress(rulebook: Rulebook, period: str, judged: Judged) -> ProgressOut:
    made = judged.progress
    return ProgressOut(
        period=period,
        jurisdiction=judged.jurisdiction,
        verdict=made.verdict,
        totals=totals_of(made),
        rules=_rules(rulebook, made.rule_ids),
        explanation=Words(zh=made.explain("zh"), en=made.explain("en")),
    )
