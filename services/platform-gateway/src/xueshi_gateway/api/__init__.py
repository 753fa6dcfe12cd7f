"""The gateway's HTTP API: the signed webhook, what platforms read, what administrators do."""

from fastapi import FastAPI

from xueshi_gateway.api import deliveries, fates, platforms
from xueshi_gateway.api.gateway import Gateway
from xueshi_gateway.api.openapi import publish_delivery_types
from xueshi_gateway.api.problems import answer_error
from xueshi_gateway.domain.errors import GatewayError

DESCRIPTION = (
    "培训平台接入:推送学时记录、查询回执和处理结果;管理员办理接入、科目确认和密钥。"
    " Training platforms push hour records over Standard Webhooks and read what became of them; administrators enter"
    " platforms, confirm their scopes and give keys."
)

__all__ = ["DESCRIPTION", "Gateway", "mount"]


def mount(app: FastAPI, gateway: Gateway) -> None:
    """Add the gateway's routes and the translation of its errors to an application."""
    app.add_exception_handler(GatewayError, answer_error)
    deliveries.mount(app, gateway)
    app.include_router(fates.router(gateway))
    app.include_router(platforms.router(gateway))
    publish_delivery_types(app)
