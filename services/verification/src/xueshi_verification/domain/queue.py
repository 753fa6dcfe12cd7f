"""What is asked of a queue and of the logs, and what they answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from xueshi_verification.domain.model import AuthorityId, Decision


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What to show of a queue; None shows everything. Waiting: from (included) until (not included)."""

    subject_kind: str | None = None
    industry: int | None = None
    employer: str | None = None
    learning_form: str | None = None
    waiting_from: datetime | None = None
    waiting_until: datetime | None = None
    claim: Literal["mine", "unclaimed"] | None = None
    search: str | None = None


@dataclass(frozen=True, slots=True)
class QueueCount:
    """How much of one subject kind and learning form waits, and since when."""

    subject_kind: str
    learning_form: str
    waiting: int
    unclaimed: int
    mine: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class LoggedDecision:
    """A decision with its number in the log, and for each of its rules the clause that was told, where one was."""

    id: int
    decision: Decision
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One change that an administrator or operator made."""

    id: int
    at: datetime
    actor: str
    actor_kind: str
    authority: AuthorityId
    action: str
    detail: Mapping[str, Any]
