"""The rules of continuing-education hours, as cited data and pure functions (see jurisdictions/*/*.yaml)."""

from xueshi_rulebook.allocation import allocate
from xueshi_rulebook.applications import ApplicationAnswer, ApplicationQuestion
from xueshi_rulebook.assess import Assessment
from xueshi_rulebook.attendance import Attendance, HalfDay
from xueshi_rulebook.authorities import Authority
from xueshi_rulebook.bases import BaseAnswer, BaseQuestion, PastEvent
from xueshi_rulebook.claims import PUSHED, Claim, Work
from xueshi_rulebook.deadlines import Deadline, DeadlineQuestion
from xueshi_rulebook.eligible import Eligible, EligibleQuestion
from xueshi_rulebook.errors import (
    DeadlineQuestionError,
    FactTypeError,
    IdentifierError,
    NoSuchRuleError,
    NotInForceError,
    RulebookDataError,
    RulebookError,
    UnknownApplicationError,
    UnknownCalendarYearError,
    UnknownCodeError,
    UnknownDeadlineError,
    UnknownDivisionError,
    UnknownFactError,
    UnknownFormError,
    UnknownJurisdictionError,
    UnknownKindError,
    UnknownPeriodError,
    UnknownRuleError,
    UnknownTitleError,
)
from xueshi_rulebook.facts import Fact
from xueshi_rulebook.forms import Form
from xueshi_rulebook.funds import FundsAnswer, FundsQuestion
from xueshi_rulebook.hours import format_hours
from xueshi_rulebook.jurisdiction import Jurisdiction
from xueshi_rulebook.loading import load_rulebook, read_canonical, read_rulebook
from xueshi_rulebook.misconduct import Misconduct
from xueshi_rulebook.model import Basis, Clause, Guidance, Industry, Kind, Rule, RuleWords, Source
from xueshi_rulebook.person import ANYBODY, Person
from xueshi_rulebook.precedence import Precedence
from xueshi_rulebook.progress import Progress, ProgressLine
from xueshi_rulebook.proofs import ProofForm
from xueshi_rulebook.providers import Provider
from xueshi_rulebook.routing import Beside, Route, RouteQuestion, Router
from xueshi_rulebook.rulebook import Rulebook, rules_in
from xueshi_rulebook.scope import Accreditation, Oversight, Recognition, ScopeAnswer, ScopeQuestion
from xueshi_rulebook.spot_checks import SpotCheck

__all__ = [
    "ANYBODY",
    "PUSHED",
    "Accreditation",
    "ApplicationAnswer",
    "ApplicationQuestion",
    "Assessment",
    "Attendance",
    "Authority",
    "BaseAnswer",
    "BaseQuestion",
    "Basis",
    "Beside",
    "Claim",
    "Clause",
    "Deadline",
    "DeadlineQuestion",
    "DeadlineQuestionError",
    "Eligible",
    "EligibleQuestion",
    "Fact",
    "FactTypeError",
    "Form",
    "FundsAnswer",
    "FundsQuestion",
    "Guidance",
    "HalfDay",
    "IdentifierError",
    "Industry",
    "Jurisdiction",
    "Kind",
    "Misconduct",
    "NoSuchRuleError",
    "NotInForceError",
    "Oversight",
    "PastEvent",
    "Person",
    "Precedence",
    "Progress",
    "ProgressLine",
    "ProofForm",
    "Provider",
    "Recognition",
    "Route",
    "RouteQuestion",
    "Router",
    "Rule",
    "RuleWords",
    "Rulebook",
    "RulebookDataError",
    "RulebookError",
    "ScopeAnswer",
    "ScopeQuestion",
    "Source",
    "SpotCheck",
    "UnknownApplicationError",
    "UnknownCalendarYearError",
    "UnknownCodeError",
    "UnknownDeadlineError",
    "UnknownDivisionError",
    "UnknownFactError",
    "UnknownFormError",
    "UnknownJurisdictionError",
    "UnknownKindError",
    "UnknownPeriodError",
    "UnknownRuleError",
    "UnknownTitleError",
    "Work",
    "allocate",
    "format_hours",
    "load_rulebook",
    "read_canonical",
    "read_rulebook",
    "rules_in",
]
