"""What a version's data says, value by value: where each stands, on what it rests, from when to when."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from xueshi_rulebook.reading import BASIS_KEYS, VALIDITY_KEYS

NAMES: Final = ("code", "id", "kind", "form", "base", "region", "number", "valid_from")
"""The keys that tell the items of a list apart, the most telling first."""
DAYS_MARK: Final = "@"
_CATALOGUES: Final = ("sources", "rules")
_GROUNDS: Final = ("rule", "rules", *BASIS_KEYS, *VALIDITY_KEYS)

Content = Mapping[str, object]
"""A part of a canonical form: mappings, lists and JSON's scalars."""


class Grounds(NamedTuple):
    """On what a place in the data rests, itself or by what stands around it.

    ``basis`` is one of BASIS_KEYS, empty where only the rule is named; ``note`` its clause, or its words in both
    languages. ``clause`` is the nearest clause: that of the value which a reading explains. Days are ISO text, empty
    while open.
    """

    rule: str = ""
    basis: str = ""
    note: object = ""
    clause: str = ""
    valid_from: str = ""
    valid_to: str = ""

    def within(self, item: Content) -> "Grounds":
        """Return the grounds of what stands in ``item``: its own before those around it."""
        found = self
        if named := _rules_of(item):
            found = found._replace(rule=named[0], basis="", note="", clause="")
        for key in reversed(BASIS_KEYS):  # a rule has a clause beside its reading
            if key in item:
                found = found._replace(basis=key, note=item[key])
        if "clause" in item:
            found = found._replace(clause=str(item["clause"]))
        days = {key: str(item[key]) for key in VALIDITY_KEYS if key in item}
        return found._replace(**days)


class CitedValue(NamedTuple):
    """One value: ``path`` leads to it from its jurisdiction, ``says`` is what it holds beside its grounds.

    ``titles`` has for each step of the path the name in both languages that the item there bears, empty without one:
    two items of one code, forms of two kinds say, may bear different names.
    """

    path: tuple[str, ...]
    titles: tuple[Content, ...]
    grounds: Grounds
    says: Content


def cited_values(sections: Content) -> Iterator[CitedValue]:
    """Yield the values of one jurisdiction's sections in a canonical form, each mapping that names a rule or a basis.

    What rests on grounds of its own inside another value is a value by itself. The catalogues of sources and rules
    hold no values.
    """
    for name, section in sections.items():
        if name not in _CATALOGUES:
            yield from _walk(section, (name,), ({},), Grounds())


def own_values(jurisdictions: Mapping[str, Content], name: str) -> list[CitedValue]:
    """Return a jurisdiction's values without those that it takes over as they are from the one that it inherits."""
    head = jurisdictions[name]["jurisdiction"]
    above = head.get("inherits") if isinstance(head, Mapping) else None
    taken = list(cited_values(jurisdictions[above])) if isinstance(above, str) else []
    return [value for value in cited_values(jurisdictions[name]) if value not in taken]


def _walk(part: object, path: tuple[str, ...], titles: tuple[Content, ...], around: Grounds) -> Iterator[CitedValue]:
    if isinstance(part, list):
        for label, item in zip(item_labels(part, naming_key(part)), part, strict=True):
            yield from _walk(item, (*path, label), (*titles, _title_of(item)), around)
    if not isinstance(part, Mapping):
        return
    grounds = around.within(part)
    says = {key: value for key, value in part.items() if key not in _GROUNDS and not _is_cited(value)}
    if any(key in part for key in BASIS_KEYS) or (_rules_of(part) and says):
        yield CitedValue(path, titles, grounds, says)
    for key, value in part.items():
        if key not in _GROUNDS:
            yield from _walk(value, (*path, key), (*titles, {}), grounds)


def _title_of(item: object) -> Content:
    name = item.get("name") if isinstance(item, Mapping) else None
    return name if isinstance(name, Mapping) else {}


def _is_cited(part: object) -> bool:
    """Tell whether something in ``part`` rests on grounds of its own."""
    if isinstance(part, list):
        return any(_is_cited(item) for item in part)
    if not isinstance(part, Mapping):
        return False
    names_grounds = bool(_rules_of(part)) or any(key in part for key in BASIS_KEYS)
    return names_grounds or any(_is_cited(value) for value in part.values())


def _rules_of(item: Content) -> list[str]:
    """Return the ids of the rules that a mapping names, the one that it rests on first."""
    named = item.get("rules", [item["rule"]] if "rule" in item else [])
    return [each for each in named if isinstance(each, str)] if isinstance(named, list) else []


def item_labels(items: list[object], key: str | None) -> list[str]:
    """Return what tells the items of a list apart: what they have under ``key``, or else their place, from 1."""
    if key is None:
        return [str(place) for place in range(1, len(items) + 1)]
    named = [item for item in items if isinstance(item, Mapping)]
    several = Counter(str(item[key]) for item in named)
    return [f"{item[key]}{_days(item) if several[str(item[key])] > 1 else ''}" for item in named]


def naming_key(*lists: list[object]) -> str | None:
    """Return the first of NAMES that every item has and that tells each list's items apart; None where there is none.

    Items of one name are told apart by their days, "conference@2027-01-01".
    """
    return next((key for key in NAMES if all(_names_all(key, items) for items in lists)), None)


def _names_all(key: str, items: list[object]) -> bool:
    if not all(isinstance(item, Mapping) and isinstance(item.get(key), str | int) for item in items):
        return False
    return len(set(item_labels(items, key))) == len(items)


def _days(item: Content) -> str:
    if "valid_from" in item:
        return f"{DAYS_MARK}{item['valid_from']}"
    return f"{DAYS_MARK}–{item['valid_to']}" if "valid_to" in item else ""
