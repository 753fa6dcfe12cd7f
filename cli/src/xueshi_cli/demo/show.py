"""Reads from a running site what its users would read."""

import json
from pathlib import Path
from typing import Any

from xueshi_cli.demo.clients import OPERATOR, clients_of
from xueshi_cli.runtime.errors import RuntimeFailure
from xueshi_cli.site.folder import SiteFolder
from xueshi_cli.site.site import Site
from xueshi_samples import load


class NoSiteError(RuntimeFailure):
    """There is no site in this folder."""


def open_site(data: Path) -> Site:
    """Return the site of a data folder. Raises `NoSiteError`."""
    folder = SiteFolder(data.resolve())
    record = folder.root / "site.json"
    if not record.exists():
        message = f"{data} holds no site; `xueshi run` makes one."
        raise NoSiteError(message)
    bus = json.loads(record.read_text())["bus"]
    return Site(folder, bus, clients_of(load(folder.samples)), folder.known_ports())


async def read_fate(data: Path, platform: str, record_id: str) -> dict[str, Any]:
    """Return a record's fate as the gateway tells it to its platform."""
    site = open_site(data)
    try:
        async with site.client(platform, "gateway") as http:
            answer = await http.get(f"/v1/platforms/{platform}/hour-records/{record_id}")
            found: dict[str, Any] = answer.json()
            return found
    finally:
        await site.close()


async def newest_proofs(data: Path, count: int) -> list[tuple[str, str]]:
    """Return (number, address of the public page) of the newest valid proofs."""
    site = open_site(data)
    try:
        async with site.client(OPERATOR, "certificates") as http:
            answer = await http.get("/v1/proofs", params={"status": "valid", "limit": count})
            answer.raise_for_status()
            return [(each["number"], each["public_url"]) for each in answer.json()["items"]]
    finally:
        await site.close()
