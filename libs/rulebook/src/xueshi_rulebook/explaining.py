"""What every explanation says alike: the clause that it rests on, and what of it is a reading or unconfirmed."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final, Literal

from xueshi_rulebook.errors import (
    DeadlineQuestionError,
    FactTypeError,
    NoSuchRuleError,
    NotInForceError,
    RulebookError,
    UnknownApplicationError,
    UnknownCalendarYearError,
    UnknownDeadlineError,
    UnknownDivisionError,
    UnknownFactError,
    UnknownFormError,
    UnknownKindError,
    UnknownPeriodError,
    UnknownTitleError,
)
from xueshi_rulebook.model import Basis, Rule, Text
from xueshi_rulebook.reading import read_text
from xueshi_rulebook.yamlsource import Value

Language = Literal["zh", "en"]
Sentences = Mapping[str, Text]
"""The templates of one topic; the words in braces are filled in."""
Wording = Mapping[str, Sentences]
"""The templates by topic: "progress", "deadline", …; "common" serves all."""

COMMON: Final = "common"
REFUSED: Final = "refused"
"""The topic that says each refusal of a question, by the name of its error."""
REFUSED_KEYS: Final = tuple(
    each.__name__
    for each in (
        UnknownKindError, UnknownFormError, UnknownPeriodError, UnknownDivisionError, UnknownTitleError,
        UnknownDeadlineError, UnknownCalendarYearError, DeadlineQuestionError, UnknownApplicationError,
        UnknownFactError, FactTypeError, NoSuchRuleError, NotInForceError,
    )
)  # fmt: skip
REASONS: Final = "reasons"
"""The topic that holds for each code of the guidance catalogue its reason."""
CODES: Final = "codes"
"""The topic that holds what the codes of the data are called, as on the page for officials."""
COMMON_KEYS: Final = ("basis", "reading", "unconfirmed")


def say(sentences: Sentences, key: str, language: Language, **words: object) -> str:
    """Fill one template."""
    return sentences[key].within(language).format(**words)


def say_grounds(wording: Wording, rules: Iterable[Rule], bases: Iterable[Basis], language: Language) -> list[str]:
    """Return a line for each rule's citation, then one for each reading and each source to be confirmed."""
    common, parts, notes = wording[COMMON], [], []
    for rule in dict.fromkeys(rules):
        parts.append(say(common, "basis", language, citation=rule.citation, rule=rule.id))
        if rule.is_reading:
            note = Text(rule.reading_zh, rule.reading_en).within(language)
            notes.append(say(common, "reading", language, note=note))
    notes += [
        say(common, basis.kind, language, note=basis.note.within(language)) for basis in bases if basis.kind != "clause"
    ]
    return [*parts, *dict.fromkeys(notes)]


def say_code(wording: Wording, key: str, code: str, language: Language) -> str:
    """Return what a code of the data is called, as a value of ``key`` where it has a name of its own there.

    One that has no name is shown as it is written: a record may hold any.
    """
    codes = wording[CODES]
    name = codes.get(f"{key}.{code}") or codes.get(code)
    return code if name is None else name.within(language)


def say_refusal(wording: Wording, error: RulebookError, language: Language) -> str:
    """Return why a question is refused."""
    name = type(error).__name__
    return say(wording[REFUSED], name, language, error=error) if name in wording[REFUSED] else str(error)


def read_wording(file: Value, topics: Mapping[str, Collection[str]]) -> dict[str, dict[str, Text]]:
    """Read ``wording.yaml``: exactly the topics given, each with exactly its templates."""
    return {
        topic: {key: read_text(value) for key, value in section.fields(topics[topic]).items()}
        for topic, section in file.fields(topics).items()
    }
