"""Judges the answers to odd bodies, and keeps what each receipt says for the comparison with the database."""

import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.fuzz.client import Answer, Connection
from tests.fuzz.gateway import Gateway
from tests.fuzz.judge import MAX_KEPT_FAILURES, spread
from tests.fuzz.odd import AGAIN, AS_IT_IS, OTHERWISE, PERSONAL_ID, Bodies, Odd
from tests.fuzz.odd.values import MIB

REFUSALS = frozenset(
    {(400, "NOT_JSON"), (422, "DELIVERY_INVALID"), (413, "BODY_TOO_LARGE"), (409, "DELIVERY_CONFLICT")}
)
NAME = "陈晓"
_NUMBER = re.compile(r"359900[0-9]{11}[0-9X]", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s_./\u00ad\u00b7\u200b-\u200d\u2010-\u2015\u2060\u2212\ufeff-]+|\\u200b")


def is_personal(text: str) -> bool:
    """Tell whether a text holds one of the numbers or the name that the samples carry, in any spelling of it."""
    plain = _BETWEEN.sub("", unicodedata.normalize("NFKC", text))
    return NAME in plain or _NUMBER.search(plain) is not None


@dataclass(slots=True)
class Ledger:
    """What was answered. `accepted` gives the versions (record id, version) of each delivery that has a receipt."""

    kinds: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    accepted: dict[tuple[str, str], list[tuple[str, int]]] = field(default_factory=dict)
    receipts: dict[tuple[str, str], bytes] = field(default_factory=dict)
    results: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    failures: list[dict[str, object]] = field(default_factory=list)

    @property
    def sent(self) -> int:
        """How many bodies were sent."""
        return sum(each.total() for each in self.kinds.values())

    @property
    def server_errors(self) -> int:
        """How many answers were a 5xx, or none at all."""
        answers = sum(self.kinds.values(), Counter[str]())
        return sum(count for answer, count in answers.items() if answer[0] in "05")

    def enter(self, odd: Odd, answer: Answer) -> None:
        """Judge one answer."""
        self.kinds[odd.kind][f"{answer.status} {answer.code}".strip()] += 1
        try:
            self._check(odd, answer)
        except (AssertionError, ValueError, KeyError, TypeError) as error:
            self.failed += 1
            if len(self.failures) < MAX_KEPT_FAILURES:
                body = odd.genuine.body
                self.failures.append(
                    {
                        "kind": odd.kind,
                        "number": odd.number,
                        "why": f"{type(error).__name__} {error}",
                        "body": repr(body if len(body) < 4000 else body[:4000] + b"..."),
                        "answer": f"{answer.status} {answer.body!r}"[:2000],
                    }
                )

    def _check(self, odd: Odd, answer: Answer) -> None:
        assert not is_personal(json.dumps(answer.json(), ensure_ascii=False)), "personal data in an answer"
        if odd.again is not None:
            self._check_again(odd, answer)
        elif answer.status == 200:
            self._take(odd, answer)
        else:
            _check_problem(answer)
            assert (answer.status, answer.code) in REFUSALS - {(409, "DELIVERY_CONFLICT")}, "an answer of no use"
        assert odd.kind != PERSONAL_ID or answer.status == 422, "a delivery is called by a person's number"
        assert odd.kind != AS_IT_IS or answer.status == 200, "a delivery that was not odd was refused"

    def _check_again(self, odd: Odd, answer: Answer) -> None:
        if odd.kind == AGAIN:
            assert (answer.status, answer.body) == (200, self.receipts[_name(odd)]), "another receipt the second time"
        else:
            assert odd.kind == OTHERWISE
            _check_problem(answer)
            assert (answer.status, answer.code) == (409, "DELIVERY_CONFLICT"), "an id was taken twice"

    def _take(self, odd: Odd, answer: Answer) -> None:
        receipt = answer.json()
        results: list[dict[str, Any]] = receipt["results"]
        counts = Counter(each["status"] for each in results)
        assert receipt["delivery"] == odd.genuine.webhook_id.decode(), "the receipt names another delivery"
        assert counts.total() == sum(receipt["counts"].values()), "counts do not add up"
        assert all(receipt["counts"][status] == count for status, count in counts.items()), (
            "counts are not the results'"
        )
        assert odd.kind != AS_IT_IS or set(counts) == {"accepted"}, "a record that was not odd was refused"
        for place, result in enumerate(results):
            _check_result(place, result)
        self.results.update(each.get("code", each["status"]) for each in results)
        self.receipts[_name(odd)] = answer.body
        self.accepted[_name(odd)] = [
            (each["record_id"], each["version"]) for each in results if each["status"] == "accepted"
        ]


def _name(odd: Odd) -> tuple[str, str]:
    return odd.genuine.platform.name, odd.genuine.webhook_id.decode()


def _check_problem(answer: Answer) -> None:
    problem = answer.json()
    assert answer.code, "no problem details"
    assert problem["status"] == answer.status, "the problem says another status"
    assert problem["message"]["zh"], "no Chinese"
    assert problem["message"]["en"], "no English"
    assert problem["request_id"] == answer.header("x-request-id"), "another request id"


def _check_result(place: int, result: dict[str, Any]) -> None:
    if result["status"] == "rejected":
        assert result["pointer"].startswith(f"/data/records/{place}"), "a pointer to another record"
        assert result["message"]["zh"], "no Chinese"
        assert result["message"]["en"], "no English"
        assert result["code"], "no code"
    else:
        assert isinstance(result["record_id"], str), "no record id"
        assert result["version"] >= 1, "no version"


async def send_bodies(gateway: Gateway, bodies: Bodies, them: Iterator[Odd]) -> Ledger:
    """Send `them`, which `bodies` draws; return what was answered."""
    ledger = Ledger()

    async def one(connection: Connection, odd: Odd) -> None:
        answer = await connection.ask(odd.genuine.request().render())
        ledger.enter(odd, answer)
        name = _name(odd)
        if odd.again is None and name in ledger.receipts and len(odd.genuine.body) < MIB:
            bodies.sent.append(odd)
            new = [record_id for record_id, version in ledger.accepted[name] if version == 1]
            bodies.known[odd.genuine.platform.name].record_ids.extend(new)

    await spread(gateway, them, one)
    return ledger
