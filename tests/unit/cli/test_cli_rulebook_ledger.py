"""`xueshi rulebook recompute | impact`: what they have the registry do, and how they end."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from tests.support.rulebooks import draft
from xueshi_cli.rulebook import app, ledger
from xueshi_rulebook import read_rulebook

RAISED = {'counts: [professional], hours: "60"': 'counts: [professional], hours: "64"', 'hours: "90"': 'hours: "94"'}


class Registry:
    """Stands for the registry's role: takes down what it is asked, and ends with an exit code."""

    def __init__(self) -> None:
        """Nothing was asked yet."""
        self.asked: list[str] = []
        self.canonical = ""

    def __call__(self, service: str, data: Path, *arguments: str) -> None:
        """Take down the arguments, and the draft while it is there."""
        self.asked = [service, str(data), *arguments]
        if "--with" in arguments:
            self.canonical = Path(arguments[arguments.index("--with") + 1]).read_text(encoding="utf-8")
        raise typer.Exit(1)


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    """Return what stands in for the registry."""
    made = Registry()
    monkeypatch.setattr(ledger, "run_role", made)
    return made


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_recompute_ends_as_the_registry_does(registry: Registry) -> None:
    assert run("recompute", "--data", "site", "--json", "out.json", "--limit", "5").exit_code == 1
    assert registry.asked == ["registry", "site", "recompute", "--limit", "5", "--json", "out.json"]


def test_impact_hands_the_draft_over(registry: Registry, tmp_path: Path) -> None:
    folder = draft(tmp_path / "draft", RAISED)
    assert run("impact", "--with", str(folder)).exit_code == 1
    assert registry.asked[:4] == ["registry", "data/embedded", "impact", "--with"]
    assert registry.canonical == read_rulebook(folder).canonical
    assert json.loads(registry.canonical)["jurisdictions"]


def test_a_draft_that_does_not_load_is_refused_before_anything_runs(registry: Registry, tmp_path: Path) -> None:
    folder = draft(tmp_path / "draft", {'rule: FJ-03, hours: "8"': 'rule: FJ-03, hours: "25"'})
    done = run("impact", "--with", str(folder))
    assert done.exit_code == 1
    assert "refused jurisdictions/fujian/credit.yaml:" in done.output
    assert registry.asked == []
