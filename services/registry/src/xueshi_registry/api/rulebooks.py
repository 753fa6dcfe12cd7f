"""The versions of the rulebook that records were registered by. Who may read: scope `registry.read`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from xueshi_kit.auth import Caller, require
from xueshi_kit.db import Database
from xueshi_kit.problems import not_found
from xueshi_registry.api.models import RulebookVersion
from xueshi_registry.handlers.registry import Registry
from xueshi_registry.store import rulebooks as store

Reader = Annotated[Caller, Depends(require("registry.read"))]
Hash = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


def router(db: Database, registry: Registry) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/v1/rulebooks", tags=["rulebooks"])

    @routes.get("")
    async def list_rulebooks(_: Reader) -> list[RulebookVersion]:
        """List the versions by which records were registered here, newest first. It reads of nobody."""
        async with db.transaction() as tx:
            rows = await store.versions(tx)
        return [
            RulebookVersion(
                hash=row["hash"], first_used_at=row["first_used_at"], is_present=row["hash"] == registry.rulebook.hash
            )
            for row in rows
        ]

    @routes.get("/{content_hash}", response_class=Response, responses={200: _CANONICAL})
    async def get_rulebook(_: Reader, content_hash: Hash) -> Response:
        """Return a version whole, as the text whose SHA-256 is its hash. It reads of nobody."""
        async with db.transaction() as tx:
            text = await store.canonical(tx, content_hash)
        if text is None:
            raise not_found("该版本的规则库", "Rulebook of that hash")
        return Response(text, media_type="application/json")

    return routes


_CANONICAL = {
    "description": "JSON with sorted keys and no white space; the SHA-256 of these very bytes is the hash.",
    "content": {"application/json": {"schema": {"type": "object"}}},
}
