"""The proof of hours that a jurisdiction's notice provides for: what it is called, who issues it, what it rests on."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from xueshi_rulebook.model import Basis, Rule, Text
from xueshi_rulebook.reading import BASIS_KEYS, read_basis, read_rule, read_text
from xueshi_rulebook.yamlsource import Value

_LETTERS: Final = re.compile(r"[A-Z]{2}")


class ProofForm(NamedTuple):
    """What is particular to one jurisdiction's proofs (FJ-11, FJ-23, WZ-08, SG-06). ``letters`` begin each number."""

    letters: str
    title: Text
    issuer: Text
    supervisor: Text
    rules: tuple[Rule, ...]
    bases: tuple[Basis, ...]

    @property
    def rule_ids(self) -> tuple[str, ...]:
        """The rules that a proof rests on beside those of its verdict."""
        return tuple(rule.id for rule in self.rules)


def read_proof(section: Value, rules: Mapping[str, Rule]) -> ProofForm:
    """Read ``proof``; the letters are two capitals, unlike those of any other kind of proof."""
    fields = section.fields(("letters", "title", "issuer", "supervisor", "rules"))
    letters = fields["letters"].text()
    if not _LETTERS.fullmatch(letters):
        fields["letters"].fail(f"{letters!r} is not two capital letters")
    named = {key: fields[key].fields(("name",), BASIS_KEYS) for key in ("title", "issuer", "supervisor")}
    return ProofForm(
        letters=letters,
        title=read_text(named["title"]["name"]),
        issuer=read_text(named["issuer"]["name"]),
        supervisor=read_text(named["supervisor"]["name"]),
        rules=tuple(read_rule(each, rules) for each in fields["rules"].items()),
        bases=tuple(read_basis(fields[key], parts) for key, parts in named.items()),
    )
