"""Administrators see and rotate the issuer's signing keys."""

from collections.abc import Iterable

from fastapi import APIRouter

from xueshi_identity.api.clients import Reader, Writer
from xueshi_identity.api.models import RotationIn, SigningKeyOut, SigningKeysOut
from xueshi_identity.domain import SigningKey
from xueshi_identity.handlers.keys import SigningKeys


def router(keys: SigningKeys) -> APIRouter:
    """Return the routes of the signing keys."""
    routes = APIRouter(prefix="/v1/signing-keys", tags=["signing keys"])

    @routes.get("", summary="List the published signing keys")
    async def listing(_: Reader) -> SigningKeysOut:
        """List the keys that verifiers know, in the order of their turns. For administrators."""
        return _shown(await keys.published())

    @routes.post("/rotations", status_code=201, summary="Let the next key sign from now on")
    async def rotate(rotation: RotationIn, _: Writer) -> SigningKeysOut:
        """End the current key's turn now; the next one has long been published. For administrators."""
        return _shown(await keys.rotate(distrust_current=rotation.distrust_current))

    return routes


def _shown(published: Iterable[SigningKey]) -> SigningKeysOut:
    return SigningKeysOut(items=[SigningKeyOut.of(key) for key in published])
