"""The fixtures themselves: usable from any test, and loud about what was not run."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import asyncpg
import pytest

from tests.support.databases import DatabaseFactory
from xueshi_cli.runtime.provision import Provisioned

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def database(make_database: DatabaseFactory) -> Provisioned:
    return make_database("support")


async def test_an_async_test_gets_fresh_databases(database: Provisioned, make_database: DatabaseFactory) -> None:
    other = make_database("support")
    assert other.name != database.name
    connection = await asyncpg.connect(other.app_dsn)
    assert await connection.fetchval("SELECT current_database()") == other.name
    await connection.close()


def test_a_sync_test_gets_one_too(make_database: DatabaseFactory) -> None:
    assert make_database("support").name.startswith("support_")


def run_without_java(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a one-test suite that wants Kafka where there is no Java."""
    (folder / "test_wants_kafka.py").write_text(
        textwrap.dedent("""
            def test_wants_kafka(kafka):
                pass
        """)
    )
    clean = {name: value for name, value in os.environ.items() if name not in {"XUESHI_KAFKA_IMAGE", "XUESHI_REQUIRE"}}
    clean.pop("KAFKA_BOOTSTRAP_SERVERS", None)
    python_path = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "cli" / "src")])
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.support.fixtures", "-p", "no:cacheprovider", str(folder)],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env={
            **clean,
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "JAVA_HOME": "/nowhere",
            "PYTHONPATH": python_path,
            **environment,
        },
    )


def test_a_missing_broker_skips_and_the_last_lines_say_so(tmp_path: Path) -> None:
    done = run_without_java(tmp_path)
    assert done.returncode == 0, done.stdout
    assert "Not run: 1 test: no Kafka: Java is missing" in done.stdout


def test_a_missing_broker_fails_where_it_is_required(tmp_path: Path) -> None:
    done = run_without_java(tmp_path, XUESHI_REQUIRE="kafka")
    assert done.returncode == 1, done.stdout
    assert "Kafka is required: Java is missing" in done.stdout


def test_a_missing_docker_fails_where_it_is_required(tmp_path: Path) -> None:
    done = run_without_java(
        tmp_path, XUESHI_REQUIRE="docker", XUESHI_KAFKA_IMAGE="any", DOCKER_HOST="unix:///nowhere/docker.sock"
    )
    assert done.returncode == 1, done.stdout
    assert "no Docker engine answers" in done.stdout
