"""`xueshi rulebook`: what each command prints, writes and ends with."""

import json
import lzma
import shutil
from importlib import resources
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.support.rulebooks import copied
from xueshi_cli.rulebook import app, versions
from xueshi_rulebook import load_rulebook

PACKAGE = Path(str(resources.files("xueshi_rulebook")))
CASE = """\
cases:
  - id: one
    title: 公需三十、专业五十九，专业缺一
    rules: [FJ-01]
    jurisdiction: fujian
    ask: progress
    given: {period: "2024", stamped: {public: "30", professional: "59"}}
    expect: {verdict: short, lines: {professional: {lacking: "1"}}}
"""


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """Return a draft that is the packaged rulebook, to be changed."""
    return copied(tmp_path)


@pytest.fixture
def case_file(tmp_path: Path) -> Path:
    file = tmp_path / "one.yaml"
    file.write_text(CASE, encoding="utf-8")
    return file


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments], env={"COLUMNS": "200"})


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def edit_fujian(draft: Path, old: str, new: str) -> None:
    """Edit the one of Fujian's files that has the text: how its sections are spread over files has no meaning."""
    files = sorted((draft / "jurisdictions/fujian").glob("*.yaml"))
    edit(next(file for file in files if old in file.read_text(encoding="utf-8")), old, new)


def drop_cases(draft: Path) -> None:
    """Leave a draft without any case."""
    for folder in draft.glob("jurisdictions/*/cases"):
        shutil.rmtree(folder)


def test_check_tells_what_the_rulebook_holds() -> None:
    done = run("check")
    assert done.exit_code == 0, done.output
    assert load_rulebook().hash in done.output
    for word in ("fujian", "computed", "informative", "reading", "unconfirmed", "cases"):
        assert word in done.output


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        ("jurisdictions/fujian/rules.yaml", "    kind: computed", "    kind: guessed", "'guessed' is none of"),
        ("jurisdictions/fujian/cases/progress.yaml", "ask: progress", "ask: guess", "'guess' is none of"),
        ("jurisdictions/fujian/cases/progress.yaml", "rules: [FJ-01]", "rules: [FJ-99]", "no rule 'FJ-99'"),
        ("jurisdictions/fujian/cases/progress.yaml", "n: fujian", "n: atlantis", "no jurisdiction 'atlantis'"),
    ],
)
def test_check_names_file_line_and_reason(draft: Path, file: str, old: str, new: str, reason: str) -> None:
    edit(draft / file, old, new)
    done = run("check", draft)
    assert done.exit_code == 1
    assert f"refused {file}:" in done.output
    assert reason in done.output


def test_check_refuses_a_case_that_stands_twice(draft: Path) -> None:
    shutil.copy(draft / "jurisdictions/fujian/cases/progress.yaml", draft / "jurisdictions/fujian/cases/again.yaml")
    done = run("check", draft)
    assert done.exit_code == 1
    assert "stands at" in done.output


def test_check_of_another_folder_says_what_is_missing(tmp_path: Path) -> None:
    done = run("check", tmp_path)
    assert done.exit_code == 1
    assert "guidance.yaml:1: the file is missing" in done.output


def test_the_packaged_cases_pass() -> None:
    done = run("cases")
    assert done.exit_code == 0, done.output
    assert "fj-year-met" in done.output
    assert " 0 failed" in done.output


def test_a_case_file_passes_or_fails(case_file: Path) -> None:
    assert run("cases", case_file).exit_code == 0
    edit(case_file, 'lacking: "1"', 'lacking: "2"')
    done = run("cases", case_file)
    assert done.exit_code == 1
    assert "lines.professional.lacking: '2' expected, '1' found" in done.output


def test_cases_as_json(case_file: Path) -> None:
    edit(case_file, "verdict: short", "verdict: compliant")
    done = run("cases", case_file, "--json")
    assert done.exit_code == 1
    [one] = json.loads(done.output)
    assert (one["id"], one["passed"]) == ("one", False)
    assert one["faults"] == ["verdict: 'compliant' expected, 'short' found"]
    assert one["answer"]["lines"]["professional"]["lacking"] == "1"


def test_cases_of_a_draft_are_asked_of_the_draft(draft: Path, case_file: Path) -> None:
    edit_fujian(draft, 'counts: [professional], hours: "60"', 'counts: [professional], hours: "59"')
    edit(case_file, "verdict: short, lines: {professional: {lacking: ", "lines: {professional: {required: ")
    edit(case_file, '"1"', '"59"')
    assert run("cases", case_file, "--with", draft).exit_code == 0
    assert run("cases", case_file).exit_code == 1


def test_a_broken_case_file_is_refused(case_file: Path) -> None:
    edit(case_file, "title:", "titel:")
    done = run("cases", case_file)
    assert done.exit_code == 1
    assert "one.yaml:3: unknown key 'titel'" in done.output.replace("\n", "")
    assert run("cases", case_file.with_name("none.yaml")).exit_code == 2


@pytest.mark.parametrize(
    ("language", "words"),
    [("zh", ("60 − 59 = 1", "依据：闽人社办〔2023〕70号")), ("en", ("60 - 59 = 1", "Basis: 闽人社办〔2023〕70号"))],
)
def test_explain_shows_question_answer_and_arithmetic(case_file: Path, language: str, words: tuple[str, ...]) -> None:
    done = run("explain", case_file, "--lang", language)
    assert done.exit_code == 0, done.output
    for word in ('"professional": "59"', '"verdict": "short"', *words):
        assert word in done.output


def test_explain_takes_a_packaged_case_and_shows_rules_where_a_question_has_no_words() -> None:
    done = run("explain", "fj-not-yet-in-force")
    assert done.exit_code == 0, done.output
    assert "自下发之日起实施" in done.output
    assert run("explain", "no-such-case").exit_code == 2


def test_coverage_counts_and_names_what_has_no_case(draft: Path) -> None:
    drop_cases(draft)
    done = run("coverage", "--with", draft)
    assert done.exit_code == 0, done.output
    without = done.output.split("without: ")[1]
    assert "FJ-01" in without
    assert "FJ-23" not in without
    listed = {each["rule"]: each for each in json.loads(run("coverage", "--json").output)["rules"]}
    assert "fj-year-met" in listed["FJ-01"]["cases"]


def test_coverage_of_values_names_what_no_case_sees(draft: Path) -> None:
    drop_cases(draft)
    (draft / "jurisdictions/fujian/cases").mkdir()
    (draft / "jurisdictions/fujian/cases/one.yaml").write_text(CASE, encoding="utf-8")
    done = run("coverage", "--values", "--json", "--with", draft)
    assert done.exit_code == 0, done.output
    unseen = json.loads(done.output)["unseen_changes"]
    assert ("8", "7") in {(each["old"], each["new"]) for each in unseen}
    assert any(each["old"] == "60" for each in unseen)
    assert run("coverage", "--values", "--with", load_rulebook().hash).exit_code == 2


def test_diff_of_a_draft(draft: Path) -> None:
    edit_fujian(draft, 'hours: "8"', 'hours: "7"')
    done = run("diff", "", draft)
    assert done.exit_code == 0, done.output
    for word in ("changed", "day_cap", "8", "7", "FJ-03", "附件1 首段", "0 added, 0 removed, 1 changed"):
        assert word in done.output
    [change] = json.loads(run("diff", load_rulebook().hash[:12], draft, "--json").output)
    assert (change["old"], change["new"], change["rule"]) == ("8", "7", "FJ-03")
    assert run("diff", "0123").exit_code == 2


def test_freeze_writes_a_version_that_can_be_named(
    tmp_path: Path, draft: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen = tmp_path / "frozen"
    frozen.mkdir()
    monkeypatch.setattr(versions, "FROZEN", frozen)
    edit_fujian(draft, 'hours: "8"', 'hours: "7"')
    assert run("freeze", frozen, "--with", draft, "--answers").exit_code == 0
    [compressed] = frozen.glob("*.json.xz")
    name = compressed.name.removesuffix(".json.xz")
    assert '"hours":"7"' in lzma.decompress(compressed.read_bytes()).decode()
    assert run("diff", name, draft).output.rstrip().endswith("0 added, 0 removed, 0 changed")
    answers = frozen / f"{name}.answers.xz"
    assert run("cases", answers, "--with", name).exit_code == 0
    assert run("freeze", tmp_path / "plain.json").exit_code == 0
    assert (tmp_path / "plain.json").read_text(encoding="utf-8") == load_rulebook().canonical


def test_a_broken_version_is_refused(tmp_path: Path) -> None:
    for name, content in (("a.json.xz", b"no"), ("a.json", b"\xff"), ("b.json", b"{}")):
        (tmp_path / name).write_bytes(content)
        done = run("diff", tmp_path / name)
        assert done.exit_code == 1, done.output
        assert "refused" in done.output


def test_docs_writes_the_page(tmp_path: Path) -> None:
    done = run("docs", "--out", tmp_path / "deep" / "page.html")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "deep" / "page.html").read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    "arguments",
    [
        ("recompute", "--data", "{tmp}"),
        ("impact", "--with", PACKAGE, "--data", "{tmp}"),
        ("docs", "--out", "{tmp}/file/page.html"),
        ("freeze", "{tmp}/file/frozen.json"),
    ],
)
def test_what_is_not_to_be_had_is_said_on_one_line(arguments: tuple[object, ...], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run(*(str(each).replace("{tmp}", str(tmp_path)) for each in arguments))
    assert done.exit_code == 1
    assert done.output.startswith("refused ")
    assert done.output.count("\n") == 1


def test_a_file_that_is_no_version_is_named() -> None:
    assert f"{PACKAGE}/guidance.yaml:2: key 'divisions' is missing" in run("check", PACKAGE / "guidance.yaml").output


def test_check_takes_a_draft_as_the_other_commands_do(draft: Path) -> None:
    assert run("check", "--with", draft).output == run("check", draft).output
    assert run("check", draft, "--with", draft).exit_code == 2


def test_codes_lists_what_a_case_is_written_with() -> None:
    done = run("codes", "fujian", "--find", "forms.achievement")
    assert done.exit_code == 0, done.output
    for word in ("work_related", "与本业务相关", "publication", "undecided"):
        assert word in done.output
    assert "fujian" in run("codes").output
    assert run("codes", "nowhere").exit_code == 2
