"""The forms that values have at the API, in requests and in addresses."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Path
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from xueshi_kit.clock import CHINA
from xueshi_rulebook.identifiers import contains_id_number

PLATFORM = r"^[A-Za-z0-9_-]{1,64}$"
AUTHORITY = r"^[a-z0-9][a-z0-9-]{0,63}$"
MAX_VERSION = 2**31 - 1
MAX_INDUSTRY = 20


def _without_id_number(text: str) -> str:
    if contains_id_number(text):
        message = "An identity number must not stand here."
        raise ValueError(message)
    return text


Words = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]+$"), AfterValidator(_without_id_number)]
"""Free text of one line. It travels to platforms and into logs of decisions, so it carries no identity number."""

Name = Annotated[Words, Field(min_length=1, max_length=64)]
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

    zh: str
    en: str


Moment = AwareDatetime
"""A moment with its offset; answers show China's."""


def in_china(moment: datetime) -> datetime:
    """Return the moment with the offset of Asia/Shanghai."""
    return moment.astimezone(CHINA)
