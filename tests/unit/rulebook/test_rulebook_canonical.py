"""A version is read again from its canonical form, and answers as it did; tables only grow under it."""

import json
from collections.abc import Callable
from importlib import resources

import pytest

from xueshi_rulebook import RulebookDataError, load_rulebook, read_canonical
from xueshi_rulebook.cases import Case, packaged_cases, run_case
from xueshi_rulebook.loading import compile_rulebook, read_content, recompile

CAP = '"clause":"附件1 首段","hours":"8"'
RULEBOOK = load_rulebook()
AGAIN = read_canonical(RULEBOOK.canonical)


def edited(old: str, new: str) -> str:
    """Return the canonical form with the first place of a text replaced."""
    assert old in RULEBOOK.canonical
    return RULEBOOK.canonical.replace(old, new, 1)


def test_a_version_keeps_its_hash() -> None:
    assert (AGAIN.hash, AGAIN.canonical) == (RULEBOOK.hash, RULEBOOK.canonical)
    assert AGAIN.rule_ids() == RULEBOOK.rule_ids()


def test_layout_of_the_file_has_no_meaning() -> None:
    assert read_canonical(json.dumps(json.loads(RULEBOOK.canonical), indent=2)).hash == RULEBOOK.hash


@pytest.mark.parametrize("case", packaged_cases(), ids=lambda case: case.id)
def test_a_version_answers_as_it_did(case: Case) -> None:
    assert run_case(AGAIN, case).answer == run_case(RULEBOOK, case).answer


def test_another_version_answers_by_its_own_values() -> None:
    other = read_canonical(edited(CAP, CAP.replace("8", "7.5")))
    day = other.rule("FJ-03").valid_from
    assert other.hash != RULEBOOK.hash
    assert other.jurisdiction("fujian").day_cap_centihours(day) == 750
    assert RULEBOOK.jurisdiction("fujian").day_cap_centihours(day) == 800


@pytest.mark.parametrize(
    ("old", "new"),
    [(CAP, CAP.replace("附件1", "附件7")), ('"documents":["result_certificate"]', '"documents":["resultcertificate"]')],
)
def test_a_version_is_read_as_it_stood_where_no_answer_depends_on_a_slip(old: str, new: str) -> None:
    older = edited(old, new)
    assert read_canonical(older).canonical == older


def test_text_and_numbers_stay_apart() -> None:
    with pytest.raises(RulebookDataError, match="text is expected"):
        read_canonical(edited(CAP, CAP.replace('"8"', "8")))


@pytest.mark.parametrize("row", ['["659012","county","白杨市","659000"]', '{"en":"mining","number":2,"zh":"采矿业"}'])
def test_a_version_from_before_a_row_was_added_is_read(row: str) -> None:
    older = edited(f",{row}", "")
    assert read_canonical(older).canonical == older


@pytest.mark.parametrize(("old", "new"), [("洛江区", "洛江县"), ('"en":"mining"', '"en":"mine"'), ("正高级", "特高级")])
def test_a_version_whose_rows_no_longer_stand_is_refused(old: str, new: str) -> None:
    with pytest.raises(RulebookDataError, match="no longer those of the package"):
        read_canonical(edited(old, new))


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", RULEBOOK.canonical.replace("{", '{"more":1,', 1)])
def test_a_broken_canonical_form_is_refused(text: str) -> None:
    with pytest.raises(RulebookDataError):
        read_canonical(text)


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (lambda sections: sections.pop("proof"), "section 'proof' of fujian is missing"),
        (lambda sections: sections.clear(), "section 'jurisdiction' of fujian is missing"),
        (lambda sections: sections.update(proofs={}), "unknown section 'proofs'"),
    ],
)
def test_a_version_without_a_section_or_with_an_unknown_one_is_refused(
    edit: Callable[[dict[str, object]], object], reason: str
) -> None:
    content = json.loads(RULEBOOK.canonical)
    edit(content["jurisdictions"]["fujian"])
    with pytest.raises(RulebookDataError, match=reason):
        read_canonical(json.dumps(content))


def test_a_change_is_tried_without_compiling_the_rest() -> None:
    parsed = read_content(resources.files("xueshi_rulebook"))
    whole = compile_rulebook(parsed)
    tried = recompile(whole, parsed, ["fujian"])
    assert tried.hash == whole.hash == RULEBOOK.hash
    assert tried.jurisdiction("fujian") is not whole.jurisdiction("fujian")
    assert tried.jurisdiction_for("350100", whole.rule("FJ-01").valid_from) is tried.jurisdiction("fujian")


def test_a_rule_is_cited_by_its_notice_and_the_place_in_it_and_an_unknown_one_by_nothing() -> None:
    rulebook = load_rulebook()
    rule = rulebook.rule("FJ-03")
    assert rulebook.clauses(["FJ-03", "XX-99"]) == {"FJ-03": f"{rule.source} {rule.clause}", "XX-99": ""}
    for each in rulebook.rule_ids():
        number, clause = rulebook.clauses([each])[each].split(" ", 1)
        assert (number, clause) == (rulebook.rule(each).source, rulebook.rule(each).clause)
