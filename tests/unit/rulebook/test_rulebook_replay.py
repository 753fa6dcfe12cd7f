"""Past verdicts stay: each frozen version, asked by today's code, answers as it did when it was frozen.

`xueshi rulebook freeze tests/vectors/rulebook --answers` freezes the packaged version.
"""

import lzma
from pathlib import Path

import pytest

from xueshi_rulebook import load_rulebook, read_canonical
from xueshi_rulebook.cases import packaged_cases, pin_answers, read_cases, run_case

FROZEN = sorted((Path(__file__).parents[2] / "vectors/rulebook").glob("*.json.xz"))


def unpacked(file: Path) -> str:
    return lzma.decompress(file.read_bytes()).decode()


def test_there_is_a_frozen_version() -> None:
    assert FROZEN


@pytest.mark.parametrize("file", FROZEN, ids=lambda file: file.name)
def test_a_frozen_version_answers_as_it_did(file: Path) -> None:
    version = read_canonical(unpacked(file))
    name = file.name.removesuffix(".json.xz")
    assert version.hash.startswith(name)
    pinned = read_cases(unpacked(file.with_name(f"{name}.answers.xz")), name)
    assert pinned
    assert {case.id: faults for case in pinned if (faults := run_case(version, case).faults)} == {}


@pytest.mark.parametrize("file", FROZEN, ids=lambda file: file.name)
def test_a_rule_that_decided_something_can_be_cited_for_ever(file: Path) -> None:
    version, present = read_canonical(unpacked(file)), load_rulebook()
    assert version.rule_ids() <= present.rule_ids()
    moved = [each for each in version.rule_ids() if version.rule(each).source != present.rule(each).source]
    assert moved == []


def test_a_pinned_answer_that_changes_is_seen() -> None:
    [case] = [each for each in packaged_cases() if each.id == "fj-year-met"]
    pinned = pin_answers(load_rulebook(), [case])
    [same] = read_cases(pinned, "pinned")
    assert run_case(load_rulebook(), same).passed
    [other] = read_cases(pinned.replace('"30"', '"29.5"', 1), "pinned")
    assert not run_case(load_rulebook(), other).passed


def test_a_refusal_is_pinned_by_its_name() -> None:
    [case] = [each for each in packaged_cases() if each.id == "fj-year-met"]
    pinned = pin_answers(load_rulebook(), [case._replace(jurisdiction="atlantis")])
    assert '"expect": {"error": "UnknownJurisdictionError"}' in pinned
