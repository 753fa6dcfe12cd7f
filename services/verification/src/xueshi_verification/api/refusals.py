"""Typed refusals, translated for people: one table from error to status, code and message."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from xueshi_kit.clock import CHINA
from xueshi_kit.problems import FieldError, Problem, invalid
from xueshi_rulebook import IdentifierError, UnknownDivisionError
from xueshi_verification.domain import errors


class Refusal(NamedTuple):
    """How a refusal reads outside."""

    status: int
    code: str
    zh: str
    en: str


_TABLE: Mapping[type[errors.VerificationError], Refusal] = {
    errors.ItemUnknownError: Refusal(
        404, "NOT_FOUND", "未找到该记录或该版本。", "There is no such record, or no such version of it."
    ),
    errors.StaleVersionError: Refusal(
        409,
        "STALE_VERSION",
        "该记录已有更新的版本,请查看最新版本后重新决定。",
        "The record has a newer version; read it and decide again.",
    ),
    errors.NotGrantedError: Refusal(403, "NOT_GRANTED", "您的授权不包括此项操作。", "None of your grants covers this."),
    errors.OwnRecordError: Refusal(
        403, "OWN_RECORD", "不得办理本人的记录,请由他人办理。", "Nobody decides on a record of their own."
    ),
    errors.ClaimedError: Refusal(
        409,
        "CLAIMED",
        "该记录正由他人办理,请先办理其他记录,认领到期后再试。",
        "Somebody else is working on the record: take another one, or try again when the claim has lapsed.",
    ),
    errors.DecidedError: Refusal(
        409,
        "DECIDED",
        "该记录已有决定,请刷新查看;验印有误的可以撤销,已退回或已撤销的须待平台更正后再办。",
        "The record was decided already: read it again. A wrong stamp can be withdrawn; what was returned or withdrawn"
        " waits for the platform's correction.",
    ),
    errors.NotWaitingError: Refusal(
        409,
        "NOT_WAITING",
        "该记录已暂缓或作废,目前无需决定;暂缓解除后会重新登记,届时再办。",
        "The record is held or voided, so there is nothing to decide now: a held one is registered again once it is"
        " free; decide then.",
    ),
    errors.NotStampedError: Refusal(
        409,
        "NOT_STAMPED",
        "该记录没有可撤销的验印:待办的请退回,暂缓的待解除后再办,其他的无需办理。",
        "There is no stamp to withdraw: return the record if it waits, come back once it is free if it is held;"
        " otherwise nothing is left to do.",
    ),
    errors.AuthorityUnknownError: Refusal(404, "NOT_FOUND", "未找到该主管部门。", "There is no such authority."),
    errors.AuthorityFixedError: Refusal(
        409,
        "AUTHORITY_FIXED",
        "主管部门的类别和行政区划不能更改,已撤销的不能恢复;请另行登记。",
        "Kind and region of an authority never change and a closed one stays closed: enter another.",
    ),
    errors.HrssUnableError: Refusal(
        409,
        "HRSS_CANNOT_BE_UNABLE",
        "只有行业主管部门可以设为暂不具备条件。",
        "Only an industry body can be unable for now.",
    ),
    errors.GrantUnknownError: Refusal(404, "NOT_FOUND", "未找到该授权。", "There is no such grant in force."),
    errors.GrantExistsError: Refusal(
        409, "GRANT_EXISTS", "该人员已有相同授权。", "The officer has this grant already."
    ),
    errors.GrantTooWideError: Refusal(
        403,
        "GRANT_TOO_WIDE",
        "授权超出该部门或授权人的范围,请缩小行政区划或行业,或请授权范围更大的管理员办理。",
        "The grant reaches beyond the authority or the one who gives it: narrow its region or industry, or ask an"
        " administrator whose own grant reaches that far.",
    ),
    errors.OwnGrantError: Refusal(403, "OWN_GRANT", "不得为本人授权。", "Nobody gives a grant to themselves."),
}


def refusal_of(error: errors.VerificationError) -> Refusal:
    """Return how a refusal reads."""
    return _TABLE[type(error)]


def conflicts(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Document the conflicts that an endpoint answers with (409), by their codes in the table."""
    said = {each.code: each.en for each in _TABLE.values()}
    return {409: {"description": " ".join(f"`{code}`: {said[code]}" for code in codes)}}


def details_of(error: errors.VerificationError) -> dict[str, Any]:
    """Return what a client can act on beside the code."""
    match error:
        case errors.StaleVersionError():
            return {"version": error.version}
        case errors.ClaimedError():
            return {"claimed_until": error.until.astimezone(CHINA).isoformat()}
        case errors.DecidedError():
            return {"outcome": error.outcome}
        case errors.NotWaitingError() | errors.NotStampedError():
            return {"state": error.state}
    return {}


@contextmanager
def translated() -> Iterator[None]:
    """Turn what a use case refuses into an answer."""
    try:
        yield
    except errors.AuthorityInvalidError as error:
        raise invalid([FieldError(f"/body/{error.field}", "AUTHORITY_INVALID", error.zh, error.en)]) from error
    except errors.VerificationError as error:
        known = refusal_of(error)
        raise Problem(known.status, known.code, known.zh, known.en, extra=details_of(error)) from error
    except UnknownDivisionError as error:
        raise invalid(
            [FieldError("/body/region", "REGION_UNKNOWN", "行政区划代码无效。", "Not a division code.")]
        ) from error
    except IdentifierError as error:
        raise invalid([FieldError("/body/person", error.code, error.message_zh, error.message_en)]) from error
