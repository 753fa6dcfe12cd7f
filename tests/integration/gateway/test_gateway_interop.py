"""The webhook as others see it: a public library signs, the published description says what is taken."""

import asyncio
import json
from datetime import UTC, datetime

import pytest
from jsonschema import Draft202012Validator
from standardwebhooks.webhooks import Webhook

from tests.integration.gateway.stand import Sender, Stand, record
from xueshi_gateway.api.openapi import EXAMPLE


async def _secret(stand: Stand) -> str:
    await stand.platform()
    made = await stand.admin("POST", "/v1/platforms/mooc/keys", {"version": "v1"})
    return str(made.json()["secret"])


async def test_any_standard_webhooks_sender_works_unchanged(stand: Stand) -> None:
    secret = await _secret(stand)
    body = json.dumps(EXAMPLE, ensure_ascii=False)
    now = stand.clock.now()
    answer = await stand.http.post(
        "/v1/platforms/mooc/deliveries",
        content=body.encode(),
        headers={
            "content-type": "application/json",
            "webhook-id": "msg_1",
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(secret).sign("msg_1", now, body),
        },
    )
    assert answer.json()["counts"]["accepted"] == 1


async def test_the_description_holds_the_types_that_decode(stand: Stand) -> None:
    document = (await stand.http.get("/openapi.json")).json()
    components = document["components"]["schemas"]
    operation = document["paths"]["/v1/platforms/{platform}/deliveries"]["post"]
    content = operation["requestBody"]["content"]["application/json"]
    assert content["schema"] == {"$ref": "#/components/schemas/Delivery"}
    validator = Draft202012Validator({**components["Delivery"], "components": {"schemas": components}})
    validator.validate(content["example"])
    assert not validator.is_valid({**content["example"], "more": 1})
    assert set(operation["responses"]) >= {"200", "400", "401", "403", "409", "413", "415", "422", "429"}
    receipt = operation["responses"]["200"]["content"]["application/json"]["example"]
    Draft202012Validator({**components["Receipt"], "components": {"schemas": components}}).validate(receipt)


async def test_every_reference_of_the_description_leads_somewhere(stand: Stand) -> None:
    text = (await stand.http.get("/openapi.json")).text
    document = json.loads(text)
    names = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert names <= document["components"]["schemas"].keys()


async def test_every_endpoint_says_who_may_call_it(stand: Stand) -> None:
    document = (await stand.http.get("/openapi.json")).json()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert "For " in operation["description"], (method, path)


async def test_receipts_are_what_the_description_says(stand: Stand) -> None:
    sender = await stand.platform()
    components = (await stand.http.get("/openapi.json")).json()["components"]["schemas"]
    validator = Draft202012Validator({**components["Receipt"], "components": {"schemas": components}})
    answer = await sender.send([record(), record(), record("bad", hours="9"), {}])
    validator.validate(answer.json())
    assert [each["status"] for each in answer.json()["results"]] == ["accepted", "duplicate", "rejected", "rejected"]


@pytest.mark.parametrize("another", [False, True])
async def test_a_key_revoked_elsewhere_ends_within_a_second(stand: Stand, another: bool) -> None:
    sender: Sender = await stand.platform()
    assert (await sender.send([record()])).status_code == 200
    if another:
        await stand.rows("UPDATE platform SET status = 'suspended'")
    else:
        await stand.rows("UPDATE signing_key SET revoked_at = $1", datetime(2025, 6, 3, tzinfo=UTC))
    await asyncio.sleep(1.05)
    assert (await sender.send([record()])).status_code == (403 if another else 401)
