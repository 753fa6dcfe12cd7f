"""Eligibility checks: hours as evidence, at and around the yearly minimums of FJ-01."""

from typing import Any

import httpx
import pytest

from tests.support.title_review import TitleReview


async def check(client: httpx.AsyncClient, *checks: dict[str, Any]) -> httpx.Response:
    return await client.post("/v1/eligibility-checks", json={"checks": checks})


@pytest.mark.parametrize(
    ("public", "professional", "verdict", "lacking"),
    [
        (3000, 6000, "compliant", {"public": "0", "professional": "0", "total": "0"}),
        (2999, 6001, "short", {"public": "0.01", "professional": "0", "total": "0"}),
        (3001, 5999, "short", {"public": "0", "professional": "0.01", "total": "0"}),
        (3000, 5999, "short", {"public": "0", "professional": "0.01", "total": "0.01"}),
        (0, 9000, "short", {"public": "30", "professional": "0", "total": "0"}),
        (4500, 7000, "compliant", {"public": "0", "professional": "0", "total": "0"}),
    ],
)
async def test_the_verdict_at_the_thresholds(
    review: TitleReview,
    client: httpx.AsyncClient,
    public: int,
    professional: int,
    verdict: str,
    lacking: dict[str, str],
) -> None:
    await review.take(review.transcript(1, stamped={"public": public, "professional": professional}))
    answer = await check(client, {"subject_ref": review.ref(), "period": "2025"})
    (item,) = answer.json()["items"]
    assert (item["verdict"], item["outcome"]) == (verdict, "met" if verdict == "compliant" else "unmet")
    assert {each["kind"]: each["lacking"] for each in item["totals"]} == lacking


async def test_a_verdict_is_evidence_with_its_clauses(review: TitleReview, client: httpx.AsyncClient) -> None:
    await review.take(review.transcript(1))
    await review.take(review.proof(1))
    content = (await check(client, {"subject_ref": review.ref(), "year": 2025})).json()
    (item,) = content["items"]
    rules = {each["id"]: each["clause"] for each in item["rules"]}
    assert list(rules) == ["FJ-01", "FJ-21", "FJ-19"]
    assert "一、第二段" in rules["FJ-21"]
    assert {each["id"]: bool(each["reading"]) for each in item["rules"]} == {
        "FJ-01": True, "FJ-21": True, "FJ-19": False
    }  # fmt: skip
    assert "FJ-21" in item["explanation"]["en"]
    assert "2025年度：未达标" in item["explanation"]["zh"]
    assert "不代替评审决定" in content["notice"]["zh"]
    assert item["proof"] == {"number": "FJ-2025-0000000001-1", "status": "valid"}
    assert item["revision"] == 2


async def test_a_verdict_is_shown_with_the_clauses_that_it_was_told_with(
    review: TitleReview, client: httpx.AsyncClient
) -> None:
    transcript = review.transcript(1)
    transcript.clauses[:] = ["旧号 一"]
    await review.take(transcript)
    (item,) = (await check(client, {"subject_ref": review.ref(), "year": 2025})).json()["items"]
    rules = {each["id"]: each["clause"] for each in item["rules"]}
    assert (rules["FJ-01"], rules["FJ-21"]) == ("旧号 一", review.desk.rulebook.rule("FJ-21").citation)


async def test_each_check_gets_its_result_in_order(review: TitleReview, client: httpx.AsyncClient) -> None:
    await review.take(review.transcript(1))
    ref = review.ref()
    answer = await check(
        client,
        {"subject_ref": "0" * 64, "period": "2025"},
        {"subject_ref": ref, "period": "2025"},
        {"subject_ref": ref, "year": 2024},
        {"subject_ref": ref, "year": 2025.0},
    )
    assert [(each["subject_ref"], each["period"], each["verdict"]) for each in answer.json()["items"]] == [
        ("0" * 64, "2025", "unknown"),
        (ref, "2025", "short"),
        (ref, "2024", "unknown"),
        (ref, "2025", "short"),
    ]


async def test_a_proof_alone_is_no_evidence(review: TitleReview, client: httpx.AsyncClient) -> None:
    await review.take(review.proof(1))
    (item,) = (await check(client, {"subject_ref": review.ref(), "period": "2025"})).json()["items"]
    assert (item["verdict"], item["totals"], item["proof"]) == ("unknown", [], None)
    assert (item["outcome"], item["explanation"]) == ("unknown", {})


async def test_five_hundred_are_taken_and_one_more_is_not(client: httpx.AsyncClient) -> None:
    one = {"subject_ref": "0" * 64, "year": 2025}
    answer = await check(client, *[one] * 500)
    assert (answer.status_code, len(answer.json()["items"])) == (200, 500)
    assert (await check(client, *[one] * 501)).status_code == 422
    assert (await check(client)).status_code == 422


@pytest.mark.parametrize(
    "wrong",
    [
        {"period": "2025"},
        {"subject_ref": "0" * 64},
        {"subject_ref": "0" * 64, "period": "2025", "year": 2025},
        {"subject_ref": "0" * 64, "year": "2025"},
        {"subject_ref": "0" * 64, "year": 2025.5},
        {"subject_ref": "0" * 64, "year": True},
        {"subject_ref": "0" * 64, "period": 2025},
        {"subject_ref": "0" * 63 + "G", "period": "2025"},
        {"subject_ref": "359900199003070011", "period": "2025"},
        {"subject_ref": "0" * 64, "period": "2025", "name": "x"},
    ],
)
async def test_input_is_strict(client: httpx.AsyncClient, wrong: dict[str, Any]) -> None:
    answer = await check(client, wrong)
    assert answer.status_code == 422
    assert "359900199003070011" not in answer.text
