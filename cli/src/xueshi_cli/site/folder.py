"""The data folder of a local site, one for each bus, and the record of what it was made for."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from xueshi_cli.runtime.errors import RuntimeFailure
from xueshi_cli.runtime.ports import remembered_ports
from xueshi_cli.site.layout import BUCKETS, SERVICES


class FolderMadeForOtherError(RuntimeFailure):
    """The folder's data was made with another bus or other samples."""


@dataclass(frozen=True, slots=True)
class SiteFolder:
    """Paths and ports of one site."""

    root: Path

    @property
    def logs(self) -> Path:
        """Where every process writes its log."""
        return self.root / "logs"

    @property
    def keys(self) -> Path:
        """Where the site's secrets are; only the owner may look in."""
        return self.root / "keys"

    @property
    def samples(self) -> Path:
        """Where the sample world is written."""
        return self.root / "samples"

    def make(self, *, bus: str, people: int, seed: int) -> None:
        """Make the folder, or check that it was made for the same bus and samples."""
        for folder in (self.root, self.logs, self.keys):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        wanted = {"bus": bus, "buckets": BUCKETS, "people": people, "seed": seed}
        record = self.root / "site.json"
        if not record.exists():
            record.write_text(json.dumps(wanted, indent=1))
        elif (found := json.loads(record.read_text())) != wanted:
            message = (
                f"{self.root} was made for {found}, not for {wanted}. Events under way stay where they are:"
                " run it with the same settings, or remove it (make clean)."
            )
            raise FolderMadeForOtherError(message)

    def choose_ports(self) -> dict[str, int]:
        """Return each service's port for a start: those of the last run, or fresh ones if any of these is taken."""
        return _by_service(remembered_ports(self.root / "ports", len(SERVICES)))

    def known_ports(self) -> dict[str, int]:
        """Return each service's port of the run that is up."""
        return _by_service(json.loads((self.root / "ports").read_text()))


def _by_service(ports: Sequence[int]) -> dict[str, int]:
    return dict(zip([service.name for service in SERVICES], ports, strict=True))
