"""The rulebook's versions, kept whole: what judged a record can be read as long as the record can."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from xueshi_kit.db import Transaction
from xueshi_registry.store import rulebooks as store
from xueshi_rulebook import Rulebook, read_canonical


class Shelf:
    """Keeps the process's rulebook in the database, knows once it stands there, and takes down the others."""

    __slots__ = ("_is_kept", "_read", "_rulebook")

    def __init__(self, rulebook: Rulebook) -> None:
        """Keep this rulebook."""
        self._rulebook = rulebook
        self._read = {rulebook.hash: rulebook}
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
