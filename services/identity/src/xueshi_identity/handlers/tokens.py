"""Issuing access tokens."""

from collections.abc import Mapping
from datetime import timedelta

import structlog

from xueshi_identity import store
from xueshi_identity.domain import CLOCK_SKEW
from xueshi_identity.handlers.keys import SigningKeys
from xueshi_identity.handlers.oauth import REPLAYED, Answer, TokenEndpoint, named_client
from xueshi_identity.store import ClientStore
from xueshi_kit.clock import Clock
from xueshi_kit.db import Database

log = structlog.get_logger()

_KEPT_AFTER_EXPIRY: timedelta = 2 * CLOCK_SKEW


class Tokens:
    """The token endpoint over the stored clients, keys and spent assertions."""

    def __init__(self, db: Database, clients: ClientStore, keys: SigningKeys, clock: Clock, issuer: str) -> None:
        """Issue tokens in the name of `issuer`, the public address of this service."""
        self._db = db
        self._clients = clients
        self._keys = keys
        self._clock = clock
        self._issuer = issuer

    async def issue(self, form: Mapping[str, str]) -> Answer:
        """Answer a token request. That its assertion is spent is on disk before the token leaves."""
        client_id = named_client(form)
        async with self._db.transaction() as tx:
            client = None if client_id is None else await self._clients.find(tx, client_id)
            signing_key = await self._keys.signing(tx)
            answer = TokenEndpoint(self._issuer, client, signing_key, self._clock.now()).answer(form)
            spent = answer.spent
            if spent is not None and not await store.spend_assertion(tx, spent.client_id, spent.jti, spent.expires_at):
                answer = REPLAYED
        if answer.reason:
            log.info("token.refused", client_id=client_id or "", reason=answer.reason)
        return answer

    async def tend(self) -> None:
        """Forget spent assertions that their age alone refuses."""
        async with self._db.transaction() as tx:
            await store.forget_assertions(tx, self._clock.now() - _KEPT_AFTER_EXPIRY)
