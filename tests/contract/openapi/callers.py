"""Who calls each service in these tests, and what each must know before it is asked."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from tests.contract.openapi.apps import Issuer, Rig

PLATFORM = "haixi-online"
EMPLOYER = "91350100M000100Y43"
OFFICER = "hrss-350504-desk"


def _gateway(issuer: Issuer, _method: str, path: str) -> Mapping[str, str]:
    own = ("/receipts/", "/hour-records")
    if any(part in path for part in own):
        return issuer.bearer(PLATFORM, "platform", "gateway.read")
    return issuer.bearer("root-admin", "administrator", "gateway.admin")


def _registry(issuer: Issuer, _method: str, _path: str) -> Mapping[str, str]:
    return issuer.bearer("root-admin", "administrator", "registry.admin", "registry.read")


def _verification(issuer: Issuer, method: str, path: str) -> Mapping[str, str]:
    entered = path.startswith("/v1/authorities/") and method in {"PUT", "DELETE", "POST"}
    if entered or path == "/v1/unrouted":
        return issuer.bearer("root-admin", "administrator", "verification.admin")
    return issuer.bearer(OFFICER, "officer", "verification.decide")


def _certificates(issuer: Issuer, _method: str, _path: str) -> Mapping[str, str]:
    return issuer.bearer("console", "system", "certificates.read", "certificates.issue")


def _title_review(issuer: Issuer, _method: str, _path: str) -> Mapping[str, str]:
    return issuer.bearer("title-review", "system", "title-review.read")


def _identity(issuer: Issuer, _method: str, _path: str) -> Mapping[str, str]:
    return issuer.bearer("root-admin", "administrator", "identity:read", "identity:write")


HEADERS: Mapping[str, Callable[[Issuer, str, str], Mapping[str, str]]] = {
    "gateway": _gateway,
    "registry": _registry,
    "verification": _verification,
    "certificates": _certificates,
    "title-review": _title_review,
    "identity": _identity,
}


async def _enter_platform(rig: Rig) -> None:
    new = {"id": PLATFORM, "name": "海西网络学院", "base_level": "province", "base_region": "350000"}
    await rig.call("POST", "/v1/platforms", new)


async def _enter_employer(rig: Rig) -> None:
    employer = {"name": "泉州市洛江区第一建筑有限公司", "region": "350504", "industry": 5}
    await rig.call("PUT", f"/v1/employers/{EMPLOYER}", employer)


async def _enter_authority(rig: Rig) -> None:
    authority = {"name": "泉州市洛江区人力资源和社会保障局", "kind": "hrss", "region": "350504", "level": "county"}
    await rig.call("PUT", "/v1/authorities/hrss-350504", authority)
    grant = {"officer": OFFICER, "officer_name": "林岚", "role": "reviewer"}
    await rig.call("POST", "/v1/authorities/hrss-350504/grants", grant)


PREPARE: Mapping[str, Callable[[Rig], Awaitable[None]]] = {
    "gateway": _enter_platform,
    "registry": _enter_employer,
    "verification": _enter_authority,
}

PARAMETERS: Mapping[str, Mapping[str, Any]] = {
    "gateway": {"path.platform": PLATFORM},
    "verification": {"path.authority": "hrss-350504"},
}
