"""Values of request bodies that mean to pydantic what they mean in JSON Schema, and that the database can hold.

By itself pydantic takes more than the published schema allows: "5" and true for a number, 1 for true, 0 for a day.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StrictBool,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

LINE_PATTERN = r"^[^\x00-\x1f\x7f-\x9f]*$"


class Strict(BaseModel):
    """A request refuses what it does not know."""

    model_config = ConfigDict(extra="forbid")


def _number(given: object) -> object:
    """Refuse text and truth values, which would be taken for numbers."""
    if isinstance(given, str | bytes | bool):
        message = "a number is needed"
        raise ValueError(message)  # noqa: TRY004 - the validation's own error
    return given


def _written(form: re.Pattern[str]) -> BeforeValidator:
    """Refuse what is not text of this form: numbers too would be taken for days and moments."""

    def check(given: object) -> object:
        if given is not None and not isinstance(given, date) and not (isinstance(given, str) and form.match(given)):
            message = "a day is written YYYY-MM-DD, a moment as in RFC 3339"
            raise ValueError(message)
        return given

    return BeforeValidator(check)


def _storable(moment: datetime) -> datetime:
    """Move moments beyond anything real into what every database and every offset can hold."""
    return min(max(moment, _FIRST), _LAST)


_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)

NUMBER = BeforeValidator(_number)
"""For integers, behind their bounds: `Annotated[int, Field(ge=1), NUMBER]`. 5.0 is one too, as JSON Schema has it."""


def free_of(found: Callable[[str], bool]) -> AfterValidator:
    """Return a validator that refuses text in which `found` sees personal data: a 422 with `PERSONAL_DATA`.

    For text that people write freely and that is stored, sent on or shown as it is.
    """

    def check(text: str) -> str:
        if found(text):
            raise PydanticCustomError("personal_data", "An identity number must not stand here.")
        return text

    return AfterValidator(check)


Flag = StrictBool
"""True or false."""

Day = Annotated[date, _written(re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z"))]

Moment = Annotated[
    AwareDatetime,
    _written(re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9:.]+([Zz]|[+-])")),
    AfterValidator(_storable),
]
"""A moment with its offset."""

Line = Annotated[str, StringConstraints(pattern=LINE_PATTERN)]
"""Text of one line, without control characters."""
