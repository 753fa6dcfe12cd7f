"""The whole product as one subprocess, started as a person would, with a collector for its spans."""

import http.server
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

XUESHI = Path(sys.executable).parent / "xueshi"
UP_SECONDS = 280
STAYS_UP = "It stays up"


@dataclass(slots=True)
class Collector:
    """An OTLP endpoint that keeps the spans, with the raw bodies for searching."""

    endpoint: str = ""
    bodies: list[bytes] = field(default_factory=list)

    def spans(self) -> list[tuple[str, Span]]:
        """Return (service, span) of everything received."""
        found: list[tuple[str, Span]] = []
        for body in list(self.bodies):
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                names = [each.value.string_value for each in resource.resource.attributes if each.key == "service.name"]
                found.extend((names[0], span) for scope in resource.scope_spans for span in scope.spans)
        return found


@contextmanager
def collector() -> Iterator[Collector]:
    """Run a collector on a free port of loopback."""
    kept = Collector()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kept.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.endpoint = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield kept
    server.shutdown()


@dataclass(frozen=True, slots=True)
class RunningSite:
    """A site that is up with its samples through."""

    data: Path
    output: str
    collector: Collector
    process: "subprocess.Popen[str]"

    def url(self, service: str) -> str:
        """Return a service's address as the command has printed it."""
        for line in self.output.splitlines():
            words = line.split()
            if words[:1] == [service] and words[-1:] == ["ready"]:
                return words[1]
        raise LookupError(service)


@contextmanager
def running_site(data: Path, *arguments: str) -> Iterator[RunningSite]:
    """Run `xueshi run` until it is up; stop it as Ctrl-C would and check that it stops cleanly."""
    with collector() as spans:
        process = subprocess.Popen(
            [str(XUESHI), "run", "--data", str(data), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "XUESHI_OTLP_ENDPOINT": spans.endpoint, "COLUMNS": "200"},
        )
        output: list[str] = []
        reader = threading.Thread(target=_read, args=(process, output), daemon=True)
        reader.start()
        try:
            _await_up(process, output)
            yield RunningSite(data, "".join(output), spans, process)
        finally:
            process.terminate()
            code = process.wait(timeout=60)
            reader.join(timeout=10)
        assert code == 0, "".join(output)[-3000:]


def _read(process: "subprocess.Popen[str]", output: list[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        output += [line]


def _await_up(process: "subprocess.Popen[str]", output: list[str]) -> None:
    until = time.monotonic() + UP_SECONDS
    while not any(STAYS_UP in line for line in output):
        assert process.poll() is None, "".join(output)[-5000:]
        assert time.monotonic() < until, "".join(output)[-5000:]
        time.sleep(0.2)


def xueshi(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    return subprocess.run(
        [str(XUESHI), *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**os.environ, "COLUMNS": "200"},
    )


def read_fate(site: RunningSite, platform: str, record_id: str) -> dict[str, Any]:
    """Return a record's fate through the command that the run prints."""
    done = xueshi("fate", platform, record_id, "--data", str(site.data))
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found
