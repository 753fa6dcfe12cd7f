"""The world that the whole chain needs: authorities, employers, people with employments, one platform with scopes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from tests.load.deliveries import PLATFORM, Learner, employers
from xueshi_samples import World
from xueshi_samples.authorities import Authorities, build_authorities
from xueshi_samples.dice import Dice
from xueshi_samples.geography import PROVINCE
from xueshi_samples.model import Authority, Employer, Employment, Person, Platform, Scope, Summary

_SEED = 2025
_SINCE = date(2020, 7, 1)
_NOTHING = Summary(
    deliveries=0, submissions=0, accepted=0, duplicate=0, rejected={}, held={}, stamped_automatically=0, waiting={},
    voided=0, corrected=0, proofs=0, uncredited_centihours=0, person_years=(),
)  # fmt: skip


def world_of(learners: Sequence[Learner]) -> World:
    """Return a world in which each learner's records are stamped automatically by the authority of their employer."""
    places = employers()
    industries = sorted({each.industry for each in places})
    scopes = tuple(Scope("professional", number, None) for number in industries)
    return World(
        seed=_SEED,
        authorities=tuple(_stamping(places)),
        employers=tuple(places),
        people=tuple(_person(each) for each in learners),
        platforms=(Platform(PLATFORM, "福建网络学院", "province", PROVINCE, "hmac", scopes),),
        deliveries=(),
        fates=(),
        expected=_NOTHING,
    )


def _stamping(places: Sequence[Employer]) -> list[Authority]:
    """Return those who stamp for these employers, and HRSS beside each of them."""
    authorities: Authorities = build_authorities(Dice(_SEED, "authorities"), {each.region for each in places})
    found = {
        authority.id: replace(authority, officers=())
        for place in places
        for kind in ("professional", "public")
        for authority in [authorities.stamping("professional" if kind == "professional" else "public", _job(place))]
        if authority is not None
    }
    return list(found.values())


def _person(learner: Learner) -> Person:
    return Person(
        f"p{learner.number}", "resident_id", learner.id_number, learner.name, claimed=True,
        employments=(_job(learner.employer),),
    )  # fmt: skip


def _job(employer: Employer) -> Employment:
    return Employment(employer.code, employer.region, employer.industry, _SINCE, None, main=True)
