"""The settings of the identity service."""

from pathlib import Path

from xueshi_kit.settings import ServiceSettings


class Settings(ServiceSettings):
    """Beside the common settings: how long a key signs, and which clients are there from the start.

    `issuer` is the public address of this service, as it stands in its tokens. `keys_file` is required and holds a
    sealing key for the purpose `issuer-secrets`. `audience` is whom administrators' tokens must be made out to.
    """

    audience: str = "identity"
    signing_key_days: int = 90
    clients_file: Path | None = None
    """A JSON list of clients, each as in `POST /v1/clients`. At every start they are made, or brought to what the file
    says: so the first administrator gets in, and gets in again after the loss of a key."""
