"""The index of the interfaces names every document and every topic, with what the topic promises."""

import re
from pathlib import Path

from google.protobuf.message import Message

from xueshi.certificates.v1 import proofs_pb2
from xueshi.gateway.v1 import hour_records_pb2, platforms_pb2
from xueshi.options.v1 import topic_pb2
from xueshi.registry.v1 import hours_pb2, transcripts_pb2
from xueshi.titlereview.v1 import verified_hours_pb2
from xueshi.verification.v1 import decisions_pb2
from xueshi_cli.site.layout import SERVICES

FOLDER = Path(__file__).parents[3] / "docs" / "api"
INDEX = (FOLDER / "README.md").read_text(encoding="utf-8")
EVENTS: list[type[Message]] = [
    hour_records_pb2.HourRecordsAccepted,
    platforms_pb2.PlatformChanged,
    hours_pb2.HoursChanged,
    transcripts_pb2.TranscriptChanged,
    decisions_pb2.HoursDecided,
    proofs_pb2.ProofChanged,
    verified_hours_pb2.VerifiedHours,
    verified_hours_pb2.Acknowledgement,
]


def test_it_names_every_topic_as_its_message_declares_it() -> None:
    rows = re.findall(r"^\| `([a-z0-9.-]+)` \| `([A-Za-z0-9.]+)` \|.*\| ([^|]+) \|$", INDEX, re.MULTILINE)
    declared = []
    for event in EVENTS:
        topic = event.DESCRIPTOR.GetOptions().Extensions[topic_pb2.topic]
        kept = "compacted" if topic.compacted else f"{topic.retention_days} days"
        declared.append((topic.name, event.DESCRIPTOR.full_name, kept))
    assert rows == declared


def test_its_links_lead_to_what_is_there() -> None:
    links = re.findall(r"\]\(([^)]+)\)", INDEX)
    assert [link for link in links if not (FOLDER / link).exists()] == []
    assert {f"{spec.name}.openapi.json" for spec in SERVICES} <= set(links)
