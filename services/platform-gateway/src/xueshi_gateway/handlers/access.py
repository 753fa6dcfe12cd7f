"""Who may deliver: the platforms' keys, kept for a second, and the check of a request's signature.

Somebody without a key learns nothing: an unknown platform and a wrong signature are one and the same, also in time.
Only a request that a key of the platform has signed is told that it is stale, that the key no longer counts, or that
the platform is suspended.
"""

import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from xueshi_gateway.domain.accession import is_platform_id
from xueshi_gateway.domain.errors import (
    KeyRevokedError,
    PlatformSuspendedError,
    SignatureInvalidError,
    TimestampStaleError,
)
from xueshi_gateway.domain.records import PlatformId
from xueshi_gateway.store import access as store
from xueshi_kit.crypto import Sealer
from xueshi_kit.db import Database
from xueshi_kit.webhooks import HmacKey, Verified, VerifyingKey, WebhookError, parse_verifying_key, verify

KEEP_SECONDS = 1.0
MAX_KEPT = 4096
_DECOY = HmacKey("decoy", secrets.token_bytes(32))

RawHeaders = Iterable[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a platform. One that has ended still tells a late sender what is wrong."""

    verifying: VerifyingKey
    expires_at: datetime | None
    revoked_at: datetime | None

    def counts(self, now: datetime) -> bool:
        """Tell whether a signature by this key is accepted."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class Access:
    """What is known of one platform at the door."""

    is_active: bool
    records_per_minute: int | None
    keys: Sequence[Key]


@dataclass(frozen=True, slots=True)
class _Kept:
    access: Access | None
    read_at: float


class Door:
    """Checks the signatures of deliveries."""

    def __init__(self, db: Database, secrets_sealer: Sealer, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`secrets_sealer` opens the platforms' keys."""
        self._db = db
        self._sealer = secrets_sealer
        self._monotonic = monotonic
        self._kept: dict[PlatformId, _Kept] = {}

    async def admit(
        self, platform: PlatformId, headers: Sequence[tuple[bytes, bytes]], body: bytes, now: datetime
    ) -> tuple[Verified, Access]:
        """Return the verified request and what is known of its platform.

        Raises `SignatureInvalidError`, `TimestampStaleError`, `KeyRevokedError` or `PlatformSuspendedError`.
        """
        arrived = self._monotonic()
        kept = await self._look(platform, not_before=arrived - KEEP_SECONDS)
        verified = _verified(kept.access, headers, body, now)
        if verified is None and kept.read_at < arrived:
            # A key that was added a moment ago counts at once.
            kept = await self._look(platform, not_before=arrived)
            verified = _verified(kept.access, headers, body, now)
        if verified is None or kept.access is None:
            raise SignatureInvalidError
        if verified.is_stale:
            raise TimestampStaleError
        if not next(key for key in kept.access.keys if key.verifying.key_id == verified.key_id).counts(now):
            raise KeyRevokedError(verified.key_id)
        if not kept.access.is_active:
            raise PlatformSuspendedError
        return verified, kept.access

    def forget(self, platform: PlatformId) -> None:
        """Read the platform anew at its next request."""
        self._kept.pop(platform, None)

    async def _look(self, platform: PlatformId, not_before: float) -> _Kept:
        kept = self._kept.get(platform)
        if kept is not None and kept.read_at >= not_before:
            return kept
        read_at = self._monotonic()
        if not is_platform_id(platform):
            return _Kept(None, read_at)
        async with self._db.transaction() as tx:
            row = await store.read_access(tx, platform)
        kept = _Kept(None if row is None else self._open(platform, row), read_at)
        if row is not None:
            if len(self._kept) >= MAX_KEPT:
                self._kept.clear()
            self._kept[platform] = kept
        return kept

    def _open(self, platform: PlatformId, row: store.AccessRow) -> Access:
        keys = [
            Key(
                parse_verifying_key(
                    self._sealer.open(key.sealed, key_context(platform, key.key_id)).decode(), key.key_id
                ),
                key.expires_at,
                key.revoked_at,
            )
            for key in row.keys
        ]
        return Access(row.is_active, row.records_per_minute, keys)


def key_context(platform: PlatformId, key_id: str) -> bytes:
    """Return what a sealed key is bound to: its own place."""
    return f"signing_key\0{platform}\0{key_id}".encode()


def _verified(
    access: Access | None, headers: Sequence[tuple[bytes, bytes]], body: bytes, now: datetime
) -> Verified | None:
    """Return the verified request, keys that count before those that have ended; None where no key has signed it."""
    keys = [] if access is None else sorted(access.keys, key=lambda key: not key.counts(now))
    try:
        return verify(headers, body, [key.verifying for key in keys] or [_DECOY], now)
    except WebhookError:
        return None
