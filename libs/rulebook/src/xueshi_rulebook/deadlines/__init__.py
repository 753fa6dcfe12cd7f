"""Until when an act may be done, from when on, and what being early or late means."""

from xueshi_rulebook.deadlines.answering import Deadline, answer_deadline
from xueshi_rulebook.deadlines.model import FILERS, DeadlineQuestion, DeadlineRule
from xueshi_rulebook.deadlines.reading import check_codes, read_deadlines
from xueshi_rulebook.deadlines.reckoning import Counting
from xueshi_rulebook.deadlines.saying import WORDING_KEYS

__all__ = [
    "FILERS",
    "WORDING_KEYS",
    "Counting",
    "Deadline",
    "DeadlineQuestion",
    "DeadlineRule",
    "answer_deadline",
    "check_codes",
    "read_deadlines",
]
