"""Keeping the clients."""

from collections.abc import Sequence
from dataclasses import replace

from xueshi_identity.domain import Client, ClientChange, ClientId, NewClient, UnknownClientError
from xueshi_identity.store import ClientStore
from xueshi_kit.clock import Clock
from xueshi_kit.db import Database

DECLARED = "clients-file"
"""Who changed a client, in the record of changes, where the file of declared clients did."""


class Clients:
    """Adding, changing, disabling and reading clients; each change is recorded with who made it."""

    def __init__(self, db: Database, store: ClientStore, clock: Clock) -> None:
        """Keep clients in `store`."""
        self._db = db
        self._store = store
        self._clock = clock

    async def add(self, new: NewClient, by: str) -> Client:
        """Add a client. Raises `DuplicateClientError` or `PersonalDataError`."""
        client = new.created(self._clock.now())
        async with self._db.transaction() as tx:
            await self._store.add(tx, client, by)
        return client

    async def change(self, client_id: ClientId, change: ClientChange, by: str) -> Client:
        """Change a client. Raises `UnknownClientError`."""
        async with self._db.transaction() as tx:
            before = await self._store.get_locked(tx, client_id)
            after = change.applied(before, self._clock.now())
            await self._store.change(tx, before, after, by)
        return after

    async def get(self, client_id: ClientId) -> Client:
        """Return a client. Raises `UnknownClientError`."""
        async with self._db.transaction() as tx:
            client = await self._store.find(tx, client_id)
        if client is None:
            raise UnknownClientError(client_id)
        return client

    async def page(self, after: str, limit: int) -> list[Client]:
        """Return up to `limit` clients whose ids come after `after`, in order of id."""
        async with self._db.transaction() as tx:
            return await self._store.page(tx, after, limit)

    async def declare(self, declared: Sequence[NewClient]) -> None:
        """Make each declared client, or bring it to what is declared; a disabled one stays disabled.

        Raises `PersonalDataError`.
        """
        now = self._clock.now()
        async with self._db.transaction() as tx:
            await self._store.lock(tx)
            for each in declared:
                client = each.created(now)
                before = await self._store.find(tx, client.client_id)
                if before is None:
                    await self._store.add(tx, client, DECLARED)
                    continue
                after = replace(client, is_disabled=before.is_disabled, created_at=before.created_at)
                if after != replace(before, changed_at=now):
                    await self._store.change(tx, before, after, DECLARED)
