"""Whether an officer may decide on an item: the checks in their order, and the reasons that may be given."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final, Literal

from xueshi_verification.domain.errors import (
    ClaimedError,
    DecidedError,
    ItemUnknownError,
    NotGrantedError,
    NotStampedError,
    NotWaitingError,
    OwnRecordError,
    StaleVersionError,
)
from xueshi_verification.domain.grants import may_review, own_keys
from xueshi_verification.domain.model import (
    DECIDED,
    OPEN,
    STAMPED,
    WAITING,
    Authority,
    AuthorityId,
    Grant,
    Item,
    OfficerId,
    Reason,
    VersionKey,
)

SPOT_CHECK_FAILED: Final = "SPOT_CHECK_FAILED"
CLAIM_LASTS: Final = timedelta(minutes=30)
MAX_REASON_CHARACTERS: Final = 500

ReturnCode = Literal[
    "EVIDENCE_INSUFFICIENT", "CONTENT_UNRELATED", "HOURS_INCORRECT", "FORM_MISMATCH", "DETAILS_INCORRECT", "OTHER"
]
WithdrawalCode = Literal["SPOT_CHECK_FAILED", "FALSE_ENTRY", "STAMPED_BY_MISTAKE", "OTHER"]

RETURN_REASONS: Final[Mapping[ReturnCode, tuple[str, str]]] = MappingProxyType(
    {
        "EVIDENCE_INSUFFICIENT": ("证明材料不足", "the evidence does not suffice"),
        "CONTENT_UNRELATED": ("学习内容与所报科目或专业不符", "the content does not fit the subject or field"),
        "HOURS_INCORRECT": ("学时不实或计算有误", "the hours are wrong"),
        "FORM_MISMATCH": ("学习形式与实际不符", "the learning form is not what took place"),
        "DETAILS_INCORRECT": ("登记信息有误", "a detail is wrong"),
        "OTHER": ("其他", "another reason"),
    }
)
"""Why a record is returned: code → (zh, en)."""

WITHDRAWAL_REASONS: Final[Mapping[WithdrawalCode, tuple[str, str]]] = MappingProxyType(
    {
        SPOT_CHECK_FAILED: ("抽查不合格", "a spot check failed"),
        "FALSE_ENTRY": ("登记内容不实", "the entry is false"),
        "STAMPED_BY_MISTAKE": ("误予验印", "stamped by mistake"),
        "OTHER": ("其他", "another reason"),
    }
)
"""Why a stamp is withdrawn: code → (zh, en)."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an officer decides about one version: `STAMPED`, `RETURNED` or `REVOKED`; all but a stamp with a reason."""

    key: VersionKey
    outcome: str
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Officer:
    """Who decides: the officer with all grants ever given to them, at one moment."""

    id: OfficerId
    grants: Sequence[Grant]
    now: datetime
    today: date


def newest(items: Iterable[Item]) -> Item:
    """Return the newest version of a record; of two people's sides with one version, the one that still stands."""
    candidates = sorted(items, key=lambda item: (item.version, item.state in OPEN, item.state in DECIDED))
    if not candidates:
        raise ItemUnknownError
    return candidates[-1]


def check_reviewer(officer: Officer, item: Item, version: int, authorities: dict[AuthorityId, Authority]) -> Authority:
    """Return the authority in whose name the officer acts on this version of the item.

    Raises `ItemUnknownError`, `StaleVersionError`, `NotGrantedError`.
    """
    if version > item.version:
        raise ItemUnknownError
    if version < item.version:
        raise StaleVersionError(item.version)
    authority = None if item.authority is None else authorities.get(item.authority)
    if authority is None or not may_review(officer.grants, authority, item, officer.today):
        raise NotGrantedError
    return authority


def check_decidable(officer: Officer, item: Item) -> None:
    """Refuse what is not waiting, is the officer's own, or is claimed by somebody else.

    Raises `DecidedError`, `NotWaitingError`, `OwnRecordError`, `ClaimedError`.
    """
    if item.state in DECIDED:
        raise DecidedError(item.state)
    if item.state != WAITING:
        raise NotWaitingError(item.state)
    check_not_own(officer, item)
    if item.claimed_until is not None and item.claimant(officer.now) not in (None, officer.id):
        raise ClaimedError(item.claimed_until)


def check_withdrawable(officer: Officer, item: Item) -> None:
    """Refuse the withdrawal of what is not stamped, or is the officer's own. Automatic stamps too may be withdrawn."""
    if item.state != STAMPED:
        raise NotStampedError(item.state)
    check_not_own(officer, item)


def check_not_own(officer: Officer, item: Item) -> None:
    """Refuse the officer's own record."""
    if item.key.person_key in own_keys(officer.grants):
        raise OwnRecordError
