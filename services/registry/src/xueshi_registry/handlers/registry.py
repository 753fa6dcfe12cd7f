"""What every handler needs."""

from dataclasses import dataclass

from xueshi_kit.clock import Clock
from xueshi_kit.crypto import Sealer
from xueshi_kit.outbox import Outbox
from xueshi_registry.handlers.rulebooks import Shelf
from xueshi_rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Registry:
    """Wired by `app.py`."""

    outbox: Outbox
    rulebook: Rulebook
    clock: Clock
    sealer: Sealer
    shelf: Shelf
