"""The packaged rulebook, changed: with a neighbour of other minimums for people who move, or with other values."""

import shutil
from collections.abc import Iterable, Mapping
from importlib import resources
from itertools import chain
from pathlib import Path

from xueshi.rulebook.v1.clauses_pb2 import Clauses
from xueshi_rulebook import Rulebook, read_rulebook

NEIGHBOUR_REGION = "450100"


def with_neighbour(folder: Path) -> Rulebook:
    """Return the rulebook with a copy of Fujian's rules for 450000, asking for 20 public and 40 professional."""
    _copy(folder)
    shutil.copytree(folder / "jurisdictions" / "fujian", folder / "jurisdictions" / "neighbour")
    edits = {
        "code: fujian": "code: neighbour",
        '"350000"': '"450000"',
        'hours: "60"': 'hours: "40"',
        'hours: "30"': 'hours: "20"',
        'hours: "90"': 'hours: "60"',
    }
    for file in (folder / "jurisdictions" / "neighbour").glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        for old, new in edits.items():
            text = text.replace(old, new)
        file.write_text(text, encoding="utf-8")
    return read_rulebook(folder)


def draft(folder: Path, changes: Mapping[str, str]) -> Path:
    """Copy the packaged rulebook into a new folder and change Fujian's data: each text, of one file, to another."""
    _copy(folder)
    files = list((folder / "jurisdictions" / "fujian").glob("*.yaml"))
    for old, new in changes.items():
        (file,) = (each for each in files if old in each.read_text(encoding="utf-8"))
        file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return folder


def copied(folder: Path) -> Path:
    """Copy the packaged rulebook with its cases into a folder that is there, as a draft to break."""
    packaged = Path(str(resources.files("xueshi_rulebook")))
    for name in ("guidance.yaml", "wording.yaml"):
        shutil.copy(packaged / name, folder / name)
    shutil.copytree(packaged / "jurisdictions", folder / "jurisdictions")
    return folder


def _copy(folder: Path) -> None:
    packaged = Path(str(resources.files("xueshi_rulebook")))
    shutil.copytree(packaged, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__", "cases"), dirs_exist_ok=True)


def clauses_of(told: Iterable[Iterable[Clauses]]) -> dict[str, dict[str, str]]:
    """Return the clauses that events tell, by version of the rulebook and rule."""
    found: dict[str, dict[str, str]] = {}
    for each in chain.from_iterable(told):
        found.setdefault(each.rulebook, {}).update(each.by_rule)
    return found
