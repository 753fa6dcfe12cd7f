"""Request and answer of the dry run."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from xueshi_kit.fields import Day, Strict
from xueshi_registry.api.models import KindOut, RuleOut

PlatformId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{1,39}$")]

EXAMPLE = {
    "learner": {"id_type": "resident_id", "id_number": "359900199003070011", "name": "陈晓"},
    "employer": "91350100M000100Y43",
    "subject_kind": "professional",
    "learning_form": "online",
    "course": {"id": "C-2025-118", "title": "混凝土结构耐久性"},
    "industry": 5,
    "major": "土木工程",
    "learned": [{"on": "2025-06-01", "hours": "3"}, {"on": "2025-06-02", "hours": "1.5"}],
    "hours": "4.5",
    "assessment": {"passed": True, "score": "88"},
    "completed_at": "2025-06-02T21:40:00+08:00",
}


class Words(BaseModel):
    """The same words in Chinese and English."""

    zh: str = Field(examples=["当天可计入的学时已满，超出部分不计入。"])
    en: str = Field(examples=["No hours are left on that day; the excess is not credited."])


class CheckIn(Strict):
    """A record to check, as its platform would send it."""

    platform: PlatformId = Field(description="The platform that would send it.", examples=["haixi-online"])
    record: dict[str, Any] = Field(
        description="A record as in a delivery to the gateway (`Record` of its document). `record_id` may be left out;"
        " with that of a record that stands, its correction is checked. `learner` is left out where `person_key` is"
        " given. What is wrong with the record is the answer and no refusal.",
        examples=[EXAMPLE],
    )
    person_key: UUID | None = Field(
        default=None, description="A known person, instead of a document and a name.", examples=[None]
    )
    as_of: Day | None = Field(
        default=None,
        description="Ask what would have become of it by what was known at the end of this day in China.",
        examples=[None],
    )


class GuidanceOut(BaseModel):
    """What a code means, what to do, and who does it."""

    reason: Words
    todo: Words
    owner: str = Field(
        description="platform, person, employer, officer or administrator; the list is open.", examples=["person"]
    )


class VerdictOut(BaseModel):
    """What would become of the record."""

    state: str = Field(
        description="`registered`, `held`, or `rejected` where the gateway would not take it; the list is open.",
        examples=["registered"],
    )
    code: str = Field(description="Why it is held, rejected or not credited in full; else empty.", examples=[""])
    pointer: str = Field(description="Of a rejected record: the place in `record`.", examples=[""])
    guidance: GuidanceOut | None
    jurisdiction: str = Field(description="Whose rules it falls under; empty where unknown.", examples=["fujian"])
    registered_by: str = Field(
        description="`automatic` or `submitted`; empty unless it is registered.", examples=["automatic"]
    )
    missing: list[str] = Field(description="What its learning form asks for and it lacks, by code.", examples=[[]])
    flags: list[str] = Field(description="What a person should look at, by code.", examples=[[]])
    corrects: int | None = Field(description="The version that it would replace; null for a new record.")


class BesideOut(BaseModel):
    """Another authority with a part in the act."""

    part: str = Field(description="`first`, `with`, `assists` or `then`; the list is open.", examples=["assists"])
    authority: str = Field(examples=["hrss"])
    area: str = Field(examples=["330300"])


class RouteOut(BaseModel):
    """Whose act the record needs. Which authority stands there, verification knows and not the registry."""

    act: str = Field(description="stamp, review, verify, recognise; the list is open.", examples=["stamp"])
    authority: str = Field(description="`hrss`, `industry` or `employer`; the list is open.", examples=["industry"])
    area: str = Field(description="Division code of the area whose authority it is.", examples=["350504"])
    industry: int | None = Field(examples=[5])
    fallback: list[str] = Field(
        description="When HRSS of the same area acts instead: `no_industry_body`, `unable`; open.",
        examples=[["no_industry_body", "unable"]],
    )
    automatic: bool = Field(description="The act needs nobody: it follows by itself.")
    beside: list[BesideOut] = Field(examples=[[]])
    rules: list[RuleOut]
    explanation: Words


class CompetingOut(BaseModel):
    """What another record of the person has of a day."""

    platform: str = Field(examples=["haixi-online"])
    record_id: str = Field(examples=["KC25-000183"])
    version: int
    credited: str = Field(examples=["6"])


class ShareOut(BaseModel):
    """One day of the record. Hours are decimal strings."""

    on: date
    cap: str | None = Field(description="The day's cap; null where none holds for this record.", examples=["8"])
    claimed: str = Field(examples=["3"])
    counted: str = Field(examples=["2"])
    competing: list[CompetingOut]


class ProgressOut(BaseModel):
    """A period of the person as it would then stand: the record counts among the registered hours."""

    period: str = Field(examples=["2025"])
    jurisdiction: str = Field(examples=["fujian"])
    verdict: str = Field(examples=["short"])
    totals: list[KindOut]
    rules: list[RuleOut]
    explanation: Words


class CheckOut(BaseModel):
    """What entering the record would come to. Nothing was written."""

    verdict: VerdictOut
    rules: list[RuleOut]
    explanation: Words
    claimed: str = Field(examples=["4.5"])
    counted: str = Field(examples=["4.5"])
    days: list[ShareOut]
    route: RouteOut | None = Field(description="Null where the jurisdiction is not known, and for a rejected record.")
    progress: list[ProgressOut]
    as_of: date | None
    rulebook: str = Field(
        description="Content hash of the rulebook that answers: the present one, also about an earlier day.",
        examples=["8318d18c4fe7aa74d53b26768111e1807bc3f093ba63a93b9c2cf49656178496"],
    )
