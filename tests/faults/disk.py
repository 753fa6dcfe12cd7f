"""A small disk of its own for a server's data, so that it can be filled: an ext4 file system in a file, on a loop."""

import os
import shutil
import subprocess
from pathlib import Path

SIZE_BYTES = 4 * 1024**3
"""Sparse: it takes from the machine's disk only what is written. Servers work in a part of it until it is filled."""

_FILLER = "filler"


class NoDiskError(Exception):
    """No disk can be made here; the message says why, for the report."""


class SmallDisk:
    """A mounted file system at `place`."""

    def __init__(self, image: Path, place: Path) -> None:
        """Make and mount it. Raises `NoDiskError`."""
        if os.geteuid() != 0:
            message = "only root can mount a file system"
            raise NoDiskError(message)
        self.place = place
        self._image = image
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        image.touch()
        os.truncate(image, SIZE_BYTES)
        try:
            _run("mkfs.ext4", "-q", "-m", "0", "-E", "root_owner=0:0", str(image))
            _run("mount", "-o", "loop", str(image), str(place))
        except NoDiskError:
            image.unlink()
            raise
        shutil.rmtree(place / "lost+found")
        place.chmod(0o700)

    def fill(self) -> None:
        """Take all that is free."""
        stand = os.statvfs(self.place)
        with (self.place / _FILLER).open("wb") as filler:
            free = stand.f_bavail * stand.f_frsize
            while free >= stand.f_frsize:
                try:
                    os.posix_fallocate(filler.fileno(), 0, os.fstat(filler.fileno()).st_size + free)
                except OSError:
                    free //= 2

    def free(self) -> None:
        """Give it back."""
        (self.place / _FILLER).unlink(missing_ok=True)

    def unmount(self) -> None:
        """Take it away; its file stays, for whoever must look into it."""
        _run("umount", "-l", str(self.place))


def clear(place: Path) -> None:
    """Unmount what a run that was killed has left at this place."""
    if place.is_mount():
        _run("umount", "-l", str(place))


def _run(*command: str) -> None:
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    except FileNotFoundError as error:
        message = f"{command[0]} is missing"
        raise NoDiskError(message) from error
    if done.returncode != 0:
        message = f"{command[0]} was refused: {done.stderr.strip()}"
        raise NoDiskError(message)
