"""Property tests here are not timed: a busy machine is no fault of the rulebook. A draft is a copy to break."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.rulebooks import copied

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    return copied(tmp_path)


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
