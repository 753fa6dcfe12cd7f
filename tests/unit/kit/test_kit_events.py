"""Slices, buckets and topics of events."""

import pytest
from google.protobuf.empty_pb2 import Empty
from hypothesis import given
from hypothesis import strategies as st

from xueshi.gateway.v1.hour_records_pb2 import HourRecord, HourRecordsAccepted
from xueshi.gateway.v1.platforms_pb2 import PlatformChanged
from xueshi_kit.bus import Topic
from xueshi_kit.events import MAX_SLICE_BYTES, bucket_of, slices, topic_of


def make(records: list[HourRecord]) -> HourRecordsAccepted:
    return HourRecordsAccepted(records=records)


@given(st.lists(st.integers(min_value=0, max_value=600), max_size=40), st.integers(min_value=50, max_value=1000))
def test_slices_hold_everything_in_order_and_within_the_limit(sizes: list[int], limit: int) -> None:
    records = [HourRecord(record_id=str(number), reason="x" * size) for number, size in enumerate(sizes)]
    cut = list(slices(records, make, limit))
    assert [record for each in cut for record in each.records] == records
    for each in cut:
        assert each.ByteSize() <= limit or len(each.records) == 1


def test_a_single_item_over_the_limit_has_a_slice_of_its_own() -> None:
    records = [HourRecord(reason="x" * size) for size in (10, MAX_SLICE_BYTES + 1, 10)]
    assert [len(each.records) for each in slices(records, make)] == [1, 1, 1]


def test_no_slice_is_cut_too_early() -> None:
    records = [HourRecord(reason="x" * 1000) for _ in range(500)]
    assert [len(each.records) for each in slices(records, make)] == [259, 241]


def test_nothing_makes_no_slice() -> None:
    assert list(slices([], make)) == []


@pytest.mark.parametrize(
    ("key", "buckets", "bucket"),
    [
        (b"", 8, 0),
        (bytes(16), 8, 5),
        (bytes(range(16)), 8, 0),
        (bytes.fromhex("00112233445566778899aabbccddeeff"), 8, 3),
        (b"xueshi", 8, 3),
        (b"xueshi", 12, 11),
        (b"fjzj", 8, 7),
    ],
)
def test_the_bucket_of_a_key_never_changes(key: bytes, buckets: int, bucket: int) -> None:
    assert bucket_of(key, buckets) == bucket


@given(st.binary(max_size=32), st.integers(min_value=1, max_value=64))
def test_every_key_has_a_bucket(key: bytes, buckets: int) -> None:
    assert 0 <= bucket_of(key, buckets) < buckets


def test_the_topic_of_an_event_stands_in_its_proto() -> None:
    assert topic_of(HourRecordsAccepted) == Topic("xueshi.gateway.hour-records", compacted=False, retention_days=30)
    assert topic_of(PlatformChanged) == Topic("xueshi.gateway.platforms", compacted=True, retention_days=30)


def test_an_event_without_a_topic_is_a_mistake() -> None:
    with pytest.raises(LookupError, match=r"google\.protobuf\.Empty"):
        topic_of(Empty)
