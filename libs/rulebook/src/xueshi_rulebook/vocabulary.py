"""Words that must match what others say: a code or a blank that nobody knows would silently never be filled."""

from collections.abc import Collection, Iterator, Mapping
from string import Formatter
from typing import Final, NamedTuple

from xueshi_rulebook.yamlsource import Value

_DECLARED: Final = ("items", "levels", "documents", "any_of", "fact", "is")
"""Keys whose codes are compared with what a record or an application declares."""
_ENTRIES: Final = ("one_of", "some_of")


class Vocabulary(NamedTuple):
    """The codes that have words. ``refer`` are the keys whose codes the data may also name by themselves."""

    codes: frozenset[str]
    refer: frozenset[str]
    named: frozenset[str]

    def knows(self, key: str, code: str) -> bool:
        """Tell whether a code under a key has words; "item.book" are those of a book under items."""
        in_data = key in self.refer and code in self.named
        return in_data or code in self.codes or f"{key.removesuffix('s')}.{code}" in self.codes


def read_vocabulary(labels: Value, jurisdictions: Mapping[str, Mapping[str, Value]]) -> Vocabulary:
    """Gather the codes that ``labels.yaml`` has words for, and those that stand beside a name in the data."""
    named = {
        part["code"].text()
        for sections in jurisdictions.values()
        for section in sections.values()
        for part in _mappings(section)
        if "code" in part and "name" in part
    }
    file = labels.entries()
    if not {"refer", "codes"} <= file.keys():
        labels.fail("labels have refer and codes")
    refer = (each.text() for each in file["refer"].items())
    return Vocabulary(frozenset(file["codes"].entries()), frozenset(refer), frozenset(named))


def check_declared(sections: Mapping[str, Value], vocabulary: Vocabulary) -> None:
    """Refuse a declared code without words, and a value of a fact that its own entry does not allow.

    For data that have been compiled; raises RulebookDataError.
    """
    for section in sections.values():
        for part in _mappings(section):
            for key, code in _declared(part):
                if not vocabulary.knows(key, code.text()):
                    code.fail(f"nobody knows {code.text()!r}: labels.yaml has no words for it")
    applications = sections["applications"].entries().values() if "applications" in sections else ()
    for application in applications:
        _check_values(application)


def _declared(part: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    """Yield the codes under the DECLARED keys of a mapping; else an amount stands there, or a list of conditions."""
    for key in part.keys() & _DECLARED:
        value = part[key]
        value = value.entries().get("list", value) if value.is_mapping else value
        if value.is_list:
            yield from ((key, each) for each in value.items() if not each.is_mapping)
        elif key == "fact":
            yield key, value


def _check_values(application: Value) -> None:
    """Refuse ``{fact: subject, is: [publc]}`` where the entry ``subject`` may only be something else."""
    parts = list(_mappings(application))
    entries = {
        part["code"].text(): {each.text() for each in part[key].items()}
        for part in parts
        for key in _ENTRIES
        if key in part
    }
    for part in parts:
        if "is" in part and "fact" in part and part["fact"].text() in entries:
            part["is"].choices(entries[part["fact"].text()])


def _mappings(value: Value) -> Iterator[Mapping[str, Value]]:
    """Yield every mapping in a value."""
    if value.is_mapping:
        entries = value.entries()
        yield entries
        for each in entries.values():
            yield from _mappings(each)
    elif value.is_list:
        for each in value.items():
            yield from _mappings(each)


def check_blanks(wording: Value, filled: Value) -> None:
    """Refuse a sentence with a blank that the same sentence of ``filled`` has not, or that one language alone has.

    Both are ``wording.yaml``: ``filled`` is the package's own, whose blanks its code fills in.
    """
    for topic, section in wording.entries().items():
        known = filled.entries()[topic].entries()
        for key, sentence in section.entries().items():
            blanks = {language: _blanks(text) for language, text in sentence.entries().items()}
            if len(set(map(frozenset, blanks.values()))) > 1:
                sentence.fail("the two languages have different blanks")
            allowed = set().union(*(_blanks(text) for text in known[key].entries().values()))
            for blank in set().union(*blanks.values()) - allowed:
                sentence.fail(f"nothing fills in {{{blank}}}")


def _blanks(text: Value) -> Collection[str]:
    try:
        parts = list(Formatter().parse(text.text()))
    except ValueError as error:
        text.fail(f"its braces are not those of a blank: {error}")
    return {name for _, name, _, _ in parts if name is not None}
