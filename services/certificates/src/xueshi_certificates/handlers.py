"""What the service does: keep transcripts, issue, supersede and revoke proofs, show them.

Every effect is in the given transaction, in sets: a batch of transcripts takes the same few statements as one.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from xueshi_certificates import store
from xueshi_certificates.domain.content import (
    Basis,
    Content,
    PersonKey,
    Proof,
    ProofNumber,
    ProofState,
    PublicTag,
    Status,
    Transcript,
)
from xueshi_certificates.domain.forms import ProofForms
from xueshi_certificates.domain.holder import Identity
from xueshi_certificates.domain.number import is_proof_number, is_tag, new_tag, proof_number
from xueshi_certificates.domain.transitions import (
    NOTHING,
    Decision,
    decide,
    decide_on_request,
    is_moot,
)
from xueshi_certificates.wire.events import decode, event_key, proof_changed, read_identity
from xueshi_kit.clock import CHINA, Clock
from xueshi_kit.crypto import Sealer
from xueshi_kit.db import Transaction
from xueshi_kit.outbox import Outbox, OutboxEvent


class UnknownProofError(Exception):
    """No proof has this number or tag."""


class UnknownTranscriptError(Exception):
    """Nothing is known of this person in this period."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What handlers need beside the transaction."""

    outbox: Outbox
    clock: Clock
    sealer: Sealer
    forms: ProofForms

    def open_identity(self, sealed: bytes, person_key: PersonKey) -> Identity:
        """Open a sealed holder. Raises what `Sealer.open` does."""
        return read_identity(self.sealer.open(sealed, person_key.bytes))


@dataclass(frozen=True, slots=True)
class _Case:
    """One transcript, the newest proof of its person and period, and what to do."""

    transcript: Transcript
    content: Content
    held: ProofState | None
    decision: Decision
    asked_by: str = ""


async def take_transcripts(tx: Transaction, tools: Tools, transcripts: Sequence[Transcript]) -> None:
    """Keep transcripts, and let each proof follow what its transcript says now (FJ-11).

    The transcripts are in the order of locking, one of each person and period. A revision that is not newer than the
    stored one changes nothing.
    """
    fresh = await store.keep_newer(tx, transcripts, tools.clock.now())
    numbers = [number for number in fresh.values() if number is not None]
    held = await store.states(tx, numbers) if numbers else {}
    cases = []
    for each in transcripts:
        number = fresh.get(each.key)
        state = None if number is None else held[number]
        proven = state is not None and state.status is Status.VALID
        if each.key in fresh and not is_moot(proven=proven, compliant=each.compliant):
            cases.append(_follow(tools, each, state))
    await _carry_out(tx, tools, [case for case in cases if case.decision != NOTHING])


async def issue_on_request(
    tx: Transaction, tools: Tools, person_key: PersonKey, period: str, asked_by: str
) -> tuple[ProofState, bool]:
    """Return the valid proof of the hours stamped so far, and whether it was issued now, for the subject `asked_by`.

    Raises `UnknownTranscriptError`, or `NothingToProveError` where no hours are stamped.
    """
    locked = await store.lock_transcript(tx, person_key, period)
    if locked is None:
        raise UnknownTranscriptError
    transcript, number = locked
    held = None if number is None else (await store.states(tx, [number]))[number]
    valid = held if held is not None and held.status is Status.VALID else None
    content = decode(transcript.encoded)
    decision = decide_on_request(None if valid is None else valid.proof.content, content)
    if valid is not None:
        return valid, False
    (issued,) = await _carry_out(tx, tools, [_Case(transcript, content, None, decision, asked_by)])
    return ProofState(issued, None, transcript.identity), True


async def proof_by_number(tx: Transaction, number: str) -> ProofState:
    """Return the proof of this number. Raises `UnknownProofError`, also for a wrong check digit."""
    found = (await store.states(tx, [ProofNumber(number)])).values() if is_proof_number(number) else ()
    for state in found:
        return state
    raise UnknownProofError


async def proof_by_tag(tx: Transaction, tag: str) -> ProofState:
    """Return the proof that a public tag opens. Raises `UnknownProofError`."""
    state = await store.state_by_tag(tx, PublicTag(tag)) if is_tag(tag) else None
    if state is None:
        raise UnknownProofError
    return state


def _follow(tools: Tools, transcript: Transcript, held: ProofState | None) -> _Case:
    """Decide what a transcript does to the newest proof of its person and period."""
    content = decode(transcript.encoded)
    if held is None or held.status is not Status.VALID:
        return _Case(transcript, content, None, decide(None, content))
    valid = held.proof.content
    holder_changed = content == valid and not _same_holder(tools, transcript, held)
    return _Case(transcript, content, held, decide(valid, content, holder_changed=holder_changed))


def _same_holder(tools: Tools, transcript: Transcript, held: ProofState) -> bool:
    """Compare the sealed holders; the same holder is sealed differently each time."""
    if transcript.identity == held.identity:
        return True
    key = transcript.person_key
    return tools.open_identity(transcript.identity, key) == tools.open_identity(held.identity, key)


async def _carry_out(tx: Transaction, tools: Tools, cases: Sequence[_Case]) -> list[Proof]:
    """Issue and end proofs as decided and say so; return the issued ones in the order of the cases."""
    now = tools.clock.now()
    issuing = [case for case in cases if case.decision.issue is not None]
    numbers = await _numbers(tx, tools, [case.content for case in issuing], now)
    issued = [_issue(case, number, now) for case, number in zip(issuing, numbers, strict=True)]
    successors = {proof.key: proof.number for proof in issued}
    if issued:
        await store.add_proofs(tx, issued, [case.transcript.identity for case in issuing])
    ends = [
        store.ProofEnd(case.held.proof.number, ending, case.transcript.revision, successors.get(case.transcript.key))
        for case in cases
        if case.held is not None and (ending := case.decision.ending) is not None
    ]
    if ends:
        await store.add_ends(tx, ends, now)
    revoked = [case.held.proof for case in cases if case.held is not None and case.decision.issue is None]
    changes = [(proof, Status.VALID) for proof in issued] + [(proof, Status.REVOKED) for proof in revoked]
    await tools.outbox.append(tx, [_event(proof, status, now) for proof, status in changes])
    return issued


async def _numbers(tx: Transaction, tools: Tools, contents: Sequence[Content], now: datetime) -> list[ProofNumber]:
    """Draw a number for each content's proof, without gaps in each jurisdiction's year of issue."""
    if not contents:
        return []
    year = now.astimezone(CHINA).year
    letters = [tools.forms.of(each.jurisdiction).letters for each in contents]
    following = await store.next_sequences(tx, Counter((each, year) for each in letters))
    numbers = []
    for each in letters:
        numbers.append(proof_number(each, year, following[each, year]))
        following[each, year] += 1
    return numbers


def _issue(case: _Case, number: ProofNumber, now: datetime) -> Proof:
    transcript = case.transcript
    return Proof(
        number=number,
        tag=new_tag(),
        person_key=transcript.person_key,
        basis=case.decision.issue or Basis.REQUESTED,
        issued_by=case.asked_by,
        transcript_revision=transcript.revision,
        issued_at=now,
        content=case.content,
    )


def _event(proof: Proof, status: Status, now: datetime) -> OutboxEvent:
    return OutboxEvent(event_key(proof), proof.person_key.bytes, proof_changed(proof, status, now))
