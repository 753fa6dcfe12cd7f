"""The registry's settings."""

from xueshi_kit.settings import ServiceSettings


class Settings(ServiceSettings):
    """Nothing beyond what every service has."""
