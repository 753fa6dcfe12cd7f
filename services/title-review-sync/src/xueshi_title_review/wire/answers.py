"""Models of the HTTP API: requests are strict, answers may gain fields."""

from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from xueshi.titlereview.v1 import verified_hours_pb2
from xueshi_rulebook import EligibleQuestion, Rulebook
from xueshi_title_review.domain import (
    HOUR,
    PERIOD_PATTERN,
    REF_PATTERN,
    SCHEMA_VERSION,
    UNKNOWN,
    Proof,
    Told,
    Waiting,
)
from xueshi_title_review.wire.events import china_time, verified_hours

MAX_CHECKS = 500
_REF_EXAMPLE = "3f" * 32


def _whole(value: object) -> object:
    """Take a number as JSON Schema's `integer` does: 2025.0 is one, "2025" and true are not."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str | bytes | bool):
        message = "an integer is needed"
        raise ValueError(message)  # noqa: TRY004 - pydantic turns ValueError into a field's error
    return value


SubjectRefText = Annotated[str, StringConstraints(pattern=REF_PATTERN)]
PeriodText = Annotated[str, StringConstraints(pattern=PERIOD_PATTERN)]
YearNumber = Annotated[int, Field(ge=1990, le=9999), BeforeValidator(_whole)]


class TotalOut(BaseModel):
    """What stands for one requirement; amounts are decimal strings."""

    kind: str = Field(examples=["professional"])
    unit: str = Field(examples=[HOUR])
    required: str = Field(examples=["60"])
    verified: str = Field(examples=["58.5"])
    lacking: str = Field(examples=["1.5"])

    @classmethod
    def of(cls, total: verified_hours_pb2.Total) -> Self:
        """Return the answer's part for a total."""
        return cls(
            kind=total.kind,
            unit=total.unit,
            required=total.required,
            verified=total.verified,
            lacking=total.lacking,
        )


class EntryOut(BaseModel):
    """One verified record."""

    platform: str = Field(examples=["haixi-online"])
    record_id: str = Field(examples=["KC25-000183"])
    version: int
    kind: str = Field(examples=["professional"])
    course_title: str = Field(examples=["混凝土结构耐久性"])
    first_on: date
    last_on: date
    amount: str = Field(examples=["4.5"])
    authority: str = Field(examples=["hrss-350504"])
    rulebook: str = Field(
        description="Hash of the rules by which the record was registered; empty where none was told.",
        examples=["8318d18c4fe7aa74d53b26768111e1807bc3f093ba63a93b9c2cf49656178496"],
    )


class ProofOut(BaseModel):
    """The newest e-proof of the subject and period."""

    number: str = Field(examples=["FJ-2025-0000001234-9"])
    status: str = Field(description="valid or revoked; the list is open.", examples=["valid"])

    @classmethod
    def of(cls, proof: Proof | None) -> Self | None:
        """Return the answer's part for a proof; None while there is none."""
        return None if proof is None else cls(number=proof.number, status=proof.status)


class VerifiedHoursOut(BaseModel):
    """The whole state of one subject and period: what the topic's message says, in JSON."""

    schema_version: str = Field(examples=[SCHEMA_VERSION])
    subject_ref: str = Field(examples=[_REF_EXAMPLE])
    subject_key_id: str = Field(examples=["k1"])
    jurisdiction: str = Field(examples=["fujian"])
    period: str = Field(examples=["2025"])
    revision: int = Field(description="Rises with each change, also when only the proof changes.", examples=[3])
    totals: list[TotalOut]
    verdict: str = Field(description="compliant, short or not_evaluated; the list is open.", examples=["short"])
    rule_ids: list[str] = Field(examples=[["FJ-01"]])
    clauses: list[str] = Field(
        description="For each rule the notice and the place in it, in the words of the rules that judged.",
        examples=[["闽人社办〔2023〕70号 二、第一段"]],
    )
    rulebook: str = Field(
        description="Hash of the rules that judged.",
        examples=["8318d18c4fe7aa74d53b26768111e1807bc3f093ba63a93b9c2cf49656178496"],
    )
    entries: list[EntryOut]
    proof: ProofOut | None
    changed_at: str = Field(description="RFC 3339.", examples=["2025-06-03T18:20:00.000+08:00"])

    @classmethod
    def of(cls, told: Told) -> Self:
        """Return the answer for a told revision."""
        message = verified_hours(told)
        return cls(
            schema_version=message.schema_version,
            subject_ref=message.subject_ref,
            subject_key_id=message.subject_key_id,
            jurisdiction=message.jurisdiction,
            period=message.period,
            revision=message.revision,
            totals=[TotalOut.of(each) for each in message.totals],
            verdict=message.verdict,
            rule_ids=list(message.rule_ids),
            clauses=list(message.clauses),
            rulebook=message.rulebook,
            entries=[
                EntryOut(
                    platform=each.platform,
                    record_id=each.record_id,
                    version=each.version,
                    kind=each.kind,
                    course_title=each.course_title,
                    first_on=date.fromisoformat(each.first_on),
                    last_on=date.fromisoformat(each.last_on),
                    amount=each.amount,
                    authority=each.authority,
                    rulebook=each.rulebook or message.rulebook,
                )
                for each in message.entries
            ],
            proof=ProofOut.of(told.proof),
            changed_at=message.changed_at,
        )


class ChangesOut(BaseModel):
    """What changed since a cursor."""

    items: list[VerifiedHoursOut]
    next_cursor: str = Field(description="Where to go on from; always given.", examples=["djo0Mg"])
    more: bool = Field(description="Whether more is there already.")


class _Check(BaseModel):
    model_config = ConfigDict(extra="forbid")
    subject_ref: SubjectRefText = Field(examples=[_REF_EXAMPLE])


class PeriodCheckIn(_Check):
    """An applicant and a period by its code."""

    period: PeriodText = Field(examples=["2025"])

    @property
    def period_code(self) -> str:
        """The period asked for."""
        return self.period


class YearCheckIn(_Check):
    """An applicant and a calendar year."""

    year: YearNumber = Field(examples=[2025])

    @property
    def period_code(self) -> str:
        """The period that is this year."""
        return str(self.year)


class ChecksIn(BaseModel):
    """A batch of applicants."""

    model_config = ConfigDict(extra="forbid")
    checks: list[PeriodCheckIn | YearCheckIn] = Field(min_length=1, max_length=MAX_CHECKS)


class RuleOut(BaseModel):
    """A rule that a verdict rests on."""

    id: str = Field(examples=["FJ-01"])
    clause: str = Field(examples=["闽人社办〔2023〕70号 二、第一段"])
    title: dict[str, str] = Field(examples=[{"zh": "每年累计不少于90学时", "en": "At least 90 hours a year"}])
    reading: dict[str, str] | None = Field(
        description="What the platform settles where the notice leaves the rule open; null where its words decide.",
        examples=[{"zh": "公需科目30学时为下限。", "en": "30 public hours are a minimum."}],
    )

    @classmethod
    def of(cls, rule_id: str, clause: str, rulebook: Rulebook) -> Self:
        """Return a rule in words, its clause as it was told; one that this rulebook lacks is shown by its id."""
        rule = rulebook.rule_words(rule_id)
        reading = None if rule.reading is None else rule.reading._asdict()
        return cls(id=rule.id, clause=clause or rule.citation, title=rule.title._asdict(), reading=reading)


class CheckOut(BaseModel):
    """What the hours say about one applicant."""

    subject_ref: str = Field(examples=[_REF_EXAMPLE])
    period: str = Field(examples=["2025"])
    verdict: str = Field(
        description="compliant, short, not_evaluated or unknown; the list is open.", examples=["compliant"]
    )
    outcome: str = Field(
        description="What the verdict means for an application made today, by the jurisdiction's rules: met, unmet, "
        "cancelled (no right to apply), not_evaluated, not_in_force or unknown; the list is open. What follows from a "
        "teacher's cycle (LJ-04) is not among them: years alone are told here, and a year of a cycle is not evaluated.",
        examples=["met"],
    )
    explanation: dict[str, str] = Field(
        description="The outcome in words with its clauses; empty where nothing is known.",
        examples=[{"zh": "学时条件：符合。", "en": "Hours: met."}],
    )
    jurisdiction: str | None
    revision: int | None
    totals: list[TotalOut]
    proof: ProofOut | None
    rules: list[RuleOut] = Field(description="The rules of the verdict and of its meaning, with their clauses.")
    rulebook: str | None
    changed_at: str | None

    @classmethod
    def of(cls, ref: str, period: str, told: Told | None, rulebook: Rulebook, on: date) -> Self:
        """Return the result for a subject and period, of whom something was told or not, for an application `on`."""
        if told is None:
            nothing: dict[str, Any] = dict.fromkeys(("jurisdiction", "revision", "proof", "rulebook", "changed_at"))
            return cls(
                subject_ref=ref,
                period=period,
                verdict=UNKNOWN,
                outcome=UNKNOWN,
                explanation={},
                totals=[],
                rules=[],
                **nothing,
            )
        message = verified_hours(told)
        question = EligibleQuestion(on, {period: message.verdict}, periods=(period,))
        meant = rulebook.jurisdiction(message.jurisdiction).eligible(question)
        told_clauses = dict(zip(message.rule_ids, message.clauses, strict=False))
        return cls(
            subject_ref=ref,
            period=period,
            verdict=message.verdict,
            outcome=meant.outcome,
            explanation={"zh": meant.explain("zh"), "en": meant.explain("en")},
            jurisdiction=message.jurisdiction,
            revision=message.revision,
            totals=[TotalOut.of(each) for each in message.totals],
            proof=ProofOut.of(told.proof),
            rules=[
                RuleOut.of(each, told_clauses.get(each, ""), rulebook)
                for each in dict.fromkeys((*message.rule_ids, *meant.rule_ids))
            ],
            rulebook=message.rulebook,
            changed_at=message.changed_at,
        )


class ChecksOut(BaseModel):
    """One result for each check, in the same order."""

    checked_at: str = Field(description="RFC 3339.", examples=["2025-12-01T12:00:00.000+08:00"])
    notice: dict[str, str] = Field(
        examples=[
            {
                "zh": "学时结论不代替评审决定；各项的含义和依据见其说明。",
                "en": "The verdict on hours is not the review's decision; each item says what it means and why.",
            }
        ]
    )
    items: list[CheckOut]


def evidence_notice() -> dict[str, str]:
    """Return what a verdict is not, for people; what it is stands with each item, by its jurisdiction's rules."""
    return {
        "zh": "学时结论不代替评审决定；各项的含义和依据见其说明。",
        "en": "The verdict on hours is not the review's decision; each item says what it means and why.",
    }


class RefusalOut(BaseModel):
    """The receiver's last refusal."""

    revision: int
    reason: str = Field(examples=["SUBJECT_UNKNOWN"])


class UnacknowledgedOut(BaseModel):
    """A subject and period of which a revision is not taken."""

    subject_ref: str = Field(examples=[_REF_EXAMPLE])
    period: str = Field(examples=["2025"])
    state: str = Field(
        description="waiting (no word on the newest revision) or refused; the list is open.", examples=["waiting"]
    )
    revision: int = Field(description="The newest revision that was told.")
    taken_revision: int = Field(description="The last one taken; 0 for none.")
    refusal: RefusalOut | None
    waiting_since: str = Field(
        description="RFC 3339: since when a revision waits.", examples=["2025-06-03T18:20:00.000+08:00"]
    )
    waiting_seconds: int
    changed_at: str = Field(
        description="RFC 3339: when the newest revision was told.", examples=["2025-06-03T18:20:00.000+08:00"]
    )

    @classmethod
    def of(cls, waiting: Waiting, now: datetime) -> Self:
        """Return the answer's line."""
        answered = waiting.answered
        since = answered.waiting_since or answered.changed_at
        refused = answered.refused_revision > 0
        return cls(
            subject_ref=waiting.subject_ref,
            period=waiting.period,
            state="refused" if answered.refused_revision == answered.revision else "waiting",
            revision=answered.revision,
            taken_revision=answered.taken_revision,
            refusal=RefusalOut(revision=answered.refused_revision, reason=answered.refused_reason) if refused else None,
            waiting_since=china_time(since),
            waiting_seconds=int((now - since).total_seconds()),
            changed_at=china_time(answered.changed_at),
        )


class UnacknowledgedPage(BaseModel):
    """A page, the longest waiting first."""

    items: list[UnacknowledgedOut]
    next_cursor: str | None
