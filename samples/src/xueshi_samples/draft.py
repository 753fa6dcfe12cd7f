"""A record in the making: what was really learned, how it is written down, and what must become of it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from xueshi_samples.model import Employment, Json, LearningForm
from xueshi_samples.people import Learner
from xueshi_samples.platforms import Course
from xueshi_samples.rules import Part, is_stamped_at_once, worth


@dataclass(slots=True, eq=False)
class Draft:
    """One record of one platform. `mark` names the mistake that it has a part in; each record has at most one.

    `live` is False while no version of it has been accepted; `hold` is the code of a hold of its live version.
    """

    learner: Learner
    course: Course
    form: LearningForm
    employment: Employment
    employer_named: str
    parts: list[Part]
    as_range: bool
    range_to: date
    completed_at: datetime
    score: int
    name_sent: str
    number_sent: str
    record_id: str = ""
    mark: str | None = None
    hold: str | None = None
    live: bool = True
    voided: bool = False
    version: int = 1

    @property
    def centihours(self) -> int:
        """Return the hours that the record claims."""
        return sum(centihours for _, centihours in self.parts)

    @property
    def fate(self) -> Literal["held", "stamped", "queued", "voided"]:
        """Return what becomes of it without an officer: it is stamped at once or waits in a queue."""
        if self.voided:
            return "voided"
        if self.hold:
            return "held"
        return "stamped" if is_stamped_at_once(self.employment.region, self.course.kind, self.form) else "queued"

    @property
    def worth(self) -> list[Part]:
        """Return what its days are worth before a cap."""
        return worth(self.employment.region, self.course.kind, self.form, self.parts)


def decimal(centihours: int) -> str:
    """Return hundredths as the shortest decimal string: 450 as 4.5."""
    whole, rest = divmod(centihours, 100)
    return f"{whole}.{rest:02d}".rstrip("0") if rest else str(whole)


def as_record(draft: Draft) -> Json:
    """Return the record as a platform writes it (contract, A delivery)."""
    record: Json = {
        "record_id": draft.record_id,
        "learner": {"id_type": "resident_id", "id_number": draft.number_sent, "name": draft.name_sent},
        "employer": draft.employer_named,
        "subject_kind": draft.course.kind,
        "learning_form": draft.form,
        "course": {"id": draft.course.id, "title": draft.course.title},
    }
    if draft.course.industry is not None:
        record["industry"] = draft.course.industry
    if draft.course.major is not None:
        record["major"] = draft.course.major
    if draft.as_range:
        record["learned"] = {"from": draft.parts[0][0].isoformat(), "to": draft.range_to.isoformat()}
    else:
        record["learned"] = [{"on": day.isoformat(), "hours": decimal(hours)} for day, hours in draft.parts]
    return record | {
        "hours": decimal(draft.centihours),
        "assessment": {"passed": True, "score": str(draft.score)},
        "completed_at": draft.completed_at.isoformat(),
    }
