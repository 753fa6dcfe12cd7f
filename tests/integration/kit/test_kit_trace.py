"""The trace context rides in the outbox row and in the message's header to the consumer's span."""

from collections.abc import Sequence

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.support.counting.service import Counting, PoisonError, new_keys, running
from xueshi.gateway.v1.hour_records_pb2 import HourRecordsAccepted
from xueshi_kit import telemetry
from xueshi_kit.db import Transaction


async def test_one_trace_leads_from_the_writer_to_what_the_consumer_writes(
    counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "_tracer", provider.get_tracer("test"))
    seen: list[str] = []

    class Telling(Counting):
        async def handle(self, tx: Transaction, events: Sequence[HourRecordsAccepted]) -> None:
            seen.append(telemetry.current_traceparent())
            await Counting.handle(self, tx, events)

    telling = counting.beside(Telling)
    with telemetry.span("http request"):
        given = telemetry.current_traceparent()
        await telling.count(*new_keys(1))
    async with running(telling.relay().run, telling.worker().run):
        await telling.settle()

    (message,) = counting.bus.published
    assert message.headers["traceparent"] == given
    assert message.headers.keys() == {
        "ce_specversion", "ce_id", "ce_type", "ce_source", "ce_time", "content-type", "traceparent"
    }  # fmt: skip
    assert message.headers["ce_source"] == "/xueshi/counting"
    (traceparent,) = seen
    assert traceparent.split("-")[1] == given.split("-")[1]
    request, process = exporter.get_finished_spans()
    assert (request.name, process.name) == ("http request", "counting process")
    assert process.parent is not None
    assert request.context is not None
    assert process.parent.span_id == request.context.span_id


async def test_a_parked_event_keeps_its_trace(counting: Counting) -> None:
    (key,) = new_keys(1)
    counting.poison = {key}
    provider = TracerProvider()
    with provider.get_tracer("test").start_as_current_span("http request"):
        given = telemetry.current_traceparent()
        await counting.count(key)
    async with running(counting.relay().run, counting.worker().run):
        await counting.settle()
    rows = await counting.fetch("SELECT traceparent FROM parked")
    assert [row["traceparent"] for row in rows] == [given]
    with pytest.raises(PoisonError):
        await counting.worker().replay(key.hex())
