"""The registry's audit trail: who did what to whom, in the same transaction as the deed."""

import json
from collections.abc import Mapping
from typing import Any

from xueshi_kit.db import Transaction
from xueshi_registry.handlers.registry import Registry


async def audit(
    tx: Transaction, registry: Registry, actor: str, action: str, subject: str, detail: Mapping[str, Any]
) -> None:
    """Append one line. `detail` never holds a name or a number of a document."""
    await tx.sql.execute(
        "INSERT INTO audit (at, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5)",
        registry.clock.now(),
        actor,
        action,
        subject,
        json.dumps(detail),
    )
