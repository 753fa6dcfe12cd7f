"""What goes wrong in the gateway, typed; `api` translates it for people.

GatewayError
├── SignatureInvalidError    no key of the platform signed the request, or there is no such platform
├── TimestampStaleError      signed, but the timestamp is more than five minutes off
├── KeyRevokedError          signed by a key that was revoked or has expired
├── PlatformSuspendedError   signed, but the platform is suspended
├── RateExceededError        over the platform's records per minute
├── OverloadedError          more waits already than is soon done
├── NotJsonError             the body is not JSON in UTF-8, or nested too deeply
├── EnvelopeInvalidError     JSON, but not a delivery
├── DeliveryConflictError    the delivery id already stands with other bytes
├── ContendedError           other deliveries of the same records kept coming first
├── UnknownPlatformError     an administrator names a platform that is not there
├── UnknownThingError        a delivery, record, key or scope that is not there
└── AccessionConflictError   an administrator's act that does not fit the state
"""


class GatewayError(Exception):
    """Root of what the gateway raises; the tree stands in the module's docstring."""


class SignatureInvalidError(GatewayError):
    """Nobody whom the gateway knows under this platform's name signed the request."""


class TimestampStaleError(GatewayError):
    """A genuine request, too old or from the future: it may be a replay."""


class KeyRevokedError(GatewayError):
    """A genuine signature by a key that no longer counts; `key_id` names it."""

    def __init__(self, key_id: str) -> None:
        """Name the key."""
        super().__init__(f"key {key_id} was revoked or has expired")
        self.key_id = key_id


class PlatformSuspendedError(GatewayError):
    """A genuine request of a platform that an administrator has suspended."""


class RateExceededError(GatewayError):
    """More records than the platform may send in a minute; try again after `retry_after_seconds`."""

    def __init__(self, limit: int, retry_after_seconds: int) -> None:
        """`limit` counts records per minute."""
        super().__init__(f"more than {limit} records in one minute")
        self.limit = limit
        self.retry_after_seconds = retry_after_seconds


class OverloadedError(GatewayError):
    """More waits already, here or further on, than is soon done; try again after `retry_after_seconds`."""

    def __init__(self, retry_after_seconds: int) -> None:
        """Say when."""
        super().__init__("more waits already than is soon done")
        self.retry_after_seconds = retry_after_seconds


class NotJsonError(GatewayError):
    """The body cannot be read at all."""


class EnvelopeInvalidError(GatewayError):
    """The body is no delivery; `pointer` is the place, `code` why."""

    def __init__(self, pointer: str, code: str = "FIELD_INVALID") -> None:
        """Name the place by a JSON pointer."""
        super().__init__(f"{code} at {pointer or '/'}")
        self.pointer = pointer
        self.code = code


class DeliveryConflictError(GatewayError):
    """The same delivery id came before with other bytes."""


class ContendedError(GatewayError):
    """The delivery lost to others that name the same records, again and again; it may be sent again."""


class UnknownPlatformError(GatewayError):
    """There is no platform of this name."""


class UnknownThingError(GatewayError):
    """What is asked for is not there; `kind` says what: delivery, record, key or scope."""

    def __init__(self, kind: str) -> None:
        """Name the kind of thing."""
        super().__init__(f"no such {kind}")
        self.kind = kind


class AccessionConflictError(GatewayError):
    """An act on a platform's accession that does not fit what stands; `code` is stable."""

    def __init__(self, code: str) -> None:
        """Name the conflict."""
        super().__init__(code)
        self.code = code
