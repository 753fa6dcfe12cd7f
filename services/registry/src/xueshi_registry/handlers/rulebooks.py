"""The rulebook's versions, kept whole: what judged a record can be read as long as the record can."""

from datetime import datetime

from xueshi_kit.db import Transaction
from xueshi_registry.store import rulebooks as store
from xueshi_rulebook import Rulebook


class Shelf:
    """Keeps the process's rulebook in the database, and knows once it stands there."""

    __slots__ = ("_is_kept", "_rulebook")

    def __init__(self, rulebook: Rulebook) -> None:
        """Keep this rulebook."""
        self._rulebook = rulebook
        self._is_kept = False

    async def keep(self, tx: Transaction, now: datetime) -> None:
        """Keep the rulebook where it is not kept yet. Called before a record is registered by it, once a transaction.

        What this transaction enters counts for this process only once another one has found it committed.
        """
        if not self._is_kept:
            self._is_kept = not await store.enter(tx, self._rulebook.hash, self._rulebook.canonical, now)
