"""One site for the whole suite: starting it is what costs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.site import RunningSite, running_site
from xueshi_samples import World, generate

PEOPLE = 60
SEED = 7


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    """Give a site on the embedded bus with its samples through."""
    data = tmp_path_factory.mktemp("site")
    with running_site(data, "--people", str(PEOPLE), "--seed", str(SEED)) as running:
        yield running


@pytest.fixture(scope="session")
def world() -> World:
    """Give the sample world that went through the site."""
    return generate(SEED, PEOPLE)


@pytest.fixture(scope="session")
def data_folder(site: RunningSite) -> Path:
    """Give the site's data folder."""
    return site.data
