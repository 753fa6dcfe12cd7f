"""`xueshi platforms …`: accession of training platforms through the gateway's administrators' API (FJ-15)."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console

from xueshi_cli.demo.clients import OPERATOR
from xueshi_cli.demo.show import open_site
from xueshi_kit.clock import SystemClock
from xueshi_kit.token_client import TokenSource

app = typer.Typer(no_args_is_help=True, help="Training platforms: accession, scopes, keys.")
console = Console()

Data = Annotated[Path, typer.Option(help="Data folder of a local site.")]
Platform = Annotated[str, typer.Argument(help="The platform's id.")]
LOCAL = Path("data/embedded")
SCOPE = "gateway.admin"


@app.callback()
def connect(
    context: typer.Context,
    data: Data = LOCAL,
    gateway: Annotated[str, typer.Option(envvar="XUESHI_GATEWAY_URL", help="A remote gateway instead.")] = "",
    token_url: Annotated[str, typer.Option(envvar="XUESHI_TOKEN_URL", help="Its issuer's token endpoint.")] = "",
    client_id: Annotated[str, typer.Option(envvar="XUESHI_CLIENT_ID")] = OPERATOR,
    key_file: Annotated[Path | None, typer.Option(envvar="XUESHI_CLIENT_KEY_FILE", help="Private JWK.")] = None,
) -> None:
    """Say which gateway is meant: a local site's, or a remote one with a client of its issuer."""

    async def ask(call: Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]) -> httpx.Response:
        if not gateway:
            site = open_site(data)
            try:
                async with site.client(client_id, "gateway") as http:
                    return await call(http)
            finally:
                await site.close()
        if key_file is None:
            raise typer.BadParameter("a remote gateway needs --key-file", param_hint="--key-file")
        async with httpx.AsyncClient() as plain:
            key = json.loads(key_file.read_text())
            auth = TokenSource(
                plain, token_url, client_id, key, scope=SCOPE, audience="xueshi", clock=SystemClock(), issuer=""
            )
            async with httpx.AsyncClient(base_url=gateway, auth=auth) as http:
                return await call(http)

    context.obj = ask


def _ask(context: typer.Context, method: str, path: str, body: dict[str, Any] | None = None) -> None:
    """Send one request and print the answer; a refusal ends with exit code 1 and says what to do."""

    async def call(http: httpx.AsyncClient) -> httpx.Response:
        return await http.request(method, f"/v1/platforms{path}", json=body)

    answer = asyncio.run(context.obj(call))
    if answer.content:
        console.print_json(answer.text)
    if not answer.is_success:
        raise typer.Exit(1)


@app.command("list")
def list_platforms(context: typer.Context) -> None:
    """List the platforms."""
    _ask(context, "GET", "")


@app.command()
def show(context: typer.Context, platform: Platform) -> None:
    """Show a platform with its scopes and keys, without secrets."""
    _ask(context, "GET", f"/{platform}")


@app.command()
def create(context: typer.Context, platform: Platform, name: str, base_level: str, base_region: str) -> None:
    """Enter a platform: its name, its base's level (province, city, county) and region (division code)."""
    _ask(context, "POST", "", {"id": platform, "name": name, "base_level": base_level, "base_region": base_region})


@app.command()
def confirm(
    context: typer.Context,
    platform: Platform,
    subject_kind: str,
    confirmed_by: str,
    industry: int = 0,
    major: str = "",
) -> None:
    """Enter that an authority has confirmed a subject, or an industry and major; held records go on by themselves."""
    body = {"subject_kind": subject_kind, "industry": industry, "major": major, "confirmed_by": confirmed_by}
    _ask(context, "POST", f"/{platform}/scopes", body)


@app.command("withdraw-scope")
def withdraw_scope(context: typer.Context, platform: Platform, scope: int, reason: str) -> None:
    """Withdraw a confirmed scope, by its number; later records of it are held."""
    _ask(context, "POST", f"/{platform}/scopes/{scope}/withdraw", {"reason": reason})


@app.command("add-key")
def add_key(context: typer.Context, platform: Platform, public_key: str = "") -> None:
    """Add a signing key: a shared secret, shown once, or the platform's Ed25519 public key (whpk_…)."""
    _ask(
        context,
        "POST",
        f"/{platform}/keys",
        {"version": "v1a", "public_key": public_key} if public_key else {"version": "v1"},
    )


@app.command("rotate-key")
def rotate_key(
    context: typer.Context,
    platform: Platform,
    key_id: str,
    public_key: Annotated[str, typer.Option(help="The successor of an Ed25519 key (whpk_…).")] = "",
    overlap_seconds: Annotated[int, typer.Option(min=0, help="How long the old key counts on.")] = 86_400,
) -> None:
    """Add a successor to a key: a shared secret, shown once, or an Ed25519 public key."""
    body: dict[str, Any] = {"overlap_seconds": overlap_seconds}
    if public_key:
        body["public_key"] = public_key
    _ask(context, "POST", f"/{platform}/keys/{key_id}/rotate", body)


@app.command("revoke-key")
def revoke_key(context: typer.Context, platform: Platform, key_id: str, reason: str) -> None:
    """Revoke a key at once."""
    _ask(context, "POST", f"/{platform}/keys/{key_id}/revoke", {"reason": reason})


@app.command()
def suspend(context: typer.Context, platform: Platform, reason: str) -> None:
    """Take no more deliveries of a platform."""
    _ask(context, "POST", f"/{platform}/suspend", {"reason": reason})


@app.command()
def resume(context: typer.Context, platform: Platform, reason: str) -> None:
    """Take a platform's deliveries again."""
    _ask(context, "POST", f"/{platform}/resume", {"reason": reason})


@app.command()
def limit(
    context: typer.Context,
    platform: Platform,
    records_per_minute: Annotated[int | None, typer.Argument(help="None: the service's own limit again.")] = None,
) -> None:
    """Set how many records a platform may send in a minute."""
    _ask(context, "PUT", f"/{platform}/limit", {"records_per_minute": records_per_minute})
