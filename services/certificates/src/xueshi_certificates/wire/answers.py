"""Requests and answers of the HTTP API. Hours are decimal strings, moments stand in China's time with the offset."""

from datetime import date, datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from xueshi_certificates.domain.content import Content, Entry, KindTotal, ProofState
from xueshi_certificates.domain.holder import Holder
from xueshi_certificates.wire.view import REASON_ZH, STATUS_ZH
from xueshi_kit.clock import CHINA
from xueshi_rulebook import ProofForm, format_hours

PersonKeyText = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
PeriodText = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z-]{0,19}$")]

REASON_EN = {
    "MORE_HOURS": "More hours were stamped; a new proof was issued.",
    "CONTENT_CORRECTED": "A record was corrected; a new proof was issued.",
    "HOLDER_CORRECTED": "The holder's details were corrected; a new proof was issued.",
    "HOURS_WITHDRAWN": "Hours of the proof were voided, reduced, or lost their stamp.",
    "REQUIREMENT_NOT_MET": "On renewed assessment the hours do not meet the requirement.",
}


class IssueIn(BaseModel):
    """Whose hours of which period to prove."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"person_key": "5f1c0a9e7b3d42688c1e9a0b7d6f4e21", "period": "2025"}]},
    )

    person_key: PersonKeyText = Field(description="Person key: 32 lower-case hex digits.")
    period: PeriodText = Field(description="A year, or a cycle's code.")


class Words(BaseModel):
    """The same words in both languages."""

    zh: str = Field(examples=["福建省继续教育公共服务平台"])
    en: str = Field(examples=["Fujian public service platform for continuing education"])


class StatusOut(BaseModel):
    """What the proof is worth now. `code` is `valid`, `superseded` or `revoked`; the list is open."""

    code: str = Field(examples=["valid"])
    name_zh: str = Field(examples=["有效"])
    since: datetime
    reason: str | None = Field(description="Stable code; null while valid. The list is open.")
    message: Words | None

    @classmethod
    def of(cls, state: ProofState) -> Self:
        """Return the status of a proof."""
        name = STATUS_ZH[state.status]
        if state.ended is None:
            return cls(code=state.status, name_zh=name, since=_china(state.proof.issued_at), reason=None, message=None)
        reason = state.ended.reason
        words = Words(zh=f"{REASON_ZH[reason]}。", en=REASON_EN[reason])
        since = _china(state.ended.changed_at)
        return cls(code=state.status, name_zh=name, since=since, reason=reason, message=words)


class TotalOut(BaseModel):
    """What is required, stamped and lacking of one kind or combined requirement, in its unit."""

    kind: str = Field(examples=["professional"])
    required: str = Field(examples=["60"])
    stamped: str = Field(examples=["60"])
    lacking: str = Field(examples=["0"])
    unit: str = Field(description="A code of the rulebook; the list is open.", examples=["hours"])

    @classmethod
    def of(cls, total: KindTotal) -> Self:
        """Return the line of one kind."""
        return cls(
            kind=total.kind,
            required=format_hours(total.required_centihours),
            stamped=format_hours(total.stamped_centihours),
            lacking=format_hours(total.lacking_centihours),
            unit=total.unit,
        )


class EntryOut(BaseModel):
    """One stamped record, with the five items of FJ-07."""

    platform: str = Field(examples=["haixi-online"])
    record_id: str = Field(examples=["KC25-000183"])
    version: int
    kind: str = Field(examples=["professional"])
    course_title: str = Field(examples=["混凝土结构耐久性"])
    learning_form: str = Field(examples=["online"])
    first_on: date
    last_on: date
    hours: str = Field(examples=["4.5"])
    passed: bool
    score: str = Field(examples=["88"])
    authority: str = Field(examples=["hrss-350504"])
    authority_name: str = Field(examples=["泉州市洛江区人力资源和社会保障局"])
    rulebook: str = Field(
        description="Content hash of the rulebook by which the record was registered; empty where none was told.",
        examples=["8318d18c4fe7aa74d53b26768111e1807bc3f093ba63a93b9c2cf49656178496"],
    )

    @classmethod
    def of(cls, entry: Entry) -> Self:
        """Return one record."""
        return cls(
            platform=entry.platform,
            record_id=entry.record_id,
            version=entry.version,
            kind=entry.kind,
            course_title=entry.course_title,
            learning_form=entry.learning_form,
            first_on=entry.first_on,
            last_on=entry.last_on,
            hours=format_hours(entry.credited_centihours),
            passed=entry.passed,
            score=entry.score,
            authority=entry.authority,
            authority_name=entry.authority_name,
            rulebook=entry.rulebook,
        )


class IssuerOut(BaseModel):
    """Who issued the proof, and who supervises."""

    name: Words
    supervisor_zh: str = Field(examples=["福建省人力资源和社会保障厅"])

    @classmethod
    def of(cls, form: ProofForm) -> Self:
        """Return the issuer of a jurisdiction's proofs."""
        return cls(name=Words(zh=form.issuer.zh, en=form.issuer.en), supervisor_zh=form.supervisor.zh)


class PublicHolderOut(BaseModel):
    """As much of the holder as anyone may see."""

    name_masked: str = Field(examples=["陈*"])
    id_type: str = Field(examples=["resident_id"])
    id_number_last: str = Field(description="The last four characters, or empty.", examples=["0011"])


class HolderOut(BaseModel):
    """The holder, to those who may know: the name, and the number as `350504********0016`."""

    name: str = Field(examples=["陈晓"])
    id_type: str = Field(examples=["resident_id"])
    id_number_masked: str = Field(examples=["359900********0011"])


class _FactsOut(BaseModel):
    number: str = Field(examples=["FJ-2025-0000001234-9"])
    status: StatusOut
    jurisdiction: str = Field(examples=["fujian"])
    period: str = Field(examples=["2025"])
    verdict: str = Field(examples=["compliant"])
    totals: list[TotalOut]
    issuer: IssuerOut
    issued_at: datetime


class PublicProofOut(_FactsOut):
    """A proof as anyone who has its address may see it."""

    holder: PublicHolderOut
    entry_count: int
    newest_url: str | None = Field(description="Opens the proof in whose favour this one was superseded.")

    @classmethod
    def of(cls, state: ProofState, holder: Holder, form: ProofForm, public_url: str) -> Self:
        """Return a proof for the public; `holder` is masked."""
        return cls(
            **_facts(state, form),
            holder=PublicHolderOut(name_masked=holder.name, id_type=holder.id_type, id_number_last=holder.id_number),
            entry_count=len(state.proof.content.entries),
            newest_url=None if state.newest_tag is None else f"{public_url}/p/{state.newest_tag}",
        )


class ProofOut(_FactsOut):
    """A proof with its holder and records, to those who may know."""

    person_key: str = Field(examples=["5f1c0a9e7b3d42688c1e9a0b7d6f4e21"])
    holder: HolderOut
    basis: str = Field(description="`requirement_met` or `requested`; the list is open.", examples=["requirement_met"])
    entries: list[EntryOut]
    rule_ids: list[str] = Field(examples=[["FJ-01"]])
    clauses: list[str] = Field(
        description="For each rule the notice and the place in it, in the words of the rulebook that judged.",
        examples=[["闽人社办〔2023〕70号 二、第一段"]],
    )
    rulebook: str = Field(examples=["8318d18c4fe7aa74d53b26768111e1807bc3f093ba63a93b9c2cf49656178496"])
    transcript_revision: int
    successor: str | None = Field(description="Number of the proof that was issued when this one ended.")
    public_url: str = Field(examples=["https://check.example/p/8JZ3K5Q2W7N4T6Y9B1HX"])

    @classmethod
    def of(cls, state: ProofState, holder: Holder, form: ProofForm, public_url: str) -> Self:
        """Return a proof for those who may know."""
        proof = state.proof
        return cls(
            **_facts(state, form),
            person_key=proof.person_key.hex,
            holder=HolderOut(name=holder.name, id_type=holder.id_type, id_number_masked=holder.id_number),
            basis=proof.basis,
            entries=[EntryOut.of(each) for each in proof.content.entries],
            rule_ids=list(proof.content.rule_ids),
            clauses=list(proof.content.clauses),
            rulebook=proof.content.rulebook,
            transcript_revision=proof.transcript_revision,
            successor=None if state.ended is None else state.ended.successor,
            public_url=f"{public_url}/p/{proof.tag}",
        )


class ListedOut(BaseModel):
    """One proof of a list: nothing of the holder but the key."""

    number: str = Field(examples=["FJ-2025-0000001234-9"])
    status: str = Field(examples=["valid"])
    person_key: str = Field(examples=["5f1c0a9e7b3d42688c1e9a0b7d6f4e21"])
    period: str = Field(examples=["2025"])
    basis: str = Field(examples=["requirement_met"])
    verdict: str = Field(examples=["compliant"])
    issued_at: datetime
    public_url: str = Field(examples=["https://check.example/p/8JZ3K5Q2W7N4T6Y9B1HX"])


class PageOut(BaseModel):
    """Proofs in the order of their numbers."""

    items: list[ListedOut]
    next_cursor: str | None


def _facts(state: ProofState, form: ProofForm) -> dict[str, object]:
    content: Content = state.proof.content
    return {
        "number": state.proof.number,
        "status": StatusOut.of(state),
        "jurisdiction": content.jurisdiction,
        "period": content.period,
        "verdict": content.verdict,
        "totals": [TotalOut.of(each) for each in content.totals],
        "issuer": IssuerOut.of(form),
        "issued_at": _china(state.proof.issued_at),
    }


def _china(at: datetime) -> datetime:
    return at.astimezone(CHINA)
