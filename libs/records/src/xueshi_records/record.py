"""A record as a platform sends it, as it is typed: the one source of the decoder and of the published JSON schema.

None of these can hold itself, so the collector of cycles is spared them (`gc=False`).

The members of each record stand in the order of RFC 8785 (by code point of their names), so that encoding a record is
its canonical form: see `digest.py`. Requests are strict: an unknown member is refused.
"""

from datetime import date, datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, field

MAX_LEARNED_DAYS = 366
"""Days of one record, listed or as a range: a bound of its size. What a notice allows is the rulebook's."""

# In Python `$` also stands before a last line feed; in other languages it does not. This end means the same in all.
_END = r"$(?!\n)"
_NO_CONTROL = r"[^\u0000-\u001f\u007f-\u009f]"

ID_PATTERN = r"^[A-Za-z0-9_-]{1,64}" + _END
CODE_PATTERN = r"^[a-z][a-z0-9_]{0,39}" + _END
TEXT_PATTERN = f"^{_NO_CONTROL}*{_END}"
YEAR_PATTERN = r"^(?:19|20)[0-9]{2}" + _END
DECIMAL_PATTERN = r"^(?:0|[1-9][0-9]{0,3})(?:\.[0-9]{1,2})?" + _END


def _shape(pattern: str, most: int, description: str, example: str = "") -> Meta:
    """Bound a string. The decoder holds its length, `checks.py` its pattern: there a match is five times faster."""
    examples = {"examples": [example]} if example else {}
    return Meta(
        min_length=1, max_length=most, description=description, extra_json_schema={"pattern": pattern, **examples}
    )


def _text(most: int, description: str) -> Meta:
    return _shape(TEXT_PATTERN, most, description)


RecordId = Annotated[str, _shape(ID_PATTERN, 64, "The platform's own id of the record.")]
CourseId = Annotated[str, _shape(ID_PATTERN, 64, "The platform's own id of the course.")]
Decimal = Annotated[str, _shape(DECIMAL_PATTERN, 7, "A decimal of at most two places, as a string.", "4.5")]
Moment = Annotated[datetime, Meta(tz=True, description="RFC 3339, with an offset.")]


class Learner(Struct, forbid_unknown_fields=True, kw_only=True, gc=False):
    """Who learned. Number and name are sealed before anything is stored."""

    id_number: Annotated[str, _text(32, "Number of the identity document; its check character is checked.")]
    id_type: Annotated[str, _shape(CODE_PATTERN, 40, "Kind of the document.", "resident_id")]
    name: Annotated[str, _text(64, "Name as the document gives it.")]


class Course(Struct, forbid_unknown_fields=True, kw_only=True, gc=False):
    """What was learned: the content of FJ-07."""

    id: CourseId
    title: Annotated[str, _text(200, "Title of the course.")]


class Assessment(Struct, forbid_unknown_fields=True, kw_only=True, gc=False):
    """How the assessment ended."""

    passed: bool
    score: Decimal | UnsetType = UNSET


class LearnedDay(Struct, forbid_unknown_fields=True, kw_only=True, gc=False):
    """The hours of one calendar day in China."""

    hours: Decimal
    on: date


class LearnedRange(Struct, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A span of days, both included; the hours fill the earliest day first, up to the day's cap (FJ-03)."""

    from_on: date = field(name="from")
    to_on: date = field(name="to")


class Record(Struct, forbid_unknown_fields=True, kw_only=True, gc=False):
    """One completed learning record: hours, content, form, time and assessment result (FJ-07), and who learned."""

    assessment: Assessment
    completed_at: Moment
    course: Course
    credit_year: (
        Annotated[
            str,
            _shape(
                YEAR_PATTERN,
                4,
                "Credit year for which the hours are to count, where a rule lets them be made up for another than that"
                " of the learning (SG-03); left out: that of the learning.",
                "2018",
            ),
        ]
        | UnsetType
    ) = UNSET
    employer: Annotated[str, _text(32, "Unified social credit code (GB 32100-2015).")] | UnsetType = UNSET
    hours: Decimal
    # A number with multipleOf 1, because JSON does not tell 5 from 5.0 and a schema cannot either.
    industry: (
        Annotated[
            float,
            Meta(
                ge=1,
                le=99,
                multiple_of=1,
                description="Number of the industry in the rulebook's list.",
            ),
        ]
        | UnsetType
    ) = UNSET
    learned: Annotated[list[LearnedDay], Meta(min_length=1, max_length=MAX_LEARNED_DAYS)] | LearnedRange
    learner: Learner
    learning_form: Annotated[str, _shape(CODE_PATTERN, 40, "Form of the learning (FJ-04).", "online")]
    major: Annotated[str, _text(64, "Major within the industry.")] | UnsetType = UNSET
    record_id: RecordId
    subject_kind: Annotated[str, _shape(CODE_PATTERN, 40, "Kind of the subject (FJ-01).", "professional")]


class AskedRecord(Record, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A record that somebody asks about before it is sent: it may lack an id, and a learner whom the asker names."""

    learner: Learner | UnsetType = UNSET  # type: ignore[assignment]
    record_id: RecordId | UnsetType = UNSET  # type: ignore[assignment]


class Void(Struct, forbid_unknown_fields=True, kw_only=True, gc=False):
    """A record taken back for good."""

    reason: Annotated[str, _text(200, "Why; without personal data.")]
    record_id: RecordId
