"""What the routes work with."""

from dataclasses import dataclass

from xueshi_gateway.handlers.access import Door
from xueshi_gateway.handlers.deliveries import Inlet
from xueshi_gateway.handlers.intake import Intake
from xueshi_gateway.handlers.platforms import Accession
from xueshi_gateway.handlers.pressure import Pressure
from xueshi_gateway.handlers.rates import Meter
from xueshi_kit.clock import Clock
from xueshi_kit.db import Database
from xueshi_rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Gateway:
    """The wired parts."""

    db: Database
    clock: Clock
    rulebook: Rulebook
    door: Door
    meter: Meter
    inlet: Inlet
    intake: Intake
    pressure: Pressure
    accession: Accession
