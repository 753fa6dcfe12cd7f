"""The services of a site and what each may have: its database, its purposes of keys, what it listens to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """One service. `purposes` are the only keys that its key file holds; `listens` are (group, topic)."""

    name: str
    package: str
    database: str
    purposes: tuple[str, ...]
    listens: tuple[tuple[str, str], ...] = ()


HOUR_RECORDS = "xueshi.gateway.hour-records"
PLATFORMS = "xueshi.gateway.platforms"
HOURS = "xueshi.registry.hours"
TRANSCRIPTS = "xueshi.registry.transcripts"
DECISIONS = "xueshi.verification.decisions"
PROOFS = "xueshi.certificates.proofs"
VERIFIED_HOURS = "title-review.verified-hours.v1"
ACKNOWLEDGEMENTS = "title-review.acknowledgements.v1"

SERVICES = (
    ServiceSpec("identity", "xueshi_identity", "identity", ("issuer-secrets",)),
    ServiceSpec(
        "gateway",
        "xueshi_gateway",
        "gateway",
        ("person-index", "identity", "platform-secrets"),
        (("gateway.hours", HOURS),),
    ),
    ServiceSpec(
        "registry",
        "xueshi_registry",
        "registry",
        ("person-index", "identity"),
        (
            ("registry.hour-records", HOUR_RECORDS),
            ("registry.decisions", DECISIONS),
            ("registry.platforms", PLATFORMS),
        ),
    ),
    ServiceSpec(
        "verification", "xueshi_verification", "verification", ("person-index",), (("verification.hours", HOURS),)
    ),
    ServiceSpec(
        "certificates",
        "xueshi_certificates",
        "certificates",
        ("identity",),
        (("certificates.transcripts", TRANSCRIPTS),),
    ),
    ServiceSpec(
        "title-review",
        "xueshi_title_review",
        "title_review",
        ("identity", "title-review-subjects"),
        (
            ("title-review.transcripts", TRANSCRIPTS),
            ("title-review.proofs", PROOFS),
            ("title-review.acknowledgements", ACKNOWLEDGEMENTS),
        ),
    ),
)

BUCKETS = 8
AUDIENCE = "xueshi"
BUS_DATABASE = "bus"
INDEX_PURPOSES = frozenset({"person-index", "title-review-subjects"})
"""Purposes whose keys are for look-ups; the others seal."""
