"""The public check by tag, and proofs by number under a token."""

import base64
import io
from collections.abc import Sequence

import pdfplumber
import pytest

from tests.integration.certificates.office import (
    COMPLIANT,
    ID_NUMBER,
    MORE,
    NAME,
    PUBLIC_URL,
    SHORT,
    Hours,
    Office,
    new_person,
)
from xueshi_certificates.domain.number import new_tag, proof_number

READ, ISSUE = "certificates.read", "certificates.issue"
PERSONAL = (NAME, NAME[1:], ID_NUMBER, ID_NUMBER[:6], "19900307")


async def prove(
    office: Office, *versions: Hours, title: str = "混凝土结构耐久性"
) -> tuple[bytes, list[tuple[str, str]]]:
    """Take the versions of a person's hours one by one; return the person, and numbers with tags, oldest first."""
    person = new_person()
    for revision, hours in enumerate(versions, start=1):
        await office.take(office.transcript(person, revision, hours, title=title))
    numbers = [number for number, _, _ in await office.proofs(person)]
    return person, [(number, await office.tag_of(number)) for number in numbers]


def hidden_in(text: str, hidden: Sequence[str] = PERSONAL) -> list[str]:
    """Return what of a person's data stands in a text."""
    return [each for each in hidden if each in text]


async def test_the_page_opens_by_tag_masked_and_is_not_kept(office: Office) -> None:
    _, [(number, tag)] = await prove(office, COMPLIANT)
    async with office.client() as client:
        answer = await client.get(f"/p/{tag}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "noindex" in answer.headers["x-robots-tag"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "有效" in answer.text
    assert number in answer.text
    assert hidden_in(answer.text) == []


async def test_superseded_opens_the_newest_and_revoked_opens_nothing(office: Office) -> None:
    more = {**MORE, "R-4": ("public", 100)}
    _, proofs = await prove(office, COMPLIANT, MORE, more)
    async with office.client() as client:
        pages = [(await client.get(f"/p/{tag}")).text for _, tag in proofs]
        facts = [(await client.get(f"/p/{tag}.json")).json() for _, tag in proofs]
    assert [each["status"]["code"] for each in facts] == ["superseded", "superseded", "valid"]
    assert facts[0]["newest_url"] == facts[1]["newest_url"] == f"{PUBLIC_URL}/p/{proofs[2][1]}"
    assert facts[2]["newest_url"] is None
    assert proofs[2][1] in pages[0]
    _, [(_, tag)] = await prove(office, COMPLIANT, SHORT)
    async with office.client() as client:
        page, fact = (await client.get(f"/p/{tag}")).text, (await client.get(f"/p/{tag}.json")).json()
    assert "已撤销" in page
    assert fact["status"]["code"] == "revoked"
    assert fact["status"]["reason"] == "HOURS_WITHDRAWN"
    assert fact["newest_url"] is None


async def test_the_way_forward_never_passes_a_revocation(office: Office) -> None:
    _, proofs = await prove(office, COMPLIANT, MORE, COMPLIANT)
    async with office.client() as client:
        first = (await client.get(f"/p/{proofs[0][1]}.json")).json()
    assert len(proofs) == 3
    assert first["newest_url"] == f"{PUBLIC_URL}/p/{proofs[1][1]}"


async def test_the_public_json_says_no_more_than_the_page(office: Office) -> None:
    _, [(number, tag)] = await prove(office, COMPLIANT)
    async with office.client() as client:
        answer = await client.get(f"/p/{tag}.json")
    assert answer.headers["cache-control"] == "no-store"
    fact = answer.json()
    assert fact["number"] == number
    assert fact["holder"] == {"name_masked": "陈**", "id_type": "resident_id", "id_number_last": "0011"}
    assert fact["issued_at"] == "2026-01-01T00:30:00+08:00"
    assert fact["totals"][0] == {
        "kind": "public", "required": "30", "stamped": "30", "lacking": "0", "unit": "hours",
    }  # fmt: skip
    assert fact["entry_count"] == 2
    assert hidden_in(answer.text, [*PERSONAL, "entries", "R-1"]) == []


async def test_the_public_pdf_is_masked(office: Office) -> None:
    _, [(number, tag)] = await prove(office, COMPLIANT)
    async with office.client() as client:
        answer = await client.get(f"/p/{tag}.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    text = pdf_text(answer.content)
    assert number in text
    assert "陈**" in text
    assert hidden_in(text) == []


async def test_whatever_opens_nothing_gets_one_answer(office: Office) -> None:
    _, [(number, tag)] = await prove(office, COMPLIANT)
    async with office.client() as client:
        answers = [
            await client.get(f"/p/{each}")
            for each in (new_tag(), number, "x", tag[:-1], tag.upper() + "0", "%00", "'--", tag + "%20")
        ]
        pdf = await client.get(f"/p/{new_tag()}.pdf")
        fact = await client.get(f"/p/{new_tag()}.json")
    assert {each.status_code for each in answers} == {404}
    assert len({each.text for each in answers if "text/html" in each.headers["content-type"]}) == 1
    assert "没有对应的证明" in answers[0].text
    assert answers[0].headers["cache-control"] == "no-store"
    assert (pdf.status_code, pdf.text) == (404, answers[0].text)
    assert (fact.status_code, fact.json()["code"]) == (404, "NOT_FOUND")


async def test_one_address_cannot_try_tags_without_end(office: Office) -> None:
    limit = office.service.parts.settings.public_requests_per_minute  # type: ignore[attr-defined]
    async with office.client() as client:
        answers = [await client.get(f"/p/{new_tag()}") for _ in range(limit + 1)]
        fact = await client.get(f"/p/{new_tag()}.json")
    assert [each.status_code for each in answers[-2:]] == [404, 429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 61
    assert "访问过于频繁" in answers[-1].text
    assert (fact.status_code, fact.json()["code"]) == (429, "TOO_MANY_REQUESTS")


async def test_markup_in_a_title_stays_text_everywhere(office: Office) -> None:
    title = '<script>alert("1")</script> #panic() [甲]'
    _, [(number, tag)] = await prove(office, COMPLIANT, title=title)
    async with office.client(READ) as client:
        page = await client.get(f"/p/{tag}")
        pdf = await client.get(f"/v1/proofs/{number}.pdf")
        fact = await client.get(f"/v1/proofs/{number}")
    assert "<script" not in page.text
    assert fact.json()["entries"][0]["course_title"] == title
    packed = pdf_text(pdf.content)
    assert "#panic()[甲]" in packed
    assert "<script>alert(" in packed


@pytest.mark.parametrize("path", ["/v1/proofs", "/v1/proofs/{}", "/v1/proofs/{}.pdf"])
async def test_numbers_open_nothing_without_the_scope(office: Office, path: str) -> None:
    _, [(number, _)] = await prove(office, COMPLIANT)
    address = path.format(number)
    async with office.client() as client:
        without = await client.get(address)
    async with office.client(ISSUE) as client:
        other = await client.get(address)
    async with office.client("bad") as client:
        bad = await client.get(address)
    assert [without.status_code, other.status_code, bad.status_code] == [401, 403, 401]
    assert number not in without.text + other.text + bad.text


async def test_a_proof_by_number_shows_name_and_masked_number(office: Office) -> None:
    person, [(number, tag)] = await prove(office, COMPLIANT)
    async with office.client(READ) as client:
        answer = await client.get(f"/v1/proofs/{number}")
        pdf = await client.get(f"/v1/proofs/{number}.pdf")
    fact = answer.json()
    assert answer.headers["cache-control"] == "private, no-store"
    assert fact["holder"] == {"name": NAME, "id_type": "resident_id", "id_number_masked": "359900********0011"}
    assert fact["person_key"] == person.hex()
    assert fact["public_url"] == f"{PUBLIC_URL}/p/{tag}"
    assert fact["entries"][0]["hours"] == "30"
    assert fact["entries"][0]["first_on"] == "2025-06-01"
    assert ID_NUMBER not in answer.text
    text = pdf_text(pdf.content)
    assert NAME in text
    assert "359900********0011" in text
    assert "19900307" not in text
    assert f'filename="{number}.pdf"' in pdf.headers["content-disposition"]


@pytest.mark.parametrize(("number", "status"), [(proof_number("FJ", 2026, 9_999_999_999), 404), ("FJ-2026-1", 422)])
async def test_a_number_that_is_none(office: Office, number: str, status: int) -> None:
    async with office.client(READ) as client:
        assert (await client.get(f"/v1/proofs/{number}")).status_code == status
        assert (await client.get(f"/v1/proofs/{number}.pdf")).status_code == status


async def test_a_number_with_a_wrong_check_digit_is_not_found(office: Office) -> None:
    _, [(number, _)] = await prove(office, COMPLIANT)
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    async with office.client(READ) as client:
        assert (await client.get(f"/v1/proofs/{wrong}")).status_code == 404


async def test_lists_are_narrowed_and_paged_without_a_gap(office: Office) -> None:
    person, proofs = await prove(office, COMPLIANT, MORE, {**MORE, "R-4": ("public", 100)})
    await prove(office, COMPLIANT)
    async with office.client(READ) as client:
        seen: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = (await client.get("/v1/proofs", params={"person_key": person.hex(), "limit": "2", **cursor})).json()
            seen += [each["number"] for each in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        valid = (await client.get("/v1/proofs", params={"person_key": person.hex(), "status": "valid"})).json()["items"]
        other = (await client.get("/v1/proofs", params={"person_key": person.hex(), "period": "2024"})).json()["items"]
        whole = (await client.get("/v1/proofs", params={"limit": "200"})).json()["items"]
    assert seen == [number for number, _ in proofs]
    assert [each["number"] for each in valid] == [proofs[-1][0]]
    assert valid[0]["public_url"].endswith(proofs[-1][1])
    assert other == []
    assert len(whole) > len(seen)


@pytest.mark.parametrize(
    "query",
    [
        {"cursor": "???"},
        {"cursor": base64.urlsafe_b64encode(b"FJ-2026-0000000001-0").decode()},
        {"person_key": "1"},
        {"status": "unknown"},
        {"limit": "0"},
    ],
)
async def test_a_list_is_strict(office: Office, query: dict[str, str]) -> None:
    async with office.client(READ) as client:
        answer = await client.get("/v1/proofs", params=query)
    assert answer.status_code == 422


async def test_a_short_proof_is_issued_on_request_once_and_says_that_it_is_short(office: Office) -> None:
    person, _ = await prove(office, SHORT)
    body = {"person_key": person.hex(), "period": "2025"}
    async with office.client(ISSUE) as client:
        first = await client.post("/v1/proofs", json=body)
        again = await client.post("/v1/proofs", json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert first.headers["location"] == f"/v1/proofs/{first.json()['number']}"
    assert first.json()["verdict"] == "short"
    assert first.json()["basis"] == "requested"
    assert [each.status for each in await office.said(person)] == ["valid"]
    (row,) = await office.fetch("SELECT issued_by FROM proof WHERE number = $1", first.json()["number"])
    assert row["issued_by"] == "officer-1"
    async with office.client() as client:
        page = (await client.get(f"/p/{await office.tag_of(first.json()['number'])}")).text
    assert "未达到2025年度继续教育学时要求（专业科目尚缺60学时）" in page
    await office.take(office.transcript(person, 2, COMPLIANT))
    assert await office.statuses(person) == [("superseded", "MORE_HOURS"), ("valid", "")]


async def test_what_cannot_be_proven_is_refused(office: Office) -> None:
    person, _ = await prove(office, {})
    async with office.client(ISSUE) as client:
        without = await client.post("/v1/proofs", json={"person_key": person.hex(), "period": "2025"})
        unknown = await client.post("/v1/proofs", json={"person_key": new_person().hex(), "period": "2025"})
        strict = await client.post("/v1/proofs", json={"person_key": person.hex(), "period": "2025", "more": 1})
    assert (without.status_code, without.json()["code"]) == (409, "NO_STAMPED_HOURS")
    assert unknown.status_code == 404
    assert strict.status_code == 422


async def test_issuing_needs_its_own_scope(office: Office) -> None:
    person, _ = await prove(office, SHORT)
    async with office.client(READ) as client:
        answer = await client.post("/v1/proofs", json={"person_key": person.hex(), "period": "2025"})
    assert answer.status_code == 403
    assert await office.proofs(person) == []


async def test_it_is_ready_with_its_database_and_a_font(office: Office) -> None:
    async with office.client() as client:
        answer = await client.get("/readyz")
    assert answer.json() == {"ready": True, "failed": {}}


async def test_no_name_and_no_number_stands_in_the_database(office: Office) -> None:
    person, _ = await prove(office, COMPLIANT, MORE)
    dump = ""
    for table in ("proof", "proof_holder", "proof_status", "transcript", "outbox"):
        dump += "\n".join(str(row) for row in await office.fetch(f"SELECT {table}::text FROM {table}"))  # noqa: S608
    assert person.hex() in dump.replace("-", "")
    forms = []
    for text in (NAME, ID_NUMBER):
        raw = text.encode()
        forms += [text, raw.hex(), base64.b64encode(raw).decode().rstrip("=")]
    assert hidden_in(dump, forms) == []


def pdf_text(content: bytes) -> str:
    """Return a PDF's text without spaces."""
    with pdfplumber.open(io.BytesIO(content)) as opened:
        return "".join(page.extract_text() for page in opened.pages).replace(" ", "").replace("\n", "")
