"""The identity service's HTTP API."""

from fastapi import APIRouter

from xueshi_identity.api import clients, issuer, signing_keys
from xueshi_identity.handlers.clients import Clients
from xueshi_identity.handlers.keys import SigningKeys
from xueshi_identity.handlers.tokens import Tokens

DESCRIPTION = (
    "A small OAuth 2 issuer: client credentials, proven by private_key_jwt (RFC 7523). Access tokens live ten minutes "
    "and are made out to one audience. Administrators register clients by their public keys; no secret is ever sent."
)


def router(tokens: Tokens, registered: Clients, keys: SigningKeys, issuer_url: str) -> APIRouter:
    """Return all routes."""
    whole = APIRouter()
    whole.include_router(issuer.router(tokens, keys, issuer_url))
    whole.include_router(clients.router(registered))
    whole.include_router(signing_keys.router(keys))
    return whole
