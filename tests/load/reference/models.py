"""The reference's requests."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Text = Annotated[str, Field(min_length=1, max_length=200)]
Hours = Annotated[Decimal, Field(gt=0, max_digits=6, decimal_places=2)]


class Strict(BaseModel):
    """A request that may hold no unknown member."""

    model_config = ConfigDict(extra="forbid")


class Learner(Strict):
    """Who learned."""

    id_type: Text
    id_number: Text
    name: Text


class Course(Strict):
    """What was learned."""

    id: Id
    title: Text


class LearnedDay(Strict):
    """The hours of a day."""

    on: date
    hours: Hours


class Assessment(Strict):
    """How it ended."""

    passed: bool
    score: Decimal | None = None


class Record(Strict):
    """One completed record."""

    record_id: Id
    learner: Learner
    employer: Text | None = None
    subject_kind: Literal["public", "professional"]
    learning_form: Text
    course: Course
    industry: int | None = None
    major: Text | None = None
    learned: list[LearnedDay]
    hours: Hours
    assessment: Assessment
    completed_at: AwareDatetime


class Records(Strict):
    """The records of a delivery."""

    records: Annotated[list[Record], Field(min_length=1, max_length=1000)]


class DeliveryIn(Strict):
    """A delivery's body."""

    type: Literal["hour_records.completed"]
    timestamp: datetime
    data: Records
