"""What a site in a cluster needs once: its secrets, the tables of the embedded bus, the copy of a key file."""

import asyncio
import importlib.util
import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from tests.contract.deploy.manifests import K8S, Site, secret_references
from tests.support.databases import DatabaseFactory
from xueshi_cli.runtime.passwords import Passwords
from xueshi_cli.site.layout import AUDIENCE, BUCKETS, SERVICES
from xueshi_identity.api.models import ClientIn
from xueshi_kit.bus.embedded import EmbeddedBus
from xueshi_kit.keyring import KeyFileError, KeyRing

Objects = Callable[[Path, str, str], list[dict[str, Any]]]


@pytest.fixture
def make_objects(monkeypatch: pytest.MonkeyPatch) -> Objects:
    """Give `objects` of site_secrets.py with a server that makes every database it is asked for."""
    described = importlib.util.spec_from_file_location("site_secrets", K8S / "site_secrets.py")
    assert described is not None
    assert described.loader is not None
    module = importlib.util.module_from_spec(described)
    described.loader.exec_module(module)

    async def provision(dsn: str, databases: Sequence[str], passwords: Passwords) -> None:
        assert dsn == "postgresql://administrator"
        assert {service.database for service in SERVICES} < set(databases)
        assert passwords

    monkeypatch.setattr(module, "provision", provision)
    found: Objects = module.objects
    return found


def test_the_objects_hold_what_the_pods_refer_to(make_objects: Objects, tmp_path: Path, site: Site) -> None:
    made = make_objects(tmp_path, "postgresql://administrator", "db.example.org:5432")
    held = {(each["metadata"]["name"], key) for each in made if each["kind"] == "Secret" for key in each["stringData"]}
    wanted = {reference for pod in site.own_pods for reference in secret_references(pod)}
    assert wanted <= held
    volumes = [volume for pod in site.own_pods for volume in pod.spec.get("volumes", [])]
    maps = {volume["configMap"]["name"] for volume in volumes if "configMap" in volume}
    assert maps == {each["metadata"]["name"] for each in made if each["kind"] == "ConfigMap"}


def test_each_secret_holds_its_services_own_keys_and_roles(make_objects: Objects, tmp_path: Path) -> None:
    made = make_objects(tmp_path, "postgresql://administrator", "db.example.org:5432")
    secrets = {each["metadata"]["name"]: each["stringData"] for each in made if each["kind"] == "Secret"}
    for service in SERVICES:
        runtime, owner = secrets[service.name], secrets[f"{service.name}-owner"]
        assert runtime["database-url"].startswith(f"postgresql://{service.database}_app:")
        assert owner["database-url"].startswith(f"postgresql://{service.database}_owner:")
        assert runtime["database-url"].endswith(f"@db.example.org:5432/{service.database}")
        assert set(json.loads(runtime["keys.json"])["purposes"]) == set(service.purposes)
    again = make_objects(tmp_path, "postgresql://administrator", "db.example.org:5432")
    assert again == made, "a second time keeps passwords and keys"


def test_the_issuer_takes_the_first_administrator(make_objects: Objects, tmp_path: Path) -> None:
    made = make_objects(tmp_path, "postgresql://administrator", "db.example.org:5432")
    (clients,) = [each["data"]["clients.json"] for each in made if each["kind"] == "ConfigMap"]
    (administrator,) = TypeAdapter(list[ClientIn]).validate_json(clients)
    assert administrator.kind == "administrator"
    assert administrator.audiences == [AUDIENCE]
    assert '"d"' not in clients, "the private half stays in the folder"


def test_the_copy_of_a_key_file_is_taken_where_the_secrets_own_file_is_not(tmp_path: Path, site: Site) -> None:
    given, copy = tmp_path / "given.json", tmp_path / "keys.json"
    KeyRing.generate({}).write(given)
    given.chmod(0o440)  # what fsGroup makes of 0400
    with pytest.raises(KeyFileError):
        KeyRing.load(given)
    programs = {tuple(each["command"][:-2]) for pod in site.own_pods for each in pod.spec.get("initContainers", [])}
    for program in [*programs, *programs]:  # a restarted pod copies over what is there
        subprocess.run([*program, given, copy], check=True)
        assert stat.S_IMODE(copy.stat().st_mode) == stat.S_IRUSR | stat.S_IWUSR
        KeyRing.load(copy)


def test_the_job_makes_the_embedded_buss_tables(site: Site, make_database: DatabaseFactory) -> None:
    job = site.of("Job").get("bus-install")
    if job is None:
        assert "to-kafka" in site.of("NetworkPolicy"), "neither bus"
        return
    database = make_database("bus")
    _python, *arguments = job["spec"]["template"]["spec"]["containers"][0]["command"]
    environment = {"OWNER_DATABASE_URL": database.owner_dsn, "XUESHI_BUCKETS": str(BUCKETS)}
    for _ in range(2):
        subprocess.run([sys.executable, *arguments], check=True, env=os.environ | environment)

    async def open_it() -> None:
        await (await EmbeddedBus.open(database.app_dsn, BUCKETS)).close()

    asyncio.run(open_it())
