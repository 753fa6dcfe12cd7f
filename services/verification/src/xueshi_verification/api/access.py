"""Who comes in: officers, whose grants then decide, and the platform's operators."""

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from xueshi_kit.auth import Caller, ForbiddenError, require
from xueshi_verification.domain.model import OfficerId
from xueshi_verification.handlers.authorities import Actor

OFFICER_SCOPE = "verification.decide"
OPERATOR_SCOPE = "verification.admin"

_officer = require(OFFICER_SCOPE, kinds=("officer",))
_operator = require(OPERATOR_SCOPE)
_bearer = HTTPBearer(
    scheme_name="AccessToken",
    bearerFormat="JWT",
    description="OAuth 2 access token of the configured issuer (client credentials with private_key_jwt).",
    auto_error=False,
)


async def _either(
    request: Request,
    credentials: Annotated[
        HTTPAuthorizationCredentials | None, Security(_bearer, scopes=[OPERATOR_SCOPE, OFFICER_SCOPE])
    ],
) -> Actor:
    """Let in an operator, or an officer, whose grants decide."""
    try:
        return Actor("operator", (await _operator(request, credentials)).subject)
    except ForbiddenError:
        return Actor("officer", (await _officer(request, credentials)).subject)


async def _officer_id(caller: Annotated[Caller, Depends(_officer)]) -> OfficerId:
    return OfficerId(caller.subject)


async def _operator_actor(caller: Annotated[Caller, Depends(_operator)]) -> Actor:
    return Actor("operator", caller.subject)


AnOfficer = Annotated[OfficerId, Depends(_officer_id)]
"""An officer's token (scope `verification.decide`, kind `officer`); the subject is the officer's id."""

AnOperator = Annotated[Actor, Depends(_operator_actor)]
"""An operator's token (scope `verification.admin`)."""

OfficerOrOperator = Annotated[Actor, Depends(_either)]
"""Either; an officer then needs an `administrator` grant, unless the endpoint says otherwise."""
