"""Reading and writing the identity service's tables. Every function works inside the caller's transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as insert_or

from xueshi_identity.domain import (
    Client,
    ClientId,
    DuplicateClientError,
    KeyId,
    Kind,
    SigningKey,
    UnknownClientError,
)
from xueshi_identity.tables import client, client_change, signing_key, spent_assertion
from xueshi_kit.crypto import Sealer
from xueshi_kit.db import Transaction

# Arbitrary constants: one change of the signing keys at a time, one process at a time that declares clients.
_KEYS_LOCK = 0x69646B
_DECLARING_LOCK = 0x69646C


class ClientStore:
    """Clients, their display names sealed. Who changed what is recorded with each change."""

    def __init__(self, sealer: Sealer) -> None:
        """Seal names with `sealer`."""
        self._sealer = sealer

    async def lock(self, tx: Transaction) -> None:
        """Let one process at a time declare its clients."""
        await tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _DECLARING_LOCK})

    async def find(self, tx: Transaction, client_id: ClientId) -> Client | None:
        """Return the client, or None."""
        row = (await tx.execute(select(client).where(client.c.client_id == client_id))).one_or_none()
        return None if row is None else self._read(row)

    async def get_locked(self, tx: Transaction, client_id: ClientId) -> Client:
        """Return the client and keep others from changing it. Raises `UnknownClientError`."""
        statement = select(client).where(client.c.client_id == client_id).with_for_update()
        row = (await tx.execute(statement)).one_or_none()
        if row is None:
            raise UnknownClientError(client_id)
        return self._read(row)

    async def page(self, tx: Transaction, after: str, limit: int) -> list[Client]:
        """Return up to `limit` clients whose ids come after `after`, in order of id."""
        statement = select(client).where(client.c.client_id > after).order_by(client.c.client_id).limit(limit)
        return [self._read(row) for row in await tx.execute(statement)]

    async def add(self, tx: Transaction, new: Client, by: str) -> None:
        """Add a client. Raises `DuplicateClientError`."""
        statement = insert_or(client).values(client_id=new.client_id, created_at=new.created_at, **self._row(new))
        added = await tx.execute(statement.on_conflict_do_nothing().returning(client.c.client_id))
        if added.one_or_none() is None:
            raise DuplicateClientError(new.client_id)
        await self._record(tx, new, by, _told(new))

    async def change(self, tx: Transaction, before: Client, after: Client, by: str) -> None:
        """Bring a client, which the caller has locked, from `before` to `after`."""
        await tx.execute(update(client).where(client.c.client_id == after.client_id).values(**self._row(after)))
        old, new = _told(before), _told(after)
        changes = {name: new[name] for name in new if new[name] != old[name]}
        if before.name != after.name:
            changes["name"] = "changed"
        await self._record(tx, after, by, changes)

    async def _record(self, tx: Transaction, changed: Client, by: str, changes: dict[str, Any]) -> None:
        await tx.execute(
            insert(client_change).values(
                client_id=changed.client_id, changed_at=changed.changed_at, changed_by=by, changes=changes
            )
        )

    def _row(self, each: Client) -> dict[str, Any]:
        return {
            "kind": each.kind.value,
            "subject": each.subject,
            "name_sealed": self._sealer.seal(each.name.encode(), _name_context(each.client_id)),
            "public_keys": list(each.public_keys),
            "scopes": sorted(each.scopes),
            "audiences": sorted(each.audiences),
            "disabled_at": each.changed_at if each.is_disabled else None,
            "changed_at": each.changed_at,
        }

    def _read(self, row: Row[Any]) -> Client:
        return Client(
            client_id=ClientId(row.client_id),
            kind=Kind(row.kind),
            subject=row.subject,
            name=self._sealer.open(row.name_sealed, _name_context(row.client_id)).decode(),
            public_keys=row.public_keys,
            scopes=frozenset(row.scopes),
            audiences=frozenset(row.audiences),
            is_disabled=row.disabled_at is not None,
            created_at=row.created_at,
            changed_at=row.changed_at,
        )


def _name_context(client_id: str) -> bytes:
    return b"client.name:" + client_id.encode()


def _told(each: Client) -> dict[str, Any]:
    """Return what the record of changes tells of a client; its name stays out."""
    return {
        "kind": each.kind.value,
        "subject": each.subject,
        "key_ids": [key["kid"] for key in each.public_keys],
        "public_keys": list(each.public_keys),
        "scopes": sorted(each.scopes),
        "audiences": sorted(each.audiences),
        "is_disabled": each.is_disabled,
    }


async def spend_assertion(tx: Transaction, client_id: ClientId, jti: str, expires_at: datetime) -> bool:
    """Note that an assertion was used; False where it was before. Waits for another user of the same one."""
    statement = insert_or(spent_assertion).values(client_id=client_id, jti=jti, expires_at=expires_at)
    spent = await tx.execute(statement.on_conflict_do_nothing().returning(spent_assertion.c.jti))
    return spent.one_or_none() is not None


async def forget_assertions(tx: Transaction, expired_before: datetime) -> None:
    """Delete what is known of assertions that no longer pass for their age."""
    await tx.execute(delete(spent_assertion).where(spent_assertion.c.expires_at < expired_before))


async def signing_keys(tx: Transaction) -> list[SigningKey]:
    """Return every signing key, in the order of their turns."""
    rows = await tx.execute(select(signing_key).order_by(signing_key.c.signs_from))
    return [SigningKey(KeyId(row.key_id), row.public_jwk, row.private_sealed, row.signs_from) for row in rows]


async def lock_signing_keys(tx: Transaction) -> None:
    """Keep others from changing the signing keys until the transaction ends."""
    await tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _KEYS_LOCK})


async def add_signing_key(tx: Transaction, key: SigningKey) -> None:
    """Add a signing key."""
    await tx.execute(
        insert(signing_key).values(
            key_id=key.key_id,
            public_jwk=key.public_jwk,
            private_sealed=key.private_sealed,
            signs_from=key.signs_from,
        )
    )


async def start_signing_key(tx: Transaction, key_id: KeyId, signs_from: datetime) -> None:
    """Move a key's turn."""
    await tx.execute(update(signing_key).where(signing_key.c.key_id == key_id).values(signs_from=signs_from))


async def delete_signing_keys(tx: Transaction, keys: Iterable[SigningKey]) -> None:
    """Delete keys; what they signed holds no more once verifiers have refreshed."""
    gone: Sequence[KeyId] = [key.key_id for key in keys]
    if gone:
        await tx.execute(delete(signing_key).where(signing_key.c.key_id.in_(gone)))
