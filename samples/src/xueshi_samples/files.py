"""A world on disk: JSON lines, one file per kind of thing, and what is expected of the whole."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from xueshi_samples.model import (
    Authority,
    Delivery,
    Employer,
    Employment,
    Expected,
    Fate,
    Grant,
    Json,
    Officer,
    Person,
    PersonYear,
    Platform,
    Scope,
    Summary,
    World,
)

T = TypeVar("T")


def write(world: World, folder: Path) -> None:
    """Write a world into a folder, which is made if need be; files of an earlier one are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_lines(folder / "authorities.jsonl", map(asdict, world.authorities))
    _write_lines(folder / "employers.jsonl", map(asdict, world.employers))
    _write_lines(folder / "people.jsonl", map(asdict, world.people))
    _write_lines(folder / "platforms.jsonl", map(asdict, world.platforms))
    _write_lines(folder / "deliveries.jsonl", map(_delivery_json, world.deliveries))
    _write_lines(folder / "fates.jsonl", map(_flat, world.fates))
    expected = {"seed": world.seed, "summary": asdict(world.expected)}
    (folder / "expected.json").write_text(_dump(expected, indent=1) + "\n", encoding="utf-8")


def load(folder: Path) -> World:
    """Return the world that `write` put into a folder.

    Raises:
        FileNotFoundError: one of the files is missing.
    """
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return World(
        seed=expected["seed"],
        authorities=_read_lines(folder / "authorities.jsonl", _authority),
        employers=_read_lines(folder / "employers.jsonl", lambda line: Employer(**line)),
        people=_read_lines(folder / "people.jsonl", _person),
        platforms=_read_lines(folder / "platforms.jsonl", _platform),
        deliveries=_read_lines(folder / "deliveries.jsonl", _delivery),
        fates=_read_lines(folder / "fates.jsonl", lambda line: Fate(**line)),
        expected=_summary(expected["summary"]),
    )


def _write_lines(path: Path, lines: Iterable[Json]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_dump(line) + "\n" for line in lines)


def _read_lines(path: Path, build: Callable[[Json], T]) -> tuple[T, ...]:
    with path.open(encoding="utf-8") as file:
        return tuple(build(json.loads(line)) for line in file)


def _dump(content: Json, indent: int | None = None) -> str:
    return json.dumps(content, ensure_ascii=False, indent=indent, default=_iso)


def _iso(moment: Any) -> str:  # noqa: ANN401 - json hands over whatever it does not know
    if isinstance(moment, date):
        return moment.isoformat()
    message = f"{type(moment).__name__} has no place in a sample file"
    raise TypeError(message)


def _flat(fate: Fate) -> Json:
    """Return a fate as a line, without the deep copies that tens of thousands of plain values do not need."""
    return {member.name: getattr(fate, member.name) for member in fields(fate)}


def _delivery_json(delivery: Delivery) -> Json:
    """Return a delivery as a line; its records are JSON already, so they are not copied."""
    return {
        "platform": delivery.platform,
        "delivery_id": delivery.delivery_id,
        "event_type": delivery.event_type,
        "stated_at": delivery.stated_at,
        "sent_at": delivery.sent_at,
        "repeats": delivery.repeats,
        "records": delivery.records,
        "expected": [asdict(answer) for answer in delivery.expected],
    }


def _delivery(line: Json) -> Delivery:
    times = {name: datetime.fromisoformat(line[name]) for name in ("stated_at", "sent_at")}
    expected = tuple(Expected(**answer) for answer in line["expected"])
    return Delivery(**(line | times | {"records": tuple(line["records"]), "expected": expected}))


def _authority(line: Json) -> Authority:
    officers = tuple(
        Officer(officer["id"], officer["name"], tuple(Grant(**grant) for grant in officer["grants"]))
        for officer in line["officers"]
    )
    return Authority(**(line | {"officers": officers}))


def _person(line: Json) -> Person:
    return Person(**(line | {"employments": tuple(_employment(employment) for employment in line["employments"])}))


def _employment(line: Json) -> Employment:
    days = {name: date.fromisoformat(line[name]) if line[name] else None for name in ("from_on", "to_on", "cycle_from")}
    return Employment(**(line | days))


def _platform(line: Json) -> Platform:
    return Platform(**(line | {"scopes": tuple(Scope(**scope) for scope in line["scopes"])}))


def _summary(line: Json) -> Summary:
    return Summary(**(line | {"person_years": tuple(PersonYear(**year) for year in line["person_years"])}))
