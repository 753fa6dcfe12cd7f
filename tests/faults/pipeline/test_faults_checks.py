"""The checker itself: what is lost, doubled, out of order or diverged does not pass it."""

from collections import Counter
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from tests.faults import checks, outside
from tests.faults.checks import Findings, Found, Row, Stand
from tests.faults.order import Seen, out_of_order
from tests.faults.recompute import Decision, Expected, recompute
from tests.faults.story import Person, Story, Version
from xueshi.registry.v1.hours_pb2 import HoursChange, HoursChanged
from xueshi.registry.v1.transcripts_pb2 import KindTotal, TranscriptChanged, TranscriptEntry
from xueshi.titlereview.v1.verified_hours_pb2 import Entry, Total, VerifiedHours
from xueshi_cli.site.layout import HOURS, TRANSCRIPTS, VERIFIED_HOURS

PERSON, OTHER = UUID(int=1), UUID(int=2)
DAY, NEXT = date(2025, 6, 1), date(2025, 6, 2)
FIRST = Version("p", "a", 1, PERSON, "陈晓", "public", "online", ((DAY, 500),))
SECOND = Version("p", "b", 1, PERSON, "陈晓", "public", "face_to_face", ((DAY, 600), (NEXT, 100)))
ARRIVALS = {("p", "a", 1): 0, ("p", "b", 1): 1}
STAMPED = Decision("p", "a", 1, PERSON, "stamped", "")


def story_of(*versions: Version) -> Story:
    """Return a story in which these versions were accepted, each in a delivery of its own."""
    people = {key: Person(key, "", "陈晓", "e", claimed=False, busy=False) for key in (PERSON, OTHER)}
    story = Story(people=people, entered={"e"})
    for version in versions:
        story.accept(version)
        story.receipts["p", f"{version.record_id}{version.number}"] = b""
    return story


def expected_of(story: Story, *decisions: Decision) -> Expected:
    """Return what must be there."""
    return recompute(story.records, story.holds(), decisions, ARRIVALS)


def found_of(story: Story) -> Found:
    """Return what a site without a fault holds of `FIRST` and `SECOND`: 500 stamped, then 300 and 100 waiting."""
    stood = {("p", "a"): Stand(1, "stamped", 500), ("p", "b"): Stand(1, "queued", 400)}
    return Found(
        versions=Counter((each.platform, each.record_id, each.number, each.person, False) for each in story.versions()),
        deliveries=Counter(list(story.receipts)),
        rows=[
            Row("p", "a", 1, PERSON, "stamped", "", (DAY,), (500,)),
            Row("p", "b", 1, PERSON, "queued", "DAY_CAP_REACHED", (DAY, NEXT), (300, 100)),
        ],
        sums={
            ("registered", "p", "a", 1, DAY): 500,
            ("stamped", "p", "a", 1, DAY): 500,
            ("registered", "p", "b", 1, DAY): 300,
            ("registered", "p", "b", 1, NEXT): 100,
        },
        transcripts={(PERSON, "2025"): ({"public": 900}, {"public": 500}, "short")},
        decisions=[STAMPED],
        fates=stood,
        items={("p", "a", PERSON): stood["p", "a"], ("p", "b", PERSON): Stand(1, "waiting", 400)},
    )


def check(story: Story, found: Found) -> Findings:
    """Compare as a round does, without topics."""
    findings, expected = Findings(), expected_of(story, *found.decisions)
    checks.check_versions(findings, story, found)
    checks.check_parked(findings, found)
    checks.check_ledger(findings, expected, found)
    checks.check_neighbours(findings, story, expected, found)
    return findings


@pytest.fixture
def story() -> Story:
    return story_of(FIRST, SECOND)


@pytest.fixture
def found(story: Story) -> Found:
    return found_of(story)


def test_what_is_as_it_was_sent_passes(story: Story, found: Found) -> None:
    assert check(story, found).kinds() == {"lost": [], "doubled": [], "out_of_order": [], "diverged": []}


def test_a_version_that_is_not_there_is_lost(story: Story, found: Found) -> None:
    del found.versions["p", "b", 1, PERSON, False]
    found.rows.pop()
    assert [each.record for each in check(story, found).lost] == [("p", "b"), ("p", "b")]


def test_a_delivery_a_decision_and_a_parked_event_are_lost(story: Story, found: Found) -> None:
    del found.deliveries["p", "a1"]
    story.acknowledged.add(("p", "b", 1, "returned"))
    found.parked.append("registry.hour-records: event 7")
    assert len(check(story, found).lost) == 3


@pytest.mark.parametrize("wrong", ["twice in the gateway", "never sent", "twice in the registry", "an item too many"])
def test_what_is_there_too_often_is_doubled(story: Story, found: Found, wrong: str) -> None:
    if wrong == "twice in the gateway":
        found.versions["p", "a", 1, PERSON, False] += 1
    elif wrong == "never sent":
        found.versions["p", "refused", 1, PERSON, False] += 1
    elif wrong == "twice in the registry":
        found.rows.append(found.rows[0])
    else:
        found.items = {**found.items, ("p", "c", PERSON): Stand(1, "waiting", 0)}
    findings = check(story, found)
    assert (len(findings.doubled), findings.clean) == (1, False)


@pytest.mark.parametrize(
    "change",
    [
        {"rows": 1, "state": "returned"},
        {"rows": 1, "credited": (600, 100)},
        {"sums": ("stamped", "p", "b", 1, NEXT)},
        {"transcripts": ({"public": 900}, {"public": 500}, "compliant")},
        {"transcripts": ({"public": 900}, {"public": 900}, "short")},
        {"fates": Stand(1, "queued", 300)},
        {"items": Stand(1, "stamped", 400)},
        {"items": Stand(1, "waiting", 300)},
    ],
)
def test_what_is_not_as_recomputed_is_diverged(story: Story, found: Found, change: dict[str, object]) -> None:
    match change:
        case {"rows": int(place), **fields}:
            found.rows[place] = replace(found.rows[place], **fields)  # type: ignore[arg-type]
        case {"sums": tuple(key)}:
            found.sums = {**found.sums, key: 100}
        case {"transcripts": tuple(row)}:
            found.transcripts = {(PERSON, "2025"): row}
        case {"fates": Stand() as stand}:
            found.fates = {**found.fates, ("p", "b"): stand}
        case {"items": Stand() as stand}:
            found.items = {**found.items, ("p", "b", PERSON): stand}
    assert len(check(story, found).diverged) == 1


def test_an_event_that_is_on_no_topic_or_in_no_inbox_is_lost() -> None:
    findings, found = Findings(), Found(told={HOURS: {"1", "2"}}, taken={"gateway.hours": {"1"}})
    checks.check_hops(findings, found, {HOURS: {"1"}}, {"gateway.hours": HOURS})
    assert [each.what for each in findings.lost] == [f"{HOURS}: the event 2 was published and is not there"]
    checks.check_hops(findings, found, {HOURS: {"1", "2"}}, {"gateway.hours": HOURS})
    assert findings.lost[-1].what == f"gateway.hours: the event 2 of {HOURS} was not handled"


def test_a_correction_keeps_its_place_and_another_person_loses_it() -> None:
    second = replace(SECOND, form="online", days=((DAY, 600),))
    corrected = replace(FIRST, number=2, days=((DAY, 400),))
    kept = expected_of(story_of(FIRST, second, corrected))
    assert (kept.credited[corrected], kept.credited[second]) == ((400,), (400,))
    assert kept.states[FIRST] == "superseded"
    moved = expected_of(story_of(FIRST, second, replace(corrected, person=OTHER)))
    assert (moved.states[FIRST], moved.credited[second]) == ("voided", (600,))


def test_a_refusal_is_final_and_an_exception_to_nobody() -> None:
    returned = replace(STAMPED, outcome="returned", officer="o")
    expected = expected_of(story_of(FIRST, SECOND), returned, STAMPED)
    assert (expected.states[FIRST], expected.credited[SECOND]) == ("returned", (600, 100))


def test_whoever_has_two_names_is_held() -> None:
    story = story_of(FIRST, replace(SECOND, name="陈小"))
    expected = expected_of(story, STAMPED)
    assert set(expected.states.values()) == {"held"}
    assert expected.transcripts == {}


def seen(offset: int, position: int, event_id: str = "", topic: str = HOURS) -> Seen:
    """Return a message of the hours' topic that tells of one person."""
    change = HoursChange(platform="p", record_id="a", version=1, person_key=PERSON.bytes, position=position)
    value = HoursChanged(changes=[change]).SerializeToString()
    return Seen(topic, 0, offset, PERSON.hex, event_id or str(position), value)


def test_exact_repeats_are_allowed_wherever_they_stand() -> None:
    assert out_of_order([seen(0, 1), seen(1, 2), seen(2, 1), seen(3, 2), seen(4, 3)]) == []


@pytest.mark.parametrize(
    "messages",
    [
        [seen(0, 2), seen(1, 1)],
        [seen(0, 1), seen(1, 1, "another")],
        [seen(0, 1), seen(1, 2, "1")],
    ],
)
def test_what_goes_back_or_repeats_otherwise_is_out_of_order(messages: list[Seen]) -> None:
    assert len(out_of_order(messages)) == 1


def told(offset: int, revision: int, public: str = "5", record: str = "a") -> Seen:
    """Return what title review is told."""
    totals = [Total(kind="public", verified=public), Total(kind="professional", verified="0")]
    entries = [Entry(platform="p", record_id=record, version=1, amount=public)]
    message = VerifiedHours(
        subject_ref="f", period="2025", revision=revision, totals=totals, entries=entries, verdict="short"
    )
    return Seen(VERIFIED_HOURS, 0, offset, "f:2025", f"v{revision}", message.SerializeToString())


def transcript(revision: int, public: int = 500) -> Seen:
    """Return the registry's transcript."""
    message = TranscriptChanged(
        person_key=PERSON.bytes,
        period="2025",
        revision=revision,
        totals=[
            KindTotal(kind="public", stamped_centihours=public),
            KindTotal(kind="professional", stamped_centihours=0),
        ],
        entries=[TranscriptEntry(platform="p", record_id="a", version=1, credited_centihours=public)],
        verdict="short",
    )
    return Seen(TRANSCRIPTS, 0, revision, f"{PERSON.hex}:2025", f"t{revision}", message.SerializeToString())


def test_an_old_state_at_the_end_of_a_compacted_topic_is_out_of_order() -> None:
    assert out_of_order([told(0, 1), told(1, 2), told(2, 1)])
    assert not out_of_order([told(0, 1), told(1, 2), told(2, 1), told(3, 2)])


@pytest.mark.parametrize(
    ("messages", "diverged", "lost"),
    [
        ([transcript(1), told(0, 1)], 0, 0),
        ([transcript(1), transcript(2, 400), told(0, 1)], 2, 0),
        ([transcript(1), told(0, 1, "4.5")], 2, 0),
        ([transcript(1), told(0, 1, record="b")], 1, 0),
        ([transcript(1), told(0, 1), told(1, 2)], 1, 0),
        ([transcript(1)], 0, 1),
    ],
)
def test_the_topics_last_states_are_compared(messages: list[Seen], diverged: int, lost: int) -> None:
    findings, expected = Findings(), expected_of(story_of(FIRST, SECOND), STAMPED)
    outside.check_topics(findings, expected, messages, {PERSON: "f"}, {("f", "2025"): 1})
    assert (len(findings.diverged), len(findings.lost)) == (diverged, lost), findings
