"""Operators' commands on a local site: what is parked, and letting it through again.

On a cluster the same roles of a service's own image do it: `python -m xueshi_registry parked`, `… replay --key KEY`.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from xueshi_cli.demo.show import open_site
from xueshi_cli.site.layout import SERVICES

LOCAL = Path("data/embedded")
Service = Annotated[str, typer.Argument(help=f"One of {', '.join(each.name for each in SERVICES)}.")]
Data = Annotated[Path, typer.Option(help="Data folder of the site.")]


def parked(service: Service, data: Data = LOCAL) -> None:
    """List the people whose events a service has parked: consumer, key, events, since, kind of error."""
    run_role(service, data, "parked")


def replay(service: Service, key: str, data: Data = LOCAL) -> None:
    """Let one person's parked events through again, in order; they stay parked if they fail again."""
    run_role(service, data, "replay", "--key", key)


def run_role(name: str, data: Path, *arguments: str) -> None:
    """Run a role of a service on the site of a data folder, and end with its exit code."""
    spec = next((each for each in SERVICES if each.name == name), None)
    if spec is None:
        message = f"no service {name}"
        raise typer.BadParameter(message, param_hint="service")
    site = open_site(data)
    site.attach()
    done = subprocess.run(
        (sys.executable, "-m", spec.package, *arguments), env={**os.environ, **site.environment(spec)}, check=False
    )
    raise typer.Exit(done.returncode)
