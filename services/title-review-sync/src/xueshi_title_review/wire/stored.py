"""Transcripts as they stand in the table."""

import json
from dataclasses import fields
from datetime import date
from typing import Any

from xueshi_title_review.domain import Entry, Total, Transcript

_TOTAL = tuple(field.name for field in fields(Total))
_ENTRY = tuple(field.name for field in fields(Entry))


def dump_transcript(transcript: Transcript | None) -> str | None:
    """Return the JSON text of a transcript; dates in ISO form, hours in centihours."""
    if transcript is None:
        return None
    content = {
        "jurisdiction": transcript.jurisdiction,
        "verdict": transcript.verdict,
        "rule_ids": transcript.rule_ids,
        "rulebook": transcript.rulebook,
        "totals": [{name: getattr(each, name) for name in _TOTAL} for each in transcript.totals],
        "entries": [{name: getattr(each, name) for name in _ENTRY} for each in transcript.entries],
    }
    return json.dumps(content, ensure_ascii=False, default=date.isoformat)


def load_transcript(text: str | None) -> Transcript | None:
    """Return the transcript of a JSON text."""
    if text is None:
        return None
    content = json.loads(text)
    return Transcript(
        jurisdiction=content["jurisdiction"],
        verdict=content["verdict"],
        rule_ids=tuple(content["rule_ids"]),
        rulebook=content["rulebook"],
        totals=tuple(Total(**each) for each in content["totals"]),
        entries=tuple(_entry(each) for each in content["entries"]),
    )


def _entry(content: dict[str, Any]) -> Entry:
    days = {name: date.fromisoformat(content[name]) for name in ("first_on", "last_on")}
    return Entry(**{**content, **days})
