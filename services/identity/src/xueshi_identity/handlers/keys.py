"""The issuer's signing keys: made, sealed, rotated. One is always published before its turn comes."""

import json
from datetime import datetime, timedelta

from joserfc.jwk import Key, OKPKey

from xueshi_identity import store
from xueshi_identity.domain import KeyId, SigningKey, current_key, next_key, published_keys, withdrawn_keys
from xueshi_identity.handlers.oauth import SIGNING_ALGORITHM
from xueshi_kit.auth import UnauthenticatedError
from xueshi_kit.clock import Clock
from xueshi_kit.crypto import Sealer
from xueshi_kit.db import Database, Transaction


class NoSigningKeyError(Exception):
    """No key's turn has come; `SigningKeys.tend` makes one."""


class SigningKeys:
    """The signing keys in the database, their private halves sealed."""

    def __init__(self, db: Database, sealer: Sealer, clock: Clock, term: timedelta) -> None:
        """Let each key sign for `term`."""
        self._db = db
        self._sealer = sealer
        self._clock = clock
        self._term = term

    async def published(self) -> list[SigningKey]:
        """Return the keys that verifiers are to know."""
        async with self._db.transaction() as tx:
            return published_keys(await store.signing_keys(tx), self._clock.now())

    async def find(self, key_id: str | None) -> Key:
        """Return the public key with this id, so that the issuer checks tokens made out to itself.

        Raises `UnauthenticatedError` for a key that is not published.
        """
        for key in await self.published():
            if key.key_id == key_id:
                return OKPKey.import_key(key.public_jwk)
        raise UnauthenticatedError("unknown key")

    async def signing(self, tx: Transaction) -> Key:
        """Return the private key whose turn it is. Raises `NoSigningKeyError`."""
        key = current_key(await store.signing_keys(tx), self._clock.now())
        if key is None:
            raise NoSigningKeyError
        private = json.loads(self._sealer.open(key.private_sealed, _context(key.key_id)))
        return OKPKey.import_key(private)

    async def tend(self) -> None:
        """Make the keys that are missing and delete those that are withdrawn. May run anywhere, any number of times."""
        async with self._db.transaction() as tx:
            await store.lock_signing_keys(tx)
            await self._complete(tx)

    async def rotate(self, *, distrust_current: bool) -> list[SigningKey]:
        """Let the next key sign from now on, and return what is published then.

        With `distrust_current`, for a key that may be known to others, its tokens end as soon as verifiers refresh.
        """
        now = self._clock.now()
        async with self._db.transaction() as tx:
            await store.lock_signing_keys(tx)
            await self._complete(tx)
            keys = await store.signing_keys(tx)
            current, following = current_key(keys, now), next_key(keys, now)
            if following is None:
                raise NoSigningKeyError
            await store.start_signing_key(tx, following.key_id, now)
            if distrust_current and current is not None:
                await store.delete_signing_keys(tx, [current])
            await self._complete(tx)
            return published_keys(await store.signing_keys(tx), now)

    async def _complete(self, tx: Transaction) -> None:
        now = self._clock.now()
        keys = await store.signing_keys(tx)
        await store.delete_signing_keys(tx, withdrawn_keys(keys, now))
        if current_key(keys, now) is None:
            await store.add_signing_key(tx, self._generate(now))
        if next_key(keys, now) is None:
            await store.add_signing_key(tx, self._generate(now + self._term))

    def _generate(self, signs_from: datetime) -> SigningKey:
        key = OKPKey.generate_key("Ed25519", {"use": "sig", "alg": SIGNING_ALGORITHM})
        key_id = KeyId(key.thumbprint())
        private = {**key.as_dict(private=True), "kid": key_id}
        public = {**key.as_dict(private=False), "kid": key_id}
        sealed = self._sealer.seal(json.dumps(private).encode(), _context(key_id))
        return SigningKey(key_id, public, sealed, signs_from)


def _context(key_id: KeyId) -> bytes:
    return b"signing_key.private:" + key_id.encode()
