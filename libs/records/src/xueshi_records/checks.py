"""What a record must be before it counts as well-formed (FJ-07, FJ-24), and its canonical form.

`settle_form` is on the hot path: each check is a few tenths of a microsecond, and what repeats within and between
deliveries (decimals, courses, employers) is remembered. Nothing personal is: an exception is never cached.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from operator import attrgetter

from msgspec import UNSET

from xueshi_kit.clock import CHINA
from xueshi_records.record import (
    DECIMAL_PATTERN,
    ID_PATTERN,
    MAX_LEARNED_DAYS,
    TEXT_PATTERN,
    YEAR_PATTERN,
    Assessment,
    Course,
    LearnedDay,
    LearnedRange,
    Learner,
    Record,
    Void,
)
from xueshi_rulebook import Jurisdiction
from xueshi_rulebook.errors import IdentifierError
from xueshi_rulebook.identifiers import check_uscc, contains_id_number, normalise_id

CLOCK_TOLERANCE = timedelta(minutes=5)
"""What lies further ahead than this is in the future (`contract.md`)."""
EARLIEST_ON = date(1990, 1, 1)
"""Older learning is a typing error: no notice on continuing education reaches back so far."""

_is_id = re.compile(ID_PATTERN).match
_is_text = re.compile(TEXT_PATTERN).match
_is_decimal = re.compile(DECIMAL_PATTERN).match
_is_year = re.compile(YEAR_PATTERN).match
_NAMELESS = " ·•．\u3000"


KindsOfForms = Mapping[str, Collection[str]]
"""For each learning form the kinds of subject that it gives hours of."""


class RejectedError(Exception):
    """A record that is refused: a code of the rulebook's guidance, and a JSON pointer within the record.

    `form` is the learning form that does not give hours of the record's kind of subject, where that is why.
    """

    def __init__(self, code: str, pointer: str, form: str = "") -> None:
        """Keep these; the refused value itself is never repeated, unless it is a code of the rulebook."""
        super().__init__(f"{code} at {pointer}")
        self.code = code
        self.pointer = pointer
        self.form = form


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a delivery's records are held against: the moment beyond which all is future, and the known codes."""

    latest_at: datetime
    latest_on: date
    subject_kinds: Collection[str]
    kinds_of_forms: KindsOfForms

    @classmethod
    def at(cls, now: datetime, subject_kinds: Collection[str], kinds_of_forms: KindsOfForms) -> "Bounds":
        """Return the bounds at `now` (aware)."""
        latest = now + CLOCK_TOLERANCE
        return cls(latest, latest.astimezone(CHINA).date(), subject_kinds, kinds_of_forms)


def settle_form(record: Record, bounds: Bounds) -> None:
    """Check a decoded record and bring it into canonical form, in place. Raises `RejectedError`.

    Canonical: the ID number and employer code normalised, decimals without superfluous zeros, days in order, the
    moment in UTC, so that what means the same has the same digest.
    """
    settle_id(record.record_id)
    settle_learner(record.learner)
    settle_content(record, bounds)


def settle_content(record: Record, bounds: Bounds) -> None:
    """Check all of a record but its id and its learner, in place. Raises `RejectedError`."""
    if record.employer is not UNSET:
        record.employer = _settle_employer(record.employer)
    if record.subject_kind not in bounds.subject_kinds:
        raise RejectedError("FIELD_INVALID", "/subject_kind")
    _check_learning_form(record, bounds)
    _check_course(record.course)
    if record.credit_year is not UNSET and not _is_year(record.credit_year):
        raise RejectedError("FIELD_INVALID", "/credit_year")
    if record.industry is not UNSET:
        record.industry = int(record.industry)
    if record.major is not UNSET:
        _check_open_text(record.major, "/major")
    _settle_assessment(record.assessment)
    record.completed_at = _settle_moment(record.completed_at, bounds)
    _settle_hours(record, bounds)


def settle_id(record_id: str) -> None:
    """Check a record's id. Raises `RejectedError`."""
    _check_id(record_id, "/record_id")


def settle_void(void: Void) -> None:
    """Check a decoded void. Raises `RejectedError`."""
    _check_id(void.record_id, "/record_id")
    _check_open_text(void.reason, "/reason")


def kinds_of_forms(jurisdictions: Iterable[Jurisdiction]) -> KindsOfForms:
    """Return for each learning form the kinds that any of the jurisdictions has it for.

    Whose rules a record falls under shows only in the registry, which knows the employments.
    """
    found: dict[str, frozenset[str]] = {}
    for jurisdiction in jurisdictions:
        for code, forms in jurisdiction.forms.items():
            found[code] = found.get(code, frozenset()).union(*(form.kinds for form in forms))
    return found


def is_future(moment: datetime, now: datetime) -> bool:
    """Tell whether an aware moment lies beyond the clock's tolerance."""
    return moment > now + CLOCK_TOLERANCE


def readable_id(text: object) -> str | None:
    """Return a record's id if it may be repeated to the sender and stored, else None."""
    if not isinstance(text, str):
        return None
    try:
        _check_id(text, "")
    except RejectedError:
        return None
    return text


def centihours(text: str) -> int:
    """Return a canonical decimal as hundredths."""
    return _read_decimal(text)[0]


@lru_cache(maxsize=16_384)
def _read_decimal(text: str) -> tuple[int, str]:
    """Return a decimal as hundredths and in its shortest form."""
    if not _is_decimal(text):
        raise ValueError
    whole, _, places = text.partition(".")
    hundredths = int(whole) * 100 + int(places.ljust(2, "0"))
    return hundredths, f"{whole}.{places}".rstrip("0").rstrip(".") if places else whole


def _check_id(text: str, pointer: str) -> None:
    if not _is_id(text):
        raise RejectedError("FIELD_INVALID", pointer)
    if contains_id_number(text):
        raise RejectedError("PERSONAL_DATA", pointer)


def _check_text(text: str, pointer: str) -> None:
    # Nearly all text is printable, which the interpreter tells faster than the pattern that decides.
    if not (text.isprintable() or _is_text(text)):
        raise RejectedError("FIELD_INVALID", pointer)


def _check_open_text(text: str, pointer: str) -> None:
    """Check text that travels unsealed."""
    _check_text(text, pointer)
    if contains_id_number(text):
        raise RejectedError("PERSONAL_DATA", pointer)


def _check_learning_form(record: Record, bounds: Bounds) -> None:
    """Check that some jurisdiction has the form for the record's kind (FJ-04): further on nobody could mend it."""
    form = record.learning_form
    kinds = bounds.kinds_of_forms.get(form)
    if kinds is None:
        raise RejectedError("FIELD_INVALID", "/learning_form")
    if record.subject_kind not in kinds:
        raise RejectedError("FIELD_INVALID", "/learning_form", form)


def _check_course(course: Course) -> None:
    _known_course_id(course.id)
    _known_title(course.title)


@lru_cache(maxsize=16_384)
def _known_course_id(text: str) -> None:
    _check_id(text, "/course/id")


@lru_cache(maxsize=16_384)
def _known_title(text: str) -> None:
    _check_open_text(text, "/course/title")


def settle_learner(learner: Learner) -> None:
    """Check a learner and normalise the number, in place. Raises `RejectedError`."""
    _check_text(learner.name, "/learner/name")
    if not learner.name.strip(_NAMELESS):
        raise RejectedError("FIELD_INVALID", "/learner/name")
    try:
        learner.id_number = normalise_id(learner.id_type, learner.id_number)
    except IdentifierError as error:
        field = "id_type" if error.code == "ID_TYPE_UNKNOWN" else "id_number"
        raise RejectedError(error.code, f"/learner/{field}") from None


@lru_cache(maxsize=65_536)
def _settle_employer(code: str) -> str:
    try:
        return check_uscc(code)
    except IdentifierError as error:
        raise RejectedError(error.code, "/employer") from None


def _settle_assessment(assessment: Assessment) -> None:
    if not assessment.passed:
        raise RejectedError("NOT_PASSED", "/assessment/passed")
    if assessment.score is not UNSET:
        assessment.score = _settle_decimal(assessment.score, "/assessment/score")[1]


def _settle_decimal(text: str, pointer: str) -> tuple[int, str]:
    try:
        return _read_decimal(text)
    except ValueError:
        raise RejectedError("FIELD_INVALID", pointer) from None


def _settle_moment(moment: datetime, bounds: Bounds) -> datetime:
    if moment > bounds.latest_at:
        raise RejectedError("IN_FUTURE", "/completed_at")
    if moment.year < EARLIEST_ON.year:
        raise RejectedError("FIELD_INVALID", "/completed_at")
    return moment.astimezone(UTC)


def _check_day(day: date, bounds: Bounds, pointer: str) -> None:
    if day > bounds.latest_on:
        raise RejectedError("IN_FUTURE", pointer)
    if day < EARLIEST_ON:
        raise RejectedError("FIELD_INVALID", pointer)


def _settle_hours(record: Record, bounds: Bounds) -> None:
    total, record.hours = _settle_decimal(record.hours, "/hours")
    if total == 0:
        raise RejectedError("FIELD_INVALID", "/hours")
    if isinstance(record.learned, LearnedRange):
        _check_range(record.learned, bounds)
    elif _settle_days(record.learned, bounds) != total:
        raise RejectedError("HOURS_MISMATCH", "/hours")


def _check_range(learned: LearnedRange, bounds: Bounds) -> None:
    _check_day(learned.from_on, bounds, "/learned/from")
    _check_day(learned.to_on, bounds, "/learned/to")
    if not 0 <= (learned.to_on - learned.from_on).days < MAX_LEARNED_DAYS:
        raise RejectedError("FIELD_INVALID", "/learned/to")


def _settle_days(days: list[LearnedDay], bounds: Bounds) -> int:
    """Check the days and put them in order; return their sum in centihours."""
    latest_on, total, previous, in_order = bounds.latest_on, 0, date.min, True
    for place, day in enumerate(days):
        try:
            hours, day.hours = _read_decimal(day.hours)
        except ValueError:
            hours = 0
        if hours == 0:
            raise RejectedError("FIELD_INVALID", f"/learned/{place}/hours")
        on = day.on
        if not EARLIEST_ON <= on <= latest_on:
            _check_day(on, bounds, f"/learned/{place}/on")
        if on <= previous:
            in_order = False
        previous = on
        total += hours
    if not in_order:
        _order_days(days)
    return total


def _order_days(days: list[LearnedDay]) -> None:
    """Sort the days; a day that is listed twice is refused, for it could mean either the sum or a repetition."""
    seen: set[date] = set()
    for place, day in enumerate(days):
        if day.on in seen:
            raise RejectedError("FIELD_INVALID", f"/learned/{place}/on")
        seen.add(day.on)
    days.sort(key=attrgetter("on"))
