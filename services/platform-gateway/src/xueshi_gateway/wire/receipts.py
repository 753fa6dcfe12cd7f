"""The receipt of a delivery: a result for each record, in order, and their counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec import UNSET, Struct, UnsetType
from msgspec.json import Encoder

from xueshi_gateway.domain.versions import Accepted, Outcome, Refused
from xueshi_rulebook import Rulebook

_encode = Encoder().encode


class Words(Struct):
    """The same words in Chinese and English."""

    zh: str
    en: str


class Result(Struct, omit_defaults=True):
    """What became of one record. A refused one says why, where in the body, and what to do."""

    record_id: str | None
    status: str
    version: int | UnsetType = UNSET
    code: str | UnsetType = UNSET
    pointer: str | UnsetType = UNSET
    message: Words | UnsetType = UNSET


class Counts(Struct):
    """How many records were accepted, repeated and refused."""

    accepted: int
    duplicate: int
    rejected: int


class Receipt(Struct):
    """What a platform gets for a delivery, and gets again for the same bytes."""

    delivery: str
    counts: Counts
    results: list[Result]


@dataclass(frozen=True, slots=True)
class Messages:
    """What is said for each code; and for each learning form, to whom sends it with a kind that it is not for."""

    of_codes: Mapping[str, Words]
    of_forms: Mapping[str, Words]

    def of(self, refused: Refused) -> Words:
        """Return why a record is refused and what to do."""
        return self.of_forms[refused.form] if refused.form else self.of_codes[refused.code]


def rejection_messages(rulebook: Rulebook) -> Messages:
    """Return the reason and what to do, from the rulebook's guidance and its learning forms."""
    catalogue = [rulebook.guidance(code) for code in rulebook.guidance_codes()]
    forms = {code for each in rulebook.jurisdictions.values() for code in each.forms}
    return Messages(
        {each.code: Words(f"{each.reason_zh}{each.todo_zh}", f"{each.reason_en} {each.todo_en}") for each in catalogue},
        {form: _unfit_form(form, rulebook) for form in forms},
    )


def _unfit_form(code: str, rulebook: Rulebook) -> Words:
    """Say which kinds of subject a form is for, by the rule and clause of each jurisdiction that has it."""
    zh, en = [], []
    for jurisdiction in rulebook.jurisdictions.values():
        for form in jurisdiction.forms.get(code, ()):
            clause = f"{form.rule.source} {form.clause}"
            kinds = [jurisdiction.kinds[kind].name for kind in form.kinds]
            named_zh, named_en = "、".join(kind.zh for kind in kinds), ", ".join(kind.en for kind in kinds)
            zh.append(f"学习形式“{form.name_zh}”只适用于{named_zh}（{form.rule_id}，{clause}）。")
            en.append(f"The form “{form.name_en}” is for {named_en} only ({form.rule_id}, {clause}).")
    # What a jurisdiction inherits is said once.
    return Words(
        f"{''.join(dict.fromkeys(zh))}请改正学习形式或科目类别后重新上报。",
        f"{' '.join(dict.fromkeys(en))} Correct the form or the kind of subject and send the record again.",
    )


def encode_receipt(delivery: str, outcomes: Sequence[Outcome], messages: Messages) -> bytes:
    """Return the receipt as JSON. Pointers lead from the root of the delivery's body."""
    results = [_result(place, outcome, messages) for place, outcome in enumerate(outcomes)]
    accepted = sum(isinstance(each, Accepted) for each in outcomes)
    rejected = sum(isinstance(each, Refused) for each in outcomes)
    counts = Counts(accepted, len(outcomes) - accepted - rejected, rejected)
    return _encode(Receipt(delivery, counts, results))


def _result(place: int, outcome: Outcome, messages: Messages) -> Result:
    if isinstance(outcome, Accepted):
        return Result(outcome.content.record_id, "accepted", outcome.version)
    if isinstance(outcome, Refused):
        pointer = f"/data/records/{place}{outcome.pointer}"
        return Result(outcome.record_id, "rejected", UNSET, outcome.code, pointer, messages.of(outcome))
    return Result(outcome.record_id, "duplicate", outcome.version)
