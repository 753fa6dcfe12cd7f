"""The answer to a check of records before they are sent: whether each is well-formed, and what its form asks for."""

from collections.abc import Sequence
from datetime import date

from msgspec import UNSET, Struct, UnsetType
from msgspec.json import Encoder

from xueshi_gateway.domain.versions import Candidate, Refused
from xueshi_gateway.wire.receipts import Messages, Words
from xueshi_records import LearnedRange, Record
from xueshi_rulebook import Form, Rulebook

_encode = Encoder().encode


class Asked(Struct):
    """A condition or document that a form asks for: a code, of documents all that will do, and its name."""

    codes: list[str]
    name: Words


class FormAsks(Struct):
    """What one jurisdiction asks of a record of this form and kind on its last day of learning."""

    jurisdiction: str
    rule: str
    clause: str
    form: Words
    # Who may send it: a platform where "platform" stands here.
    submitters: list[str]
    conditions: list[Asked]
    evidence: list[Asked]


class CheckResult(Struct, omit_defaults=True):
    """What the door makes of one record: "valid" or "rejected", and why."""

    record_id: str | None
    status: str
    code: str | UnsetType = UNSET
    pointer: str | UnsetType = UNSET
    message: Words | UnsetType = UNSET
    forms: list[FormAsks] | UnsetType = UNSET


class CheckReport(Struct):
    """A result for each record, in order, by the rulebook that is named."""

    rulebook: str
    results: list[CheckResult]


def encode_report(outcomes: Sequence[Candidate | Refused], rulebook: Rulebook, messages: Messages) -> bytes:
    """Return the report as JSON. Pointers lead from the root of the body, as in a receipt."""
    results = [_result(place, each, rulebook, messages) for place, each in enumerate(outcomes)]
    return _encode(CheckReport(rulebook.hash, results))


def _result(place: int, outcome: Candidate | Refused, rulebook: Rulebook, messages: Messages) -> CheckResult:
    if isinstance(outcome, Refused):
        pointer = f"/data/records/{place}{outcome.pointer}"
        return CheckResult(outcome.record_id, "rejected", outcome.code, pointer, messages.of(outcome))
    content = outcome.content
    if not isinstance(content, Record):
        return CheckResult(content.record_id, "valid")
    learned = content.learned
    last_on = learned.to_on if isinstance(learned, LearnedRange) else learned[-1].on
    return CheckResult(content.record_id, "valid", forms=_forms(content, last_on, rulebook))


def _forms(record: Record, last_on: date, rulebook: Rulebook) -> list[FormAsks]:
    """Say what each jurisdiction asks: whose rules the record falls under only the person's employment decides."""
    found: list[FormAsks] = []
    for jurisdiction in rulebook.jurisdictions.values():
        form = jurisdiction.form_on(record.learning_form, record.subject_kind, last_on)
        if form is not None:
            found.append(_asks(jurisdiction.code, form))
    return found


def _asks(jurisdiction: str, form: Form) -> FormAsks:
    return FormAsks(
        jurisdiction=jurisdiction,
        rule=form.rule_id,
        clause=f"{form.rule.source} {form.clause}",
        form=Words(form.name_zh, form.name_en),
        submitters=list(form.submitters),
        conditions=[Asked([each.code], Words(each.name.zh, each.name.en)) for each in form.needs],
        evidence=[Asked(list(each.documents), Words(each.name.zh, each.name.en)) for each in form.evidence],
    )
