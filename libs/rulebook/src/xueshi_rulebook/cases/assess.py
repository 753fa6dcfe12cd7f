"""The questions ``assess`` (one record's worth) and ``credit`` (several records of one person)."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date

from xueshi_rulebook.claims import Claim, Days, Work
from xueshi_rulebook.divisions import read_level
from xueshi_rulebook.explaining import Language
from xueshi_rulebook.hours import format_hours
from xueshi_rulebook.jurisdiction import Jurisdiction
from xueshi_rulebook.providers import Provider
from xueshi_rulebook.yamlsource import Value

_MOST_HOURS = 10_000
_MOST_AMOUNT = 10_000_000
_LAST_RANK = 999
_MOST_YEARS = 20
_PROVIDERS = ("platform", "base", "organiser")
_CONFIRMERS = ("hrss", "industry", "hrss_fallback", "filed")


def read(given: Value) -> Claim:
    """Read a record: ``kind``, ``form`` and what the form needs; a record that names no submitter is a platform's."""
    fields = given.fields(
        ("kind", "form"),
        (
            "learned", "hours", "passed", "employer_region", "provider", "plan_confirmed_by", "submitter", "organiser",
            "item", "level", "rank", "amount", "certificate_hours", "credit_year", "earned_on", "enrolled_on",
            "nominal_years", "facts", "evidence",
        ),
    )  # fmt: skip
    days, span = _read_learned(fields)
    hours = sum(claimed for _, claimed in days)
    if "hours" in fields:
        hours = fields["hours"].centihours(_MOST_HOURS, zero=True)
    return Claim(
        subject_kind=fields["kind"].text(),
        learning_form=fields["form"].text(),
        learned_days=days or None,
        learned_range=span,
        centihours=hours,
        passed=fields["passed"].flag() if "passed" in fields else True,
        employer_region=_text(fields, "employer_region"),
        provider=_read_provider(fields),
        class_plan_confirmed_by=(
            fields["plan_confirmed_by"].choice(_CONFIRMERS) if "plan_confirmed_by" in fields else None
        ),
        work=_read_work(fields),
    )


def _read_learned(fields: Mapping[str, Value]) -> tuple[Days, tuple[date, date] | None]:
    """Read ``learned``: hours by day, or ``{from, to}``."""
    if "learned" not in fields:
        return (), None
    entries = fields["learned"].entries()
    if "from" in entries:
        parts = fields["learned"].fields(("from", "to"))
        return (), (parts["from"].day(), parts["to"].day())
    return tuple((_read_day(day, hours), hours.centihours(_MOST_HOURS)) for day, hours in entries.items()), None


def _read_day(written: str, hours: Value) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        hours.fail(f"a date YYYY-MM-DD is expected before the hours, not {written!r}")


def _read_provider(fields: Mapping[str, Value]) -> Provider | None:
    if "provider" not in fields:
        return None
    parts = fields["provider"].fields(("kind",), ("level", "region"))
    level = read_level(parts["level"]) if "level" in parts else None
    kind = parts["kind"].choice(_PROVIDERS)
    return Provider(kind, level, _text(parts, "region") or None)  # type: ignore[arg-type]


def _read_work(fields: Mapping[str, Value]) -> Work:
    return Work(
        submitter=_text(fields, "submitter") or "platform",
        organiser=_text(fields, "organiser"),
        item=_text(fields, "item"),
        level=_text(fields, "level"),
        rank=fields["rank"].integer(0, _LAST_RANK) if "rank" in fields else 0,
        amount=fields["amount"].centihours(_MOST_AMOUNT) if "amount" in fields else 0,
        certificate_centihours=(
            fields["certificate_hours"].centihours(_MOST_HOURS) if "certificate_hours" in fields else 0
        ),
        credit_year=_text(fields, "credit_year"),
        earned_on=fields["earned_on"].day() if "earned_on" in fields else None,
        enrolled_on=fields["enrolled_on"].day() if "enrolled_on" in fields else None,
        nominal_years=fields["nominal_years"].integer(1, _MOST_YEARS) if "nominal_years" in fields else 0,
        facts=_texts(fields, "facts"),
        evidence=_texts(fields, "evidence"),
    )


def _text(fields: Mapping[str, Value], key: str) -> str:
    return fields[key].text() if key in fields else ""


def _texts(fields: Mapping[str, Value], key: str) -> frozenset[str]:
    return frozenset(each.text() for each in fields[key].items()) if key in fields else frozenset()


def check(jurisdiction: Jurisdiction, given: Value) -> None:
    """Refuse a kind, form or fact that the jurisdiction has nowhere: the record would fail for its misspelling.

    Evidence may be any paper: one that is not asked for changes nothing.
    """
    fields = given.entries()
    _known("kind", [fields["kind"]], jurisdiction.kinds)
    _known("form", [fields["form"]], jurisdiction.forms)
    if "facts" in fields:
        _known("fact", fields["facts"].items(), jurisdiction.record_facts())


def _known(key: str, values: Iterable[Value], codes: Collection[str]) -> None:
    for value in values:
        if value.text() not in codes:
            value.fail(f"{key} {value.text()!r} is none of {', '.join(sorted(codes)) or 'none'}")


def check_several(jurisdiction: Jurisdiction, given: Value) -> None:
    """Refuse records of codes that the jurisdiction has nowhere."""
    for record in given.entries()["records"].items():
        check(jurisdiction, record)


def answer(jurisdiction: Jurisdiction, claim: Claim) -> dict[str, object]:
    """Return outcome, code, registration, hours by day, their year, what is missing and what to look at."""
    made = jurisdiction.assess(claim)
    years = {made.credit_year or jurisdiction.period_of(day) for day, _ in made.days}
    return {
        "outcome": made.outcome,
        "code": made.code,
        "registration": made.registration,
        "hours": format_hours(sum(hours for _, hours in made.days)),
        "days": {day.isoformat(): format_hours(hours) for day, hours in made.days},
        "years": sorted(years),
        "day_cap_exempt": made.day_cap_exempt,
        "missing": list(made.missing),
        "flags": list(made.flags),
        "rule_ids": list(made.rule_ids),
    }


def explain(jurisdiction: Jurisdiction, claim: Claim, language: Language) -> str:
    """Return why the record is worth what it is."""
    return jurisdiction.explain_assessment(claim, language)


def read_several(given: Value) -> list[Claim]:
    """Read ``records``, in ledger order."""
    return [read(item) for item in given.fields(("records",))["records"].items()]


def answer_several(jurisdiction: Jurisdiction, claims: list[Claim]) -> dict[str, object]:
    """Return what each record claims and is credited, and the places, from 1, of those that took its hours."""
    made = jurisdiction.credit(claims)
    return {
        "records": [
            {
                "claimed": format_hours(each.claimed),
                "credited": format_hours(each.credited),
                "uncredited": format_hours(each.claimed - each.credited),
                "competing": [place + 1 for place in each.competing],
            }
            for each in made
        ],
        "rule_ids": sorted({rule_id for each in made for rule_id in each.assessment.rule_ids}),
    }


def explain_several(jurisdiction: Jurisdiction, claims: list[Claim], language: Language) -> str:
    """Return what each record is credited, and whose hours took the rest."""
    return jurisdiction.explain_credit(claims, language)
