"""One site for the whole suite: starting it is what costs."""

import os
import shutil
from collections.abc import Iterator

import pytest

from tests.support.site import RunningSite, running_site
from xueshi_samples import World, generate

PEOPLE = 60
SEED = 7


@pytest.fixture(scope="session", params=["embedded", "kafka"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """Give a site with its samples through, on each bus in turn."""
    bus = request.param
    if bus == "kafka" and (missing := [name for name in ("java", "mvn") if shutil.which(name) is None]):
        say = pytest.fail if "kafka" in os.environ.get("XUESHI_REQUIRE", "") else pytest.skip
        say(f"no Kafka: {', '.join(missing)} missing")
    data = tmp_path_factory.mktemp(f"site-{bus}")
    with running_site(data, "--bus", bus, "--people", str(PEOPLE), "--seed", str(SEED)) as running:
        yield running


@pytest.fixture(scope="session")
def world() -> World:
    """Give the sample world that went through the site."""
    return generate(SEED, PEOPLE)
