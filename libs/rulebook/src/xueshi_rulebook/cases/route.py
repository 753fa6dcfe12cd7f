"""The question ``route``: who stamps, reviews or recognises a record."""

from datetime import date
from typing import Final, NamedTuple, cast

from xueshi_rulebook.authorities import ACTORS, Actor, Authority
from xueshi_rulebook.cases.given import read_authorities, read_industry
from xueshi_rulebook.explaining import Language
from xueshi_rulebook.forms import Registration
from xueshi_rulebook.jurisdiction import Jurisdiction
from xueshi_rulebook.routing import Route, RouteQuestion
from xueshi_rulebook.yamlsource import Value

_REGISTRATIONS: Final = ("automatic", "submitted")


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
