"""Officers who decide through the verification API, and an operator who enters employers that records wait for."""

import asyncio
import random
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

import asyncpg
import httpx

from tests.faults.cast import LATE_EMPLOYERS, Cast, employer_code
from tests.faults.found import AWAY, Reader
from tests.faults.site import FaultSite
from tests.faults.story import Story, pause
from xueshi_cli.demo.clients import OPERATOR
from xueshi_kit.token_client import TokenUnavailableError

AT_ONCE = 40
RETURNED_SHARE = 0.2
AGAIN_SECONDS = 0.5
_OK = 200
_AWAY = (*AWAY, httpx.HTTPError, TokenUnavailableError)
_REASON = {"code": "OTHER", "text": "演练"}
# What is chosen is read from the table: which officer sees what in which queue is another suite's matter.
_CHOICES = """
SELECT platform, record_id, version, authority_id FROM item
WHERE state = $1 AND person_key <> ALL($2::uuid[]) AND authority_id IS NOT NULL ORDER BY md5(record_id || $3) LIMIT $4
"""


class Officers:
    """Approve and return what waits, and withdraw a stamp now and then. An act without an answer is not repeated."""

    def __init__(self, site: FaultSite, story: Story, cast: Cast, seed: str) -> None:
        self._site = site
        self._story = story
        self._spared = [person.key for person in cast.disputed]
        self._chance = random.Random(seed)
        self._reader = Reader(site)
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._officer_of = {
            authority.id: next(
                officer.id for officer in authority.officers if any(grant.role == "officer" for grant in officer.grants)
            )
            for authority in site.world.authorities
        }

    async def run(self, stop: asyncio.Event, pause_seconds: float) -> None:
        """Decide until told to stop; services that are away are waited for."""
        try:
            while not stop.is_set():
                with suppress(*_AWAY):
                    await self._decide()
                    await self._withdraw()
                await pause(stop, pause_seconds)
        finally:
            await self._reader.close()
            for client in self._clients.values():
                await client.aclose()

    async def _decide(self) -> None:
        by_officer: dict[str, list[dict[str, Any]]] = {}
        for row in await self._choose("waiting", AT_ONCE):
            outcome = "returned" if self._chance.random() < RETURNED_SHARE else "stamped"
            decision = {"platform": row["platform"], "record_id": row["record_id"], "version": row["version"]}
            decision |= {"outcome": outcome} | ({"reason": _REASON} if outcome == "returned" else {})
            by_officer.setdefault(self._officer_of[row["authority_id"]], []).append(decision)
        for officer, decisions in by_officer.items():
            answer = await self._client(officer).post("/v1/decisions", json={"decisions": decisions})
            if answer.status_code == _OK:
                self._note(answer.json()["results"])

    async def _withdraw(self) -> None:
        for row in await self._choose("stamped", 1):
            path = f"/v1/stamps/{row['platform']}/{row['record_id']}/{row['version']}/withdrawal"
            client = self._client(self._officer_of[row["authority_id"]])
            answer = await client.post(path, json={"reason": _REASON})
            if answer.status_code == _OK:
                self._acknowledge(row["platform"], row["record_id"], row["version"], "revoked")

    def _note(self, results: Iterable[Mapping[str, Any]]) -> None:
        for each in results:
            if each["status"] == "done":
                self._acknowledge(each["platform"], each["record_id"], each["version"], each["outcome"])

    def _acknowledge(self, platform: str, record_id: str, version: int, outcome: str) -> None:
        self._story.acknowledged.add((platform, record_id, version, outcome))
        self._story.count("decisions")

    async def _choose(self, state: str, count: int) -> list[asyncpg.Record]:
        salt = str(self._chance.random())
        return await self._reader.fetch("verification", _CHOICES, state, self._spared, salt, count)

    def _client(self, officer: str) -> httpx.AsyncClient:
        if officer not in self._clients:
            self._clients[officer] = self._site.client(officer, "verification", timeout_seconds=15)
        return self._clients[officer]


async def enter_employers(site: FaultSite, story: Story, stop: asyncio.Event, pause_seconds: float) -> None:
    """Enter one employer after the other until told to stop: the records that wait for it are judged anew."""
    async with site.client(OPERATOR, "registry", timeout_seconds=15) as client:
        for number in range(LATE_EMPLOYERS):
            code = employer_code(number)
            await pause(stop, pause_seconds)
            if stop.is_set():
                return
            while code not in story.entered:  # also after the stop: an attempt without an answer may have done it
                with suppress(*_AWAY):
                    await _enter(client, story, code)
                await asyncio.sleep(AGAIN_SECONDS)


async def _enter(client: httpx.AsyncClient, story: Story, code: str) -> None:
    """Enter an employer; without a good answer it is entered again, which changes nothing where it was."""
    body = f"uscc,name,region,industry\n{code},演练单位,350504,5\n"
    answer = await client.post("/v1/employers:import", content=body.encode(), headers={"Content-Type": "text/csv"})
    if answer.is_success and not answer.json()["errors"]:
        story.entered.add(code)
        story.count("employers entered")
