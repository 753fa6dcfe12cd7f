"""Pinned answers: what a version answered, as a case file whose expectations are the whole answers."""

import json
from collections.abc import Iterable

from xueshi_rulebook.cases.running import Case, run_case
from xueshi_rulebook.rulebook import Rulebook


def pin_answers(rulebook: Rulebook, cases: Iterable[Case]) -> str:
    """Return the case file, in JSON (which is YAML), a case a line: each question, expecting what it is answered now.

    It needs nothing of today's case files, so that they may change while past verdicts stay.
    """
    lines = (json.dumps(_pin(rulebook, case), ensure_ascii=False) for case in cases)
    return '{"cases": [\n' + ",\n".join(lines) + "\n]}\n"


def _pin(rulebook: Rulebook, case: Case) -> dict[str, object]:
    answer = run_case(rulebook, case).answer
    return {
        "id": case.id,
        "title": case.title,
        "rules": list(case.rules),
        "jurisdiction": case.jurisdiction,
        "ask": case.ask,
        "given": case.given.scalars(),
        # An error is pinned by its name: its words are for people and may be mended.
        "expect": {key: value for key, value in answer.items() if key != "message" or "error" not in answer},
    }
