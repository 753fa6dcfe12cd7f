"""The dry run of a record: what would become of it, with reasons, and nothing written.

Who may ask: scope `registry.read`, for the person, the employer and officers; never a platform, which would learn of
hours that others sent. A platform checks at the gateway.
"""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from msgspec import UNSET

from xueshi_kit.auth import Caller, ForbiddenError, require
from xueshi_kit.db import Database, Transaction
from xueshi_kit.problems import FieldError, invalid, not_found
from xueshi_records import AskedRecord, Bounds, RejectedError, kinds_of_forms
from xueshi_registry import wire
from xueshi_registry.api.check_models import CheckIn, CheckOut
from xueshi_registry.api.check_words import answer, rejection
from xueshi_registry.domain.model import PersonKey
from xueshi_registry.handlers.checks import Asked, UnknownStateError, check_record, end_of
from xueshi_registry.handlers.people import Identities
from xueshi_registry.handlers.registry import Registry
from xueshi_registry.store import people as people_store

_read = require("registry.read")
_REFUSALS: dict[int | str, dict[str, Any]] = {
    422: {
        "description": "The request is not valid; `AS_OF_UNKNOWN` names each thing of which nobody can tell any more"
        " how it stood on that day: `person`, `employment`, `employer`, `platform`, `records`, `record_id`."
    },
    404: {"description": "There is no such person."},
}
_CHANGED = {
    "person": ("该人员的实名信息此后有变更。", "The person's name or standing has changed since."),
    "employment": ("该人员的任职信息此后有变更。", "An employment of the person has changed since."),
    "employer": ("用人单位的地区或行业此后有变更。", "The employer's region or industry has changed since."),
    "platform": ("培训平台的确认范围此后有变更。", "What the platform is confirmed for has changed since."),
    "records": (
        "该人员的记录此后有暂缓、放行或例外核准。",
        "A record of the person was held, released or excepted from the day's cap since.",
    ),
    "record_id": ("该记录已经上报，只能按现在的情况核对。", "The record has come; it can be checked for now only."),
}


async def no_platform(caller: Annotated[Caller, Depends(_read)]) -> Caller:
    """Return a caller who is no platform, else raise `ForbiddenError`."""
    if caller.kind == "platform":
        raise ForbiddenError("a caller that is no platform", "平台以外的令牌")
    return caller


Asker = Annotated[Caller, Depends(no_platform)]


def router(db: Database, registry: Registry, identities: Identities) -> APIRouter:
    """Return the route."""
    routes = APIRouter(tags=["records"])
    jurisdictions = registry.rulebook.jurisdictions.values()
    kinds = frozenset(kind for each in jurisdictions for kind in each.kinds)
    forms = kinds_of_forms(jurisdictions)

    @routes.post("/v1/hour-records:check", responses=_REFUSALS)
    async def check(_: Asker, given: CheckIn) -> CheckOut:
        """Tell what would become of a record if it came now, or had come by the end of an earlier day; write nothing.

        The answer is the registry's own: verdict, rules, hours by day with what competes for them, whose act it needs,
        and the person's period as it would stand. Entering the record comes to the same where nothing else is entered
        between. With `as_of`, hours are those of the ledger on that day; of what keeps no history (people, employments,
        employers, platforms) the state is known since its last change, and a day before that is refused. Rules are
        always the present rulebook's.

        For the person, their employer and officers, by whoever speaks for them (scope `registry.read`); platforms are
        refused, since it shows which records of the person share a day.
        """
        moment = _moment(registry, given)
        try:
            record = wire.read_asked(given.record, Bounds.at(moment, kinds, forms))
            async with db.snapshot() as tx:
                asked = await _asked(tx, identities, given, record)
                checked = await check_record(tx, registry, asked)
        except RejectedError as error:
            return rejection(registry.rulebook, error, given.as_of)
        except UnknownStateError as error:
            raise invalid([_unknown(each) for each in error.changed]) from error
        return answer(registry.rulebook, asked, checked)

    return routes


def _moment(registry: Registry, given: CheckIn) -> datetime:
    """Return the moment that is asked about. Raises a 422 problem for one to come."""
    now = registry.clock.now()
    if given.as_of is None:
        return now
    if given.as_of > registry.clock.today():
        raise invalid([FieldError("/body/as_of", "IN_FUTURE", "日期晚于今天。", "The day is still to come.")])
    return min(end_of(given.as_of), now)


async def _asked(tx: Transaction, identities: Identities, given: CheckIn, record: AskedRecord) -> Asked:
    """Return the question. Raises a problem for a person who is named twice, not at all, or is not known."""
    if (given.person_key is None) == (record.learner is UNSET):
        raise invalid(
            [
                FieldError(
                    "/body/person_key",
                    "PERSON_AMBIGUOUS",
                    "learner 与 person_key 须且只能给出一项。",
                    "Give either the learner or a person key.",
                )
            ]
        )
    if record.learner is not UNSET:
        key = identities.key_of(record.learner.id_type, record.learner.id_number)
        digest = identities.name_digest(key, record.learner.name)
    else:
        assert given.person_key is not None  # noqa: S101 - one of the two is there
        key = PersonKey(given.person_key)
        person = await people_store.get_person(tx, key)
        if person is None:
            raise not_found("该人员", "Person")
        digest = person.name_digest
    record_id = "" if record.record_id is UNSET else record.record_id
    return Asked(given.platform, record_id, key, wire.content_of(record, digest), given.as_of)


def _unknown(changed: str) -> FieldError:
    zh, en = _CHANGED[changed]
    return FieldError("/body/as_of", "AS_OF_UNKNOWN", f"无法还原当日的情况：{zh}", f"{changed}: {en}")
