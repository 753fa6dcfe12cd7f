"""Session-scoped fixtures of the real parts, and the summary of what was not run."""

import logging
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.support import parts
from tests.support.databases import DatabaseFactory

_SOURCES = pytest.StashKey[dict[str, str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Keep a place for where the parts of this session came from."""
    config.stash[_SOURCES] = {}
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # connections refused while a broker starts are no news


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> Iterator[parts.PostgresServer]:
    """Give the session's PostgreSQL with its source; `embedded` is the server when it is our own."""
    try:
        with parts.postgres_server() as server:
            pytestconfig.stash[_SOURCES]["PostgreSQL"] = server.source
            yield server
    except parts.MissingError as error:
        pytest.fail(f"PostgreSQL: {error}", pytrace=False)


@pytest.fixture(scope="session")
def postgres(postgres_server: parts.PostgresServer) -> str:
    """Give the administrator's URL of the session's PostgreSQL."""
    return postgres_server.dsn


@pytest.fixture(scope="session")
def make_database(postgres_server: parts.PostgresServer) -> Iterator[DatabaseFactory]:
    """Give a factory: `make_database("registry")` returns a fresh `Provisioned`; none outlives the session."""
    factory = DatabaseFactory(postgres_server.dsn)
    yield factory
    if postgres_server.outlives_session:
        factory.drop_all()


@pytest.fixture(scope="session")
def kafka_server(pytestconfig: pytest.Config) -> Iterator[parts.KafkaServer]:
    """Give the session's broker with its source; without one the test is skipped, or fails where it is required."""
    try:
        with parts.kafka_server() as server:
            pytestconfig.stash[_SOURCES]["Kafka"] = server.source
            yield server
    except parts.MissingError as error:
        if parts.required() & {"kafka", "docker"}:
            pytest.fail(f"Kafka is required: {error}", pytrace=False)
        pytest.skip(f"no Kafka: {error}")


@pytest.fixture(scope="session")
def kafka(kafka_server: parts.KafkaServer) -> str:
    """Give the bootstrap address of the session's broker."""
    return kafka_server.bootstrap_servers


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say in the last lines which real parts served and what was not run, and why."""
    for part, source in config.stash[_SOURCES].items():
        terminalreporter.line(f"{part}: {source}")
    reasons: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        place_and_reason = report.longrepr
        reason = place_and_reason[2] if isinstance(place_and_reason, tuple) else str(place_and_reason)
        reasons[reason.removeprefix("Skipped: ")] += 1
    if not reasons:
        terminalreporter.line("Not run: nothing")
    for reason, count in reasons.items():
        terminalreporter.line(f"Not run: {count} test{'s' if count > 1 else ''}: {reason}")
