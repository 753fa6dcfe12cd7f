"""`xueshi platforms`: each command sends what the gateway's administrators' API takes."""

import json
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from typer.testing import CliRunner

from xueshi_cli import platforms
from xueshi_cli.demo.clients import OPERATOR

DOCUMENT = json.loads((Path(__file__).parents[3] / "docs/api/gateway.openapi.json").read_text(encoding="utf-8"))
PUBLIC_KEY = "whpk_" + "A" * 43 + "="


class FakeSite:
    """A site whose gateway notes what it is asked and answers 200."""

    def __init__(self) -> None:
        """Begin with no request."""
        self.asked: list[httpx.Request] = []
        self.is_closed = False

    def client(self, client_id: str, service: str) -> httpx.AsyncClient:
        """Return a client of the gateway."""
        assert (client_id, service) == (OPERATOR, "gateway")
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer), base_url="http://gateway.test")

    async def close(self) -> None:
        """Note it."""
        self.is_closed = True

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return httpx.Response(200, json={})


@pytest.mark.parametrize(
    ("command", "method", "path", "template", "body"),
    [
        ("list", "GET", "", "", None),
        ("show mooc", "GET", "/mooc", "/{platform}", None),
        (
            "create mooc 福建网络学院 province 350000",
            "POST",
            "",
            "",
            {"id": "mooc", "name": "福建网络学院", "base_level": "province", "base_region": "350000"},
        ),
        (
            "confirm mooc professional 福建省住房和城乡建设厅 --industry 5",
            "POST",
            "/mooc/scopes",
            "/{platform}/scopes",
            {
                "subject_kind": "professional",
                "industry": 5,
                "major": "",
                "confirmed_by": "福建省住房和城乡建设厅",
            },
        ),
        (
            "withdraw-scope mooc 7 到期",
            "POST",
            "/mooc/scopes/7/withdraw",
            "/{platform}/scopes/{scope}/withdraw",
            {"reason": "到期"},
        ),
        ("add-key mooc", "POST", "/mooc/keys", "/{platform}/keys", {"version": "v1"}),
        (
            f"add-key mooc --public-key {PUBLIC_KEY}",
            "POST",
            "/mooc/keys",
            "/{platform}/keys",
            {"version": "v1a", "public_key": PUBLIC_KEY},
        ),
        (
            "rotate-key mooc k1",
            "POST",
            "/mooc/keys/k1/rotate",
            "/{platform}/keys/{key_id}/rotate",
            {"overlap_seconds": 86_400},
        ),
        (
            f"rotate-key mooc k1 --public-key {PUBLIC_KEY} --overlap-seconds 0",
            "POST",
            "/mooc/keys/k1/rotate",
            "/{platform}/keys/{key_id}/rotate",
            {"overlap_seconds": 0, "public_key": PUBLIC_KEY},
        ),
        (
            "revoke-key mooc k1 泄露",
            "POST",
            "/mooc/keys/k1/revoke",
            "/{platform}/keys/{key_id}/revoke",
            {"reason": "泄露"},
        ),
        ("limit mooc 60000", "PUT", "/mooc/limit", "/{platform}/limit", {"records_per_minute": 60_000}),
        ("limit mooc", "PUT", "/mooc/limit", "/{platform}/limit", {"records_per_minute": None}),
        ("suspend mooc 抽查", "POST", "/mooc/suspend", "/{platform}/suspend", {"reason": "抽查"}),
        ("resume mooc 通过", "POST", "/mooc/resume", "/{platform}/resume", {"reason": "通过"}),
    ],
)
def test_each_command_sends_what_the_api_takes(
    monkeypatch: pytest.MonkeyPatch, command: str, method: str, path: str, template: str, body: dict[str, Any] | None
) -> None:
    site = FakeSite()
    monkeypatch.setattr(platforms, "open_site", lambda _: site)
    done = CliRunner().invoke(platforms.app, command.split())
    assert done.exit_code == 0, done.output
    (asked,) = site.asked
    sent = json.loads(asked.content) if asked.content else None
    assert (asked.method, asked.url.path, sent) == (method, f"/v1/platforms{path}", body)
    assert site.is_closed
    operation = DOCUMENT["paths"][f"/v1/platforms{template}"][method.lower()]
    if body is not None:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        jsonschema.validate(body, {**schema, "components": DOCUMENT["components"]})


def test_a_refusal_ends_with_exit_code_one_and_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    site = FakeSite()
    monkeypatch.setattr(site, "_answer", lambda _: httpx.Response(409, json={"code": "TOO_MANY_KEYS"}))
    monkeypatch.setattr(platforms, "open_site", lambda _: site)
    done = CliRunner().invoke(platforms.app, ["rotate-key", "mooc", "k1"])
    assert done.exit_code == 1
    assert "TOO_MANY_KEYS" in done.output
