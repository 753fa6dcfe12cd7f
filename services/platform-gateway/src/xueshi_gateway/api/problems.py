"""The gateway's errors in words for people: problem details with stable codes, Chinese and English."""

from collections.abc import Callable
from typing import Any, cast

from fastapi import Request, Response

from xueshi_gateway.domain.errors import (
    AccessionConflictError,
    ContendedError,
    DeliveryConflictError,
    EnvelopeInvalidError,
    GatewayError,
    KeyRevokedError,
    NotJsonError,
    OverloadedError,
    PlatformSuspendedError,
    RateExceededError,
    SignatureInvalidError,
    TimestampStaleError,
    UnknownPlatformError,
    UnknownThingError,
)
from xueshi_kit.problems import FieldError, Problem, conflict, invalid, not_found

_THINGS = {
    "delivery": ("回执", "Receipt"),
    "record": ("学时记录", "Hour record"),
    "key": ("密钥", "Key"),
    "scope": ("科目范围", "Scope"),
}

_CONFLICTS = {
    "PLATFORM_EXISTS": ("已有同名编号的平台。", "There already is a platform of this id."),
    "SCOPE_STANDS": ("该科目范围已经确认。", "This scope is confirmed already."),
    "TOO_MANY_SCOPES": ("有效的科目范围过多。", "Too many scopes stand."),
    "TOO_MANY_KEYS": ("有效的密钥过多,请先撤销旧密钥。", "Too many keys count; revoke an old one first."),
}
_UNFIT = {
    "SUBJECT_UNKNOWN": ("/subject_kind", "没有这个科目类别。", "There is no such kind of subject."),
    "SCOPE_UNFIT": (
        "/industry",
        "按科目整体确认的不填行业和专业,其他科目须填行业。",
        "A subject that is confirmed whole has no industry; others have one.",
    ),
    "KEY_OF_ANOTHER_VERSION": (
        "/public_key",
        "Ed25519 密钥须提供新公钥,HMAC 密钥不得提供。",
        "The successor of an Ed25519 key needs a public key, that of an HMAC key none.",
    ),
    "EXPIRY_IN_PAST": ("/expires_at", "失效时间已过。", "The time of expiry is past."),
}
_ENVELOPE = {
    "FIELD_INVALID": ("格式或取值无效。", "The form or value is invalid."),
    "IN_FUTURE": ("时间晚于现在。", "This lies in the future."),
    "PERSONAL_DATA": ("编号中含有证件号码。", "The id contains an identity number."),
}


def unsupported_media() -> Problem:
    """Return the 415 problem."""
    return Problem(
        415,
        "UNSUPPORTED_MEDIA_TYPE",
        "请求体应为未压缩的 application/json。",
        "The body must be application/json, not compressed.",
    )


async def answer_error(request: Request, error: Exception) -> Response:
    """Answer a typed error of the gateway."""
    make = _PROBLEMS[type(cast("GatewayError", error))]
    return make(error).response(request)


def _rate_exceeded(error: RateExceededError) -> Problem:
    return Problem(
        429,
        "RATE_EXCEEDED",
        f"每分钟最多接收 {error.limit} 条记录,请按 Retry-After 稍后重发。",
        f"At most {error.limit} records are taken in a minute; send again after Retry-After.",
        headers={"Retry-After": str(error.retry_after_seconds)},
        extra={"records_per_minute": error.limit},
    )


def _overloaded(error: OverloadedError) -> Problem:
    return Problem(
        429,
        "OVERLOADED",
        "系统正忙，暂不接收新的推送，请按 Retry-After 稍后用同一推送编号重发。",
        "The system is busy and takes no more just now; send again, under the same id, after Retry-After.",
        headers={"Retry-After": str(error.retry_after_seconds)},
    )


def _envelope_invalid(error: EnvelopeInvalidError) -> Problem:
    zh, en = _ENVELOPE[error.code]
    return Problem(
        422,
        "DELIVERY_INVALID",
        "请求体不符合推送格式,未接收任何记录。",
        "The body is not a delivery; no record was taken.",
        errors=[FieldError(error.pointer, error.code, zh, en)],
    )


def _unknown_thing(error: UnknownThingError) -> Problem:
    zh, en = _THINGS[error.kind]
    return not_found(zh, en)


def _accession(error: AccessionConflictError) -> Problem:
    if error.code in _UNFIT:
        pointer, zh, en = _UNFIT[error.code]
        return invalid([FieldError(pointer, error.code, zh, en)])
    return conflict(error.code, *_CONFLICTS[error.code])


_SIGNATURE_INVALID = Problem(
    401,
    "SIGNATURE_INVALID",
    "签名无效。请核对平台地址、密钥和三个 webhook 请求头。",
    "The signature does not hold. Check the platform's address, the key and the three webhook headers.",
)
_TIMESTAMP_STALE = Problem(
    401,
    "TIMESTAMP_STALE",
    "签名有效,但时间戳与现在相差超过 5 分钟。请校准时钟并重新签名。",
    "The signature holds, but its timestamp is more than five minutes off. Set the clock and sign again.",
)
_KEY_REVOKED = Problem(
    401,
    "KEY_REVOKED",
    "签名有效,但该密钥已撤销或过期。请改用有效的密钥。",
    "The signature holds, but the key was revoked or has expired. Use one that counts.",
)
_SUSPENDED = Problem(
    403,
    "PLATFORM_SUSPENDED",
    "该平台的接入已暂停,请联系管理部门。",
    "The platform is suspended; turn to the administration.",
)
_NOT_JSON = Problem(
    400,
    "NOT_JSON",
    "请求体不是合法的 UTF-8 JSON。",
    "The body is not JSON in UTF-8.",
)
_DELIVERY_CONFLICT = conflict(
    "DELIVERY_CONFLICT",
    "同一推送编号此前的内容不同。新的内容请用新的 webhook-id。",
    "This delivery id came before with other content. Use a new webhook-id for new content.",
)
_CONTENDED = Problem(
    503,
    "CONTENDED",
    "同一批记录正在被并发推送,请稍后重发。",
    "The same records are being delivered at the same time; send again.",
    headers={"Retry-After": "1"},
)

_PROBLEMS: dict[type[GatewayError], Callable[[Any], Problem]] = {
    SignatureInvalidError: lambda _: _SIGNATURE_INVALID,
    TimestampStaleError: lambda _: _TIMESTAMP_STALE,
    KeyRevokedError: lambda _: _KEY_REVOKED,
    PlatformSuspendedError: lambda _: _SUSPENDED,
    RateExceededError: _rate_exceeded,
    OverloadedError: _overloaded,
    NotJsonError: lambda _: _NOT_JSON,
    EnvelopeInvalidError: _envelope_invalid,
    DeliveryConflictError: lambda _: _DELIVERY_CONFLICT,
    ContendedError: lambda _: _CONTENDED,
    UnknownPlatformError: lambda _: not_found("该平台", "Platform"),
    UnknownThingError: _unknown_thing,
    AccessionConflictError: _accession,
}
