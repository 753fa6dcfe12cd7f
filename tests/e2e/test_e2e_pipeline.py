"""The whole product: what went through it is what the samples say, and one trace follows a credit all the way."""

import json
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.support.site import RunningSite, read_fate, xueshi
from xueshi_samples import World

README = Path(__file__).parents[2] / "README.md"


def test_the_table_is_what_the_samples_must_give(site: RunningSite) -> None:
    assert "must be" in site.output
    assert "The table is not what the samples must give" not in site.output


def test_one_person_of_each_jurisdiction_is_shown_with_the_reasons(site: RunningSite, world: World) -> None:
    shown = site.output.split("One person of each jurisdiction:")[1].split("Addresses:")[0]
    assert shown.count("2025年度：") == 4
    for reason in (
        "合计（30 + 60 = 90）：要求不少于90学时，已验印90学时，达标。",
        "min(15 + 0, 12) = 30）：要求不少于25学分，已验印30学分，达标。",
        "（17 + 0 = 17）：要求不少于18学时，已认定17学时，18 − 17 = 1，尚缺1学时。",
        "选修科目：要求不少于18学时，已认定0学时，18 − 0 = 18，尚缺18学时。另有已登记待认定18学时，认定后计入。",
        "7条记录：该学时由用人单位认定，尚未认定。",
    ):
        assert reason in shown
    assert not [person.name for person in world.people if person.role and person.name in shown]


@pytest.mark.parametrize("state", ["held", "stamped", "queued", "voided"])
def test_every_fate_is_told_with_its_reason(site: RunningSite, world: World, state: str) -> None:
    fates = [fate for fate in world.fates if fate.state == state]
    told = read_fate(site, fates[0].platform, fates[0].record_id)
    allowed = {"queued": {"queued", "stamped", "returned"}}.get(state, {state})
    assert told["state"] in allowed
    # A void is a version of its own.
    assert told["version"] == fates[0].version + (state == "voided")
    if state == "held":
        assert told["code"] == fates[0].code
    if state != "voided":
        assert told["rules"] or told["code"]


def test_one_trace_follows_a_credit_from_the_webhook_to_title_review(site: RunningSite) -> None:
    by_trace: dict[bytes, set[str]] = {}
    for service, span in site.collector.spans():
        by_trace.setdefault(span.trace_id, set()).add(service)
    whole = {"xueshi-gateway", "xueshi-registry", "xueshi-verification", "xueshi-title-review-sync"}
    assert any(whole <= services for services in by_trace.values())


def test_the_proofs_that_the_command_lists_open(site: RunningSite) -> None:
    done = xueshi("proofs", "--data", str(site.data))
    assert done.returncode == 0, done.stderr
    number, page, pdf = done.stdout.splitlines()[0].split()
    shown = httpx.get(page)
    assert shown.status_code == httpx.codes.OK
    assert "有效" in shown.text
    assert number in shown.text
    assert httpx.get(pdf, timeout=60).content.startswith(b"%PDF")


def test_another_bus_is_refused_on_the_same_data(site: RunningSite) -> None:
    other = "kafka" if "embedded" in site.data.name else "embedded"
    done = xueshi("run", "--bus", other, "--once", "--people", "60", "--data", str(site.data))
    assert done.returncode == 1
    assert "FolderMadeForOtherError" in done.stdout


def test_the_readmes_example_delivers(site: RunningSite, world: World) -> None:
    platform = next(each.id for each in world.platforms if each.key_type == "hmac")
    keys = json.loads((site.data / "keys" / "platform-keys.json").read_text())
    example = README.read_text().split("```python\n")[1].split("```")[0]
    values = f"SECRET, GATEWAY, PLATFORM = {keys[platform]!r}, {site.url('gateway')!r}, {platform!r}\n"
    done = subprocess.run([sys.executable, "-c", values + example], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "'accepted': 1" in done.stdout
