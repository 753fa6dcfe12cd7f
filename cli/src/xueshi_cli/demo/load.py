"""Loads the sample world through the services' own administrators' APIs."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import httpx

from xueshi_cli.demo.clients import OPERATOR
from xueshi_cli.runtime.errors import RuntimeFailure
from xueshi_cli.site.site import Site
from xueshi_kit.webhooks import PrivateKey, generate_private_key
from xueshi_samples import World
from xueshi_samples.model import Authority, Platform

ROWS_AT_ONCE = 2000
PEOPLE_COLUMNS = (
    "id_type", "id_number", "name", "employer", "from_on", "to_on", "main",
    "occupation", "institution_level", "cycle_from",
)  # fmt: skip
Step = Callable[[str], None]


class RefusedError(RuntimeFailure):
    """A service refused what the sample world holds; the message has its answer."""


async def load_world(site: Site, world: World, step: Step) -> None:
    """Enter authorities, employers, people and platforms; `step` is told what is under way."""
    step("authorities and officers")
    async with site.client(OPERATOR, "verification") as http:
        for authority in world.authorities:
            await _enter_authority(http, authority)
    async with site.client(OPERATOR, "registry") as http:
        step("employers")
        await _import(http, "/v1/employers:import", ("uscc", "name", "region", "industry"), _employer_rows(world))
        step("people")
        await _import(http, "/v1/people:import", PEOPLE_COLUMNS, _people_rows(world))
    step("platforms")
    secrets = _Secrets(site.folder.keys / "platform-keys.json")
    async with site.client(OPERATOR, "gateway") as http:
        for platform in world.platforms:
            await _enter_platform(http, platform, secrets)
    secrets.write()


class _Secrets:
    """The platforms' signing keys, which the platforms themselves would keep."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}

    def write(self) -> None:
        self._file.touch(mode=0o600)
        self._file.write_text(json.dumps(self.known))


def platform_keys(site: Site) -> dict[str, str]:
    """Return the platforms' signing keys by platform."""
    return _Secrets(site.folder.keys / "platform-keys.json").known


async def _enter_authority(http: httpx.AsyncClient, authority: Authority) -> None:
    path = f"/v1/authorities/{authority.id}"
    industries = [] if authority.industry is None else [authority.industry]
    body = {
        "name": authority.name,
        "kind": authority.kind,
        "region": authority.region,
        "level": authority.level,
        "industries": industries,
    }
    _check(await http.put(path, json=body))
    if authority.unable:
        _check(await http.put(f"{path}/unable", json={"reason": "样例:暂无法进行"}))
    for officer in authority.officers:
        for grant in officer.grants:
            role = "administrator" if grant.role == "administrator" else "reviewer"
            given = {
                "officer": officer.id,
                "officer_name": officer.name,
                "role": role,
                "region": grant.region,
                "industry": grant.industry,
                "valid_from": "2025-01-01",
            }
            _check(await http.post(f"{path}/grants", json=given), allowed=("GRANT_EXISTS",))


async def _enter_platform(http: httpx.AsyncClient, platform: Platform, secrets: _Secrets) -> None:
    path = f"/v1/platforms/{platform.id}"
    body = {"name": platform.name, "base_level": platform.base_level, "base_region": platform.base_region}
    _check(await http.post("/v1/platforms", json={"id": platform.id, **body}), allowed=("PLATFORM_EXISTS",))
    for scope in platform.scopes:
        confirmed = {
            "subject_kind": scope.subject_kind,
            "industry": scope.industry or 0,
            "major": scope.major or "",
            "confirmed_by": "样例确认单位",
        }
        _check(await http.post(f"{path}/scopes", json=confirmed), allowed=("SCOPE_STANDS",))
    if platform.id in secrets.known:
        return
    if platform.key_type == "ed25519":
        private = generate_private_key()
        public = PrivateKey.parse(private).public()
        _check(await http.post(f"{path}/keys", json={"version": "v1a", "public_key": public}))
        secrets.known[platform.id] = private
    else:
        answer = _check(await http.post(f"{path}/keys", json={"version": "v1"}))
        secrets.known[platform.id] = answer.json()["secret"]


def _employer_rows(world: World) -> list[tuple[str, ...]]:
    return [(each.code, each.name, each.region, str(each.industry)) for each in world.employers if each.registered]


def _people_rows(world: World) -> list[tuple[str, ...]]:
    return [
        (
            person.id_type,
            person.id_number,
            person.name,
            each.employer,
            each.from_on.isoformat(),
            each.to_on.isoformat() if each.to_on else "",
            "true" if each.main else "false",
            each.occupation,
            each.institution_level,
            each.cycle_from.isoformat() if each.cycle_from else "",
        )
        for person in world.people
        if person.claimed
        for each in person.employments
    ]


async def _import(http: httpx.AsyncClient, path: str, columns: Sequence[str], rows: Iterable[tuple[str, ...]]) -> None:
    waiting = list(rows)
    for start in range(0, len(waiting), ROWS_AT_ONCE):
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(columns)
        writer.writerows(waiting[start : start + ROWS_AT_ONCE])
        answer = _check(await http.post(path, content=text.getvalue().encode(), headers={"Content-Type": "text/csv"}))
        if errors := answer.json()["errors"]:
            message = f"{path} refused rows: {errors[:3]}"
            raise RefusedError(message)


def _check(answer: httpx.Response, allowed: Sequence[str] = ()) -> httpx.Response:
    """Return a good answer, or one whose problem was expected; raise `RefusedError` for another."""
    if answer.is_success or answer.json().get("code") in allowed:
        return answer
    message = f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:500]}"
    raise RefusedError(message)
