"""Cases: questions with their expected answers, as YAML that an official can read and write (docs/rulebook.md)."""

from xueshi_rulebook.cases.coverage import Covered, coverage
from xueshi_rulebook.cases.pinning import pin_answers
from xueshi_rulebook.cases.running import (
    Case,
    Outcome,
    check_cases,
    explain_case,
    folder_cases,
    packaged_cases,
    read_cases,
    run_case,
    unique,
)

__all__ = [
    "Case",
    "Covered",
    "Outcome",
    "check_cases",
    "coverage",
    "explain_case",
    "folder_cases",
    "packaged_cases",
    "pin_answers",
    "read_cases",
    "run_case",
    "unique",
]
