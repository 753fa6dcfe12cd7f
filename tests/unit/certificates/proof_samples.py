"""Made-up contents and proofs for the tests of certificates. The area code does not exist."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

from xueshi_certificates.domain.content import (
    Basis,
    Content,
    Ended,
    Entry,
    KindTotal,
    PersonKey,
    Proof,
    ProofState,
    PublicTag,
    Reason,
    Status,
)
from xueshi_certificates.domain.holder import Identity
from xueshi_certificates.domain.number import proof_number

PERSON = PersonKey(UUID("5f1c0a9e-7b3d-4268-8c1e-9a0b7d6f4e21"))
IDENTITY = Identity("resident_id", "359900199003070011", "陈晓岚")
ISSUED_AT = datetime(2025, 6, 3, 16, 20, tzinfo=UTC)
TAG = PublicTag("0123456789abcdefghjk")
NEWER_TAG = PublicTag("zzzzz56789abcdefghjk")
REQUIRED = {"public": 3000, "professional": 6000}


def entry(record_id: str, centihours: int, kind: str = "public", **changes: object) -> Entry:
    """Return one stamped record."""
    base = Entry(
        platform="fj-online",
        record_id=record_id,
        version=1,
        kind=kind,
        course_title="混凝土结构耐久性",
        learning_form="online",
        first_on=date(2025, 6, 1),
        last_on=date(2025, 6, 2),
        credited_centihours=centihours,
        passed=True,
        score="88",
        authority="hrss-359900",
        authority_name="某市人力资源和社会保障局",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def content_of(*entries: Entry) -> Content:
    """Return the content that a registry would derive of these records (FJ-01)."""
    totals = []
    for kind, required in REQUIRED.items():
        stamped = sum(each.credited_centihours for each in entries if each.kind == kind)
        totals.append(KindTotal(kind, required, stamped, max(0, required - stamped)))
    verdict = "short" if any(each.lacking_centihours for each in totals) else "compliant"
    return Content("fujian", "2025", verdict, tuple(totals), entries, ("FJ-01",), rulebook="book-1")


def compliant() -> Content:
    """Return 30 public and 60 professional hours."""
    return content_of(entry("R-1", 3000), entry("R-2", 6000, "professional", course_title="装配式建筑技术"))


def state(content: Content, ended: Ended | None = None, newest: PublicTag | None = None) -> ProofState:
    """Return the state of an issued proof."""
    basis = Basis.REQUIREMENT_MET if content.compliant else Basis.REQUESTED
    proof = Proof(proof_number("FJ", 2025, 1234), TAG, PERSON, basis, "", 3, ISSUED_AT, content)
    return ProofState(proof, ended, b"", newest)


def revoked() -> Ended:
    """Return the end of a proof whose hours were withdrawn."""
    return Ended(Status.REVOKED, Reason.HOURS_WITHDRAWN, datetime(2025, 9, 1, 16, 30, tzinfo=UTC), None)


def superseded() -> Ended:
    """Return the end of a proof that more hours replaced."""
    at = datetime(2025, 9, 1, 1, 0, tzinfo=UTC)
    return Ended(Status.SUPERSEDED, Reason.MORE_HOURS, at, proof_number("FJ", 2025, 1235))
