"""The HTTP API of certificates: the public check by tag, and proofs by number for those who may know."""

from fastapi import APIRouter

from xueshi_certificates.api import proofs, public
from xueshi_certificates.api.desk import Desk
from xueshi_certificates.api.throttle import Throttle

__all__ = ["DESCRIPTION", "Desk", "router"]

DESCRIPTION = (
    "Electronic proofs of stamped hours (FJ-11). Anyone who has a proof's address sees its status and "
    "masked data; numbers open nothing without a token. Hours are decimal strings, moments carry China's offset."
)


def router(desk: Desk, throttle: Throttle) -> APIRouter:
    """Return all routes."""
    whole = APIRouter()
    whole.include_router(public.router(desk, throttle))
    whole.include_router(proofs.router(desk))
    return whole
