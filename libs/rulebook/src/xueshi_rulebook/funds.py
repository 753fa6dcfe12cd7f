"""What an employer spends on training, measured by its technicians' wages (SG-09): a report, no verdict on a person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal, NamedTuple

from xueshi_rulebook.errors import FactTypeError
from xueshi_rulebook.explaining import Language, Wording, say, say_grounds
from xueshi_rulebook.model import Basis, Rule
from xueshi_rulebook.reading import BASIS_KEYS, read_basis, read_rule
from xueshi_rulebook.yamlsource import Value

_FEN: Final = 100
_WHOLE: Final = 10_000
_MOST_PERCENT: Final = 100
WORDING_KEYS: Final = ("heading", "met", "short", "not_in_force", "counted", "enough", "too_little", "left_out")


class FundsQuestion(NamedTuple):
    """A year's wages of all professional and technical staff and what was spent on training by kind, in fen."""

    on: date
    wages_fen: int
    spent_fen: Mapping[str, int]


class FundsRules(NamedTuple):
    """The least share of the wages, in hundredths of a per cent, and the kinds on which it is spent."""

    rule: Rule
    share: int
    kinds: tuple[str, ...]
    bases: tuple[Basis, ...]
    wording: Wording


@dataclass(frozen=True, slots=True)
class FundsAnswer:
    """What had to be spent and what was, in fen; ``left_out`` are kinds that others pay."""

    verdict: Literal["met", "short", "not_in_force"]
    required_fen: int
    counted_fen: int
    lacking_fen: int
    left_out: tuple[str, ...]
    rule_ids: tuple[str, ...]
    _question: FundsQuestion = field(repr=False, compare=False)
    _rules: FundsRules = field(repr=False, compare=False)

    def explain(self, language: Language) -> str:
        """Return the arithmetic, the rule and what rests on a reading."""
        rules, question = self._rules, self._question
        said = rules.wording["funds"]
        parts = [say(said, "heading", language, verdict=said[self.verdict].within(language))]
        if self.verdict != "not_in_force":
            words = {
                "wages": format_yuan(question.wages_fen),
                "percent": _format_percent(rules.share),
                "required": format_yuan(self.required_fen),
                "counted": format_yuan(self.counted_fen),
                "lacking": format_yuan(self.lacking_fen),
            }
            terms = " + ".join(format_yuan(question.spent_fen.get(kind, 0)) for kind in rules.kinds)
            parts.append(say(said, "counted", language, terms=terms, counted=words["counted"]))
            parts.append(say(said, "too_little" if self.lacking_fen else "enough", language, **words))
            if self.left_out:
                parts.append(said["left_out"].within(language))
        return "\n".join(parts + say_grounds(rules.wording, [rules.rule], rules.bases, language))


def report_funds(rules: FundsRules, question: FundsQuestion) -> FundsAnswer:
    """Compare what was spent on the counted kinds with the share of the wages; a part of a fen is rounded up.

    Raises FactTypeError for an amount below 0.
    """
    if min(question.wages_fen, *question.spent_fen.values(), 0) < 0:
        raise FactTypeError("funds", "amounts of at least 0")
    counted = sum(question.spent_fen.get(kind, 0) for kind in rules.kinds)
    required = -(-question.wages_fen * rules.share // _WHOLE)
    lacking = max(0, required - counted)
    left_out = tuple(kind for kind in question.spent_fen if kind not in rules.kinds)
    rule_ids = (rules.rule.id,)
    if not rules.rule.in_force(question.on):
        return FundsAnswer("not_in_force", 0, counted, 0, left_out, rule_ids, question, rules)
    verdict: Literal["met", "short"] = "short" if lacking else "met"
    return FundsAnswer(verdict, required, counted, lacking, left_out, rule_ids, question, rules)


def format_yuan(fen: int) -> str:
    """Write fen as a decimal string of yuan with two places: 150 gives "1.50"."""
    return f"{fen // _FEN}.{fen % _FEN:02}"


def _format_percent(share: int) -> str:
    return f"{share // _FEN}.{share % _FEN:02}".rstrip("0").rstrip(".")


def read_funds(section: Value, rules: Mapping[str, Rule], kinds: Mapping[str, object], wording: Wording) -> FundsRules:
    """Read the section ``funds``."""
    fields = section.fields(("rule", "least", "kinds"))
    least = fields["least"].fields(("percent",), BASIS_KEYS)
    counted = fields["kinds"].fields(("counts",), BASIS_KEYS)
    bases = (read_basis(fields["least"], least), read_basis(fields["kinds"], counted))
    share = least["percent"].hundredths(_MOST_PERCENT, "per cent")
    return FundsRules(read_rule(fields["rule"], rules), share, counted["counts"].choices(kinds), bases, wording)
