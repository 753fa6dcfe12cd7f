"""Every reading behind an answer is said in the explanation of a case; what is only shown is listed here, and why."""

import json
from collections.abc import Iterator, Mapping

import pytest

from xueshi_rulebook import load_rulebook
from xueshi_rulebook.cases import explain_case, packaged_cases
from xueshi_rulebook.explaining import Language

RULEBOOK = load_rulebook()
SHOWN_ONLY = {
    "misconduct": "a person decides; the page and the officers' screens show what may follow",
    "precedence": "orders notices for the reader; nothing is computed from it",
    "proof": "what the printed proof is called and who stands on it",
    "deadlines.base_year_report.by": "bears only on a last day without work",
    "deadlines.base_assessment.by": "bears only on a last day without work",
    "deadlines.class_opening.by": "bears only on a last day without work, and it is counted in working days",
}
"""Where readings stand that decide no answer, or none that a calendar of today can give."""


def readings(part: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield the readings and unconfirmed sources of a part of the canonical form, with their places."""
    if isinstance(part, Mapping):
        for key in ("reading", "unconfirmed"):
            if isinstance(part.get(key), Mapping):
                yield ".".join(path), part[key]
        for key, value in part.items():
            yield from readings(value, (*path, key))
    elif isinstance(part, list):
        for place, item in enumerate(part):
            name = (
                next((item[key] for key in ("code", "id") if key in item), place) if isinstance(item, dict) else place
            )
            yield from readings(item, (*path, str(name)))


def explained(language: Language) -> str:
    return "\n".join(explain_case(RULEBOOK, case, language) for case in packaged_cases())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_reading_is_said_where_an_answer_rests_on_it(language: Language) -> None:
    told = explained(language)
    unsaid = {
        f"{name}.{place}": words[language]
        for name, sections in json.loads(RULEBOOK.canonical)["jurisdictions"].items()
        for place, words in readings(sections)
        if words[language] not in told and not place.startswith(tuple(SHOWN_ONLY))
    }
    assert unsaid == {}


def test_what_is_shown_only_is_no_longer_excepted_once_it_is_said() -> None:
    told = explained("zh")
    for place in SHOWN_ONLY:
        found = [
            words["zh"]
            for sections in json.loads(RULEBOOK.canonical)["jurisdictions"].values()
            for at, words in readings(sections)
            if at.startswith(place)
        ]
        assert any(words not in told for words in found), place
