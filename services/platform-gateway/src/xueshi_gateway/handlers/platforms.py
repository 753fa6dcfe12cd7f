"""Accession: administrators enter platforms, confirm scopes and give keys. Every act is audited and published."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from xueshi.gateway.v1.platforms_pb2 import PlatformChanged
from xueshi.gateway.v1.platforms_pb2 import Scope as ScopeItem
from xueshi_gateway.domain.accession import (
    MAX_OVERLAP,
    MAX_STANDING_KEYS,
    MAX_STANDING_SCOPES,
    Platform,
    Scope,
    ScopeKinds,
    SigningKey,
    Status,
)
from xueshi_gateway.domain.errors import AccessionConflictError, UnknownPlatformError, UnknownThingError
from xueshi_gateway.domain.records import PlatformId
from xueshi_gateway.handlers.access import key_context
from xueshi_gateway.store import platforms as store
from xueshi_kit.clock import Clock
from xueshi_kit.crypto import Sealer
from xueshi_kit.db import Transaction
from xueshi_kit.outbox import Outbox, OutboxEvent
from xueshi_kit.webhooks import generate_secret, parse_verifying_key

HMAC = "v1"
ED25519 = "v1a"


@dataclass(frozen=True, slots=True)
class Accession:
    """What administrators' acts need beside the transaction."""

    outbox: Outbox
    clock: Clock
    platform_secrets: Sealer
    scope_kinds: ScopeKinds


@dataclass(frozen=True, slots=True)
class Act:
    """Who does it."""

    accession: Accession
    actor: str

    async def create(self, tx: Transaction, new: Platform) -> Platform:
        """Enter a platform. Raises `AccessionConflictError` where its id is taken."""
        if not await store.insert_platform(tx, new):
            raise AccessionConflictError("PLATFORM_EXISTS")
        return await self._told(tx, new, "platform.create", {"name": new.name})

    async def set_status(self, tx: Transaction, platform_id: PlatformId, status: Status, reason: str) -> Platform:
        """Suspend or resume a platform; where it is so already, nothing happens."""
        platform = await _locked(tx, platform_id)
        if platform.status == status:
            return platform
        action = "platform.suspend" if status == "suspended" else "platform.resume"
        return await self._changed(tx, replace(platform, status=status), action, {"reason": reason})

    async def set_limit(self, tx: Transaction, platform_id: PlatformId, records_per_minute: int | None) -> Platform:
        """Give a platform a limit of its own; None returns it to the service's."""
        platform = await _locked(tx, platform_id)
        changed = replace(platform, records_per_minute=records_per_minute)
        return await self._changed(tx, changed, "platform.limit", {"records_per_minute": records_per_minute})

    async def confirm_scope(self, tx: Transaction, platform_id: PlatformId, wanted: Scope) -> Scope:
        """Confirm a scope (FJ-15). Raises `AccessionConflictError` where it stands or does not fit its subject."""
        platform = await _locked(tx, platform_id)
        kinds = self.accession.scope_kinds
        if wanted.subject_kind not in kinds.known:
            raise AccessionConflictError("SUBJECT_UNKNOWN")
        if not kinds.fit(wanted.subject_kind, wanted.industry, wanted.major):
            raise AccessionConflictError("SCOPE_UNFIT")
        if len(await store.standing_scopes(tx, platform_id)) >= MAX_STANDING_SCOPES:
            raise AccessionConflictError("TOO_MANY_SCOPES")
        number = await store.insert_scope(tx, platform_id, wanted)
        if number is None:
            raise AccessionConflictError("SCOPE_STANDS")
        scope = replace(wanted, id=number)
        await self._changed(tx, platform, "scope.confirm", _scope_detail(scope))
        return scope

    async def withdraw_scope(self, tx: Transaction, platform_id: PlatformId, scope_id: int, reason: str) -> None:
        """Withdraw a scope. Raises `UnknownThingError` where none of this number stands."""
        platform = await _locked(tx, platform_id)
        if not await store.withdraw_scope(tx, platform_id, scope_id, self.accession.clock.now()):
            raise UnknownThingError("scope")
        await self._changed(tx, platform, "scope.withdraw", {"scope": scope_id, "reason": reason})

    async def add_key(
        self, tx: Transaction, platform_id: PlatformId, public_key: str | None, expires_at: datetime | None
    ) -> tuple[SigningKey, str | None]:
        """Add an Ed25519 public key, or draw a shared secret and return it with its key: it is shown this once.

        Raises `AccessionConflictError`, and the kit's `BadSecretError` for a public key that is not usable.
        """
        if public_key is not None:
            return await self._add_key(tx, platform_id, ED25519, public_key, expires_at), None
        secret = generate_secret()
        return await self._add_key(tx, platform_id, HMAC, secret, expires_at), secret

    async def rotate_key(
        self, tx: Transaction, platform_id: PlatformId, key_id: str, public_key: str | None, overlap: timedelta
    ) -> tuple[SigningKey, str | None]:
        """Add a successor to a key, which itself counts on for `overlap` at most, so that no delivery fails meanwhile.

        The successor is of the same version. Raises as `add_key` does, and `UnknownThingError` for a key that does
        not count.
        """
        await _locked(tx, platform_id)
        former = await self._standing_key(tx, platform_id, key_id)
        if (former.version == ED25519) != (public_key is not None):
            raise AccessionConflictError("KEY_OF_ANOTHER_VERSION")
        made = await self.add_key(tx, platform_id, public_key, None)
        end = self.accession.clock.now() + min(overlap, MAX_OVERLAP)
        if former.expires_at is None or end < former.expires_at:
            await store.end_key(tx, platform_id, key_id, expires_at=end)
            detail = {"key": key_id, "expires_at": end.isoformat(), "successor": made[0].key_id}
            await self._changed(tx, await _locked(tx, platform_id), "key.expire", detail)
        return made

    async def revoke_key(self, tx: Transaction, platform_id: PlatformId, key_id: str, reason: str) -> None:
        """End a key at once. Raises `UnknownThingError` for one that is not there or has been revoked."""
        platform = await _locked(tx, platform_id)
        keys = await store.signing_keys(tx, platform_id)
        if not any(key.key_id == key_id and key.revoked_at is None for key in keys):
            raise UnknownThingError("key")
        await store.end_key(tx, platform_id, key_id, revoked_at=self.accession.clock.now())
        await self._changed(tx, platform, "key.revoke", {"key": key_id, "reason": reason})

    async def _standing_key(self, tx: Transaction, platform_id: PlatformId, key_id: str) -> SigningKey:
        now = self.accession.clock.now()
        for key in await store.signing_keys(tx, platform_id):
            if key.key_id == key_id and key.counts(now):
                return key
        raise UnknownThingError("key")

    async def _add_key(
        self, tx: Transaction, platform_id: PlatformId, version: str, text: str, expires_at: datetime | None
    ) -> SigningKey:
        platform = await _locked(tx, platform_id)
        now = self.accession.clock.now()
        if expires_at is not None and expires_at <= now:
            raise AccessionConflictError("EXPIRY_IN_PAST")
        if sum(key.counts(now) for key in await store.signing_keys(tx, platform_id)) >= MAX_STANDING_KEYS:
            raise AccessionConflictError("TOO_MANY_KEYS")
        key = SigningKey(secrets.token_hex(4), version, now, expires_at, None)
        parse_verifying_key(text, key.key_id)
        sealed = self.accession.platform_secrets.seal(text.encode(), key_context(platform_id, key.key_id))
        await store.insert_key(tx, platform_id, key, sealed)
        await self._changed(tx, platform, "key.add", {"key": key.key_id, "version": version})
        return key

    async def _changed(
        self, tx: Transaction, platform: Platform, action: str, detail: Mapping[str, object]
    ) -> Platform:
        """Raise the revision, write the platform, and tell."""
        changed = replace(platform, revision=platform.revision + 1)
        await store.write_platform(tx, changed)
        return await self._told(tx, changed, action, detail)

    async def _told(self, tx: Transaction, platform: Platform, action: str, detail: Mapping[str, object]) -> Platform:
        """Audit an act and publish the platform's whole state."""
        await store.append_audit(tx, self.accession.clock.now(), self.actor, action, platform.id, detail)
        scopes = await store.standing_scopes(tx, platform.id)
        event = PlatformChanged(
            platform=platform.id,
            name=platform.name,
            status=platform.status,
            base_level=platform.base_level,
            base_region=platform.base_region,
            scopes=[
                ScopeItem(subject_kind=each.subject_kind, industry=each.industry, major=each.major) for each in scopes
            ],
            revision=platform.revision,
        )
        await self.accession.outbox.append(tx, [OutboxEvent(platform.id, platform.id.encode(), event)])
        return platform


async def _locked(tx: Transaction, platform_id: PlatformId) -> Platform:
    platform = await store.lock_platform(tx, platform_id)
    if platform is None:
        raise UnknownPlatformError
    return platform


def _scope_detail(scope: Scope) -> Mapping[str, object]:
    return {
        "scope": scope.id,
        "subject_kind": scope.subject_kind,
        "industry": scope.industry,
        "major": scope.major,
        "confirmed_by": scope.confirmed_by,
    }
