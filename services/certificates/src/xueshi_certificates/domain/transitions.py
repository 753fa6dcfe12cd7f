"""What a new transcript does to the proof of the same person and period.

    no valid proof   compliant                                    -> issue
    valid            an entry, or hours of one, are gone          -> revoke; issue anew if compliant
    valid            no longer compliant, though no hours went    -> revoke
    valid            anything else that the proof says changed    -> supersede by a new one
    valid            the proof still says what is                 -> nothing

The decision looks at two states and not at the way between them: transcripts travel on a compacted topic, so a
revision between two others may never arrive.
"""

from dataclasses import dataclass

from xueshi_certificates.domain.content import TOTAL, Basis, Content, Entry, Reason, Status


@dataclass(frozen=True, slots=True)
class Ending:
    """How a valid proof ends, and the records (platform, record id) whose hours went, if that is why."""

    status: Status
    reason: Reason
    causes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do: end the valid proof, issue a new one, both or neither."""

    ending: Ending | None = None
    issue: Basis | None = None


NOTHING = Decision()


class NothingToProveError(Exception):
    """A proof was asked for, and no hours are stamped in the period."""


def is_moot(*, proven: bool, compliant: bool) -> bool:
    """Tell whether a transcript does nothing, whatever it says: it is short, and there is no valid proof.

    So it is with most transcripts, which therefore need not be read.
    """
    return not proven and not compliant


def decide(valid: Content | None, now: Content, *, holder_changed: bool = False) -> Decision:
    """Return what a transcript's new content does to the valid proof's content (None: there is no valid proof)."""
    if valid is None:
        return Decision(issue=Basis.REQUIREMENT_MET) if now.compliant else NOTHING
    ending = _ending(valid, now, holder_changed=holder_changed)
    if ending is None:
        return NOTHING
    if now.compliant:
        return Decision(ending, Basis.REQUIREMENT_MET)
    # Whoever asked for a proof of the hours so far keeps one as hours are added; a revoked one is asked for anew.
    return Decision(ending, Basis.REQUESTED if ending.status is Status.SUPERSEDED else None)


def decide_on_request(valid: Content | None, now: Content) -> Decision:
    """Return what a request for a proof of the hours stamped so far does; nothing where a valid proof stands.

    Raises `NothingToProveError` where no hours are stamped.
    """
    if valid is not None:
        return NOTHING
    if not any(entry.credited_centihours for entry in now.entries):
        raise NothingToProveError
    return Decision(issue=Basis.REQUIREMENT_MET if now.compliant else Basis.REQUESTED)


def _ending(valid: Content, now: Content, *, holder_changed: bool) -> Ending | None:
    lost = _lost(valid, now)
    if lost or _fell(valid, now):
        return Ending(Status.REVOKED, Reason.HOURS_WITHDRAWN, lost)
    if valid.compliant and not now.compliant:
        return Ending(Status.REVOKED, Reason.REQUIREMENT_NOT_MET)
    if valid != now:
        grew = _hours(now) > _hours(valid)
        return Ending(Status.SUPERSEDED, Reason.MORE_HOURS if grew else Reason.CONTENT_CORRECTED)
    return Ending(Status.SUPERSEDED, Reason.HOLDER_CORRECTED) if holder_changed else None


def _lost(valid: Content, now: Content) -> tuple[tuple[str, str], ...]:
    """Return the records whose hours in the proof are no longer there, in that kind and amount."""
    present = {entry.record: entry for entry in now.entries}
    return tuple(sorted(entry.record for entry in valid.entries if _shrank(entry, present.get(entry.record))))


def _shrank(proven: Entry, present: Entry | None) -> bool:
    return (
        present is None
        or present.kind != proven.kind
        or present.credited_centihours < proven.credited_centihours
        or (proven.passed and not present.passed)
    )


def _fell(valid: Content, now: Content) -> bool:
    """Tell whether a kind's stamped total fell, which a rule may bring about while every entry stays."""
    stamped = now.stamped_by_kind()
    return any(stamped.get(kind, 0) < before for kind, before in valid.stamped_by_kind().items() if kind != TOTAL)


def _hours(content: Content) -> int:
    return sum(entry.credited_centihours for entry in content.entries)
