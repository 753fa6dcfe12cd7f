"""What a platform reads of its records: the state, the rule and its clause, and what to do next."""

from datetime import datetime
from itertools import zip_longest
from typing import Annotated

from pydantic import BaseModel, Field

from xueshi_gateway.domain.fates import ACCEPTED, VOIDED, Fate
from xueshi_kit.clock import CHINA
from xueshi_rulebook import Rulebook, UnknownCodeError, format_hours

Hours = Annotated[str, Field(description="Decimal hours, at most two places.", examples=["4.5"])]


class Words(BaseModel):
    """The same words in Chinese and English."""

    zh: str = Field(examples=["已登记，等待负责部门审核。"])
    en: str = Field(examples=["Registered, and waiting for the authority's decision."])


class RuleView(BaseModel):
    """A rule that a state rests on."""

    id: str = Field(examples=["FJ-08"])
    clause: str = Field(
        description="The notice and the place in it.", examples=["闽人社办〔2023〕70号 附件2 二（一）（二）"]
    )
    title: Words
    reading: Words | None = Field(
        description="What the platform settles where the notice leaves the rule open; null where its words decide."
    )


class FateView(BaseModel):
    """What became of the live version of one record."""

    record_id: str = Field(examples=["KC25-000183"])
    version: int
    state: str = Field(
        description="accepted, held, registered, queued, stamped, returned, revoked or voided; the list is open.",
        examples=["queued"],
    )
    changed_at: datetime
    code: str | None = Field(description="Why it is held, returned, revoked or not credited in full.")
    reason: Words
    todo: Words = Field(description="What to do next.")
    owner: str | None = Field(description="Who has to do it: platform, person, employer, officer or administrator.")
    rules: list[RuleView] = Field(
        description="What the state rests on. The clauses are those of the rulebook that judged or decided; the other"
        " words are those in force now, and the earlier ones stand at the registry, by the rulebook's hash."
    )
    rulebook: str | None = Field(description="Content hash of the rulebook that decided on the last change.")
    registered_rulebook: str | None = Field(
        description="Content hash of the rulebook that judged this version; it stays with it."
    )
    claimed_hours: Hours | None
    credited_hours: Hours | None
    uncredited_hours: Hours | None
    authority: str | None = Field(description="The authority that has it in its queue or has decided.")
    remark: str | None = Field(description="The reason that an officer gave.")


class FatePage(BaseModel):
    """A page of the feed. `next_cursor` is where to go on, also later; null only where nothing has happened yet."""

    items: list[FateView]
    next_cursor: str | None


_STATES = {
    "accepted": (
        Words(zh="已接收，等待登记。", en="Accepted, and waiting to be registered."),
        Words(zh="无需处理。", en="Nothing to do."),
    ),
    "registered": (
        Words(zh="已登记，等待送达负责部门。", en="Registered, and on its way to the authority that stamps it."),
        Words(zh="无需处理。", en="Nothing to do."),
    ),
    "queued": (
        Words(zh="已登记，等待负责部门审核。", en="Registered, and waiting for the authority's decision."),
        Words(zh="无需处理，等待负责部门决定。", en="Nothing to do until the authority decides."),
    ),
    "stamped": (Words(zh="已验印（认定）。", en="Stamped or recognised."), Words(zh="无需处理。", en="Nothing to do.")),
    "voided": (
        Words(zh="该记录已作废。", en="The record was voided."),
        Words(zh="需要重新上报的，请使用新的记录编号。", en="To report it again, use a new record id."),
    ),
}
_UNKNOWN_STATE = (
    Words(zh="状态已变更。", en="The state has changed."),
    Words(zh="以负责部门的说明为准。", en="Follow what the authority says."),
)
_CODE_OF_STATE = {"returned": "RETURNED", "revoked": "STAMP_WITHDRAWN"}


def fate_view(fate: Fate, rulebook: Rulebook) -> FateView:
    """Return a fate with the rulebook's words for it."""
    code = fate.code or _CODE_OF_STATE.get(fate.state, "")
    reason, todo, owner = _explained(fate.state, code, rulebook)
    has_hours = fate.state not in {ACCEPTED, VOIDED}
    return FateView(
        record_id=fate.record_id,
        version=fate.version,
        state=fate.state,
        changed_at=fate.changed_at.astimezone(CHINA),
        code=code or None,
        reason=reason,
        todo=todo,
        owner=owner,
        rules=[
            _rule_view(rule_id, clause, rulebook)
            for rule_id, clause in zip_longest(fate.rule_ids, fate.clauses, fillvalue="")
        ],
        rulebook=fate.rulebook or None,
        registered_rulebook=fate.registered_rulebook or fate.rulebook or None,
        claimed_hours=format_hours(fate.claimed_centihours) if has_hours else None,
        credited_hours=format_hours(fate.credited_centihours) if has_hours else None,
        uncredited_hours=format_hours(fate.claimed_centihours - fate.credited_centihours) if has_hours else None,
        authority=fate.authority or None,
        remark=fate.reason or None,
    )


def _explained(state: str, code: str, rulebook: Rulebook) -> tuple[Words, Words, str | None]:
    """Return reason, what to do, and who does it."""
    try:
        guidance = rulebook.guidance(code)
    except UnknownCodeError:
        # No code, or one of a rulebook that this process does not have yet.
        return *_STATES.get(state, _UNKNOWN_STATE), None
    return (
        Words(zh=guidance.reason_zh, en=guidance.reason_en),
        Words(zh=guidance.todo_zh, en=guidance.todo_en),
        guidance.owner,
    )


def _rule_view(rule_id: str, clause: str, rulebook: Rulebook) -> RuleView:
    """Return a rule in words, its clause as it was told; one that this rulebook lacks is shown by its id."""
    rule = rulebook.rule_words(rule_id)
    return RuleView(
        id=rule.id,
        clause=clause or rule.citation,
        title=Words(**rule.title._asdict()),
        reading=None if rule.reading is None else Words(**rule.reading._asdict()),
    )
