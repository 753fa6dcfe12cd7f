"""The fuzzer can fail: what is lax in one way lets some mutation pass, what is half done or leaks is told."""

import base64
import itertools
import json
import random
from collections.abc import Iterator

import pytest

from tests.fuzz.client import Answer
from tests.fuzz.gateway import Platform
from tests.fuzz.judge import judge
from tests.fuzz.lax import LAX, Product
from tests.fuzz.mutations import KINDS, Mutant, mutants
from tests.fuzz.odd import AGAIN, AS_IT_IS, OTHERWISE, PERSONAL_ID, Odd
from tests.fuzz.receipts import Ledger, is_personal
from tests.fuzz.receiver import Receiver
from tests.fuzz.requests import Genuine, Pool, Request
from xueshi_kit.webhooks import SigningKey, parse_signing_key

IN_PROCESS = [kind for kind in KINDS if not kind.on_wire]
ROUNDS = 30
PROBLEM = (("content-type", "application/problem+json"), ("x-request-id", "r"))


def clock() -> int:
    return 1_800_000_000


def draw_platform(name: str) -> Platform:
    """Return a platform with the same keys in every run."""
    rng = random.Random(name)

    def keys(count: int) -> list[SigningKey]:
        secrets = [base64.b64encode(rng.randbytes(32)).decode() for _ in range(2 * count)]
        return [
            parse_signing_key(prefix + secret)
            for prefix, secret in zip(["whsec_", "whsk_"] * count, secrets, strict=True)
        ]

    return Platform(name, keys(3), keys(2))


PLATFORMS = (draw_platform("mooc"), draw_platform("haixi-online"))


def some() -> Iterator[Mutant]:
    return itertools.islice(mutants(1, PLATFORMS, clock, IN_PROCESS), ROUNDS * len(IN_PROCESS))


@pytest.mark.parametrize("strict", [Receiver, Product])
async def test_a_strict_receiver_refuses_every_mutation(strict: type[Receiver]) -> None:
    tally = await judge(some(), strict(PLATFORMS, clock).ask)
    assert tally.failures == []
    assert (tally.sent, len(tally.kinds)) == (ROUNDS * len(IN_PROCESS), len(IN_PROCESS))


@pytest.mark.parametrize("receiver", [Receiver, *LAX])
async def test_every_receiver_takes_what_is_genuine(receiver: type[Receiver]) -> None:
    for genuine in Pool.draw(random.Random(1), PLATFORMS, clock).requests:
        assert await receiver(PLATFORMS, clock).ask(Mutant(0, KINDS[0], genuine.request())) == Answer(200)


@pytest.mark.parametrize("lax", LAX, ids=lambda lax: lax.__name__)
async def test_a_lax_receiver_is_caught(lax: type[Receiver]) -> None:
    assert (await judge(some(), lax(PLATFORMS, clock).ask)).failed > 0


def test_the_same_seed_makes_the_same_mutants_and_none_twice() -> None:
    first, second = ([each.request.render() for each in some()] for _ in range(2))
    assert first == second
    assert len(set(first)) == len(first)


def test_what_reads_the_same_is_no_mutation() -> None:
    request = Pool.draw(random.Random(1), PLATFORMS, clock).requests[0].request()
    headers = tuple((name.title(), b" " + value + b"\t ") for name, value in reversed(request.headers))
    escaped = b"".join(b"%%%02x" % each for each in request.platform)
    assert Request(escaped, headers, request.body).meaning() == request.meaning()
    assert Request(request.platform, request.headers[1:], request.body).meaning() != request.meaning()


def odd(kind: str = "decimals", again: Odd | None = None) -> Odd:
    return Odd(1, kind, Genuine(PLATFORMS[0], b"m1", b"1", b"{}", ()), again)


def receipt(status: str = "accepted", accepted: int = 1, **more: object) -> Answer:
    counts = {"accepted": accepted, "duplicate": 0, "rejected": 0}
    result = {"record_id": "a", "status": status, "version": 1, **more}
    return Answer(200, (), json.dumps({"delivery": "m1", "counts": counts, "results": [result]}).encode())


def problem(status: int, code: str, message: str = "x", request_id: str = "r") -> Answer:
    words = {"zh": "字", "en": message}
    body = {"status": status, "code": code, "message": words, "request_id": request_id}
    return Answer(status, PROBLEM, json.dumps(body).encode())


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        (odd(), problem(500, "INTERNAL")),
        (odd(), problem(503, "UNAVAILABLE")),
        (odd(), Answer(0)),
        (odd(), Answer(400, (), b"{}")),
        (odd(), problem(401, "SIGNATURE_INVALID")),
        (odd(), problem(422, "DELIVERY_INVALID", request_id="other")),
        (odd(), problem(422, "DELIVERY_INVALID", message="")),
        (odd(), problem(422, "DELIVERY_INVALID", message="359900199003070011")),
        (odd(), problem(422, "DELIVERY_INVALID", message="359900-19900307-0011")),
        (odd(), problem(409, "DELIVERY_CONFLICT")),
        (odd(), receipt(accepted=2)),
        (odd(), receipt("duplicate")),
        (odd(), receipt("rejected", accepted=0, pointer="/", message={}, code="")),
        (odd(), receipt(record_id="陈晓")),
        (odd(), receipt(record_id=None)),
        (odd(AS_IT_IS), problem(422, "DELIVERY_INVALID")),
        (odd(PERSONAL_ID), receipt()),
        (odd(AGAIN, odd()), receipt()),
        (odd(OTHERWISE, odd()), receipt()),
    ],
)
def test_an_answer_that_must_not_be_is_told(given: Odd, answer: Answer) -> None:
    ledger = Ledger()
    ledger.enter(given, answer)
    assert ledger.failed == 1


@pytest.mark.parametrize(
    ("given", "answer"), [(odd(), receipt()), (odd(AS_IT_IS), receipt()), (odd(), problem(400, "NOT_JSON"))]
)
def test_an_answer_as_it_should_be_is_none(given: Odd, answer: Answer) -> None:
    ledger = Ledger()
    ledger.enter(given, answer)
    assert (ledger.failed, ledger.sent, ledger.server_errors) == (0, 1, 0)


@pytest.mark.parametrize(
    ("text", "personal"),
    [
        ("359900199003070011", True),
        ("x35990019900307002x", True),
        ("3599 0019 9003 0700 11", True),
        ("３５９９００１９９００３０７００１１", True),
        ('{"name":"陈·晓"}', True),
        ("999999199003070011", False),
        ("KC25-000183", False),
    ],
)
def test_a_person_is_seen_in_any_spelling(text: str, *, personal: bool) -> None:
    assert is_personal(text) is personal
