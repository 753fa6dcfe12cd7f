"""The body of a delivery: decoded in one piece where it is well-formed, else record by record.

One bad record never sinks the others, so a body that fails as a whole is read again with its records left raw, and
each is decoded by itself. Errors of the decoder quote what they refuse; only their place goes on.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Raw, Struct, ValidationError
from msgspec.json import Decoder

from xueshi_gateway.domain.errors import EnvelopeInvalidError, NotJsonError
from xueshi_gateway.domain.records import MAX_RECORDS, Completed, Corrected, Delivery, Records, Voided
from xueshi_gateway.domain.versions import Change, Refused
from xueshi_records import MEMBERS, Record, Void, code_of, pointer_of, readable_id

CHANGES: Final[Mapping[type[Struct], Change]] = {Completed: "completed", Corrected: "corrected", Voided: "voided"}


class Decoded(Struct):
    """What a delivery says. A record that cannot be read stands as `Refused` in its place."""

    change: Change
    timestamp: datetime
    contents: list[Record | Void | Refused]


class _RawRecords(Struct, forbid_unknown_fields=True):
    records: Annotated[list[Raw], Meta(min_length=1, max_length=MAX_RECORDS)]


class _RawCompleted(Completed, tag=Completed.__struct_config__.tag):
    data: _RawRecords  # type: ignore[assignment]


class _RawCorrected(Corrected, tag=Corrected.__struct_config__.tag):
    data: _RawRecords  # type: ignore[assignment]


class _RawVoided(Voided, tag=Voided.__struct_config__.tag):
    data: _RawRecords  # type: ignore[assignment]


class _RecordId(Struct):
    record_id: str | None = None


_delivery = Decoder(Delivery)
_raw_delivery = Decoder(_RawCompleted | _RawCorrected | _RawVoided)
_record_id = Decoder(_RecordId)
_record = Decoder(Record)
_void = Decoder(Void)
_MEMBERS: Final = MEMBERS | {"type", *Completed.__struct_encode_fields__, *Records.__struct_encode_fields__}


def decode_delivery(body: bytes) -> Decoded:
    """Return what a body says. Raises `NotJsonError` or `EnvelopeInvalidError` where it is no delivery at all."""
    try:
        delivery = _delivery.decode(body)
    except (ValueError, RecursionError):
        return _decode_apart(body)
    return Decoded(CHANGES[type(delivery)], delivery.timestamp, list(delivery.data.records))


def delivery_schema(ref_template: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the JSON schema of a delivery, and its components by name, from the types that decode it."""
    (schema,), components = msgspec.json.schema_components([Delivery], ref_template=ref_template)
    return schema, components


def _decode_apart(body: bytes) -> Decoded:
    """Decode the envelope, then each record by itself."""
    _require_json(body)
    try:
        delivery = _raw_delivery.decode(body)
    except ValidationError as error:
        raise EnvelopeInvalidError(pointer_of(error, _MEMBERS)) from None
    change = CHANGES[type(delivery).__mro__[1]]
    decoder = _void if change == "voided" else _record
    return Decoded(change, delivery.timestamp, [_read_apart(decoder, raw) for raw in delivery.data.records])


def _require_json(body: bytes) -> None:
    """Raise `NotJsonError` unless the body is JSON in UTF-8 without lone surrogates (RFC 7493), of bearable depth."""
    try:
        body.decode()
        Decoder(Raw).decode(body)
    except (ValueError, RecursionError):
        raise NotJsonError from None


def _read_apart(decoder: Decoder[Record] | Decoder[Void], raw: Raw) -> Record | Void | Refused:
    try:
        return decoder.decode(raw)
    except (ValueError, RecursionError) as error:
        return Refused(_readable_id(raw), code_of(error), pointer_of(error, _MEMBERS))


def _readable_id(raw: Raw) -> str | None:
    try:
        return readable_id(_record_id.decode(raw).record_id)
    except (ValueError, RecursionError):
        return None
