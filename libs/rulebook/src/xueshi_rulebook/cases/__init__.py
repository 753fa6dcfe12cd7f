"""Cases: questions with their expected answers, as YAML that an official can read and write (docs/rulebook.md)."""

from xueshi_rulebook.cases.running import Case, Outcome, packaged_cases, read_cases, run_case

__all__ = ["Case", "Outcome", "packaged_cases", "read_cases", "run_case"]
