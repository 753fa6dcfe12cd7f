#!/usr/bin/env python3
"""Makes what a site in a cluster needs once: databases with their roles, key files, the first administrator's key.

    XUESHI_ADMIN_DATABASE_URL=postgresql://... .venv/bin/python deploy/k8s/site_secrets.py --server HOST:PORT FOLDER

The URL is the administrator's, as this machine reaches PostgreSQL; HOST:PORT is how the services reach it. FOLDER holds
the site's secrets from then on (mode 0700; keep it as you keep a key), `objects.json` among them, for `kubectl apply
--server-side`. Doing it again keeps passwords and keys, and adds what is missing.
"""

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from xueshi_cli.runtime.passwords import Passwords
from xueshi_cli.runtime.provision import Provisioned, provision, with_database
from xueshi_cli.site.keys import ClientKeys, make_key_files
from xueshi_cli.site.layout import AUDIENCE, BUS_DATABASE, SERVICES
from xueshi_kit.token_client import public_jwk

ADMINISTRATOR = "site-administrator"
SCOPES = (
    "gateway.admin",
    "registry.admin",
    "registry.read",
    "verification.admin",
    "certificates.read",
    "certificates.issue",
    "identity:read",
    "identity:write",
)


def secret(name: str, content: dict[str, str]) -> dict[str, Any]:
    """Return a Secret of text."""
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": content}


def database_secrets(database: Provisioned, name: str, files: dict[str, str]) -> list[dict[str, Any]]:
    """Return the runtime's Secret, with the files beside the URL, and the owner's."""
    return [
        secret(name, {"database-url": database.app_dsn, **files}),
        secret(f"{name}-owner", {"database-url": database.owner_dsn}),
    ]


def clients(folder: Path) -> dict[str, Any]:
    """Return the ConfigMap of the clients that the issuer has from the start: the administrator alone."""
    keys = ClientKeys(folder / "clients.json", [ADMINISTRATOR])
    declared = {
        "client_id": ADMINISTRATOR,
        "kind": "administrator",
        "subject": ADMINISTRATOR,
        "name": ADMINISTRATOR,
        "public_keys": [public_jwk(keys.of(ADMINISTRATOR))],
        "scopes": SCOPES,
        "audiences": [AUDIENCE],
    }
    content = {"clients.json": json.dumps([declared])}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "identity-clients"}, "data": content}


def objects(folder: Path, admin_url: str, server: str) -> list[dict[str, Any]]:
    """Make databases, roles and keys, and return the cluster's objects. `server` is host:port as services see it."""
    passwords = Passwords(folder / "passwords.json")
    names = [service.database for service in SERVICES] + [BUS_DATABASE]
    asyncio.run(provision(admin_url, names, passwords))
    make_key_files(folder)

    def inside(name: str) -> Provisioned:
        owner, app = (
            with_database(f"postgresql://{server}/", role, passwords.of(role), name)
            for role in (f"{name}_owner", f"{name}_app")
        )
        return Provisioned(name, owner_dsn=owner, app_dsn=app)

    made = [clients(folder), *database_secrets(inside(BUS_DATABASE), "bus", {})]
    for service in SERVICES:
        keys = (folder / f"{service.name}.json").read_text("utf-8")
        made += database_secrets(inside(service.database), service.name, {"keys.json": keys})
    return made


def main() -> None:
    """Write the objects."""
    parser = argparse.ArgumentParser(description="Make a site's databases, roles and secrets.")
    parser.add_argument("--server", required=True, help="host:port at which the services reach PostgreSQL")
    parser.add_argument("folder", type=Path, help="where the site's secrets are kept")
    arguments = parser.parse_args()
    admin_url = os.environ.get("XUESHI_ADMIN_DATABASE_URL")
    if not admin_url:
        sys.exit("XUESHI_ADMIN_DATABASE_URL is not set: it makes databases and roles.")
    os.umask(0o077)
    arguments.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = objects(arguments.folder, admin_url, arguments.server)
    file = arguments.folder / "objects.json"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": made}, indent=1), "utf-8")
    sys.stdout.write(f"{len(made)} objects: {file}\n")


if __name__ == "__main__":
    main()
