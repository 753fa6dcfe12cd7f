"""`python -m xueshi_cli.openapi FOLDER`: write each service's OpenAPI document as `<service>.openapi.json`.

The documents come from the services as they run, wired by their own `build`, on a PostgreSQL that lives for as long.
"""

import asyncio
import json
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from xueshi_cli.runtime.postgres import EmbeddedPostgres
from xueshi_cli.runtime.provision import Provisioned, provision
from xueshi_cli.site.layout import AUDIENCE, BUCKETS, BUS_DATABASE, INDEX_PURPOSES, SERVICES, ServiceSpec
from xueshi_kit import migrations
from xueshi_kit.bus.embedded.schema import install
from xueshi_kit.keyring import KeyKind, KeyRing
from xueshi_kit.service import Service


async def open_service(spec: ServiceSpec, database: Provisioned, bus_url: str, folder: Path) -> Service:
    """Wire one service on a migrated database and the embedded bus at `bus_url`, with new keys, kept in `folder`."""
    keys_file = folder / f"{spec.name}.json"
    kinds = {each: KeyKind.INDEX if each in INDEX_PURPOSES else KeyKind.SEAL_AES for each in spec.purposes}
    KeyRing.generate(kinds).write(keys_file)
    settings = import_module(f"{spec.package}.settings").Settings(
        database_url=database.app_dsn, bus_url=bus_url, buckets=BUCKETS, keys_file=keys_file, audience=AUDIENCE
    )
    service: Service = await import_module(f"{spec.package}.app").build(settings)
    return service


def as_text(document: dict[str, Any]) -> str:
    """Return a document as it is published."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


async def export(folder: Path) -> list[Path]:
    """Write the documents into `folder` and return their files. Raises what a start of the services raises."""
    with tempfile.TemporaryDirectory(prefix="xueshi-openapi-") as place:
        postgres = EmbeddedPostgres(Path(place) / "postgres")
        await postgres.start()
        try:
            names = [spec.database for spec in SERVICES] + [BUS_DATABASE]
            databases = await provision(postgres.dsn, names, postgres.passwords)
            await install(databases[BUS_DATABASE].owner_dsn, BUCKETS)
            bus_url = databases[BUS_DATABASE].app_dsn
            return [await _export(spec, databases[spec.database], bus_url, Path(place), folder) for spec in SERVICES]
        finally:
            await postgres.stop()


async def _export(spec: ServiceSpec, database: Provisioned, bus_url: str, place: Path, folder: Path) -> Path:
    await asyncio.to_thread(migrations.upgrade, spec.package, database.owner_dsn)
    service = await open_service(spec, database, bus_url, place)
    try:
        file = folder / f"{spec.name}.openapi.json"
        file.write_text(as_text(service.app.openapi()), encoding="utf-8")
        return file
    finally:
        await service.parts.close()


if __name__ == "__main__":
    for written in asyncio.run(export(Path(sys.argv[1]))):
        sys.stdout.write(f"{written}\n")
