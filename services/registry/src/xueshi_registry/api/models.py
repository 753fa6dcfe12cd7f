"""Request and answer models of the registry's API: requests are strict, answers may gain fields."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from xueshi_kit.fields import LINE_PATTERN, NUMBER, Day, Flag, Strict, free_of
from xueshi_registry.domain.model import Profile
from xueshi_rulebook import divisions
from xueshi_rulebook.identifiers import contains_id_number
from xueshi_rulebook.industries import industries
from xueshi_rulebook.person import INSTITUTION_LEVELS, OCCUPATIONS

Uscc = Annotated[str, StringConstraints(pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$")]
Region = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=LINE_PATTERN), free_of(contains_id_number)]
Industry = Annotated[int, Field(ge=1, le=len(industries())), NUMBER]

Occupation = Annotated[str, StringConstraints(pattern=f"^({'|'.join(('', *OCCUPATIONS))})$")]
InstitutionLevel = Annotated[str, StringConstraints(pattern=f"^({'|'.join(('', *INSTITUTION_LEVELS))})$")]


class EmployerIn(Strict):
    """An employer's name, region and industry."""

    name: Name = Field(examples=["泉州市洛江区第一建筑有限公司"])
    region: Region = Field(description="Division code, GB/T 2260.", examples=["350504"])
    industry: Industry = Field(description="Number of the industry in the rulebook's list.", examples=[5])


class EmployerOut(EmployerIn):
    """An employer."""

    model_config = ConfigDict(extra="ignore")
    uscc: str = Field(examples=["91350100M000100Y43"])


class EmployerRow(EmployerOut):
    """A row of an import, whose region must exist."""

    @field_validator("region")
    @classmethod
    def _exists(cls, region: str) -> str:
        if not divisions.exists(region):
            raise PydanticCustomError("region_unknown", "No such division code.")
        return region


class EmployerPage(BaseModel):
    """A page of employers."""

    items: list[EmployerOut]
    next_cursor: str | None


class EmploymentIn(Strict):
    """A dated employment; without `to_on` it goes on."""

    employer: Uscc = Field(examples=["91350100M000100Y43"])
    from_on: Day
    to_on: Day | None = None
    main: Flag = True
    occupation: Occupation = Field(
        default="",
        description="Where it decides which requirement applies; empty: none of these, or not known.",
        examples=["teacher"],
    )
    institution_level: InstitutionLevel = Field(
        default="", description="Level of a medical institution (一级, 二级, 三级); empty: none.", examples=[""]
    )
    cycle_from: Day | None = Field(
        default=None, description="First day of the cycle in which a teacher's hours add up.", examples=["2023-09-01"]
    )

    def profile(self) -> Profile:
        """Return what decides which requirement applies."""
        return Profile(self.occupation, self.institution_level, self.cycle_from)


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

    name: Name = Field(examples=["陈晓"])


class ReasonIn(Strict):
    """Why, for the audit."""

    reason: Annotated[str, free_of(contains_id_number)] = Field(
        min_length=1, max_length=500, pattern=LINE_PATTERN, examples=["经人社部门核准的集中培训"]
    )


class EmploymentOut(BaseModel):
    """A dated employment."""

    employer: str = Field(examples=["91350100M000100Y43"])
    employer_name: str = Field(examples=["泉州市洛江区第一建筑有限公司"])
    region: str = Field(examples=["350504"])
    industry: int
    from_on: date
    to_on: date | None
    main: bool
    occupation: str = Field(description="A code of the rulebook, or empty; the list is open.", examples=["teacher"])
    institution_level: str = Field(description="A code of the rulebook, or empty; the list is open.", examples=[""])
    cycle_from: date | None


class PersonOut(BaseModel):
    """A person as the registry shows them: masked."""

    person_key: str = Field(examples=["5f1c0a9e-7b3d-4268-8c1e-9a0b7d6f4e21"])
    label: str = Field(examples=["陈* 359900********0011"])
    claimed: bool
    name_state: str = Field(description="provisional, disputed or confirmed; the list is open.", examples=["confirmed"])
    employments: list[EmploymentOut]


class Released(BaseModel):
    """What a change has set free."""

    person_key: str = Field(examples=["5f1c0a9e-7b3d-4268-8c1e-9a0b7d6f4e21"])
    released: int = Field(description="How many held records are held no longer.")


class RowError(BaseModel):
    """One row that was not taken."""

    row: int = Field(description="Line of the file; the head is line 1.")
    field: str = Field(examples=["uscc"])
    code: str = Field(examples=["STRING_PATTERN_MISMATCH"])
    message: dict[str, str] = Field(examples=[{"zh": "取值不符合要求。", "en": "String should match the pattern."}])


class ImportOut(BaseModel):
    """What became of an import: rows without errors are entered, the others are listed."""

    entered: int
    refused: int
    errors: list[RowError]


class KindOut(BaseModel):
    """What stands for one requirement, in its unit, as decimal strings."""

    kind: str = Field(examples=["professional"])
    unit: str = Field(description="A code of the rulebook; the list is open.", examples=["hours"])
    required: str = Field(examples=["60"])
    registered: str = Field(examples=["58.5"])
    stamped: str = Field(examples=["54"])
    lacking: str = Field(examples=["6"])


class RuleOut(BaseModel):
    """A rule that something rests on, with its clause; of one that the rulebook lacks only the id."""

    id: str = Field(examples=["FJ-03"])
    clause: str = Field(description="The notice and the place in it.", examples=["闽人社办〔2023〕70号 附件1 首段"])
    title_zh: str = Field(examples=["原则上每天不超过8学时"])
    title_en: str = Field(examples=["In principle no more than 8 hours a day"])
    reading_zh: str | None = Field(
        description="What the platform settles where the notice leaves the rule open; null where its words decide.",
        examples=["每人每个自然日合并各平台、各科目计算。"],
    )
    reading_en: str | None = Field(examples=["Counted for each person and calendar day, over all platforms and kinds."])


class RecordOut(BaseModel):
    """One record of a person."""

    platform: str = Field(examples=["haixi-online"])
    record_id: str = Field(examples=["KC25-000183"])
    version: int
    state: str = Field(examples=["stamped"])
    code: str = Field(examples=[""])
    rulebook: str = Field(
        description="Content hash of the rulebook that judged this version; see `/v1/rulebooks/{hash}`.",
        examples=["8318d18c4fe7aa74d53b26768111e1807bc3f093ba63a93b9c2cf49656178496"],
    )
    guidance: dict[str, str] | None = Field(description="Why, and what to do, in Chinese and English.")
    subject_kind: str = Field(examples=["professional"])
    learning_form: str = Field(examples=["online"])
    course_title: str = Field(examples=["混凝土结构耐久性"])
    first_on: date
    last_on: date
    credit_year: str = Field(
        description="For which credit year it names the hours to count; empty: that of the learning.", examples=[""]
    )
    claimed: str = Field(examples=["4.5"])
    credited: str = Field(examples=["4.5"])
    authority: str = Field(examples=["hrss-350504"])
    reason: str = Field(examples=[""])
    rules: list[RuleOut] = Field(description="What the version rests on, in the words of the rulebook that judged it.")


class TranscriptOut(BaseModel):
    """A person's year: totals, verdict with its arithmetic, records."""

    person_key: str = Field(examples=["5f1c0a9e-7b3d-4268-8c1e-9a0b7d6f4e21"])
    period: str = Field(examples=["2025"])
    jurisdiction: str = Field(examples=["fujian"])
    revision: int
    verdict: str = Field(examples=["short"])
    explanation: dict[str, str] = Field(examples=[{"zh": "2025年度：未达标。", "en": "2025: short."}])
    rulebook: str = Field(examples=["8318d18c4fe7aa74d53b26768111e1807bc3f093ba63a93b9c2cf49656178496"])
    changed_at: datetime
    totals: list[KindOut]
    records: list[RecordOut]


class CycleOut(BaseModel):
    """What a cycle or tenure asks for, has and lacks. Nothing is stored of it: it is summed when it is read."""

    person_key: str = Field(examples=["5f1c0a9e-7b3d-4268-8c1e-9a0b7d6f4e21"])
    period: str = Field(examples=["20210901-20260831"])
    jurisdiction: str = Field(examples=["luojiang"])
    verdict: str = Field(examples=["short"])
    explanation: dict[str, str] = Field(examples=[{"zh": "2021-09-01至2026-08-31：未达标。", "en": "Short."}])
    rulebook: str = Field(examples=["8318d18c4fe7aa74d53b26768111e1807bc3f093ba63a93b9c2cf49656178496"])
    totals: list[KindOut]


class TranscriptHead(BaseModel):
    """One year of a person in a list."""

    period: str = Field(examples=["2025"])
    jurisdiction: str = Field(examples=["fujian"])
    verdict: str = Field(examples=["short"])
    revision: int
    changed_at: datetime


class RulebookVersion(BaseModel):
    """A version of the rulebook that was used here."""

    hash: str = Field(
        description="SHA-256 of its canonical text.",
        examples=["8318d18c4fe7aa74d53b26768111e1807bc3f093ba63a93b9c2cf49656178496"],
    )
    first_used_at: datetime
    is_present: bool = Field(description="Whether records are judged by it now.")


class HeldOut(BaseModel):
    """A held record: what it waits for, and who can help."""

    platform: str = Field(examples=["haixi-online"])
    record_id: str = Field(examples=["KC25-000183"])
    version: int
    person_key: str = Field(examples=["5f1c0a9e-7b3d-4268-8c1e-9a0b7d6f4e21"])
    person_label: str = Field(examples=["陈* 359900********0011"])
    code: str = Field(examples=["EMPLOYER_UNKNOWN"])
    reason: dict[str, str] = Field(
        examples=[{"zh": "学习结束之日找不到用人单位。", "en": "No employer is known on the last day."}]
    )
    todo: dict[str, str] = Field(examples=[{"zh": "用人单位在平台登记。", "en": "The employer registers."}])
    owner: str = Field(examples=["employer"])
    employer: str = Field(examples=["91350100M000100Y43"])
    course_title: str = Field(examples=["混凝土结构耐久性"])
    last_on: date


class HeldPage(BaseModel):
    """A page of held records, with how many there are by code."""

    items: list[HeldOut]
    next_cursor: str | None
    counts: dict[str, int] = Field(examples=[{"EMPLOYER_UNKNOWN": 1}])
