"""The dry run equals the commit, and its answers about an earlier day equal those that it gave on that day.

Random histories on a real PostgreSQL, then check, then commit, then compare. Every record goes in by the gateway's own
way: the same JSON, decoded, checked, sealed and sent as its event.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any, NamedTuple, TypeVar

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from tests.support.checking import Draft, check, draft, enter
from tests.support.databases import DatabaseFactory
from tests.support.registry import NOW, Harness
from xueshi_registry.domain.model import NO_PROFILE, PersonKey, Profile
from xueshi_registry.domain.transcripts import Judged
from xueshi_registry.handlers.checks import Checked, UnknownStateError
from xueshi_registry.handlers.transcripts import judge
from xueshi_registry.store import transcripts as transcripts_store
from xueshi_rulebook.identifiers import id_checksum

T = TypeVar("T")
# In Luojiang, Fuzhou, Wenzhou, Shaoguan; where no rules are held; not registered at all.
EMPLOYERS = (
    "91350100M000100Y43",
    "91350100M0001100XQ",
    "91350100M0001101XR",
    "91350100M0001102XT",
    "91350100M0001103XU",
)
REGIONS = ("350504", "350102", "330302", "440203", "110101")
UNREGISTERED = "91350100M000100X55"
SCOPES = (("public", 0, ""), ("professional", 5, ""))
FIRST = date(2024, 12, 30)
DAYS = [FIRST + timedelta(days=n) for n in range(4)]
PEOPLE = count(1)


class Learned(NamedTuple):
    """What a record says. `days` are hours by day, or None for a range over all days with `hours`."""

    days: tuple[tuple[date, int], ...] | None
    hours: int
    kind: str
    employer: str
    name: str


class Act(NamedTuple):
    """One thing that happens: `what`, to the record `which` or to the person."""

    what: str
    which: int
    learned: Learned
    platform: str
    outcome: str
    job: tuple[str, int, Profile]


platforms = st.sampled_from(["p1", "p1", "p2", "p2", "wz"])
hours = st.integers(1, 18).map(lambda halves: halves * 50)
by_day = st.dictionaries(st.sampled_from(DAYS), hours, min_size=1, max_size=3).map(
    lambda each: tuple(sorted(each.items()))
)
learned = st.builds(
    Learned,
    days=st.one_of(by_day, by_day, st.none()),
    hours=hours,
    kind=st.sampled_from(["professional", "professional", "public", "general_public", "industry_public"]),
    employer=st.sampled_from([*EMPLOYERS, *EMPLOYERS[:2] * 4, UNREGISTERED]),
    name=st.sampled_from(["陈晓"] * 30 + ["陈小"]),
)
acts = st.builds(
    Act,
    what=st.sampled_from(["enter"] * 9 + ["correct"] * 3 + ["void"] * 2 + ["decide"] * 5 + ["register", "exempt"]),
    which=st.integers(0, 9),
    learned=learned,
    platform=platforms,
    outcome=st.sampled_from(["queued", "stamped", "stamped", "stamped", "returned", "revoked"]),
    job=st.tuples(
        st.sampled_from(EMPLOYERS),
        st.integers(0, 4),
        st.sampled_from([NO_PROFILE, NO_PROFILE, Profile("health", "secondary"), Profile("accounting")]),
    ),
)
histories = st.lists(st.lists(acts, max_size=5), min_size=1, max_size=4)


@dataclass
class Story:
    """One person's history: the records that were sent, by platform, id and newest version."""

    registry: Harness
    serial: int
    number: str
    sent: list[tuple[str, str, int]] = field(default_factory=list)
    voided: set[int] = field(default_factory=set)

    @property
    def key(self) -> PersonKey:
        """Whose history it is."""
        return self.registry.key(self.number)

    def draft(self, content: Learned, record_id: str | None) -> Draft:
        """Return a record as a platform writes it; without an id where nobody has given it one."""
        where = (DAYS[0], DAYS[-1]) if content.days is None else content.days
        made = draft(
            where,
            hours=content.hours if content.days is None else None,
            learner=self.number,
            name=content.name,
            subject_kind=content.kind,
            employer=content.employer,
        )
        return made if record_id is None else made | {"record_id": record_id}

    async def live(self, what: str, act: Act) -> None:
        """Let one thing happen; what cannot happen does not."""
        if what == "enter":
            await self.enter(act.learned, act.platform)
        elif what == "register":
            employer, offset, profile = act.job
            since = FIRST + timedelta(days=offset - 2)
            await self.registry.register(self.number, employer=employer, since=since, profile=profile)
        elif self.sent:
            await self.change(what, act, act.which % len(self.sent))

    async def enter(self, content: Learned, platform: str) -> tuple[str, str, int]:
        """Send a new record."""
        named = (platform, f"s{self.serial}-{len(self.sent)}", 1)
        await enter(self.registry, self.draft(content, named[1]), version=1, platform=platform)
        self.sent.append(named)
        return named

    async def correct(self, index: int, content: Learned) -> tuple[str, str, int]:
        """Send a correction."""
        platform, record_id, version = self.sent[index]
        await enter(self.registry, self.draft(content, record_id), version=version + 1, platform=platform)
        self.sent[index] = (platform, record_id, version + 1)
        return self.sent[index]

    async def change(self, what: str, act: Act, index: int) -> None:
        """Correct, void, decide on or except a record."""
        platform, record_id, version = self.sent[index]
        if what == "decide":
            await self.registry.decide(act.outcome, record_id, version=version, platform=platform, person=self.number)
        elif what == "exempt":
            await self.registry.exempt(record_id, platform, version)
        elif index in self.voided:
            return
        elif what == "correct":
            await self.correct(index, act.learned)
        else:
            void = self.registry.record(record_id, self.number, change="voided", version=version + 1)
            await self.registry.enter(void, platform=platform)
            self.sent[index] = (platform, record_id, version + 1)
            self.voided.add(index)


class Rig(NamedTuple):
    """A registry on a loop of its own, for tests that hypothesis calls."""

    registry: Harness
    run: Callable[[Awaitable[Any]], Any]


@pytest.fixture(scope="module")
def rig(make_database: DatabaseFactory) -> Iterator[Rig]:
    """Give a registry with employers in every jurisdiction."""
    with asyncio.Runner() as runner:

        async def opened() -> Harness:
            registry = await Harness.open(make_database, ())
            for uscc, region in zip(EMPLOYERS, REGIONS, strict=True):
                await registry.employer(uscc, region)
            for platform, region in (("p1", "350000"), ("p2", "350000"), ("wz", "330300")):
                await registry.platform(platform, SCOPES, region=region)
            return registry

        async def wait(work: Awaitable[T]) -> T:
            return await work

        registry = runner.run(opened())
        yield Rig(registry, lambda work: runner.run(wait(work)))
        runner.run(registry.db.close())


def story_of(rig: Rig) -> Story:
    """Return the history of somebody new."""
    rig.registry.clock.set(NOW)
    serial, birth = next(PEOPLE), date(1960, 1, 1)
    body = f"359900{birth + timedelta(days=serial):%Y%m%d}001"
    return Story(rig.registry, serial, body + id_checksum(body))


def judged_as(judged: Judged) -> tuple[object, ...]:
    """Return what a period comes to."""
    made = judged.progress
    return judged.jurisdiction, made.verdict, made.lines, made.rule_ids


def answer_of(checked: Checked) -> tuple[object, ...]:
    """Return what a check says, in a form that two of them can be compared in."""
    shares = [(*each[:4], frozenset(each.competing)) for each in checked.shares]
    judged = {period: judged_as(each) for period, each in checked.judged.items()}
    return checked.stake.state, checked.stake.code, checked.stake.rule_ids, shares, judged, checked.corrects


async def stands(story: Story, named: tuple[str, str, int], checked: Checked) -> tuple[object, ...]:
    """Return what the database says of a record that was entered after it was checked, in the same form."""
    registry = story.registry
    (row,) = await registry.fetch(
        "SELECT * FROM record WHERE platform = $1 AND record_id = $2 AND version = $3", *named
    )
    others = await registry.fetch(
        "SELECT platform, record_id, version, days, credited FROM record WHERE person_key = $1 AND id <> $2"
        " AND state = ANY('{registered,queued,stamped}')",
        story.key,
        row["id"],
    )
    shares = [
        (
            share.on,
            share.cap,
            row["claimed"][n],
            row["credited"][n],
            frozenset(
                ((each["platform"], each["record_id"], each["version"]), each["credited"][each["days"].index(share.on)])
                for each in others
                if share.on in each["days"] and each["credited"][each["days"].index(share.on)]
            ),
        )
        for n, share in enumerate(checked.shares)
    ]
    assert list(row["days"]) == [share.on for share in checked.shares]
    assert row["rulebook"] == registry.registry.rulebook.hash
    assert (row["jurisdiction"], row["region"]) == (checked.judgement.jurisdiction, checked.judgement.region)
    assert row["registered_by"] == checked.judgement.registered_by
    judged = await periods(story, checked)
    corrects = row["version"] - 1 or None
    return row["state"], row["code"], tuple(row["rule_ids"]), shares, judged, corrects


async def periods(story: Story, checked: Checked) -> dict[str, tuple[object, ...]]:
    """Return what stands for the periods that a check has judged; a period without hours is judged as it was there."""
    registry = story.registry
    async with registry.db.transaction() as tx:
        stored = await transcripts_store.jurisdictions(tx, [story.key])
        own = {
            (story.key, period): stored.get((story.key, period), each.jurisdiction)
            for period, each in checked.judged.items()
        }
        found = await judge(tx, registry.registry, own)
    rows = await registry.fetch("SELECT period, jurisdiction, verdict FROM transcript WHERE person_key = $1", story.key)
    for row in rows:
        if (story.key, row["period"]) in found:
            made = found[story.key, row["period"]]
            assert (row["jurisdiction"], row["verdict"]) == (made.jurisdiction, made.progress.verdict)
    return {period: judged_as(each) for (_, period), each in found.items()}


SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@SETTINGS
@given(histories, learned, platforms, st.integers(0, 30), st.booleans())
def test_what_is_checked_is_what_is_then_committed(
    rig: Rig, history: Sequence[Sequence[Act]], content: Learned, platform: str, corrected: int, by_key: bool
) -> None:
    async def run() -> None:
        story = story_of(rig)
        for act in (each for day in history for each in day):
            await story.live(act.what, act)
        index = corrected if corrected < len(story.sent) and corrected not in story.voided else None
        where, record_id = (platform, None) if index is None else story.sent[index][:2]
        knows = await story.registry.fetch("SELECT name_digest FROM person WHERE person_key = $1", story.key)
        own_name = knows and knows[0]["name_digest"] == story.registry.identities.name_digest(story.key, content.name)
        checked = await check(
            story.registry,
            story.draft(content, record_id),
            platform=where,
            person_key=story.key if by_key and own_name else None,
        )
        named = await (story.enter(content, platform) if index is None else story.correct(index, content))
        event(f"{checked.stake.state} {checked.stake.code}")
        assert answer_of(checked) == await stands(story, named, checked)

    rig.run(run())


@SETTINGS
@given(histories, learned, platforms)
def test_an_earlier_day_is_answered_as_it_was_on_that_day_or_not_at_all(
    rig: Rig, history: Sequence[Sequence[Act]], content: Learned, platform: str
) -> None:
    async def run() -> None:
        story = story_of(rig)
        asked = story.draft(content, None)
        told: dict[date, tuple[object, ...]] = {}
        for n, day in enumerate(history):
            story.registry.clock.set(NOW + timedelta(days=n))
            for act in day:
                await story.live(act.what, act)
            told[story.registry.clock.today()] = answer_of(await check(story.registry, asked, platform=platform))
        story.registry.clock.set(NOW + timedelta(days=len(history)))
        for on, then in told.items():
            try:
                again = await check(story.registry, asked, platform=platform, as_of=on)
            except UnknownStateError as error:
                event(f"unknown: {', '.join(error.changed)}")
            else:
                event("told")
                assert answer_of(again) == then

    assume(any(history))
    rig.run(run())
