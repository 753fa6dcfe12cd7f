"""Queues and items as the API shows them."""

from datetime import date, datetime

from pydantic import Field

from xueshi_rulebook import Rulebook, format_hours
from xueshi_verification.domain.model import Authority, Item, OfficerId
from xueshi_verification.domain.queue import QueueCount
from xueshi_verification.wire.fields import Answer, Bilingual, in_china


class RuleOut(Answer):
    """A rule that something rests on."""

    id: str = Field(examples=["FJ-08"])
    source: str = Field(examples=["闽人社办〔2023〕70号"])
    clause: str = Field(examples=["附件2 二（一）（二）"])
    title: Bilingual
    reading: Bilingual | None = Field(
        description="What the platform settles where the notice leaves the rule open; null where its words decide."
    )


class ClaimOut(Answer):
    """Who works on an item, and until when."""

    officer: str = Field(examples=["hrss-350504-desk"])
    is_mine: bool
    until: datetime


class ItemSummary(Answer):
    """An item as a queue lists it. Of the person there is only a masked label."""

    platform: str = Field(examples=["haixi-online"])
    record_id: str = Field(examples=["KC25-000183"])
    version: int
    state: str = Field(
        description="`waiting`, `unrouted`, `stamped`, `returned`, `revoked`, `held`, `voided`; open.",
        examples=["waiting"],
    )
    subject_kind: str = Field(examples=["professional"])
    learning_form: str = Field(examples=["online"])
    course_title: str = Field(examples=["混凝土结构耐久性"])
    industry: int | None
    employer: str = Field(examples=["91350100M000100Y43"])
    employer_name: str = Field(examples=["泉州市洛江区第一建筑有限公司"])
    region: str = Field(examples=["350504"])
    person: str = Field(examples=["陈* 359900********0011"])
    hours: str = Field(description="Hours claimed.", examples=["4.5"])
    credited_hours: str = Field(description="Hours credited now, after the day's cap.", examples=["4.5"])
    first_on: date
    last_on: date
    waiting_since: datetime
    claim: ClaimOut | None


class ItemOut(ItemSummary):
    """An item with all that an officer judges by."""

    authority: str | None
    authority_name: str = Field(examples=["泉州市洛江区人力资源和社会保障局"])
    is_fallback: bool = Field(description="HRSS stands in for the industry body.")
    jurisdiction: str = Field(examples=["fujian"])
    registered_by: str = Field(examples=["submitted"])
    major: str = Field(examples=["土木工程"])
    passed: bool
    score: str = Field(examples=["88"])
    rules: list[RuleOut]
    registered_rulebook: str = Field(
        description="Content hash of the rulebook that judged the record.",
        examples=["8318d18c4fe7aa74d53b26768111e1807bc3f093ba63a93b9c2cf49656178496"],
    )


class ItemPage(Answer):
    """A page of a queue, in the order of arrival."""

    items: list[ItemSummary]
    next_cursor: str | None


class UnroutedItem(ItemSummary):
    """An item without an authority, and the rules that say whose act it needs."""

    code: str | None = Field(
        description="`NO_AUTHORITY`, `AWAITS_EMPLOYER`, `JURISDICTION_UNKNOWN`; open.", examples=["NO_AUTHORITY"]
    )
    rules: list[RuleOut]


class UnroutedPage(Answer):
    """A page of what has no authority, in the order of arrival."""

    items: list[UnroutedItem]
    next_cursor: str | None


class CountOut(Answer):
    """How much of one subject kind and learning form waits."""

    subject_kind: str = Field(examples=["professional"])
    learning_form: str = Field(examples=["online"])
    waiting: int
    unclaimed: int
    mine: int
    oldest: datetime


class CountsOut(Answer):
    """How much waits, within one's grants."""

    waiting: int
    unclaimed: int
    mine: int
    items: list[CountOut]


def summary_of(item: Item, viewer: OfficerId | None, now: datetime) -> ItemSummary:
    """Return an item as a queue lists it for this viewer."""
    return ItemSummary(**_summary(item, viewer, now))


def item_out(item: Item, authority: Authority, viewer: OfficerId, now: datetime, rulebook: Rulebook) -> ItemOut:
    """Return an item in full."""
    registration = item.registration
    return ItemOut(
        **_summary(item, viewer, now),
        authority=authority.id,
        authority_name=authority.name,
        is_fallback=item.fallback,
        jurisdiction=registration.jurisdiction,
        registered_by=registration.registered_by,
        major=registration.major,
        passed=registration.passed,
        score=registration.score,
        rules=[_rule(rulebook, rule_id) for rule_id in item.rule_ids],
        registered_rulebook=item.registration.registered_rulebook,
    )


def unrouted_of(item: Item, now: datetime, rulebook: Rulebook) -> UnroutedItem:
    """Return an item that has no authority."""
    return UnroutedItem(
        **_summary(item, None, now),
        code=item.code or None,
        rules=[_rule(rulebook, rule_id) for rule_id in item.rule_ids],
    )


def counts_out(counts: list[QueueCount]) -> CountsOut:
    """Return the counts with their sums."""
    return CountsOut(
        waiting=sum(each.waiting for each in counts),
        unclaimed=sum(each.unclaimed for each in counts),
        mine=sum(each.mine for each in counts),
        items=[
            CountOut(
                subject_kind=each.subject_kind,
                learning_form=each.learning_form,
                waiting=each.waiting,
                unclaimed=each.unclaimed,
                mine=each.mine,
                oldest=in_china(each.oldest),
            )
            for each in counts
        ],
    )


def _summary(item: Item, viewer: OfficerId | None, now: datetime) -> dict[str, object]:
    registration = item.registration
    claimant = item.claimant(now)
    return {
        "platform": item.key.platform,
        "record_id": item.key.record_id,
        "version": item.version,
        "state": item.state,
        "subject_kind": registration.subject_kind,
        "learning_form": registration.learning_form,
        "course_title": registration.course_title,
        "industry": registration.industry or None,
        "employer": registration.employer,
        "employer_name": registration.employer_name,
        "region": registration.region,
        "person": registration.person_label,
        "hours": format_hours(item.claimed_centihours),
        "credited_hours": format_hours(item.credited_centihours),
        "first_on": registration.first_on,
        "last_on": registration.last_on,
        "waiting_since": in_china(item.waiting_since),
        "claim": None
        if claimant is None or item.claimed_until is None
        else ClaimOut(officer=claimant, is_mine=claimant == viewer, until=in_china(item.claimed_until)),
    }


def _rule(rulebook: Rulebook, rule_id: str) -> RuleOut:
    """Return a rule in words; one of another rulebook that this one lacks is shown by its id."""
    rule = rulebook.rule_words(rule_id)
    return RuleOut(
        id=rule.id,
        source=rule.source,
        clause=rule.clause,
        title=Bilingual(**rule.title._asdict()),
        reading=None if rule.reading is None else Bilingual(**rule.reading._asdict()),
    )
