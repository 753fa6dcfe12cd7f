"""Authorities and grants as the API shows and takes them."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from xueshi_verification.domain.grants import Scope
from xueshi_verification.domain.model import ALL_INDUSTRIES, Authority, AuthorityId, Grant
from xueshi_verification.domain.queue import LogEntry
from xueshi_verification.wire.fields import (
    MAX_INDUSTRY,
    Answer,
    Day,
    Industry,
    Level,
    Name,
    ReasonText,
    Region,
    Strict,
    Subject,
    in_china,
)

Kind = Literal["hrss", "industry"]
MAX_ID_NUMBER_CHARACTERS = 32


class AuthorityIn(Strict):
    """An HRSS bureau, or an industry body with the numbers of its industries in the rulebook's list."""

    name: Name = Field(examples=["泉州市洛江区人力资源和社会保障局"])
    kind: Kind
    region: Region = Field(description="Division code, GB/T 2260.", examples=["350504"])
    level: Level = Field(description="That of the region; 平潭 350128 is a city.")
    industries: list[Industry] = Field(default_factory=list, max_length=MAX_INDUSTRY, examples=[[]])

    def authority(self, authority_id: str) -> Authority:
        """Return the authority under this id."""
        return Authority(
            id=AuthorityId(authority_id),
            name=self.name,
            kind=self.kind,
            region=self.region,
            level=self.level,
            industries=tuple(sorted(set(self.industries))),
            unable=False,
        )


class AuthorityOut(Answer):
    """An authority."""

    id: str = Field(examples=["hrss-350504"])
    name: str = Field(examples=["泉州市洛江区人力资源和社会保障局"])
    kind: str = Field(examples=["hrss"])
    region: str = Field(examples=["350504"])
    level: str = Field(examples=["county"])
    industries: list[int]
    unable: bool = Field(description="For now unable: HRSS of the same level acts instead where the rules say so.")


class AuthorityPage(Answer):
    """A page of authorities, by id."""

    items: list[AuthorityOut]
    next_cursor: str | None


class ChangeOut(Answer):
    """An authority after a change, and how many waiting items moved by it."""

    authority: AuthorityOut
    moved: int


class UnableIn(Strict):
    """Why an industry body cannot stamp for now."""

    reason: ReasonText = Field(examples=["行业主管部门暂无专人负责"])


class ScopeOut(Answer):
    """Where a grant reaches; industry null is every one."""

    region: str = Field(examples=["350504"])
    industry: int | None


class PostOut(Answer):
    """An authority at which one holds grants, and where they reach."""

    authority: AuthorityOut
    reviews: list[ScopeOut]
    administers: list[ScopeOut]


class PostsOut(Answer):
    """One's authorities, by id."""

    items: list[PostOut]


class PersonIn(Strict):
    """The officer's own document. The number becomes a keyed digest and is not stored."""

    id_type: str = Field(min_length=1, max_length=40, examples=["resident_id"])
    id_number: str = Field(min_length=1, max_length=MAX_ID_NUMBER_CHARACTERS, examples=["359900199003070011"])


class GrantIn(Strict):
    """What an officer may do at the authority: a role, within a region and an industry, from and to a day."""

    officer: Subject = Field(description="The subject of the officer's tokens.", examples=["hrss-350504-desk"])
    officer_name: Name = Field(examples=["林岚"])
    role: Literal["reviewer", "administrator"]
    region: Region | None = Field(None, description="Employers' region; null for the authority's own.")
    industry: Industry | None = Field(None, description="Null for every one.")
    person: PersonIn | None = Field(None, description="Given, so that the officer's own records are refused to them.")
    valid_from: Day | None = Field(None, description="Null for today.")
    valid_to: Day | None = Field(None, description="The last day; null while it lasts.")


class GrantOut(Answer):
    """A grant. `knows_person` says that the officer's own records are known and refused to them."""

    id: UUID
    officer: str = Field(examples=["hrss-350504-desk"])
    officer_name: str = Field(examples=["林岚"])
    role: str = Field(examples=["reviewer"])
    authority: str = Field(examples=["hrss-350504"])
    region: str = Field(examples=["350504"])
    level: str = Field(examples=["county"])
    industry: int | None
    knows_person: bool
    valid_from: date
    valid_to: date | None
    revoked_at: datetime | None


class GrantPage(Answer):
    """A page of grants, by id."""

    items: list[GrantOut]
    next_cursor: str | None


class LogEntryOut(Answer):
    """One change of an authority or of its grants."""

    id: int
    at: datetime
    actor: str = Field(examples=["root-admin"])
    actor_kind: str = Field(examples=["operator"])
    action: str = Field(examples=["granted"])
    detail: dict[str, Any] = Field(examples=[{"officer": "hrss-350504-desk"}])


class LogPage(Answer):
    """A page of changes, oldest first."""

    items: list[LogEntryOut]
    next_cursor: str | None


def authority_out(authority: Authority) -> AuthorityOut:
    """Return an authority."""
    return AuthorityOut(
        id=authority.id,
        name=authority.name,
        kind=authority.kind,
        region=authority.region,
        level=authority.level,
        industries=list(authority.industries),
        unable=authority.unable,
    )


def scope_out(scope: Scope) -> ScopeOut:
    """Return where a grant reaches."""
    return ScopeOut(region=scope.region, industry=_industry(scope.industry))


def grant_out(grant: Grant) -> GrantOut:
    """Return a grant, without the officer's key."""
    return GrantOut(
        id=grant.id,
        officer=grant.officer,
        officer_name=grant.officer_name,
        role=grant.role,
        authority=grant.authority,
        region=grant.region,
        level=grant.level,
        industry=_industry(grant.industry),
        knows_person=grant.person_key is not None,
        valid_from=grant.valid_from,
        valid_to=grant.valid_to,
        revoked_at=None if grant.revoked_at is None else in_china(grant.revoked_at),
    )


def log_entry_out(entry: LogEntry) -> LogEntryOut:
    """Return one change."""
    return LogEntryOut(
        id=entry.id,
        at=in_china(entry.at),
        actor=entry.actor,
        actor_kind=entry.actor_kind,
        action=entry.action,
        detail=dict(entry.detail),
    )


def _industry(number: int) -> int | None:
    return None if number == ALL_INDUSTRIES else number
