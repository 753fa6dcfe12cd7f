"""Where the sample client finds the bus: an argument, else the environment, which no list of processes shows."""

import sys
from pathlib import Path
from typing import Any

import pytest
import title_review_client.__main__ as command

from xueshi_cli.site.folder import SiteFolder
from xueshi_cli.site.site import Site

URL = "postgresql://title_review_client:hidden@127.0.0.1:5432/bus"


def opened(monkeypatch: pytest.MonkeyPatch, folder: Path, *arguments: str) -> tuple[str | None, str | None]:
    """Run the client's command line and return the Kafka servers and the URL that it would open."""
    seen: list[Any] = []

    async def run(given: Any) -> None:  # noqa: ANN401 - argparse's namespace
        seen.append(given)

    monkeypatch.setattr(command, "_run", run)
    monkeypatch.setattr(sys, "argv", ["title_review_client", *arguments, "--key-file", str(folder / "refs.key")])
    command.main()
    return seen[0].kafka, seen[0].bus


@pytest.mark.parametrize(
    ("url", "arguments", "found"),
    [
        (URL, (), (None, URL)),
        ("kafka-1:9092,kafka-2:9092", (), ("kafka-1:9092,kafka-2:9092", None)),
        (URL, ("--kafka", "other:9092"), ("other:9092", None)),
        ("other:9092", ("--bus", URL), (None, URL)),
    ],
)
def test_an_argument_comes_before_the_environment(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    url: str,
    arguments: tuple[str, ...],
    found: tuple[str | None, str | None],
) -> None:
    monkeypatch.setenv("XUESHI_BUS_URL", url)
    assert opened(monkeypatch, tmp_path, "follow", *arguments) == found


def test_without_either_it_says_what_it_needs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("XUESHI_BUS_URL", raising=False)
    with pytest.raises(SystemExit):
        opened(monkeypatch, tmp_path, "follow")
    assert "XUESHI_BUS_URL" in capsys.readouterr().err


def test_pulling_needs_no_bus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("XUESHI_BUS_URL", raising=False)
    assert opened(monkeypatch, tmp_path, "pull") == (None, None)


@pytest.mark.parametrize("bus", ["embedded", "kafka"])
async def test_the_site_gives_it_the_bus_and_no_password_in_arguments(tmp_path: Path, bus: str) -> None:
    site = Site(SiteFolder(tmp_path), bus, (), {})
    site._title_review_url = URL
    try:
        assert "hidden" not in " ".join(site.title_review_command())
        assert site.title_review_environment() == {"XUESHI_BUS_URL": URL}
    finally:
        await site.close()
