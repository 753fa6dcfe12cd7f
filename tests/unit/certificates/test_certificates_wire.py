from datetime import date
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.certificates.proof_samples import PERSON, compliant, entry
from xueshi.registry.v1.transcripts_pb2 import KindTotal, TranscriptChanged, TranscriptEntry
from xueshi_certificates.domain.content import Content, Entry
from xueshi_certificates.domain.content import KindTotal as KindTotals
from xueshi_certificates.wire.events import decode, newest_transcripts
from xueshi_certificates.wire.stored import dump_content, load_content

_DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
_TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=20)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    return entry(
        draw(_TEXTS),
        draw(st.integers(0, 100_000)),
        course_title=draw(_TEXTS),
        first_on=draw(_DAYS),
        last_on=draw(_DAYS),
        passed=draw(st.booleans()),
        authority_name=draw(_TEXTS),
    )


@given(st.lists(entries(), max_size=5))
def test_a_stored_content_comes_back_whole(found: list[Entry]) -> None:
    content = Content("fujian", "2025", "compliant", compliant().totals, tuple(found), ("FJ-01",), ("甲号 一",), "book")
    loaded = load_content(dump_content(content))
    assert loaded == content
    assert (loaded.rulebook, loaded.rule_ids, loaded.clauses) == ("book", ("FJ-01",), ("甲号 一",))
    assert [each.authority_name for each in loaded.entries] == [each.authority_name for each in found]


GOLDEN = (
    '{"format":1,"facts":{"jurisdiction":"fujian","period":"2025","verdict":"short","totals":[{"kind":"public",'
    '"required_centihours":3000,"stamped_centihours":450,"lacking_centihours":2550}],"entries":[{"platform":"fj-online",'
    '"record_id":"R-1","version":1,"kind":"public","course_title":"混凝土结构耐久性","learning_form":"online",'
    '"first_on":"2025-06-01","last_on":"2025-06-02","credited_centihours":450,"passed":true,"score":"88",'
    '"authority":"hrss-359900","authority_name":"某市人力资源和社会保障局"}],"rule_ids":["FJ-01"],"rulebook":"book-1"}}'
)


def test_what_was_stored_in_format_1_is_read_for_ever() -> None:
    totals = (KindTotals("public", 3000, 450, 2550),)
    content = Content("fujian", "2025", "short", totals, (entry("R-1", 450),), ("FJ-01",), rulebook="book-1")
    assert load_content(GOLDEN) == content
    assert load_content(GOLDEN.replace('"version":1', '"added_later":{},"version":1')) == content


def test_each_record_of_a_stored_content_names_the_rulebook_that_registered_it() -> None:
    totals = (KindTotals("public", 3000, 450, 2550),)
    records = (entry("R-1", 450, rulebook="r-1"),)
    content = Content("fujian", "2025", "short", totals, records, ("FJ-01",), ("甲号 一",), "book-1")
    stored = GOLDEN.replace('局"}]', '局","rulebook":"r-1"}]').replace("2550}]", '2550,"unit":"hours"}]')
    stored = stored.replace('"rulebook":"book-1"}', '"clauses":["甲号 一"],"rulebook":"book-1","profile":""}')
    assert dump_content(content) == stored
    assert load_content(stored).entries[0].rulebook == "r-1"
    assert (load_content(GOLDEN).entries[0].rulebook, load_content(GOLDEN).clauses) == ("", ())


def test_an_event_is_read_with_days_and_its_entries_in_the_order_of_learning() -> None:
    event = TranscriptChanged(
        person_key=PERSON.bytes,
        identity=b"sealed",
        jurisdiction="fujian",
        period="2025",
        revision=7,
        verdict="short",
        totals=[
            KindTotal(kind="public", required_centihours=3000, stamped_centihours=450, lacking_centihours=2550),
            KindTotal(kind="medical", required_centihours=2500, stamped_centihours=2500, unit="credits"),
        ],
        entries=[
            TranscriptEntry(platform="p", record_id="B", first_on=20242, last_on=20242, credited_centihours=1),
            TranscriptEntry(
                platform="p", record_id="A", first_on=20241, last_on=20242, authority_name="某局", rulebook="r-1"
            ),
        ],
        rule_ids=["FJ-01"],
        clauses=["甲号 一"],
        rulebook="r-2",
    )
    (transcript,) = newest_transcripts([event])
    assert (transcript.key, transcript.revision, transcript.identity) == ((PERSON, "2025"), 7, b"sealed")
    content = decode(transcript.encoded)
    assert (content.jurisdiction, content.period) == ("fujian", "2025")
    assert [(each.stamped_centihours, each.unit) for each in content.totals] == [(450, "hours"), (2500, "credits")]
    assert [each.record_id for each in content.entries] == ["A", "B"]
    assert content.entries[0].first_on == date(2025, 6, 2)
    assert content.entries[0].authority_name == "某局"
    assert [each.rulebook for each in content.entries] == ["r-1", "r-2"]
    assert content.clauses == ("甲号 一",)
    assert not content.compliant
    assert not transcript.compliant


def test_the_sealed_identity_is_not_stored_twice() -> None:
    event = TranscriptChanged(person_key=PERSON.bytes, identity=b"sealed", period="2025", verdict="compliant")
    (transcript,) = newest_transcripts([event])
    assert transcript.compliant
    assert b"sealed" not in transcript.encoded
    assert "sealed" not in repr(transcript)
    assert event.identity == b"sealed"


def test_of_a_batch_the_newest_revision_of_each_person_is_kept_in_the_order_of_locking() -> None:
    low, high = UUID(int=1), UUID(int=2)
    batch = [
        TranscriptChanged(person_key=key.bytes, period="2025", revision=revision)
        for key, revision in [(high, 1), (low, 5), (low, 4), (high, 2)]
    ]
    assert [(each.person_key, each.revision) for each in newest_transcripts(batch)] == [(low, 5), (high, 2)]
