"""Property tests here are not timed: a busy machine is no fault of the rulebook. A draft is a copy to break."""

import shutil
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

PACKAGE = Path(str(resources.files("xueshi_rulebook")))


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    for name in ("guidance.yaml", "wording.yaml"):
        shutil.copy(PACKAGE / name, tmp_path / name)
    shutil.copytree(PACKAGE / "jurisdictions", tmp_path / "jurisdictions")
    return tmp_path


@pytest.fixture
def edit(draft: Path) -> Callable[[str, str, str], int]:
    """Replace the first place of some text in a file; return the line of the change, from 1."""

    def replace(file: str, old: str, new: str) -> int:
        path = draft / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    return replace
