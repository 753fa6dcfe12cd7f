"""Platforms' accession, copied from the gateway's events so that records are judged without asking another service."""

import json
from collections.abc import Sequence

from xueshi.gateway.v1.platforms_pb2 import PlatformChanged
from xueshi_kit.db import Transaction
from xueshi_registry.handlers.registry import Registry
from xueshi_registry.store import releases


async def take_platforms(tx: Transaction, registry: Registry, events: Sequence[PlatformChanged]) -> None:
    """Keep the newest state of each platform and ask that its held records be judged anew (FJ-15)."""
    await releases.change_reference(tx)
    for event in events:
        taken = await tx.sql.fetchval(
            "INSERT INTO platform (platform, name, status, base_level, base_region, scopes, revision, entered_at,"
            " changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)"
            " ON CONFLICT (platform) DO UPDATE SET name = EXCLUDED.name,"
            " status = EXCLUDED.status, base_level = EXCLUDED.base_level, base_region = EXCLUDED.base_region,"
            " scopes = EXCLUDED.scopes, revision = EXCLUDED.revision, changed_at = CASE"
            " WHEN (platform.base_level, platform.base_region, platform.scopes)"
            " = (EXCLUDED.base_level, EXCLUDED.base_region, EXCLUDED.scopes) THEN platform.changed_at"
            " ELSE EXCLUDED.changed_at END"
            " WHERE platform.revision < EXCLUDED.revision RETURNING platform",
            event.platform,
            event.name,
            event.status,
            event.base_level,
            event.base_region,
            json.dumps([[scope.subject_kind, scope.industry, scope.major] for scope in event.scopes]),
            event.revision,
            registry.clock.now(),
        )
        if taken is not None:
            await releases.request(tx, registry.clock.now(), platforms=[event.platform])
