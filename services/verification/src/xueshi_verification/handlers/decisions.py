"""What officers decide: approve, return, withdraw a stamp.

Grants are read at each act. Items are locked in the order of their keys, and an act names the version that it is
about: one that crosses a correction finds a newer version and changes nothing.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from xueshi_kit.db import Transaction
from xueshi_rulebook import NoSuchRuleError
from xueshi_verification.domain.errors import VerificationError
from xueshi_verification.domain.judgement import (
    SPOT_CHECK_FAILED,
    Officer,
    Verdict,
    check_decidable,
    check_reviewer,
    check_withdrawable,
    newest,
)
from xueshi_verification.domain.model import (
    REVOKED,
    Authority,
    AuthorityId,
    Decision,
    Item,
    OfficerId,
    RecordKey,
)
from xueshi_verification.handlers.office import Office, tell
from xueshi_verification.handlers.officers import authorities_of, officer_now
from xueshi_verification.store import decisions as decision_store
from xueshi_verification.store import items as store

_WITHDRAWN = "STAMP_WITHDRAWN"
"""The rulebook's code for what an officer revoked."""

_Found = dict[RecordKey, list[Item]]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one verdict: a decision, or why there is none."""

    verdict: Verdict
    decision: Decision | None
    refusal: VerificationError | None


async def decide(tx: Transaction, office: Office, officer_id: OfficerId, verdicts: Sequence[Verdict]) -> list[Result]:
    """Decide each verdict on its own: one that is refused leaves the others as they are. Returns them in order."""
    officer = await officer_now(tx, office, officer_id)
    found = await store.lock_records(tx, (verdict.key.record for verdict in verdicts))
    authorities = await authorities_of(tx, found.values())
    results = [_judge(office, officer, found, authorities, verdict) for verdict in verdicts]
    decisions = [result.decision for result in results if result.decision is not None]
    await store.settle(tx, [each.key for each in decisions], [each.outcome for each in decisions])
    await decision_store.append(tx, decisions)
    await tell(tx, office, decisions)
    return results


async def decide_one(tx: Transaction, office: Office, officer_id: OfficerId, verdict: Verdict) -> Decision:
    """Decide one verdict; raises what refuses it."""
    [result] = await decide(tx, office, officer_id, [verdict])
    if result.decision is None:
        raise result.refusal or VerificationError
    return result.decision


def _judge(
    office: Office,
    officer: Officer,
    found: _Found,
    authorities: dict[AuthorityId, Authority],
    verdict: Verdict,
) -> Result:
    """Judge one verdict. What it decides is entered in `found`, so that the same record again is refused."""
    record = verdict.key.record
    try:
        item = newest(found.get(record, ()))
        authority = check_reviewer(officer, item, verdict.key.version, authorities)
        if verdict.outcome == REVOKED:
            check_withdrawable(officer, item)
        else:
            check_decidable(officer, item)
    except VerificationError as refusal:
        return Result(verdict, None, refusal)
    found[record] = [replace(each, state=verdict.outcome) if each is item else each for each in found[record]]
    return Result(verdict, _decision(office, officer, item, authority, verdict), None)


def _decision(office: Office, officer: Officer, item: Item, authority: Authority, verdict: Verdict) -> Decision:
    return Decision(
        key=item.key,
        version=item.version,
        outcome=verdict.outcome,
        authority=authority.id,
        authority_name=authority.name,
        officer=officer.id,
        reason=verdict.reason,
        rule_ids=_rule_ids(office, item, verdict),
        rulebook=office.rulebook,
        registered_rulebook=item.registration.registered_rulebook,
        registration_position=item.registration_position,
        decided_at=officer.now,
    )


def _rule_ids(office: Office, item: Item, verdict: Verdict) -> tuple[str, ...]:
    """Return the rules that a decision rests on: those that brought the item here, and give the power to decide.

    A withdrawal rests on what its jurisdiction says of spot checks or false entries, where it says anything.
    """
    if verdict.outcome != REVOKED:
        return item.rule_ids
    rulebook, registration = office.routing.rulebook, item.registration
    jurisdiction = rulebook.jurisdictions.get(registration.jurisdiction)
    if jurisdiction is None:
        return item.rule_ids
    if verdict.reason is not None and verdict.reason.code == SPOT_CHECK_FAILED:
        with suppress(NoSuchRuleError):
            return jurisdiction.spot_check(registration.region, registration.industry or None, ()).rule_ids
    return rulebook.guidance_rules(_WITHDRAWN, jurisdiction) or item.rule_ids
