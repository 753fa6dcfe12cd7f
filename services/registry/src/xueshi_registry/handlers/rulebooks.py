"""The rulebook's versions, kept whole: what judged a record can be read as long as the record can."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from xueshi_kit.db import Transaction
from xueshi_registry.store import rulebooks as store
from xueshi_rulebook import Rulebook, RuleWords, read_canonical, rules_in


class Shelf:
    """Keeps the process's rulebook in the database, knows once it stands there, and takes down the others."""

    __slots__ = ("_clauses", "_is_kept", "_read", "_rulebook", "_words")

    def __init__(self, rulebook: Rulebook) -> None:
        """Keep this rulebook."""
        self._rulebook = rulebook
        self._read = {rulebook.hash: rulebook}
        self._words: dict[str, Mapping[str, RuleWords]] = {}
        self._clauses: dict[str, Mapping[str, str]] = {}
        self._learn(rulebook.hash, rules_in(rulebook.canonical))
        self._is_kept = False

    async def keep(self, tx: Transaction, now: datetime) -> None:
        """Keep the rulebook where it is not kept yet. Called before a record is registered by it, once a transaction.

        What this transaction enters counts for this process only once another one has found it committed.
        """
        if not self._is_kept:
            self._is_kept = not await store.enter(tx, self._rulebook.hash, self._rulebook.canonical, now)

    async def read(self, tx: Transaction, versions: Iterable[str]) -> Mapping[str, Rulebook]:
        """Return these versions, and perhaps others, by their hash; raises RulebookDataError for one it cannot read.

        For a version that was used before any was kept the present one stands in.
        """
        for version in set(versions) - self._read.keys():
            text = await store.canonical(tx, version)
            self._read[version] = self._rulebook if text is None else read_canonical(text)
        return self._read

    async def words(self, tx: Transaction, versions: Iterable[str]) -> Mapping[str, Mapping[str, RuleWords]]:
        """Return the rules of these versions in words, and perhaps of others, by hash and id.

        Nothing is compiled for it: a page is read on the loop. The present version stands in as in `read`.
        """
        for version in set(versions) - self._words.keys():
            text = await store.canonical(tx, version)
            self._learn(version, self._words[self._rulebook.hash] if text is None else rules_in(text))
        return self._words

    def cite(self, told: dict[str, dict[str, str]], version: str, rule_ids: Iterable[str]) -> None:
        """Enter rules' clauses in `told`, by version and id: in the words of a version that `words` has returned.

        A rule that it lacks comes of an authority's decision, and is told in the words of the present version.
        """
        known, present = self._clauses[version], self._clauses[self._rulebook.hash]
        own = told.setdefault(version, {})
        for each in rule_ids:
            if each in known:
                own[each] = known[each]
            elif each in present:
                told.setdefault(self._rulebook.hash, {})[each] = present[each]

    def _learn(self, version: str, words: Mapping[str, RuleWords]) -> None:
        self._words[version] = words
        self._clauses[version] = {rule_id: rule.citation for rule_id, rule in words.items()}
