"""Pushes deliveries as training platforms do: signed webhooks, each platform's in order, several platforms at once."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import httpx

from xueshi_cli.demo.load import RefusedError
from xueshi_kit.clock import Clock
from xueshi_kit.webhooks import parse_signing_key, sign
from xueshi_samples.model import Delivery

PLATFORMS_AT_ONCE = 4
TRIES = 20


@dataclass(slots=True)
class Tally:
    """What the gateway answered. Repeats of a delivery are not counted again."""

    accepted: int = 0
    duplicate: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    unexpected: list[str] = field(default_factory=list)

    def take(self, delivery: Delivery, receipt: Mapping[str, list[dict[str, str]]]) -> None:
        """Count a receipt and compare it, record by record, with what the delivery must give."""
        for expected, result in zip(delivery.expected, receipt["results"], strict=True):
            code = result.get("code")
            if (expected.status, expected.code) != (result["status"], code):
                self.unexpected.append(
                    f"{delivery.platform}/{result.get('record_id')}: {result['status']} {code or ''}"
                    f" instead of {expected.status} {expected.code or ''}"
                )
            if delivery.repeats:
                continue
            if result["status"] == "rejected":
                self.rejected[str(code)] += 1
            elif result["status"] == "duplicate":
                self.duplicate += 1
            else:
                self.accepted += 1


async def push(
    gateway_url: str,
    keys: Mapping[str, str],
    deliveries: Sequence[Delivery],
    clock: Clock,
    progress: Callable[[int], None],
) -> Tally:
    """Push all deliveries; `progress` is told how many records each one held."""
    tally = Tally()
    by_platform: dict[str, list[Delivery]] = {}
    for delivery in deliveries:
        by_platform.setdefault(delivery.platform, []).append(delivery)
    places = asyncio.Semaphore(PLATFORMS_AT_ONCE)
    async with httpx.AsyncClient(base_url=gateway_url, timeout=60) as http:

        async def one(platform: str, mine: Sequence[Delivery]) -> None:
            key = parse_signing_key(keys[platform])
            async with places:
                for delivery in mine:
                    body = delivery.body()
                    answer = await _send(
                        http,
                        delivery,
                        body,
                        sign_headers=lambda body=body, delivery=delivery: sign(  # type: ignore[misc]
                            [key], delivery.delivery_id, clock.now(), body
                        ),
                    )
                    tally.take(delivery, answer.json())
                    progress(len(delivery.records))

        async with asyncio.TaskGroup() as group:
            for platform, mine in by_platform.items():
                group.create_task(one(platform, mine))
    return tally


async def _send(
    http: httpx.AsyncClient, delivery: Delivery, body: bytes, sign_headers: Callable[[], dict[str, str]]
) -> httpx.Response:
    """Send one delivery, again when asked to wait: the same id and bytes are always safe to repeat."""
    path = f"/v1/platforms/{delivery.platform}/deliveries"
    for _ in range(TRIES):
        answer = await http.post(path, content=body, headers={**sign_headers(), "Content-Type": "application/json"})
        if answer.status_code not in {429, 503}:
            break
        await asyncio.sleep(min(float(answer.headers.get("Retry-After", "1")), 10))
    if answer.status_code != httpx.codes.OK:
        message = f"{path}: {answer.status_code} {answer.text[:500]}"
        raise RefusedError(message)
    return answer
