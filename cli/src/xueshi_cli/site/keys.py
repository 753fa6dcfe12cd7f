"""A site's secrets: the key ring, each service's cut of it, and the private keys of the site's own clients."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from xueshi_cli.site.layout import INDEX_PURPOSES, SERVICES
from xueshi_kit.keyring import KeyKind, KeyRing
from xueshi_kit.token_client import generate_private_jwk


def make_key_files(folder: Path) -> None:
    """Write each service's key file, cut from the site's ring, which is made on first use."""
    ring_file = folder / "ring.json"
    kinds = {
        purpose: KeyKind.INDEX if purpose in INDEX_PURPOSES else KeyKind.SEAL_AES
        for service in SERVICES
        for purpose in service.purposes
    }
    ring = (KeyRing.load(ring_file) if ring_file.exists() else KeyRing.generate({})).extended(kinds)
    ring.write(ring_file)
    for service in SERVICES:
        ring.only(service.purposes).write(folder / f"{service.name}.json")


class ClientKeys:
    """Private keys of clients by client id, in one file that only its owner may read."""

    def __init__(self, file: Path, client_ids: Iterable[str]) -> None:
        """Load the file and draw a key for each client that has none yet."""
        self._keys: dict[str, dict[str, Any]] = json.loads(file.read_text()) if file.exists() else {}
        missing = [client_id for client_id in client_ids if client_id not in self._keys]
        if missing:
            self._keys.update((client_id, generate_private_jwk("1")) for client_id in missing)
            self._write(file)

    def _write(self, file: Path) -> None:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as opened:
            json.dump(self._keys, opened)

    def of(self, client_id: str) -> dict[str, Any]:
        """Return the client's private JWK."""
        return self._keys[client_id]
