"""Golden bytes of every event: what was published once is read for ever, by any language.

The files under `golden/` are protobuf in hex. A field that changes its number or meaning turns this red; a new field
leaves old bytes readable. Write a new file by hand from the failing test's message only when an event is added.
"""

from pathlib import Path

import pytest
from google.protobuf.message import Message

from xueshi.certificates.v1 import proofs_pb2
from xueshi.gateway.v1 import hour_records_pb2, platforms_pb2
from xueshi.registry.v1 import hours_pb2, transcripts_pb2
from xueshi.rulebook.v1 import clauses_pb2
from xueshi.titlereview.v1 import verified_hours_pb2
from xueshi.verification.v1 import decisions_pb2
from xueshi_kit.events import topic_of

GOLDEN = Path(__file__).parent / "golden"
PERSON = bytes(range(16))

SAMPLES: list[Message] = [
    hour_records_pb2.HourRecordsAccepted(
        platform="haixi-online",
        delivery="msg_2b9",
        accepted_at_ms=1748946000000,
        records=[
            hour_records_pb2.HourRecord(
                record_id="KC25-000183",
                version=1,
                person_key=PERSON,
                change="completed",
                identity=b"sealed",
                name_digest=b"digest",
                employer="91350100M000100Y43",
                subject_kind="professional",
                learning_form="online",
                course_id="C-2025-118",
                course_title="混凝土结构耐久性",
                industry=5,
                major="土木工程",
                learned_days=[hour_records_pb2.LearnedDay(on=20240, centihours=300)],
                learned_range=hour_records_pb2.LearnedRange(from_on=20240, to_on=20241),
                centihours=450,
                passed=True,
                score="88",
                completed_at_ms=1748871600000,
                reason="r",
                digest=b"\x01\x02",
                credit_year="2018",
            )
        ],
    ),
    hour_records_pb2.Identity(id_type="resident_id", id_number="359900199003070011", name="陈晓"),
    platforms_pb2.PlatformChanged(
        platform="haixi-online",
        name="海西",
        status="active",
        base_level="city",
        base_region="350100",
        scopes=[platforms_pb2.Scope(subject_kind="professional", industry=5, major="土木工程")],
        revision=3,
    ),
    hours_pb2.HoursChanged(
        clauses=[clauses_pb2.Clauses(rulebook="cd" * 32, by_rule={"FJ-03": "闽人社办〔2023〕70号 附件1 首段"})],
        changes=[
            hours_pb2.HoursChange(
                platform="haixi-online",
                record_id="KC25-000183",
                version=1,
                person_key=PERSON,
                state="registered",
                code="DAY_CAP_REACHED",
                rule_ids=["FJ-03", "FJ-04"],
                rulebook="ab" * 32,
                position=7,
                changed_at_ms=1748946000000,
                claimed_centihours=450,
                credited_centihours=300,
                reason="r",
                authority="hrss-350504",
                registration=hours_pb2.Registration(
                    jurisdiction="fujian",
                    region="350504",
                    industry=5,
                    employer="91350100M000100Y43",
                    employer_name="洛江第一建筑",
                    subject_kind="professional",
                    learning_form="online",
                    registered_by="automatic",
                    course_title="混凝土结构耐久性",
                    major="土木工程",
                    first_on=20240,
                    last_on=20241,
                    passed=True,
                    score="88",
                    person_label="陈* 359900********0011",
                ),
                registered_rulebook="cd" * 32,
            )
        ],
    ),
    transcripts_pb2.TranscriptChanged(
        person_key=PERSON,
        identity=b"sealed",
        jurisdiction="fujian",
        period="2025",
        revision=4,
        totals=[
            transcripts_pb2.KindTotal(
                kind="public",
                required_centihours=3000,
                registered_centihours=3100,
                stamped_centihours=2900,
                lacking_centihours=100,
                unit="hours",
            )
        ],
        verdict="short",
        rule_ids=["FJ-01"],
        clauses=["闽人社办〔2023〕70号 附件1 首段"],
        rulebook="ab" * 32,
        entries=[
            transcripts_pb2.TranscriptEntry(
                platform="haixi-online",
                record_id="KC25-000183",
                version=1,
                kind="public",
                course_title="公需",
                learning_form="online",
                first_on=20240,
                last_on=20241,
                credited_centihours=300,
                passed=True,
                score="88",
                authority="hrss-350504",
                authority_name="洛江区人社局",
                rulebook="cd" * 32,
            )
        ],
        changed_at_ms=1748946000000,
        profile="fujian-year",
    ),
    decisions_pb2.HoursDecided(
        clauses=[clauses_pb2.Clauses(rulebook="ab" * 32, by_rule={"FJ-08": "闽人社办〔2023〕70号 附件2 二"})],
        decisions=[
            decisions_pb2.Decision(
                platform="haixi-online",
                record_id="KC25-000183",
                version=1,
                person_key=PERSON,
                outcome="stamped",
                authority="hrss-350504",
                authority_name="洛江区人社局",
                officer="officer-1",
                reason="r",
                rule_ids=["FJ-08"],
                rulebook="ab" * 32,
                decided_at_ms=1748946000000,
                reason_code="OTHER",
                registration_position=7,
                registered_rulebook="cd" * 32,
            )
        ],
    ),
    proofs_pb2.ProofChanged(
        person_key=PERSON,
        jurisdiction="fujian",
        period="2025",
        number="FJ-2025-0000001234-7",
        status="valid",
        transcript_revision=4,
        changed_at_ms=1748946000000,
    ),
    verified_hours_pb2.VerifiedHours(
        schema_version="1.0",
        subject_ref="ab" * 32,
        subject_key_id="k1",
        jurisdiction="fujian",
        period="2025",
        revision=5,
        totals=[
            verified_hours_pb2.Total(kind="public", unit="hour", required="30", verified="29", lacking="1"),
        ],
        verdict="short",
        rule_ids=["FJ-01"],
        clauses=["闽人社办〔2023〕70号 附件1 首段"],
        rulebook="ab" * 32,
        entries=[
            verified_hours_pb2.Entry(
                platform="haixi-online",
                record_id="KC25-000183",
                version=1,
                kind="public",
                course_title="公需",
                first_on="2025-06-01",
                last_on="2025-06-02",
                amount="3",
                authority="hrss-350504",
                rulebook="cd" * 32,
            )
        ],
        proof=verified_hours_pb2.Proof(number="FJ-2025-0000001234-7", status="valid"),
        changed_at="2025-06-03T18:20:00+08:00",
    ),
    verified_hours_pb2.Acknowledgement(
        subject_ref="ab" * 32, period="2025", revision=5, outcome="refused", reason="unknown subject"
    ),
]


@pytest.mark.parametrize("message", SAMPLES, ids=lambda message: message.DESCRIPTOR.full_name)
def test_an_event_has_its_golden_bytes(message: Message) -> None:
    golden = (GOLDEN / f"{message.DESCRIPTOR.full_name}.hex").read_text().strip()
    assert message.SerializeToString(deterministic=True).hex() == golden
    read = type(message)()
    read.ParseFromString(bytes.fromhex(golden))
    assert read == message


@pytest.mark.parametrize("message", SAMPLES, ids=lambda message: message.DESCRIPTOR.full_name)
def test_a_sample_sets_every_field(message: Message) -> None:
    assert _unset(message) == []


def test_every_event_with_a_topic_has_golden_bytes() -> None:
    modules = [
        hour_records_pb2, platforms_pb2, hours_pb2, transcripts_pb2, decisions_pb2, proofs_pb2, verified_hours_pb2
    ]  # fmt: skip
    known = {type(message) for message in SAMPLES}
    for module in modules:
        for name in module.DESCRIPTOR.message_types_by_name:
            kind = getattr(module, name)
            try:
                topic_of(kind)
            except LookupError:
                continue
            assert kind in known, name


def _unset(message: Message, path: str = "") -> list[str]:
    missing = []
    set_fields = {descriptor.name: value for descriptor, value in message.ListFields()}
    for descriptor in message.DESCRIPTOR.fields:
        name = f"{path}{descriptor.name}"
        value = set_fields.get(descriptor.name)
        if value is None:
            missing.append(name)
        elif isinstance(value, Message):
            missing.extend(_unset(value, f"{name}."))
        elif descriptor.message_type is not None and not descriptor.message_type.GetOptions().map_entry:
            for each in value:
                missing.extend(_unset(each, f"{name}[]."))
    return missing
