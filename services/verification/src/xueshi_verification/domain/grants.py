"""Grants: role × region × level × industry at one authority, read at each decision (S0 附件3, FJ-14)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from xueshi_rulebook import divisions
from xueshi_verification.domain.errors import AuthorityInvalidError, GrantTooWideError, NotGrantedError
from xueshi_verification.domain.model import (
    ADMINISTRATOR,
    ALL_INDUSTRIES,
    HRSS,
    INDUSTRY,
    REVIEWER,
    Authority,
    Grant,
    Item,
    PersonKey,
)

_REGIONS: Final = 4096
"""More than there are divisions down to the county."""


@lru_cache(_REGIONS)
def areas_of(region: str) -> tuple[str, ...]:
    """Return the region and every area around it, innermost first (平潭 lies in the province, in no city: FJ-26)."""
    areas = [region]
    while (above := divisions.parent(areas[-1])) is not None:
        areas.append(above)
    return tuple(areas)


@dataclass(frozen=True, slots=True)
class Scope:
    """A region and an industry (`ALL_INDUSTRIES` for every one) to which a grant reaches."""

    region: str
    industry: int

    def covers(self, areas: Sequence[str], industry: int) -> bool:
        """Tell whether a record of these areas and this industry is within."""
        return self.region in areas and self.industry in (ALL_INDUSTRIES, industry)

    def contains(self, other: "Scope") -> bool:
        """Tell whether the other scope reaches nowhere that this one does not."""
        return self.covers(areas_of(other.region), other.industry)


def scopes_at(grants: Iterable[Grant], authority: Authority, role: str, on: date) -> list[Scope]:
    """Return where the grants in force allow `role` at the authority.

    A grant for another level than the authority's allows nothing: an authority that was raised or lowered needs new
    grants.
    """
    return [
        Scope(grant.region, grant.industry)
        for grant in grants
        if grant.role == role
        and grant.authority == authority.id
        and grant.level == authority.level
        and grant.holds_on(on)
    ]


def may_review(grants: Iterable[Grant], authority: Authority, item: Item, on: date) -> bool:
    """Tell whether the grants let their officer see, claim and decide the item, and withdraw its stamp."""
    return any(
        scope.covers(item.areas, item.registration.industry) for scope in scopes_at(grants, authority, REVIEWER, on)
    )


def may_administer(grants: Iterable[Grant], authority: Authority, on: date) -> bool:
    """Tell whether the grants make their officer an administrator of the whole authority."""
    return any(scope.contains(scope_of(authority)) for scope in scopes_at(grants, authority, ADMINISTRATOR, on))


def check_may_grant(grants: Iterable[Grant], authority: Authority, wanted: Scope, on: date) -> None:
    """Refuse a grant that reaches beyond the administrator's own (`NotGrantedError` for who is none)."""
    own = scopes_at(grants, authority, ADMINISTRATOR, on)
    if not own:
        raise NotGrantedError
    if not any(scope.contains(wanted) for scope in own):
        raise GrantTooWideError


def scope_of(authority: Authority) -> Scope:
    """Return the whole reach of an authority: its region, and its industry where it has just one."""
    only_one = authority.kind == INDUSTRY and len(authority.industries) == 1
    return Scope(authority.region, authority.industries[0] if only_one else ALL_INDUSTRIES)


def check_reach(authority: Authority, wanted: Scope) -> None:
    """Refuse a grant outside the authority's region or industries."""
    foreign = wanted.industry != ALL_INDUSTRIES and authority.kind == INDUSTRY
    if authority.region not in areas_of(wanted.region) or (foreign and wanted.industry not in authority.industries):
        raise GrantTooWideError


def own_keys(grants: Iterable[Grant]) -> frozenset[PersonKey]:
    """Return the officer's own person keys, as any of the grants, whether in force or not, knows them."""
    return frozenset(grant.person_key for grant in grants if grant.person_key is not None)


def check_authority(authority: Authority) -> None:
    """Refuse an authority whose level is not its region's (FJ-26: 平潭 is a city), or whose industries do not fit.

    Raises `AuthorityInvalidError`; an unknown division code raises what the rulebook's table raises.
    """
    level = divisions.level(authority.region)
    if authority.level != level:
        raise AuthorityInvalidError(
            "level",
            f"行政区划 {authority.region} 的主管部门级别应为 {level}。",
            f"Authorities of {authority.region} stand at the level {level}.",
        )
    if (authority.kind == HRSS) == bool(authority.industries):
        raise AuthorityInvalidError(
            "industries",
            "行业主管部门至少对应一个行业,人社部门不填行业。",
            "An industry body names at least one industry, an HRSS bureau none.",
        )
