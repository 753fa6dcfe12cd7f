"""The forms that values have at the API, in requests and in addresses."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import Path
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from xueshi_kit.clock import CHINA
from xueshi_rulebook.identifiers import contains_id_number
from xueshi_rulebook.industries import industries
from xueshi_verification.domain.judgement import MAX_REASON_CHARACTERS
from xueshi_verification.domain.model import PlatformId, RecordId, VersionKey

PLATFORM = r"^[A-Za-z0-9_-]{1,64}$"
AUTHORITY = r"^[a-z0-9][a-z0-9-]{0,63}$"
MAX_VERSION = 2**31 - 1
MAX_INDUSTRY = len(industries())


def _without_id_number(text: str) -> str:
    if contains_id_number(text):
        message = "An identity number must not stand here."
        raise ValueError(message)
    return text


# Limits stand before the validators: only so does the published schema show them.
_LINE = r"^[^\x00-\x1f\x7f]+$"
Name = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_LINE), AfterValidator(_without_id_number)]
ReasonText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_REASON_CHARACTERS, pattern=_LINE),
    AfterValidator(_without_id_number),
]
"""An officer's words, of one line. They travel to platforms and into logs, so they carry no identity number."""

Region = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Subject = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._@-]{1,128}$")]
Level = Literal["province", "city", "county"]

PlatformPath = Annotated[str, Path(pattern=PLATFORM, examples=["haixi-online"])]
RecordPath = Annotated[str, Path(pattern=PLATFORM, examples=["KC25-000183"])]
VersionPath = Annotated[int, Path(ge=1, le=MAX_VERSION, examples=[1])]
AuthorityPath = Annotated[str, Path(pattern=AUTHORITY, examples=["hrss-350504"])]
OfficerPath = Annotated[str, Path(pattern=r"^[A-Za-z0-9._@-]{1,128}$", examples=["hrss-350504-desk"])]


class Strict(BaseModel):
    """A request refuses what it does not know."""

    model_config = ConfigDict(extra="forbid")


class Answer(BaseModel):
    """An answer; it may gain fields, and values of open lists."""

    model_config = ConfigDict(frozen=True)


class Bilingual(Answer):
    """The same words in Chinese and English."""

    zh: str = Field(examples=["学习内容与所报科目或专业不符"])
    en: str = Field(examples=["the content does not fit the subject or field"])


def _written(form: re.Pattern[str]) -> BeforeValidator:
    """Refuse what is not text of this form: numbers too would be taken for days and moments."""

    def check(given: object) -> object:
        if given is not None and not (isinstance(given, str) and form.match(given)):
            message = "A date is written YYYY-MM-DD, a moment as in RFC 3339."
            raise ValueError(message)
        return given

    return BeforeValidator(check)


def _number(given: object) -> object:
    """Refuse text and truth values, which would be taken for numbers."""
    if isinstance(given, str | bool):
        message = "A number is expected."
        raise ValueError(message)  # noqa: TRY004 - the validation's own error
    return given


def _storable(moment: datetime) -> datetime:
    """Move moments beyond every record's into what the database holds with any offset."""
    return min(max(moment, _FIRST), _LAST)


_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)

Version = Annotated[int, Field(ge=1, le=MAX_VERSION), BeforeValidator(_number)]
"""A record's version; 5.0 is an integer too, as JSON Schema has it."""

Industry = Annotated[int, Field(ge=1, le=MAX_INDUSTRY), BeforeValidator(_number)]
"""A number of S0 附件5."""

Day = Annotated[date, _written(re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z"))]

Moment = Annotated[
    AwareDatetime,
    _written(re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9:.]+([Zz]|[+-])")),
    AfterValidator(_storable),
]
"""A moment with its offset; answers show China's."""

Search = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=100)]
"""Text to look for."""

WaitingCode = Annotated[str, StringConstraints(pattern=r"^[A-Z_]{1,64}$")]
"""Why something has no authority: a code of the rulebook's guidance."""


def in_china(moment: datetime) -> datetime:
    """Return the moment with the offset of Asia/Shanghai."""
    return moment.astimezone(CHINA)


def version_key(platform: str, record_id: str, version: int) -> VersionKey:
    """Return the version that a request names."""
    return VersionKey(PlatformId(platform), RecordId(record_id), version)
