"""Verification's settings: what every service has."""

from xueshi_kit.settings import ServiceSettings


class Settings(ServiceSettings):
    """The common settings. `keys_file` holds the index of persons, for grants that name an officer's own person."""
