"""The lock on a server's data folder: held while it is prepared here, and by the server itself through its life."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xueshi_cli.runtime.errors import FolderInUseError


@contextmanager
def locked(lock_file: Path) -> Iterator[None]:
    """Hold the lock for the block. Raises `FolderInUseError` at once where a server (or another start) holds it."""
    with lock_file.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"another server runs on {lock_file.parent}; stop it first"
            raise FolderInUseError(message) from None
        yield
