"""Structured logs and traces. One trace follows a credit through every hop; its context rides in the outbox row."""

import logging
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import structlog
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import INVALID_SPAN, Link, NoOpTracer, Span, SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_propagator = TraceContextTextMapPropagator()
_bystander = NoOpTracer()
_tracer: Tracer | None = None
"""Set when spans are recorded. Without it the context of a request still travels on."""


def set_up_logging(service: str, level: str = "INFO") -> None:
    """Send structured lines (JSON, one a line) to standard error, the libraries' warnings among them."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _trace_of_line,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _stack_without_values,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    handler.addFilter(_RepeatsSpared("aiokafka"))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    logging.raiseExceptions = False  # a line that cannot be written must not be shown with its values instead
    for noisy in ("httpx", "aiokafka", "uvicorn.access", "alembic.runtime.plugins"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.contextvars.bind_contextvars(service=service)


class _RepeatsSpared(logging.Filter):
    """Lets each kind of line of one library pass once in ten seconds; a broker that is away fills the disk else."""

    _SECONDS = 10.0

    def __init__(self, library: str) -> None:
        super().__init__(library)
        self._passed_at: dict[object, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not super().filter(record):
            return True
        kind = record.name, record.msg
        if record.created < self._passed_at.get(kind, 0.0) + self._SECONDS:
            return False
        self._passed_at[kind] = record.created
        return True


def set_up_tracing(
    service: str, otlp_endpoint: str | None, processors: Sequence[SpanProcessor] = ()
) -> TracerProvider | None:
    """Export spans by OTLP over HTTP to `otlp_endpoint`; without one, and without processors, record none."""
    global _tracer  # noqa: PLW0603 - one process records or does not
    if not otlp_endpoint and not processors:
        return None
    provider = TracerProvider(resource=Resource.create({"service.name": f"xueshi-{service}"}))
    if otlp_endpoint:
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{otlp_endpoint.rstrip('/')}/v1/traces")))
    for processor in processors:
        provider.add_span_processor(processor)
    trace.set_tracer_provider(provider)
    _tracer = provider.get_tracer("xueshi")
    return provider


@contextmanager
def span(name: str, *, kind: SpanKind = SpanKind.INTERNAL, traceparents: Sequence[str] = ()) -> Iterator[Span]:
    """Open a span under the first of `traceparents`, linked to the others: a batch has many causes, one parent.

    Of an error only its kind is recorded: its text may hold personal data.
    """
    contexts = [_propagator.extract({"traceparent": each}) for each in dict.fromkeys(traceparents) if each]
    if not contexts and _tracer is None:
        yield INVALID_SPAN  # nobody listens: what opening one costs is a tenth of a small request
        return
    links = [Link(trace.get_current_span(each).get_span_context()) for each in contexts[1:64]]
    with (_tracer or _bystander).start_as_current_span(
        name,
        context=contexts[0] if contexts else None,
        kind=kind,
        links=[link for link in links if link.context.is_valid],
        record_exception=False,
        set_status_on_exception=False,
    ) as opened:
        try:
            yield opened
        except Exception as error:
            opened.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


def current_traceparent() -> str:
    """Return the W3C trace context of the open span, or an empty string."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get("traceparent", "")


def _trace_of_line(
    _logger: structlog.typing.WrappedLogger, _method: str, line: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        line["trace_id"] = f"{context.trace_id:032x}"
    return line


def _stack_without_values(
    _logger: structlog.typing.WrappedLogger, _method: str, line: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Replace an exception by its kinds and places: an error's text may hold personal data."""
    given = line.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    stack: list[str] = []
    while isinstance(error, BaseException):
        frames = traceback.extract_tb(error.__traceback__)[-12:]
        stack.append(type(error).__name__ + " at " + " < ".join(f"{f.filename}:{f.lineno}" for f in reversed(frames)))
        error = error.__cause__
    if stack:
        line["exception"] = stack
    return line
