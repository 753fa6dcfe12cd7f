"""The cases are sharp: each number and date of the data, changed by one step, turns some case red or is refused.

A date that the loader lets change neither way alone, as where one rule follows on another, is moved with those around
it. Not changed are the figures under `mutating.EXEMPT`, each with its reason there: the notices' own numbering and the
dates printed on them, and areas' codes, which are names. The tables of `data/` hold names and numbering, and
the working days, whose every day test_rulebook_workdays compares with an independent table. `xueshi rulebook coverage
--values` lists what no case sees.
"""

from importlib import resources

import pytest

from xueshi_rulebook.cases import packaged_cases
from xueshi_rulebook.cases.mutating import Survivor, figures, survivors
from xueshi_rulebook.loading import Content, read_content

JURISDICTIONS = ("fujian", "luojiang", "shaoguan", "wenzhou")


@pytest.fixture(scope="module")
def content() -> Content:
    return read_content(resources.files("xueshi_rulebook"))


@pytest.fixture(scope="module")
def unseen(content: Content) -> list[Survivor]:
    return list(survivors(content, packaged_cases(), figures(content)))


def test_every_jurisdiction_is_tried(content: Content) -> None:
    assert {each.home for each in figures(content)} == set(JURISDICTIONS)


@pytest.mark.parametrize("jurisdiction", JURISDICTIONS)
def test_no_change_is_unseen(unseen: list[Survivor], jurisdiction: str) -> None:
    assert [
        f"{each.figure.place} {'.'.join(each.figure.path)}: {each.old} → {each.new}"
        for each in unseen
        if each.figure.home == jurisdiction
    ] == []


def test_without_cases_only_the_loader_sees_a_change(content: Content) -> None:
    [day_cap] = [each for each in figures(content) if (each.path[0], each.path[-1]) == ("day_cap", "hours")]
    assert day_cap.reaches[0] == day_cap.home == "fujian"
    assert [(each.old, each.new) for each in survivors(content, [], [day_cap])] == [("8", "7"), ("8", "9")]
    [highest] = [day_cap.node]
    highest.value = "24"
    assert [each.new for each in survivors(content, [], [day_cap])] == ["23"]
    assert highest.value == "24"
    highest.value = "8"


def test_a_boundary_moves_as_a_whole(content: Content) -> None:
    guangdong = [each for each in figures(content) if each.path[0] == "requirements" and each.home == "shaoguan"]
    ends = [each for each in guangdong if each.path[-1] in ("valid_from", "valid_to")]
    assert [each.node.value for each in ends] == ["2020-12-31", "2021-01-01"]
    assert [each.new for each in survivors(content, [], ends)] == [
        "2020-12-30",
        "2021-01-01",
        "2020-12-31",
        "2021-01-02",
    ]
    assert list(survivors(content, packaged_cases(), ends)) == []


def test_names_are_no_figures(content: Content) -> None:
    steps = {step for each in figures(content) for step in each.path}
    assert not steps & {"number", "issued_on", "region"}
