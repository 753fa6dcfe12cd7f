"""A proof in the words in which people see it: what the public page and the PDF both show, in Chinese.

Every value is plain text. The page escapes it; the PDF's template takes it as data and never as markup.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from xueshi_certificates.domain.content import (
    HOURS,
    NOT_EVALUATED,
    TOTAL,
    Basis,
    Content,
    Entry,
    KindTotal,
    ProofState,
    Reason,
    Status,
)
from xueshi_certificates.domain.forms import Citation, ProofForms
from xueshi_certificates.domain.holder import Holder
from xueshi_kit.clock import CHINA
from xueshi_rulebook import Basis as RuleBasis
from xueshi_rulebook import format_hours

STATUS_ZH = {Status.VALID: "有效", Status.SUPERSEDED: "已被取代", Status.REVOKED: "已撤销"}

REASON_ZH = {
    Reason.MORE_HOURS: "持有人在同一期间又有学时计入，已生成新的证明",
    Reason.CONTENT_CORRECTED: "所载学时记录有更正，已生成新的证明",
    Reason.HOLDER_CORRECTED: "持有人信息有更正，已生成新的证明",
    Reason.HOURS_WITHDRAWN: "所载学时记录被作废、撤销或核减",
    Reason.REQUIREMENT_NOT_MET: "经重新认定，所载学时未达到要求",
}

ID_TYPE_ZH = {
    "resident_id": "居民身份证",
    "hmt_residence_permit": "港澳台居民居住证",
    "foreign_permanent_resident": "外国人永久居留身份证",
    "passport": "护照",
    "hmt_travel_permit": "港澳台居民来往内地（大陆）通行证",
}

UNIT_ZH = {HOURS: "学时", "credits": "学分", "items": "项", "days": "天"}

_YEAR_DIGITS = 4


@dataclass(frozen=True, slots=True)
class TotalLine:
    """One requirement and what is stamped of it, as decimal strings of its unit; empty: nothing is required."""

    name: str
    required: str
    stamped: str
    lacking: str
    unit: str
    met: bool


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One record: hours, content, form, time and result (FJ-07), with its number and who stamped it."""

    course: str
    record: str
    kind: str
    form: str
    first_on: str
    last_on: str
    hours: str
    result: str
    authority: str


@dataclass(frozen=True, slots=True)
class HolderView:
    """Whose the proof is."""

    name: str
    id_type: str
    id_number: str
    public: bool


@dataclass(frozen=True, slots=True)
class ProofView:
    """Everything that a reader sees.

    `newest_url` opens the proof that stands in a superseded one's place; `act` is what makes hours count.
    """

    title: str
    number: str
    status: str
    status_name: str
    status_text: str
    ended_on: str
    newest_url: str
    holder: HolderView
    period: str
    compliant: bool
    verdict: str
    basis_note: str
    act: str
    totals: tuple[TotalLine, ...]
    entries: tuple[EntryLine, ...]
    entries_sum: str
    issuer: str
    supervisor: str
    issued_on: str
    issued_at: str
    grounds: tuple[str, ...]
    readings: tuple[str, ...]
    unconfirmed: tuple[str, ...]
    url: str


def view_of(state: ProofState, holder: Holder, forms: ProofForms, public_url: str) -> ProofView:
    """Return what one reader sees of a proof; `holder` is cut to what that reader may know."""
    proof, content = state.proof, state.proof.content
    form = forms.of(content.jurisdiction)
    act = forms.act_zh(content.jurisdiction)
    totals = _totals(content, forms)
    notes = forms.notes_on(content)
    readings = [
        each.reading.zh for each in forms.readings(content.jurisdiction, forms.cited_by(content)) if each.reading
    ]
    return ProofView(
        title=form.title.zh,
        number=proof.number,
        status=state.status.value,
        status_name=STATUS_ZH[state.status],
        status_text="" if state.ended is None else REASON_ZH[state.ended.reason],
        ended_on="" if state.ended is None else day_zh(state.ended.changed_at),
        newest_url="" if state.newest_tag is None else f"{public_url}/p/{state.newest_tag}",
        holder=HolderView(holder.name, ID_TYPE_ZH.get(holder.id_type, "证件"), holder.id_number, holder.public),
        period=period_zh(content.period),
        compliant=content.compliant,
        verdict=_verdict(content, totals, notes),
        basis_note=""
        if proof.basis is Basis.REQUIREMENT_MET
        else f"本证明应持有人申请，载明截至出具之日已{act}的学时。",
        act=act,
        totals=totals,
        entries=tuple(_entry(each, content.jurisdiction, forms, form.issuer.zh) for each in content.entries),
        entries_sum=_sum(content, forms),
        issuer=form.issuer.zh,
        supervisor=form.supervisor.zh,
        issued_on=day_zh(proof.issued_at),
        issued_at=moment_zh(proof.issued_at),
        grounds=tuple(map(_ground, forms.citations(content.jurisdiction, forms.cited_by(content)))),
        readings=tuple(dict.fromkeys((*readings, *_notes(notes, "reading")))),
        unconfirmed=_notes(notes, "unconfirmed"),
        url=f"{public_url}/p/{proof.tag}",
    )


def period_zh(period: str) -> str:
    """Return a period's name: a year, or a cycle as its code."""
    return f"{period}年度" if len(period) == _YEAR_DIGITS and period.isdigit() else f"{period}周期"


def day_zh(at: datetime) -> str:
    """Return the day in China of a moment."""
    day = at.astimezone(CHINA)
    return f"{day.year}年{day.month}月{day.day}日"


def moment_zh(at: datetime) -> str:
    """Return a moment in China's time, to the second, with its offset."""
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S（UTC+08:00）")


def _totals(content: Content, forms: ProofForms) -> tuple[TotalLine, ...]:
    """Return a line for each kind and combined requirement, and at the end one for the sum.

    Where the transcript has no sum, one of the records stands there, unless they are counted in different units.
    """
    kinds = [each for each in content.totals if each.kind != TOTAL]
    lines = [_total(each, forms.kind_zh(content.jurisdiction, each.kind)) for each in kinds]
    named = [_total(each, "合计") for each in content.totals if each.kind == TOTAL]
    if named or any(each.unit != HOURS for each in kinds):
        return (*lines, *named)
    stamped = sum(each.credited_centihours for each in content.entries)
    return (*lines, TotalLine("合计", "", format_hours(stamped), "", "学时", met=content.compliant))


def _total(total: KindTotal, name: str) -> TotalLine:
    lacking = total.lacking_centihours
    unit = UNIT_ZH.get(total.unit, total.unit)
    return TotalLine(
        name=name if total.unit == HOURS else f"{name}（{unit}）",
        required=format_hours(total.required_centihours) if total.required_centihours else "",
        stamped=format_hours(total.stamped_centihours),
        lacking=format_hours(lacking) if lacking else "",
        unit=unit,
        met=bool(total.required_centihours) and not lacking,
    )


def _sum(content: Content, forms: ProofForms) -> str:
    """Return what the records come to, unit by unit."""
    sums = {HOURS: 0} if not content.entries else dict[str, int]()
    for each in content.entries:
        unit = forms.unit_of(content.jurisdiction, each.kind)
        sums[unit] = sums.get(unit, 0) + each.credited_centihours
    return "、".join(f"{format_hours(amount)} {UNIT_ZH.get(unit, unit)}" for unit, amount in sums.items())


def _notes(notes: Iterable[RuleBasis], kind: str) -> tuple[str, ...]:
    return tuple(each.note.zh for each in notes if each.kind == kind)


def _verdict(content: Content, totals: tuple[TotalLine, ...], notes: Iterable[RuleBasis]) -> str:
    period = period_zh(content.period)
    asked = "、".join(dict.fromkeys(each.unit for each in totals if each.required)) or UNIT_ZH[HOURS]
    if content.compliant:
        return f"已达到{period}继续教育{asked}要求。"
    if content.verdict == NOT_EVALUATED:
        reasons = "；".join(each.note.zh.rstrip("。") for each in notes)
        return f"{period}不作达标评价{f'（{reasons}）' if reasons else ''}。"
    lacking = "、".join(f"{each.name}尚缺{each.lacking}{each.unit}" for each in totals if each.lacking)
    return f"未达到{period}继续教育{asked}要求{f'（{lacking}）' if lacking else ''}。"


def _entry(entry: Entry, jurisdiction: str, forms: ProofForms, issuer: str) -> EntryLine:
    result = "合格" if entry.passed else "不合格"
    unit = forms.unit_of(jurisdiction, entry.kind)
    amount = format_hours(entry.credited_centihours)
    return EntryLine(
        course=entry.course_title,
        record=entry.record_id,
        kind=forms.kind_zh(jurisdiction, entry.kind),
        form=forms.learning_form_zh(jurisdiction, entry.learning_form, entry.kind),
        first_on=_iso(entry.first_on),
        last_on="" if entry.last_on == entry.first_on else _iso(entry.last_on),
        hours=amount if unit == HOURS else f"{amount}{UNIT_ZH.get(unit, unit)}",
        result=f"{result}（{entry.score}）" if entry.score else result,
        # What a system recognised by itself names no authority (SG-03).
        authority=entry.authority_name or entry.authority or issuer,
    )


def _iso(day: date) -> str:
    return day.isoformat()


def _ground(citation: Citation) -> str:
    title = f"《{citation.title_zh}》（{citation.number}）" if citation.title_zh else citation.number
    return f"{title}{'；'.join(citation.clauses)}"
