"""The settings of title-review-sync."""

from xueshi_kit.settings import ServiceSettings


class Settings(ServiceSettings):
    """Nothing beyond what every service has."""
