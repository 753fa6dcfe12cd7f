"""What the registry's jobs are made of: parts of the people, processes, progress, the list in a file."""

import io
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest
from rich.console import Console

from xueshi_registry.jobs import parts
from xueshi_registry.jobs.listing import listing
from xueshi_registry.jobs.watching import Watch
from xueshi_registry.store import sweep


@dataclass(frozen=True, slots=True)
class Found:
    """What a part found."""

    people: int
    rows: int
    first: UUID


async def count(part: sweep.Part) -> AsyncIterator[Found]:
    """Find something twice."""
    yield Found(1, 2, part.first)
    yield Found(3, 4, part.first)


async def break_down(part: sweep.Part) -> AsyncIterator[Found]:
    """Find something, then fail in one of the parts."""
    yield Found(1, 1, part.first)
    if part.first.int:
        raise RuntimeError


@pytest.fixture
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the processes of a job import this module, in which their work stands."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[3]))


@pytest.mark.parametrize("number", [1, 2, 3, 7])
def test_the_parts_are_everybody_once(number: int) -> None:
    found = sweep.parts(number)
    assert found[0].first.int == 0
    assert found[-1].last.int == (1 << 128) - 1
    assert all(one.last.int + 1 == next_.first.int for one, next_ in pairwise(found))


@pytest.mark.usefixtures("importable")
def test_each_part_is_worked_on_and_all_is_found() -> None:
    found = list(parts.run(count, 2))
    assert sorted(each.people for each in found) == [1, 1, 3, 3]
    assert {each.first for each in found} == {each.first for each in sweep.parts(2)}


@pytest.mark.usefixtures("importable")
def test_a_part_that_fails_is_no_success() -> None:
    found: list[Found] = []
    with pytest.raises(parts.PartFailedError):
        found.extend(parts.run(break_down, 2))


def test_elsewhere_than_on_a_terminal_a_line_tells_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("xueshi_registry.jobs.watching.time.monotonic", lambda: now)
    out = io.StringIO()
    with Watch(Console(file=out, width=100), 400, "entries") as watch:
        watch.advance(50, 1000)
        now = 10.0
        watch.advance(50, 1000)
        watch.advance(1, 0)
    assert out.getvalue() == "25%, 100 people, 200 entries/s, 30 s left\n"


def test_on_a_terminal_a_bar_does() -> None:
    out = io.StringIO()
    with Watch(Console(file=out, width=100, force_terminal=True), 400, "entries") as watch:
        watch.advance(100, 1000)
    assert "100 people" in out.getvalue()
    assert "25%" in out.getvalue()


@pytest.mark.parametrize("items", [[], [{"a": 1}], [{"a": 1}, {"b": "洛江"}]])
def test_a_list_of_any_length_is_json(tmp_path: Path, items: list[dict[str, object]]) -> None:
    with listing(tmp_path / "found.json", "found") as told:
        for each in items:
            told.add(each)
        told.end({"counts": {"people": 2}})
    assert json.loads((tmp_path / "found.json").read_text()) == {"found": items, "counts": {"people": 2}}


def test_an_unfinished_list_has_no_name(tmp_path: Path) -> None:
    def fail() -> None:
        with listing(tmp_path / "found.json", "found") as told:
            told.add({"a": 1})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert not (tmp_path / "found.json").exists()
