"""No ID number and no sample name stands anywhere, plain, hex or base64; a planted canary proves the search."""

import asyncio
import base64

import asyncpg
import httpx

from tests.support.leaks import find, haystack
from tests.support.site import RunningSite
from xueshi_cli.demo.show import open_site
from xueshi_samples import World

CANARY = "359900197001019993-金丝雀"


def test_nothing_that_a_run_leaves_names_a_person(site: RunningSite, world: World) -> None:
    officers = {officer.name for authority in world.authorities for officer in authority.officers}
    names = {person.name for person in world.people} - officers
    given = {
        str(record["learner"]["name"]) for each in world.deliveries for record in each.records if "learner" in record
    }
    numbers = {person.id_number for person in world.people}
    places = list(haystack(site))
    assert len([place for place, content in places if content]) > 30
    assert find(places, numbers) == []
    assert find(places, names | (given - officers)) == []


def test_the_search_finds_a_canary_wherever_it_is_planted(site: RunningSite) -> None:
    asyncio.run(_plant(site))
    log = site.data / "logs" / "gateway.log"
    before = log.read_bytes()
    try:
        log.write_bytes(before + base64.b64encode(b"x" + CANARY.encode()) + b"\n")
        places = find(haystack(site), [CANARY])
    finally:
        log.write_bytes(before)
        asyncio.run(_remove(site))
    assert "logs/gateway.log" in places
    assert "registry.public.canary" in places
    assert any("pg_wal" in place for place in places)


def test_errors_do_not_repeat_what_was_sent(site: RunningSite) -> None:
    number = "359900199003070011"
    answers = [
        httpx.post(f"{site.url('gateway')}/v1/platforms/x/deliveries", content=number),
        httpx.post(f"{site.url('registry')}/v1/people", json={"id_number": number}),
        httpx.get(f"{site.url('registry')}/v1/people/{number}"),
        httpx.get(f"{site.url('certificates')}/p/{number}"),
    ]
    for answer in answers:
        assert answer.status_code >= httpx.codes.BAD_REQUEST
        assert number not in answer.text


async def _plant(running: RunningSite) -> None:
    site = open_site(running.data)
    site.attach()
    connection = await asyncpg.connect(site.owner_dsn("registry"))
    await connection.execute("CREATE TABLE canary (hidden bytea)")
    await connection.execute("INSERT INTO canary VALUES ($1)", CANARY.encode())
    await connection.close()


async def _remove(running: RunningSite) -> None:
    site = open_site(running.data)
    site.attach()
    connection = await asyncpg.connect(site.owner_dsn("registry"))
    await connection.execute("DROP TABLE canary")
    await connection.close()
