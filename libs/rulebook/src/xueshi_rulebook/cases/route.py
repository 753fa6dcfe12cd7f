"""The question ``route``: who stamps, reviews or recognises a record."""

from collections.abc import Mapping
from datetime import date
from typing import Final, Literal, NamedTuple, cast

from xueshi_rulebook.authorities import ACTORS, AUTHORITY_KINDS, Actor, Authority
from xueshi_rulebook.divisions import level, read_level
from xueshi_rulebook.errors import UnknownDivisionError
from xueshi_rulebook.explaining import Language
from xueshi_rulebook.forms import Registration
from xueshi_rulebook.jurisdiction import Jurisdiction
from xueshi_rulebook.routing import Route, RouteQuestion
from xueshi_rulebook.yamlsource import Value

_REGISTRATIONS: Final = ("automatic", "submitted")
_MAX_INDUSTRY: Final = 99


class Question(NamedTuple):
    """A record, the authorities that there are, and who has acted on it, None where that is not asked."""

    asked: RouteQuestion
    authorities: tuple[Authority, ...]
    done_by: tuple[Actor, ...] | None


def read(given: Value) -> Question:
    """Read ``kind``, ``region``, ``authorities`` and what else the question may say."""
    fields = given.fields(
        ("kind", "region", "authorities"),
        ("industry", "registration", "on", "hrss_assigned", "cycle_end", "done_by"),
    )
    asked = RouteQuestion(
        subject_kind=fields["kind"].text(),
        region=fields["region"].text(),
        industry=read_industry(fields),
        registration=cast(
            "Registration", fields["registration"].choice(_REGISTRATIONS) if "registration" in fields else "submitted"
        ),
        on=fields["on"].day() if "on" in fields else date.max,
        hrss_assigned="hrss_assigned" in fields and fields["hrss_assigned"].flag(),
        cycle_end="cycle_end" in fields and fields["cycle_end"].flag(),
    )
    done_by = cast("tuple[Actor, ...]", fields["done_by"].choices(ACTORS)) if "done_by" in fields else None
    return Question(asked, read_authorities(fields["authorities"]), done_by)


def read_industry(fields: Mapping[str, Value]) -> int | None:
    """Read ``industry``, a number of S0 附件5, None where it is absent."""
    return fields["industry"].integer(1, _MAX_INDUSTRY) if "industry" in fields else None


def read_authorities(section: Value) -> tuple[Authority, ...]:
    """Read ``{id, kind, region}``; a body's ``industries`` and ``unable``; ``level`` where it is not the area's."""
    return tuple(_read_authority(item) for item in section.items())


def _read_authority(item: Value) -> Authority:
    fields = item.fields(("id", "kind", "region"), ("industries", "unable", "level"))
    kind = cast('Literal["hrss", "industry"]', fields["kind"].choice(AUTHORITY_KINDS))
    if (kind == "industry") != ("industries" in fields):
        item.fail("an industry body names its industries, an HRSS bureau none")
    region = fields["region"]
    try:
        own = level(region.text())
    except UnknownDivisionError as error:
        region.fail(str(error))
    numbers = fields["industries"].items() if "industries" in fields else ()
    return Authority(
        id=fields["id"].text(),
        kind=kind,
        region=region.text(),
        level=read_level(fields["level"]) if "level" in fields else own,
        industries=frozenset(each.integer(1, _MAX_INDUSTRY) for each in numbers),
        unable="unable" in fields and fields["unable"].flag(),
    )


def answer(jurisdiction: Jurisdiction, question: Question) -> dict[str, object]:
    """Return who acts, why, and whether those who have acted suffice."""
    route = jurisdiction.route(question.asked, question.authorities)
    view = view_of(route)
    if question.done_by is not None:
        view["recognised"] = route.is_done_by(question.done_by)
    return view


def view_of(route: Route) -> dict[str, object]:
    """Return a route as plain values."""
    return {
        "authority": route.authority_id,
        "actor": route.actor,
        "fallback": route.fallback,
        "automatic": route.automatic,
        "code": route.code,
        "beside": {each.part: each.authority_id for each in route.beside},
        "rule_ids": list(route.rule_ids),
    }


def explain(jurisdiction: Jurisdiction, question: Question, language: Language) -> str:
    """Return who acts and why, with the clause."""
    return jurisdiction.route(question.asked, question.authorities).explain(language)
