"""The gateway's settings."""

from pydantic import Field

from xueshi_kit.settings import ServiceSettings


class Settings(ServiceSettings):
    """Beside what every service has: how much a platform may send.

    The key file holds the purposes `person-index` and `identity`, which are people's, and `platform-secrets`.
    """

    records_per_minute: int = Field(default=60_000, ge=1)
    """What a platform may send in a minute unless an administrator has set its own limit."""
    waiting_events: int = Field(default=50_000, ge=1)
    """Events that may wait to be published, or to be taken by the registry, before deliveries are answered 429.

    An event holds up to some 400 records, of a platform that sends each record by itself just one.
    """
