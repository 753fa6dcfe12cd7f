"""Decisions as the API takes and shows them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from xueshi_verification.domain.judgement import (
    RETURN_REASONS,
    WITHDRAWAL_REASONS,
    ReturnCode,
    Verdict,
    WithdrawalCode,
)
from xueshi_verification.domain.model import RETURNED, REVOKED, STAMPED, Decision, Reason, VersionKey
from xueshi_verification.domain.queue import LoggedDecision
from xueshi_verification.wire.fields import (
    PLATFORM,
    Answer,
    Bilingual,
    ReasonText,
    Strict,
    Version,
    in_china,
    version_key,
)

MAX_DECISIONS = 500


class ReturnReasonIn(Strict):
    """Why a record is returned: one of the codes, and what the platform and the person shall read."""

    code: ReturnCode
    text: ReasonText = Field(examples=["课程与所报专业不符"])


class WithdrawalReasonIn(Strict):
    """Why a stamp is withdrawn: one of the codes, and what the platform and the person shall read."""

    code: WithdrawalCode
    text: ReasonText = Field(examples=["课程与所报专业不符"])


class StampIn(Strict):
    """Approval of one version."""

    outcome: Literal["stamped"]

    def verdict(self, key: VersionKey) -> Verdict:
        """Return the decision on this version."""
        return Verdict(key, STAMPED, None)


class ReturnIn(Strict):
    """Return of one version, with the reason."""

    outcome: Literal["returned"]
    reason: ReturnReasonIn

    def verdict(self, key: VersionKey) -> Verdict:
        """Return the decision on this version."""
        return Verdict(key, RETURNED, Reason(self.reason.code, self.reason.text))


DecisionIn = Annotated[StampIn | ReturnIn, Field(discriminator="outcome")]
"""A decision on one version: `stamped` (approved), or `returned` with a reason."""


class NamedIn(Strict):
    """The record version that a decision of a batch is about."""

    platform: str = Field(pattern=PLATFORM, examples=["haixi-online"])
    record_id: str = Field(pattern=PLATFORM, examples=["KC25-000183"])
    version: Version = Field(examples=[1])

    @property
    def key(self) -> VersionKey:
        """The record version."""
        return version_key(self.platform, self.record_id, self.version)


class NamedStampIn(NamedIn, StampIn):
    """Approval of the version named."""


class NamedReturnIn(NamedIn, ReturnIn):
    """Return of the version named, with the reason."""


class DecisionsIn(Strict):
    """Up to 500 decisions, each judged on its own."""

    decisions: list[Annotated[NamedStampIn | NamedReturnIn, Field(discriminator="outcome")]] = Field(
        min_length=1, max_length=MAX_DECISIONS
    )


class WithdrawalIn(Strict):
    """Why a stamp is withdrawn."""

    reason: WithdrawalReasonIn

    def verdict(self, key: VersionKey) -> Verdict:
        """Return the withdrawal of this version's stamp."""
        return Verdict(key, REVOKED, Reason(self.reason.code, self.reason.text))


class ReasonOut(Answer):
    """The reason given with a decision."""

    code: str = Field(examples=["CONTENT_UNRELATED"])
    text: str = Field(examples=["课程与所报专业不符"])


class DecisionOut(Answer):
    """One decision on one version."""

    id: int | None = Field(description="Number in the log; null in the answer to the decision itself.")
    platform: str = Field(examples=["haixi-online"])
    record_id: str = Field(examples=["KC25-000183"])
    version: int
    outcome: str = Field(description="`stamped`, `returned`, `revoked`; open.", examples=["stamped"])
    authority: str = Field(examples=["hrss-350504"])
    authority_name: str = Field(examples=["泉州市洛江区人力资源和社会保障局"])
    officer: str | None = Field(description="Null where the stamp was automatic.")
    reason: ReasonOut | None
    rules: list[str] = Field(examples=[["FJ-08"]])
    clauses: list[str] = Field(
        description="For each rule the notice and the place in it, in the words of the rulebook that decided; empty"
        " where decisions did not say it yet.",
        examples=[["闽人社办〔2023〕70号 附件2 二（一）（二）"]],
    )
    rulebook: str = Field(
        description="Content hash of the rulebook in force at the decision.",
        examples=["8318d18c4fe7aa74d53b26768111e1807bc3f093ba63a93b9c2cf49656178496"],
    )
    registered_rulebook: str = Field(
        description="Content hash of the rulebook that judged the record, at its registration.",
        examples=["8318d18c4fe7aa74d53b26768111e1807bc3f093ba63a93b9c2cf49656178496"],
    )
    decided_at: datetime


class DecisionPage(Answer):
    """A page of decisions, oldest first."""

    items: list[DecisionOut]
    next_cursor: str | None


class ResultOut(Answer):
    """What became of one decision of a batch: `done`, or `refused` with a code and what it says."""

    platform: str = Field(examples=["haixi-online"])
    record_id: str = Field(examples=["KC25-000183"])
    version: int
    status: Literal["done", "refused"]
    outcome: str | None
    code: str | None
    message: Bilingual | None


class ResultsOut(Answer):
    """The results, in the order of the request."""

    done: int
    refused: int
    results: list[ResultOut]


class ReasonCodeOut(Answer):
    """A reason that may be given."""

    code: str = Field(examples=["CONTENT_UNRELATED"])
    name: Bilingual


class ReasonCodesOut(Answer):
    """The reasons that may be given, by what is decided."""

    returned: list[ReasonCodeOut]
    revoked: list[ReasonCodeOut]


def decision_out(decision: Decision, clauses: Iterable[str], number: int | None = None) -> DecisionOut:
    """Return a decision, with the clause of each of its rules."""
    return DecisionOut(
        id=number,
        platform=decision.key.platform,
        record_id=decision.key.record_id,
        version=decision.version,
        outcome=decision.outcome,
        authority=decision.authority or "",
        authority_name=decision.authority_name,
        officer=decision.officer,
        reason=None if decision.reason is None else ReasonOut(code=decision.reason.code, text=decision.reason.text),
        rules=list(decision.rule_ids),
        clauses=list(clauses),
        rulebook=decision.rulebook,
        registered_rulebook=decision.registered_rulebook,
        decided_at=in_china(decision.decided_at),
    )


def logged_out(logged: LoggedDecision) -> DecisionOut:
    """Return a decision with its number in the log."""
    return decision_out(logged.decision, logged.clauses, logged.id)


def reason_codes() -> ReasonCodesOut:
    """Return the reasons that may be given."""
    return ReasonCodesOut(
        returned=[ReasonCodeOut(code=code, name=Bilingual(zh=zh, en=en)) for code, (zh, en) in RETURN_REASONS.items()],
        revoked=[
            ReasonCodeOut(code=code, name=Bilingual(zh=zh, en=en)) for code, (zh, en) in WITHDRAWAL_REASONS.items()
        ],
    )
