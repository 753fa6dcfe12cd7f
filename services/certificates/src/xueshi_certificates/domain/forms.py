"""The form of proofs in each jurisdiction: letters, issuer, the clauses that they rest on, the names of codes.

Names of kinds and learning forms and the citations come from the rulebook; what only a proof needs stands here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from xueshi_rulebook import Rulebook, UnknownRuleError


class UnknownJurisdictionError(LookupError):
    """There is no form of proof for this jurisdiction, so none can be issued in it."""


@dataclass(frozen=True, slots=True)
class ProofForm:
    """What is particular to one jurisdiction's proofs. `letters` begin each number."""

    letters: str
    title_zh: str
    issuer_zh: str
    issuer_en: str
    supervisor_zh: str
    valid_in_zh: str
    rule_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Citation:
    """A notice, its official number, and the clauses in it that a proof rests on."""

    number: str
    title_zh: str
    clauses: tuple[str, ...]


FORMS: Final[Mapping[str, ProofForm]] = {
    "fujian": ProofForm(
        letters="FJ",
        title_zh="专业技术人员继续教育学时证明",
        issuer_zh="福建省继续教育公共服务平台",
        issuer_en="Fujian public service platform for continuing education",
        supervisor_zh="福建省人力资源和社会保障厅",
        valid_in_zh="福建省",
        # One province-wide form (三) shows five items (附件2 一) of hours that were stamped (附件2 二（五）).
        rule_ids=("FJ-23", "FJ-07", "FJ-11"),
    ),
}


class ProofForms:
    """The forms of all jurisdictions, with the rulebook's words."""

    def __init__(self, rulebook: Rulebook, forms: Mapping[str, ProofForm] = FORMS) -> None:
        """Take the words of `rulebook`."""
        self._rulebook = rulebook
        self._forms = forms

    def of(self, jurisdiction: str) -> ProofForm:
        """Return a jurisdiction's form. Raises `UnknownJurisdictionError`."""
        form = self._forms.get(jurisdiction)
        if form is None:
            raise UnknownJurisdictionError(jurisdiction)
        return form

    def kind_zh(self, jurisdiction: str, kind: str) -> str:
        """Return the name of a subject kind or combined line, or its code where the rulebook no longer knows it."""
        known = self._rulebook.jurisdictions.get(jurisdiction)
        name = None if known is None else known.line_names.get(kind)
        return kind if name is None else name.zh

    def learning_form_zh(self, jurisdiction: str, learning_form: str) -> str:
        """Return the name of a learning form, or its code where the rulebook no longer knows it."""
        known = self._rulebook.jurisdictions.get(jurisdiction)
        forms = None if known is None else known.forms.get(learning_form)
        return forms[-1].name_zh if forms else learning_form

    def citations(self, jurisdiction: str, rule_ids: Iterable[str]) -> list[Citation]:
        """Return what a proof rests on, by notice: the rules that its verdict names, then those of its form."""
        clauses: dict[tuple[str, str], list[str]] = {}
        for rule_id in (*rule_ids, *self.of(jurisdiction).rule_ids):
            try:
                rule = self._rulebook.rule(rule_id)
            except UnknownRuleError:
                continue
            sources = self._rulebook.jurisdictions[jurisdiction].sources
            title = sources[rule.source_id].title_zh if rule.source_id in sources else ""
            known = clauses.setdefault((rule.source, title), [])
            if rule.clause not in known:
                known.append(rule.clause)
        return [Citation(number, title, tuple(found)) for (number, title), found in clauses.items()]
