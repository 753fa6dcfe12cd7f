"""Logs are JSON lines without values; spans hold no texts of errors."""

import asyncio
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from xueshi_kit import telemetry
from xueshi_kit.service import _log_stray

SECRET = "359900199003070011"


@pytest.fixture
def logs(capsys: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    """Give what is written; after the test, log as before."""
    root = logging.getLogger()
    handlers, level, raises = list(root.handlers), root.level, logging.raiseExceptions
    before = structlog.get_config()
    yield capsys
    root.handlers, root.level, logging.raiseExceptions = handlers, level, raises
    structlog.configure(**before)
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """Give the spans that are recorded."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "_tracer", provider.get_tracer("test"))
    return exporter


def fail() -> None:
    nothing: dict[str, str] = {}
    try:
        nothing[SECRET]
    except KeyError as error:
        message = f"no such {SECRET}"
        raise ValueError(message) from error


def lines(logs: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    text = logs.readouterr().err
    assert SECRET not in text
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("library", [False, True])
def test_an_exception_is_logged_by_kinds_and_places(logs: pytest.CaptureFixture[str], *, library: bool) -> None:
    telemetry.set_up_logging("counting")
    try:
        fail()
    except ValueError:
        if library:
            logging.getLogger("library").exception("it.failed")
        else:
            structlog.get_logger().exception("it.failed")
    (line,) = lines(logs)
    assert line["event"] == "it.failed"
    assert line["level"] == "error"
    assert line["service"] == "counting"
    stack = line["exception"]
    assert isinstance(stack, list)
    assert [each.split(" at ")[0] for each in stack] == ["ValueError", "KeyError"]
    assert "test_kit_telemetry.py:" in stack[0]


def test_a_line_is_json_and_knows_its_trace(logs: pytest.CaptureFixture[str], spans: InMemorySpanExporter) -> None:
    telemetry.set_up_logging("counting")
    with telemetry.span("work"):
        structlog.get_logger().info("it.worked", count=2, name="陈")
        structlog.get_logger().debug("not.shown")
    (line,) = lines(logs)
    (span,) = spans.get_finished_spans()
    assert (line["event"], line["count"], line["name"]) == ("it.worked", 2, "陈")
    assert span.context is not None
    assert line["trace_id"] == f"{span.context.trace_id:032x}"


def test_a_span_that_fails_tells_the_kind_alone(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match=SECRET), telemetry.span("work"):
        fail()
    (span,) = spans.get_finished_spans()
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description == "ValueError"
    assert SECRET not in span.to_json()


def test_a_batch_has_one_parent_and_links_to_the_others(spans: InMemorySpanExporter) -> None:
    first, second = (f"00-{trace:032x}-{trace:016x}-01" for trace in (1, 2))
    with telemetry.span("batch", traceparents=[first, second, first, "", "nonsense"]):
        assert telemetry.current_traceparent().startswith(f"00-{1:032x}-")
    (span,) = spans.get_finished_spans()
    assert span.parent is not None
    assert span.parent.trace_id == 1
    assert [link.context.trace_id for link in span.links] == [2]


def test_without_an_open_span_there_is_no_trace() -> None:
    assert telemetry.current_traceparent() == ""


def test_without_an_endpoint_nothing_is_exported() -> None:
    assert telemetry.set_up_tracing("counting", None) is None


def test_a_line_that_cannot_be_written_is_not_shown_with_its_values(logs: pytest.CaptureFixture[str]) -> None:
    telemetry.set_up_logging("counting")
    logging.getLogger("library").warning("%d of them", SECRET)
    assert SECRET not in logs.readouterr().err


async def test_an_error_that_no_task_handles_is_logged_without_its_text(logs: pytest.CaptureFixture[str]) -> None:
    telemetry.set_up_logging("counting")
    asyncio.get_running_loop().set_exception_handler(_log_stray)
    asyncio.get_running_loop().call_soon(fail)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    (line,) = lines(logs)
    assert line["event"] == "service.stray_error"


def test_a_library_that_repeats_itself_is_heard_once(logs: pytest.CaptureFixture[str]) -> None:
    telemetry.set_up_logging("counting")
    for number in range(3):
        logging.getLogger("aiokafka.conn").warning("no broker at %s", number)
        logging.getLogger("other").warning("no broker at %s", number)
    logging.getLogger("aiokafka.conn").warning("another line")
    names = [line["event"] for line in lines(logs)]
    assert names == ["no broker at 0", "no broker at 0", "no broker at 1", "no broker at 2", "another line"]
