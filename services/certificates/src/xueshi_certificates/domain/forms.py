"""The words of proofs: each jurisdiction's form, and the names of codes, as the rulebook has them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest

from xueshi_certificates.domain.content import HOURS, NOT_EVALUATED, Content
from xueshi_rulebook import Basis, Jurisdiction, ProofForm, Rulebook, RuleWords


class UnknownJurisdictionError(LookupError):
    """The rulebook has no such jurisdiction, so no proof can be issued in it."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A notice, its official number, and the clauses in it that a proof rests on."""

    number: str
    title_zh: str
    clauses: tuple[str, ...]


class ProofForms:
    """The forms of all jurisdictions. A person may bring hours along, so names are looked for in the others too."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Take the words of `rulebook`."""
        self._rulebook = rulebook

    def of(self, jurisdiction: str) -> ProofForm:
        """Return a jurisdiction's form. Raises `UnknownJurisdictionError`."""
        found = self._rulebook.jurisdictions.get(jurisdiction)
        if found is None:
            raise UnknownJurisdictionError(jurisdiction)
        return found.proof

    def act_zh(self, jurisdiction: str) -> str:
        """Return what the act is called that makes hours count. Raises `UnknownJurisdictionError`."""
        self.of(jurisdiction)
        return self._rulebook.jurisdictions[jurisdiction].counting_act.zh

    def kind_zh(self, jurisdiction: str, kind: str) -> str:
        """Return the name of a subject kind or combined line, or its code where the rulebook no longer knows it."""
        for known in self._from(jurisdiction):
            if kind in known.line_names:
                return known.line_names[kind].zh
        return kind

    def unit_of(self, jurisdiction: str, kind: str) -> str:
        """Return the unit of a subject kind, hours where the rulebook no longer knows it."""
        for known in self._from(jurisdiction):
            if kind in known.kinds:
                return known.kinds[kind].unit
        return HOURS

    def learning_form_zh(self, jurisdiction: str, learning_form: str, kind: str) -> str:
        """Return the name of a learning form as its kind has it, or its code where the rulebook no longer knows it."""
        for known in self._from(jurisdiction):
            names = [each.name_zh for each in known.forms.get(learning_form, ()) if kind in each.kinds]
            if names:
                return names[-1]
        return learning_form

    def citations(self, jurisdiction: str, cited: Mapping[str, str]) -> list[Citation]:
        """Return what a proof rests on, by notice: what its verdict cites (`cited_by`), then the rules of its form."""
        clauses: dict[str, dict[str, None]] = {}
        titles = {each.number: each.title_zh for known in self._from(jurisdiction) for each in known.sources.values()}
        for rule_id in (*cited, *self.of(jurisdiction).rule_ids):
            number, _, clause = (cited.get(rule_id) or self._rulebook.rule_words(rule_id).citation).partition(" ")
            if clause:
                clauses.setdefault(number, {})[clause] = None
        return [Citation(number, titles.get(number, ""), tuple(found)) for number, found in clauses.items()]

    def readings(self, jurisdiction: str, rule_ids: Iterable[str]) -> list[RuleWords]:
        """Return those of the rules that a proof rests on which are in part a reading, in the order of `citations`."""
        named = dict.fromkeys((*rule_ids, *self.of(jurisdiction).rule_ids))
        return [rule for rule in map(self._rulebook.rule_words, named) if rule.reading is not None]

    def notes_on(self, content: Content) -> tuple[Basis, ...]:
        """Return which readings and sources to be confirmed a verdict rests on; of one not evaluated they say why.

        None are known of an older transcript, which does not name the minimums that judged it.
        """
        found = self._rulebook.jurisdictions.get(content.jurisdiction)
        if found is None or not (content.profile or content.verdict == NOT_EVALUATED):
            return ()
        return found.notes_on(content.profile, content.rule_ids)

    def cited_by(self, content: Content) -> Mapping[str, str]:
        """Return the rules to cite for a verdict, each with its clause as it was told, else empty.

        There are none where the verdict's amounts stand in no notice (SG-01).
        """
        if any(each.kind == "unconfirmed" for each in self.notes_on(content)):
            return {}
        return dict(zip_longest(content.rule_ids, content.clauses, fillvalue=""))

    def _from(self, jurisdiction: str) -> Iterable[Jurisdiction]:
        """Yield the jurisdiction, then all of them."""
        found = self._rulebook.jurisdictions
        return (*((found[jurisdiction],) if jurisdiction in found else ()), *found.values())
