"""Request and answer models of the registry's API: requests are strict, answers may gain fields."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Uscc = Annotated[str, StringConstraints(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$")]
Region = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]


class Strict(BaseModel):
    """A request refuses what it does not know."""

    model_config = ConfigDict(extra="forbid")


class EmployerIn(Strict):
    """An employer's name, region and industry."""

    name: Name = Field(examples=["泉州市洛江区第一建筑有限公司"])
    region: Region = Field(description="Division code, GB/T 2260.", examples=["350504"])
    industry: int = Field(ge=1, le=20, description="Number in S0 附件5.", examples=[5])


class EmployerOut(EmployerIn):
    """An employer."""

    model_config = ConfigDict(extra="ignore")
    uscc: str = Field(examples=["91350100M000100Y43"])


class EmployerPage(BaseModel):
    """A page of employers."""

    items: list[EmployerOut]
    next_cursor: str | None


class EmploymentIn(Strict):
    """A dated employment; without `to_on` it goes on."""

    employer: Uscc = Field(examples=["91350100M000100Y43"])
    from_on: date
    to_on: date | None = None
    main: bool = True


class PersonIn(Strict):
    """A person to register under their real name."""

    id_type: str = Field(max_length=40, examples=["resident_id"])
    id_number: str = Field(max_length=40, examples=["359900199003070011"])
    name: Name = Field(examples=["陈晓"])
    employments: list[EmploymentIn] = Field(default=[], max_length=50)


class DocumentIn(Strict):
    """A document by which a person is looked up."""

    id_type: str = Field(max_length=40, examples=["resident_id"])
    id_number: str = Field(max_length=40, examples=["359900199003070011"])


class NameIn(Strict):
    """The name that is confirmed."""

    name: Name


class ReasonIn(Strict):
    """Why, for the audit."""

    reason: str = Field(min_length=1, max_length=500)


class EmploymentOut(BaseModel):
    """A dated employment."""

    employer: str
    employer_name: str
    region: str
    industry: int
    from_on: date
    to_on: date | None
    main: bool


class PersonOut(BaseModel):
    """A person as the registry shows them: masked."""

    person_key: str
    label: str = Field(examples=["陈* 359900********0011"])
    claimed: bool
    name_state: str = Field(description="provisional, disputed or confirmed; the list is open.")
    employments: list[EmploymentOut]


class Released(BaseModel):
    """What a change has set free."""

    person_key: str
    released: int = Field(description="How many held records are held no longer.")


class RowError(BaseModel):
    """One row that was not taken."""

    row: int = Field(description="Line of the file; the head is line 1.")
    field: str
    code: str
    message: dict[str, str]


class ImportOut(BaseModel):
    """What became of an import: rows without errors are entered, the others are listed."""

    entered: int
    refused: int
    errors: list[RowError]


class KindOut(BaseModel):
    """What stands for one requirement. Hours are decimal strings."""

    kind: str
    required: str
    registered: str
    stamped: str
    lacking: str


class RecordOut(BaseModel):
    """One record of a person."""

    platform: str
    record_id: str
    version: int
    state: str
    code: str
    guidance: dict[str, str] | None = Field(description="Why, and what to do, in Chinese and English.")
    subject_kind: str
    learning_form: str
    course_title: str
    first_on: date
    last_on: date
    claimed: str
    credited: str
    authority: str
    reason: str
    rules: list[dict[str, str]] = Field(description="Rule id with its clause.")


class TranscriptOut(BaseModel):
    """A person's year: totals, verdict with its arithmetic, records."""

    person_key: str
    period: str
    jurisdiction: str
    revision: int
    verdict: str
    explanation: dict[str, str]
    rulebook: str
    changed_at: datetime
    totals: list[KindOut]
    records: list[RecordOut]


class TranscriptHead(BaseModel):
    """One year of a person in a list."""

    period: str
    jurisdiction: str
    verdict: str
    revision: int
    changed_at: datetime


class HeldOut(BaseModel):
    """A held record: what it waits for, and who can help."""

    platform: str
    record_id: str
    version: int
    person_key: str
    person_label: str
    code: str
    reason: dict[str, str]
    todo: dict[str, str]
    owner: str
    employer: str
    course_title: str
    last_on: date


class HeldPage(BaseModel):
    """A page of held records, with how many there are by code."""

    items: list[HeldOut]
    next_cursor: str | None
    counts: dict[str, int]
