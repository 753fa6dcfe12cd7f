"""The question ``eligible``: what hours mean for an application for a title."""

from xueshi_rulebook.cases.people import read_person
from xueshi_rulebook.eligible import EligibleQuestion
from xueshi_rulebook.explaining import Language
from xueshi_rulebook.jurisdiction import Jurisdiction
from xueshi_rulebook.yamlsource import Value


def read(given: Value) -> EligibleQuestion:
    """Read ``applied_on``, ``verdicts`` (by period), and optionally ``falsified``, ``person`` and ``periods``."""
    fields = given.fields(("applied_on",), ("verdicts", "falsified", "person", "periods"))
    verdicts = fields["verdicts"].entries() if "verdicts" in fields else {}
    return EligibleQuestion(
        applied_on=fields["applied_on"].day(),
        verdicts={
            period: verdict.choice(("compliant", "short", "not_evaluated")) for period, verdict in verdicts.items()
        },
        falsified="falsified" in fields and fields["falsified"].flag(),
        person=read_person(fields.get("person")),
        periods=tuple(each.text() for each in fields["periods"].items()) if "periods" in fields else None,
    )


def answer(jurisdiction: Jurisdiction, question: EligibleQuestion) -> dict[str, object]:
    """Return the outcome, its weight, the periods asked for with their verdicts, and what is handed in."""
    made = jurisdiction.eligible(question)
    return {
        "outcome": made.outcome,
        "weight": made.weight,
        "periods": {each.period: each.verdict for each in made.periods},
        "documents": list(made.documents),
        "rule_ids": list(made.rule_ids),
    }


def explain(jurisdiction: Jurisdiction, question: EligibleQuestion, language: Language) -> str:
    """Return the outcome in words with its clauses."""
    return jurisdiction.eligible(question).explain(language)
