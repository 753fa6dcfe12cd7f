"""`POST /v1/platforms/{platform}/deliveries`: the signed webhook, and `…/hour-records:check`, which only asks.

The order of checks is part of the contract: 415, 413, 401, 403, 429, 400 or 422, 409, 200. The body is read as raw
bytes, because the signature is over bytes; nothing of it is looked at before the signature holds.
"""

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.routing import Route

from xueshi_gateway.api.gateway import Gateway
from xueshi_gateway.api.openapi import CHECK_OPERATION, DELIVERY_OPERATION
from xueshi_gateway.api.problems import unsupported_media
from xueshi_gateway.domain.records import PlatformId
from xueshi_gateway.handlers.deliveries import examine
from xueshi_gateway.wire.checks import encode_report

PATH = "/v1/platforms/{platform}/deliveries"


def mount(app: FastAPI, gateway: Gateway) -> None:
    """Add the route that takes deliveries.

    It stands twice: FastAPI's publishes it, and before it Starlette's serves it. There is nothing in it for FastAPI to
    inject or validate, and for a delivery of one record that would be a quarter of the work.
    """
    routes = APIRouter(tags=["deliveries"])

    @routes.post(PATH, openapi_extra=DELIVERY_OPERATION, response_class=Response)
    async def deliver(platform: str, request: Request) -> Response:
        """Take hour records: completed, corrected or voided, 1 to 1000 of a kind.

        For training platforms, by a signature with one of their keys. The receipt says for each
        record whether it was accepted (durably), is a duplicate, or was rejected and why; one bad record never sinks
        the others. The same delivery id with the same bytes gets the same receipt again. Nothing of anybody is read.
        """
        _require_json(request)
        body = await request.body()
        platform_id = PlatformId(platform)
        now = gateway.clock.now()
        verified, access = await gateway.door.admit(platform_id, request.headers.raw, body, now)
        gateway.meter.check(platform_id, access.records_per_minute)
        gateway.pressure.check()
        gateway.intake.check_room()
        delivery = examine(gateway.inlet, platform_id, verified.webhook_id, body, now)
        receipt = await gateway.intake.take(delivery, access.records_per_minute)
        request.app.state.wake_relay()
        return Response(receipt, media_type="application/json")

    @routes.post("/v1/platforms/{platform}/hour-records:check", openapi_extra=CHECK_OPERATION, response_class=Response)
    async def check(platform: str, request: Request) -> Response:
        """Check hour records before they are sent: whether each is well-formed, and what its form asks for.

        For training platforms, signed as a delivery is; the body is one. Nothing is stored and no id is taken. Nothing
        of anybody is read: neither other hours of the person nor their employment, so the answer gives what each
        jurisdiction that knows the form asks for, with its clause. Its records count for the platform's minute.
        """
        _require_json(request)
        body = await request.body()
        platform_id = PlatformId(platform)
        now = gateway.clock.now()
        verified, access = await gateway.door.admit(platform_id, request.headers.raw, body, now)
        gateway.meter.check(platform_id, access.records_per_minute)
        delivery = examine(gateway.inlet, platform_id, verified.webhook_id, body, now)
        async with gateway.db.session() as session:
            asked = platform_id, access.records_per_minute, len(delivery.candidates)
            for refusal in await gateway.meter.count(session.sql, [asked]):
                if refusal is not None:
                    raise refusal
        report = encode_report(delivery.candidates, gateway.rulebook, gateway.inlet.messages)
        return Response(report, media_type="application/json")

    async def serve(request: Request) -> Response:
        return await deliver(request.path_params["platform"], request)

    app.router.routes.insert(0, Route(PATH, serve, methods=["POST"]))
    app.include_router(routes)


def _require_json(request: Request) -> None:
    """Raise a 415 problem unless the body says that it is plain JSON."""
    kind, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().replace('"', "")
    encoding = request.headers.get("content-encoding", "identity")
    if kind.strip().lower() != "application/json" or charset not in {"", "charset=utf-8"} or encoding != "identity":
        raise unsupported_media()
