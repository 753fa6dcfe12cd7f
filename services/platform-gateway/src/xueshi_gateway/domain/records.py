"""What a platform sends, as it is typed: records in their envelope. See `xueshi_records` for a record itself."""

from typing import Annotated, NewType

from msgspec import Meta, Struct

from xueshi_records import Moment, Record, Void

PlatformId = NewType("PlatformId", str)

MAX_RECORDS = 1000
"""Records of one delivery."""


class Records(Struct, forbid_unknown_fields=True, kw_only=True):
    """The records of a delivery."""

    records: Annotated[list[Record], Meta(min_length=1, max_length=MAX_RECORDS)]


class Voids(Struct, forbid_unknown_fields=True, kw_only=True):
    """The records that a delivery takes back."""

    records: Annotated[list[Void], Meta(min_length=1, max_length=MAX_RECORDS)]


class Completed(Struct, forbid_unknown_fields=True, kw_only=True, tag_field="type", tag="hour_records.completed"):
    """Learning that has been completed, reported for the first time."""

    timestamp: Moment
    data: Records


class Corrected(Struct, forbid_unknown_fields=True, kw_only=True, tag_field="type", tag="hour_records.corrected"):
    """Records that replace what stands under their ids; each becomes the next version."""

    timestamp: Moment
    data: Records


class Voided(Struct, forbid_unknown_fields=True, kw_only=True, tag_field="type", tag="hour_records.voided"):
    """Records taken back; a void is final."""

    timestamp: Moment
    data: Voids


Delivery = Completed | Corrected | Voided
