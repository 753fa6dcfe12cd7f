"""CSV imports, whose rows no schema describes: sound rows are entered, each other row is listed with its line."""

from collections.abc import Callable
from typing import Any

import pytest
from requests import Response

from tests.contract.openapi.apps import BASE_URL
from tests.contract.openapi.callers import EMPLOYER
from tests.contract.openapi.conftest import Rigs
from xueshi_rulebook.identifiers import id_checksum

EMPLOYERS = "uscc,name,region,industry"
PEOPLE = "id_type,id_number,name,employer,from_on,to_on,main"

Send = Callable[..., Response]


@pytest.fixture
def send(rigs: Rigs) -> Send:
    """Give an administrator who sends a file to `employers` or `people`."""
    rig = rigs("registry")

    def post(what: str, body: str | bytes, media_type: str = "text/csv; charset=utf-8") -> Response:
        path = f"/v1/{what}:import"
        data = body.encode() if isinstance(body, str) else body
        with rig.client() as client:
            headers = {**rig.headers("POST", path), "content-type": media_type}
            return client.post(f"{BASE_URL}{path}", data=data, headers=headers)

    return post


def _number(person: int) -> str:
    body = f"35990019900308{person:03}"
    return body + id_checksum(body)


def _places(answer: Response) -> tuple[int, int, list[tuple[int, str]]]:
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said["entered"], said["refused"], [(each["row"], each["field"]) for each in said["errors"]]


def test_employers(send: Send) -> None:
    rows = [
        f"{EMPLOYER},泉州市洛江区第一建筑有限公司,350504,5",
        f"{EMPLOYER[:-1]}0,检验位有误的单位,350504,5",
        f"{EMPLOYER},,35050,x",
        f"{EMPLOYER},名\0称,350504,5",
    ]
    answer = send("employers", "\n".join([EMPLOYERS, *rows]))
    assert _places(answer) == (1, 3, [(3, "uscc"), (4, "name"), (4, "region"), (4, "industry"), (5, "name")])


def test_people_with_and_without_an_employment(send: Send) -> None:
    rows = [
        f"resident_id,{_number(1)},陈晓,{EMPLOYER},2020-01-01,,true",
        f"resident_id,{_number(2)},林岚,,,,",
        f"resident_id,{_number(3)},吴越,{EMPLOYER},yesterday,,true",
        f"resident_id,{_number(4)},黄河,91350100M0001013XY,2020-01-01,,true",
        f"resident_id,{_number(5)[:-1]}-,周易,,,,",
    ]
    answer = send("people", "\n".join([PEOPLE, *rows]))
    refused = [(4, "from_on"), (6, "id_number"), (5, "employer")]
    assert _places(answer) == (2, 3, refused)


def test_what_decides_a_persons_requirement_comes_in_columns_that_a_file_may_leave_out(send: Send) -> None:
    rows = [
        f"resident_id,{_number(6)},陈晓,{EMPLOYER},2020-01-01,,true,teacher,,2023-09-01",
        f"resident_id,{_number(7)},林岚,{EMPLOYER},2020-01-01,,true,health,secondary,",
        f"resident_id,{_number(8)},吴越,{EMPLOYER},2020-01-01,,true,astronaut,,",
        f"resident_id,{_number(9)},周易,{EMPLOYER},2020-01-01,,true,health,highest,2023-13-01",
    ]
    answer = send("people", "\n".join([f"{PEOPLE},occupation,institution_level,cycle_from", *rows]))
    assert _places(answer) == (2, 2, [(4, "occupation"), (5, "institution_level"), (5, "cycle_from")])


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (f"{EMPLOYERS}\n", "application/json", 415),
        (f"{EMPLOYERS}\n", "", 415),
        ("uscc,name\n", "text/csv", 422),
        ("", "text/csv", 422),
        ("\0", "text/csv", 422),
        (b"\xff\xfe", "text/csv", 400),
        (f'{EMPLOYERS}\n"open', "text/csv", 400),
        ("x" * 200_000, "text/csv", 400),
        ("\n".join([EMPLOYERS, *["a,b,c,d"] * 10_001]), "text/csv", 413),
        ("x" * (1024 * 1024 + 1), "text/csv", 413),
    ],
)
@pytest.mark.parametrize("what", ["employers"])
def test_what_is_no_such_file_is_refused(
    send: Send, what: str, body: str | bytes, media_type: str, status: int
) -> None:
    answer = send(what, body, media_type)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
