"""The question ``scope``: may this provider teach this person this, and who sees a base."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from xueshi_rulebook.authorities import Authority
from xueshi_rulebook.cases.given import read_authorities
from xueshi_rulebook.divisions import read_level
from xueshi_rulebook.explaining import Language
from xueshi_rulebook.jurisdiction import Jurisdiction
from xueshi_rulebook.providers import Provider
from xueshi_rulebook.scope import ARRANGEMENTS, RUNNERS, Accreditation, Arrangement, Recognition, Runner, ScopeQuestion
from xueshi_rulebook.yamlsource import Value

_KINDS: Final = ("platform", "base", "organiser")
_MOST_INDUSTRIES: Final = 99
_ARRANGEMENTS: Final[Mapping[str, Arrangement]] = {each: each for each in ARRANGEMENTS}
_RUNNERS: Final[Mapping[str, Runner]] = {each: each for each in RUNNERS}


class Question(NamedTuple):
    """A training, and the authorities among which those that see the base are looked for."""

    asked: ScopeQuestion
    authorities: Sequence[Authority] | None


def read(given: Value) -> Question:
    """Read a training: ``provider``, ``subject_kind``, ``learning_form``, ``employer_region``, ``on``, and what else.

    ``asked_on`` is ``on`` where it is absent.
    """
    fields = given.fields(
        ("provider", "subject_kind", "learning_form", "employer_region", "on"),
        (
            "asked_on", "industry", "major", "field", "accreditations", "recognition", "arrangement", "run_by",
            "charges", "authorities",
        ),
    )  # fmt: skip
    asked = ScopeQuestion(
        provider=_read_provider(fields["provider"]),
        subject_kind=fields["subject_kind"].text(),
        learning_form=fields["learning_form"].text(),
        employer_region=fields["employer_region"].text(),
        on=fields["on"].day(),
        asked_on=fields["asked_on" if "asked_on" in fields else "on"].day(),
        industry=fields["industry"].integer(1, _MOST_INDUSTRIES) if "industry" in fields else None,
        major=fields["major"].text() if "major" in fields else "",
        field=fields["field"].text() if "field" in fields else "",
        accreditations=_read_accreditations(fields["accreditations"]) if "accreditations" in fields else (),
        recognition=_read_recognition(fields["recognition"]) if "recognition" in fields else Recognition(),
        arrangement=_ARRANGEMENTS[fields["arrangement"].choice(ARRANGEMENTS)] if "arrangement" in fields else "own",
        run_by=_RUNNERS[fields["run_by"].choice(RUNNERS)] if "run_by" in fields else "other",
        charges="charges" in fields and fields["charges"].flag(),
    )
    return Question(asked, read_authorities(fields["authorities"]) if "authorities" in fields else None)


def _read_provider(value: Value) -> Provider:
    fields = value.fields(("kind",), ("base_level", "base_region"))
    kind = fields["kind"].choice(_KINDS)
    return Provider(
        "platform" if kind == "platform" else "base" if kind == "base" else "organiser",
        read_level(fields["base_level"]) if "base_level" in fields else None,
        fields["base_region"].text() if "base_region" in fields else None,
    )


def _read_accreditations(value: Value) -> tuple[Accreditation, ...]:
    found: list[Accreditation] = []
    for item in value.items():
        fields = item.fields(("subject_kind", "from"), ("industry", "majors", "to"))
        found.append(
            Accreditation(
                fields["subject_kind"].text(),
                fields["industry"].integer(1, _MOST_INDUSTRIES) if "industry" in fields else None,
                _texts(fields, "majors"),
                fields["from"].day(),
                fields["to"].day() if "to" in fields else None,
            )
        )
    return tuple(found)


def _read_recognition(value: Value) -> Recognition:
    fields = value.fields((), ("regions", "industries", "fields"))
    numbers = fields["industries"].items() if "industries" in fields else ()
    industries = frozenset(number.integer(1, _MOST_INDUSTRIES) for number in numbers)
    return Recognition(_texts(fields, "regions"), industries, _texts(fields, "fields"))


def _texts(fields: Mapping[str, Value], key: str) -> frozenset[str]:
    return frozenset(item.text() for item in fields[key].items()) if key in fields else frozenset()


def answer(jurisdiction: Jurisdiction, question: Question) -> dict[str, object]:
    """Return the outcome with its code, what is told to the authority, each test, and who sees the base (FJ-22)."""
    made = jurisdiction.scope(question.asked)
    shown: dict[str, object] = {
        "outcome": made.outcome,
        "code": made.code,
        "flags": list(made.flags),
        "tests": {each.test: each.standing for each in made.findings},
        "rule_ids": list(made.rule_ids),
    }
    if question.authorities is not None:
        seen = jurisdiction.oversight(question.asked.provider, question.authorities)
        shown["seen_by"] = list(seen.authority_ids)
        shown["rule_ids"] = [*made.rule_ids, *seen.rule_ids]
    return shown


def explain(jurisdiction: Jurisdiction, question: Question, language: Language) -> str:
    """Return each test that applies, and with ``authorities`` who sees the base."""
    told = jurisdiction.scope(question.asked).explain(language)
    if question.authorities is None:
        return told
    return f"{told}\n{jurisdiction.explain_oversight(question.asked.provider, question.authorities, language)}"
