"""Compares what the topics say last with what must be there: transcripts, proofs, and what title review is told."""

import hmac
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import TypeVar
from uuid import UUID

from tests.faults.checks import Finding, Findings
from tests.faults.order import Seen, last_states
from tests.faults.recompute import REQUIRED, Expected, Totals
from xueshi.certificates.v1.proofs_pb2 import ProofChanged
from xueshi.registry.v1.transcripts_pb2 import TranscriptChanged
from xueshi.titlereview.v1.verified_hours_pb2 import VerifiedHours
from xueshi_cli.site.layout import PROOFS, TRANSCRIPTS, VERIFIED_HOURS

Event = TypeVar("Event")


def subject_ref(key: bytes, number: str) -> str:
    """Return how the title-review system names a resident, by the contract's own words."""
    return hmac.digest(key, b"resident_id\0" + number.encode(), sha256).hex()


def check_topics(
    findings: Findings,
    expected: Expected,
    messages: Sequence[Seen],
    refs: Mapping[UUID, str],
    revisions: Mapping[tuple[str, str], int],
) -> None:
    """Compare the last state of each key. `refs` are the people's subject refs, `revisions` those last told, by ref."""
    transcripts = _decoded(messages, TRANSCRIPTS, TranscriptChanged.FromString)
    proofs = _decoded(messages, PROOFS, ProofChanged.FromString)
    told = _decoded(messages, VERIFIED_HOURS, VerifiedHours.FromString)
    known = {f"{person.hex}:{period}" for person, period in expected.transcripts}
    for key in transcripts.keys() - known:
        _check_empty(findings, key, transcripts[key])
    for pair, totals in expected.transcripts.items():
        key, ref = f"{pair[0].hex}:{pair[1]}", f"{refs[pair[0]]}:{pair[1]}"
        proof = proofs.get(key)
        if not totals.entries and key not in transcripts:
            continue  # nothing was ever stamped
        _check_transcript(findings, key, totals, transcripts.get(key))
        _check_proof(findings, key, totals, proof)
        _check_told(findings, ref, totals, told.get(ref), proof)
    for ref, message in told.items():
        subject, period = ref.split(":")
        _equal(findings, f"{VERIFIED_HOURS} {ref}: revision", revisions.get((subject, period)), message.revision)


def _decoded(messages: Sequence[Seen], topic: str, decode: Callable[[bytes], Event]) -> dict[str, Event]:
    return {key: decode(each.value) for key, each in last_states(messages, topic).items()}


def _check_empty(findings: Findings, key: str, event: TranscriptChanged) -> None:
    """Check that a transcript of which nothing is left says so."""
    _equal(findings, f"{TRANSCRIPTS} {key}: entries", 0, len(event.entries))


def _check_transcript(findings: Findings, key: str, totals: Totals, event: TranscriptChanged | None) -> None:
    if event is None:
        findings.lost.append(Finding(f"{TRANSCRIPTS} {key}: nothing was told"))
        return
    stamped = {each.kind: each.stamped_centihours for each in event.totals if each.kind in REQUIRED}
    entries = {(each.platform, each.record_id, each.version): each.credited_centihours for each in event.entries}
    _equal(findings, f"{TRANSCRIPTS} {key}: stamped", _by_kind(totals), stamped)
    _equal(findings, f"{TRANSCRIPTS} {key}: verdict", totals.verdict, event.verdict)
    _equal(findings, f"{TRANSCRIPTS} {key}: entries", dict(totals.entries), entries)


def _check_proof(findings: Findings, key: str, totals: Totals, proof: ProofChanged | None) -> None:
    """Whoever is compliant holds a valid proof, and nobody else does: here no proof is issued on request."""
    is_valid = proof is not None and proof.status == "valid"
    _equal(findings, f"{PROOFS} {key}: valid", totals.verdict == "compliant", is_valid)


def _check_told(
    findings: Findings, ref: str, totals: Totals, message: VerifiedHours | None, proof: ProofChanged | None
) -> None:
    if message is None:
        findings.lost.append(Finding(f"{VERIFIED_HOURS} {ref}: nothing was told"))
        return
    verified = {each.kind: _hundredths(each.verified) for each in message.totals if each.kind in REQUIRED}
    entries = {(each.platform, each.record_id, each.version): _hundredths(each.amount) for each in message.entries}
    _equal(findings, f"{VERIFIED_HOURS} {ref}: verified", _by_kind(totals), verified)
    _equal(findings, f"{VERIFIED_HOURS} {ref}: verdict", totals.verdict, message.verdict)
    _equal(findings, f"{VERIFIED_HOURS} {ref}: entries", dict(totals.entries), entries)
    given = (message.proof.number, message.proof.status) if message.HasField("proof") else None
    _equal(findings, f"{VERIFIED_HOURS} {ref}: proof", None if proof is None else (proof.number, proof.status), given)


def _by_kind(totals: Totals) -> dict[str, int]:
    return {kind: totals.stamped.get(kind, 0) for kind in REQUIRED}


def _hundredths(text: str) -> int:
    return int(Decimal(text) * 100)


def _equal(findings: Findings, what: str, wanted: object, found: object) -> None:
    if wanted != found:
        findings.diverged.append(Finding(f"{what} must be {wanted}, is {found}"))
