"""One person of each jurisdiction: what is found of their year and why, in the words that the registry gives."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from rich.console import Console

from xueshi_cli.demo.clients import OPERATOR
from xueshi_cli.site.site import Site
from xueshi_samples import World
from xueshi_samples.model import Person, PersonYear


async def show_people(site: Site, world: World, console: Console) -> None:
    """Print the first of each jurisdiction who has a role: masked, with verdict and reasons, in Chinese."""
    console.print("One person of each jurisdiction:")
    async with site.client(OPERATOR, "registry") as http:
        for person, year in chosen(world):
            document = {"id_type": person.id_type, "id_number": person.id_number}
            found = (await http.post("/v1/people:find", json=document)).raise_for_status().json()
            answer = await http.get(f"/v1/people/{found['person_key']}/transcripts/{year.year}")
            console.print(f"  [bold]{found['label'].split()[0]} {person.role}[/]", highlight=False)
            for line in lines_of(answer.raise_for_status().json()):
                console.print(f"    {line}", markup=False, highlight=False, soft_wrap=True)


def chosen(world: World) -> list[tuple[Person, PersonYear]]:
    """Return the first of each jurisdiction who has a role, with the year that must be found of them."""
    roles = {person.id: person for person in world.people if person.role}
    years = [year for year in world.expected.person_years if year.person in roles]
    first: dict[str, PersonYear] = {}
    for year in years:
        first.setdefault(year.jurisdiction, year)
    return [(roles[year.person], year) for year in first.values()]


def lines_of(transcript: dict[str, Any]) -> Iterable[str]:
    """Yield the explanation of a transcript's verdict, and why some of its records do not count yet."""
    yield from transcript["explanation"]["zh"].splitlines()
    reasons = Counter(record["guidance"]["reason_zh"] for record in transcript["records"] if record["guidance"])
    for reason, count in reasons.items():
        yield f"{count}条记录：{reason}"
