"""One person's records, ledger and transcripts as they would stand, made for tests that then spoil them."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from xueshi_registry.domain.model import Content, PersonKey, Ref
from xueshi_registry.domain.standing import Account, Entry, Kept, Live, Standing
from xueshi_registry.domain.versions import Versions
from xueshi_rulebook import load_rulebook

RULEBOOK = load_rulebook()
VERSIONS = Versions({RULEBOOK.hash: RULEBOOK.canonical})
KEY = PersonKey(UUID(int=7))
DAY = date(2025, 6, 1)
FUZHOU = "350102"


def standing(number: int, claimed: int, credited: int, **fields: Any) -> Standing:  # noqa: ANN401 - whatever a record has
    """Return a stamped record of one day, in its place."""
    usual: dict[str, Any] = {
        "id": number,
        "ref": Ref("p1", f"r{number}", 1),
        "subject_kind": "professional",
        "jurisdiction": "fujian",
        "place": number,
        "state": "stamped",
        "days": [DAY],
        "claimed": [claimed],
        "credited": [credited],
        "cap_exempt": False,
        "rulebook": RULEBOOK.hash,
    }
    return Standing(**{**usual, **fields})


def entry(record: Standing, account: str, hours: int | None = None) -> Entry:
    """Return the entry of what a record is credited on an account."""
    deltas = list(record.credited) if hours is None else [hours]
    return Entry(record.ref, "2025", record.subject_kind, account, record.days, deltas, sum(deltas))


def kept(hours: int, verdict: str = "short", **fields: Any) -> Kept:  # noqa: ANN401 - whatever a transcript has
    """Return a transcript of stamped professional hours."""
    usual: dict[str, Any] = {
        "period": "2025",
        "jurisdiction": "fujian",
        "kinds": ["professional"],
        "registered": [hours],
        "stamped": [hours],
        "verdict": verdict,
        "rulebook": RULEBOOK.hash,
    }
    return Kept(**{**usual, **fields})


def account(
    records: Sequence[Standing], transcripts: Sequence[Kept], entries: Sequence[Entry] | None = None
) -> Account:
    """Return a person's account; the ledger is what the records are credited, unless it is given."""
    usual = [entry(record, name) for record in records if record.counts for name in ("registered", "stamped")]
    return Account(KEY, [], records, usual if entries is None else entries, transcripts)


def live(record: Standing, **fields: Any) -> Live:  # noqa: ANN401 - whatever a record has
    """Return a record with the content that it was registered by, learned online in Fuzhou."""
    content = Content(
        employer="91350100M000100X55",
        subject_kind=record.subject_kind,
        learning_form="online",
        course_id="C-1",
        course_title="混凝土结构耐久性",
        industry=5,
        major="土木工程",
        learned_days=tuple(zip(record.days, record.claimed, strict=True)),
        learned_range=None,
        centihours=sum(record.claimed),
        passed=True,
        name_digest=b"n",
    )
    return Live(record, "", ("FJ-04", "FJ-03"), FUZHOU, content._replace(**fields))
