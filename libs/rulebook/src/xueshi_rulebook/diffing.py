"""What differs between two versions of the rulebook, value by value, with the clause of each."""

import json
from collections.abc import Iterable, Iterator, Mapping
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Final, Literal, NamedTuple

from xueshi_rulebook.cited import Grounds, item_labels, naming_key
from xueshi_rulebook.reading import BASIS_KEYS
from xueshi_rulebook.rulebook import canonical_form

_RULES: Final = "rules"


class Change(NamedTuple):
    """One value that was added, removed or changed; ``old`` and ``new`` are JSON values, None where there is none.

    ``rule`` and ``clause`` say on what it rests, empty where nothing does. ``jurisdictions`` are those in which the
    same change shows, empty for what belongs to none (guidance, wording, tables).
    """

    kind: Literal["added", "removed", "changed"]
    path: str
    old: object
    new: object
    rule: str
    clause: str
    jurisdictions: tuple[str, ...]


def diff(old: str, new: str) -> list[Change]:
    """Compare two canonical forms. A change that an heir inherits is told once, with all that it reaches."""
    before, after = json.loads(old), json.loads(new)
    ours, theirs = before.pop("jurisdictions"), after.pop("jurisdictions")
    changes = list(_Comparison({}).compare(before, after, "", Grounds()))
    for name in sorted({*ours, *theirs}):
        sections = (ours.get(name, {}), theirs.get(name, {}))
        comparison = _Comparison({**_clauses(sections[0]), **_clauses(sections[1])})
        found = comparison.compare(*sections, "", Grounds())
        changes += [change._replace(jurisdictions=(name,)) for change in found]
    return _grouped(changes)


def _clauses(sections: Mapping[str, Mapping[str, Mapping[str, str]]]) -> dict[str, str]:
    return {rule_id: rule["clause"] for rule_id, rule in sections.get(_RULES, {}).items()}


def _grouped(changes: Iterable[Change]) -> list[Change]:
    found: dict[str, Change] = {}
    for change in changes:
        same = found.setdefault(canonical_form(change[:-1]), change)
        if same is not change:
            found[canonical_form(change[:-1])] = same._replace(jurisdictions=same.jurisdictions + change.jurisdictions)
    return list(found.values())


class _Comparison:
    """Walks two versions of one jurisdiction; ``clauses`` gives the clause of each rule."""

    def __init__(self, clauses: Mapping[str, str]) -> None:
        self._clauses = clauses

    def compare(self, old: object, new: object, path: str, around: Grounds) -> Iterator[Change]:
        """Yield what differs at ``path`` and below it; None is what is not there."""
        if old == new:
            return
        grounds = _grounds_at(new, _grounds_at(old, around))
        ours, theirs = _keyed(old), _keyed(new)
        befores, afters = _listed(old), _listed(new)
        if ours is not None and theirs is not None and not _is_one_value(ours, theirs):
            for key in sorted({*ours, *theirs}):
                inside = Grounds(rule=key) if path == _RULES else grounds
                yield from self.compare(ours.get(key), theirs.get(key), f"{path}.{key}" if path else key, inside)
        elif befores is not None and afters is not None:
            for label, before, after in _paired(befores, afters):
                yield from self.compare(before, after, f"{path}[{label}]", grounds)
        else:
            yield self._change(old, new, path, grounds)

    def _change(self, old: object, new: object, path: str, grounds: Grounds) -> Change:
        kind: Literal["added", "removed", "changed"] = "changed"
        if old is None or new is None:
            kind = "added" if old is None else "removed"
        clause = _clause(grounds) or self._clauses.get(grounds.rule, "")
        return Change(kind, path, old, new, grounds.rule, clause, ())


def _keyed(part: object) -> Mapping[str, object] | None:
    """Return a mapping, empty where nothing is there; None for anything else."""
    return {} if part is None else part if isinstance(part, Mapping) else None


def _listed(part: object) -> list[object] | None:
    """Return a list of items, empty where nothing is there; None for anything else, and for a list of plain words."""
    if part is None:
        return []
    holds_items = isinstance(part, list) and any(isinstance(item, Mapping | list) for item in part)
    return part if isinstance(part, list) and holds_items else None


def _is_one_value(old: Mapping[str, object], new: Mapping[str, object]) -> bool:
    """Tell whether a value with a basis of its own is new or gone: it is told as a whole."""
    return not (old and new) and any(key in old or key in new for key in BASIS_KEYS)


def _grounds_at(part: object, around: Grounds) -> Grounds:
    return around.within(part) if isinstance(part, Mapping) else around


def _clause(grounds: Grounds) -> str:
    note = grounds.note
    return f"{grounds.basis}: {note['zh']}" if isinstance(note, Mapping) else str(note)


def _paired(old: list[object], new: list[object]) -> Iterator[tuple[str, object, object]]:
    """Pair the items of two lists by the name that tells them apart, or else by what lies between equal items."""
    key = naming_key(old, new)
    if key is not None:
        before, after = (dict(zip(item_labels(items, key), items, strict=True)) for items in (old, new))
        for label in dict.fromkeys((*before, *after)):
            yield label, before.get(label), after.get(label)
        return
    ours, theirs = [canonical_form(item) for item in old], [canonical_form(item) for item in new]
    for tag, low, high, start, end in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        if tag != "equal":
            pairs = zip_longest(old[low:high], new[start:end])
            yield from ((str(place), *pair) for place, pair in enumerate(pairs, max(low, start) + 1))
