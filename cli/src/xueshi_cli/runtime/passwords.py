"""Generated passwords of database roles, kept in one file that only its owner can read."""

import json
import os
import secrets
from pathlib import Path

_RANDOM_BYTES = 32


class Passwords:
    """Role name → password, made on first asking and remembered in a file of mode 0600."""

    def __init__(self, file: Path) -> None:
        """Name the file; it appears with the first password."""
        self._file = file

    def of(self, role: str) -> str:
        """Return the role's password: 256 random bits, URL-safe ASCII."""
        known: dict[str, str] = json.loads(self._file.read_text("ascii")) if self._file.exists() else {}
        if role not in known:
            known[role] = secrets.token_urlsafe(_RANDOM_BYTES)
            self._write(known)
        return known[role]

    def _write(self, known: dict[str, str]) -> None:
        """Replace the file whole: a crash leaves the old one or the new one, on disk."""
        fresh = self._file.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            json.dump(known, stream, indent=1)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(self._file)
