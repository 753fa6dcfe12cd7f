"""Decides some queued records as officers would, and knows what must follow."""

import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from xueshi_cli.demo.load import RefusedError
from xueshi_cli.site.site import Site
from xueshi_samples import World
from xueshi_samples.model import Authority, Fate

AT_ONCE = 500
APPROVED_SHARE = 3
RETURNED_SHARE = 10


@dataclass(slots=True)
class Plan:
    """Which queued records officers approve or return, and how the years of people with hours stand afterwards.

    `verdicts` counts them by jurisdiction and verdict.
    """

    approved: list[Fate] = field(default_factory=list)
    returned: list[Fate] = field(default_factory=list)
    verdicts: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def compliant(self) -> int:
        """How many people are compliant, each of whom gets a proof."""
        return sum(count for (_, verdict), count in self.verdicts.items() if verdict == "compliant")

    def decided(self) -> Counter[str]:
        """Return how many records leave each authority's queue."""
        return Counter(str(fate.authority) for fate in [*self.approved, *self.returned])


def plan_of(world: World) -> Plan:
    """Choose whole people: all that waits is approved for those with a role and, by a hash of their id, every third.

    Some records of people who cannot become compliant are returned, so that what follows is known without caps.
    """
    counting: Counter[str] = Counter()
    waiting: dict[str, list[Fate]] = {}
    for fate in world.fates:
        counting[fate.person] += fate.state in {"stamped", "queued"}
        if fate.authority is not None:
            waiting.setdefault(fate.person, []).append(fate)
    roles = {person.id for person in world.people if person.role}
    plan = Plan()
    for year in world.expected.person_years:
        share = zlib.crc32(year.person.encode())
        mine, verdict = waiting.get(year.person, []), year.verdict
        if year.person in roles or share % APPROVED_SHARE == 0:
            plan.approved.extend(mine)
            verdict = year.verdict_within_reach
        elif share % RETURNED_SHARE == 1 and year.verdict_within_reach == "short":
            plan.returned.extend(mine[:1])
            counting[year.person] -= len(mine[:1])
        if counting[year.person]:
            plan.verdicts[year.jurisdiction, verdict] += 1
    return plan


async def decide(site: Site, world: World, plan: Plan) -> None:
    """Send the plan's decisions through each authority's first reviewer. Deciding again changes nothing."""
    for authority in world.authorities:
        mine = [_decision(fate, "stamped") for fate in plan.approved if fate.authority == authority.id]
        mine += [_decision(fate, "returned") for fate in plan.returned if fate.authority == authority.id]
        if mine:
            await _send(site, authority, mine)


def _decision(fate: Fate, outcome: str) -> dict[str, Any]:
    named = {"platform": fate.platform, "record_id": fate.record_id, "version": fate.version, "outcome": outcome}
    return named if outcome == "stamped" else {**named, "reason": {"code": "OTHER", "text": "材料与申报内容不符"}}


async def _send(site: Site, authority: Authority, decisions: list[dict[str, Any]]) -> None:
    officer = next(
        officer for officer in authority.officers if any(grant.role == "officer" for grant in officer.grants)
    )
    async with site.client(officer.id, "verification") as http:
        for start in range(0, len(decisions), AT_ONCE):
            answer = await http.post("/v1/decisions", json={"decisions": decisions[start : start + AT_ONCE]})
            if not answer.is_success:
                message = f"decisions of {authority.id}: {answer.status_code} {answer.text[:500]}"
                raise RefusedError(message)
            _check_results(answer.json()["results"])


def _check_results(results: Iterable[dict[str, Any]]) -> None:
    refused = [each for each in results if each["status"] != "done" and each.get("code") != "DECIDED"]
    if refused:
        message = f"a decision was refused: {refused[0]}"
        raise RefusedError(message)
