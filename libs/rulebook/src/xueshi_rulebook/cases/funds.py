"""The question ``funds``: what an employer spends on training, beside its technicians' wages."""

from typing import Final

from xueshi_rulebook.explaining import Language
from xueshi_rulebook.funds import FundsQuestion, format_yuan
from xueshi_rulebook.jurisdiction import Jurisdiction
from xueshi_rulebook.yamlsource import Value

_MOST_YUAN: Final = 10_000_000_000


def read(given: Value) -> FundsQuestion:
    """Read ``on``, the year's ``wages`` and what was ``spent`` by subject kind, in yuan."""
    fields = given.fields(("on", "wages", "spent"))
    spent = {kind: _fen(value) for kind, value in fields["spent"].entries().items()}
    return FundsQuestion(fields["on"].day(), _fen(fields["wages"]), spent)


def _fen(value: Value) -> int:
    return value.hundredths(_MOST_YUAN, "yuan", zero=True)


def answer(jurisdiction: Jurisdiction, question: FundsQuestion) -> dict[str, object]:
    """Return the verdict and what had to be spent, was spent and is lacking, in yuan."""
    made = jurisdiction.funds(question)
    return {
        "verdict": made.verdict,
        "required": format_yuan(made.required_fen),
        "counted": format_yuan(made.counted_fen),
        "lacking": format_yuan(made.lacking_fen),
        "left_out": list(made.left_out),
        "rule_ids": list(made.rule_ids),
    }


def explain(jurisdiction: Jurisdiction, question: FundsQuestion, language: Language) -> str:
    """Return the arithmetic."""
    return jurisdiction.funds(question).explain(language)
