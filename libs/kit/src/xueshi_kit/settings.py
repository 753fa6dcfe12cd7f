"""The settings that every service has, read from `XUESHI_…` environment variables by its `app.py` alone."""

from pathlib import Path
from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """Where a service finds its database, the bus, its keys and the token issuer."""

    model_config = SettingsConfigDict(env_prefix="XUESHI_", extra="ignore")

    database_url: SecretStr = SecretStr("")
    """Runtime role: no DDL, no UPDATE or DELETE on append-only tables. Every role but `migrate` needs it."""
    owner_database_url: SecretStr | None = None
    """Owner role; only `migrate` needs it."""
    database_pool_size: int = 8
    bus: Literal["embedded", "kafka"] = "embedded"
    bus_url: SecretStr = SecretStr("")
    """Bootstrap servers of Kafka, or the database URL of the embedded bus."""
    buckets: int = 8
    """Partitions of every topic; recorded with the data and never changed in place."""
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str = "http://127.0.0.1:8000"
    keys_file: Path | None = None
    issuer: str = "http://127.0.0.1:8000"
    jwks_url: str = ""
    audience: str = "xueshi"
    otlp_endpoint: str | None = None
    log_level: str = "INFO"
    head_seconds: float = 10.0
    """How long the head of a request may take to arrive, and `body_seconds` its body; then it is answered 408."""
    body_seconds: float = 20.0
    drain_seconds: float = 0.0
    """How long a stopping API says it is not ready, and closes connections, before it refuses new ones."""
    relay_lease_seconds: float = 10.0
    stall_seconds: float = 120.0
