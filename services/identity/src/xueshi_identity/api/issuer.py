"""What every OAuth 2 client and verifier needs: the token endpoint, the published keys, the metadata."""

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse

from xueshi_identity.api.forms import MEDIA_TYPE, FormError, read_form
from xueshi_identity.api.models import TokenErrorOut, TokenOut
from xueshi_identity.handlers.keys import SigningKeys
from xueshi_identity.handlers.oauth import CLIENT_AUTHENTICATION, GRANT, SIGNING_ALGORITHM, TOKEN_PATH
from xueshi_identity.handlers.tokens import Tokens
from xueshi_kit.auth import ALGORITHMS
from xueshi_kit.token_client import ASSERTION_TYPE

JWKS_PATH = "/.well-known/jwks.json"
_METADATA_PATHS = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")
_NO_STORE = {"Cache-Control": "no-store"}
# Shorter than verifiers keep keys by themselves: a cache between must not hold back a rotation.
_JWKS_CACHE = {"Cache-Control": "public, max-age=60"}

_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            MEDIA_TYPE: {
                "schema": {
                    "type": "object",
                    "required": ["grant_type", "client_assertion_type", "client_assertion"],
                    "properties": {
                        "grant_type": {"type": "string", "const": GRANT},
                        "client_assertion_type": {"type": "string", "const": ASSERTION_TYPE},
                        "client_assertion": {
                            "type": "string",
                            "examples": ["eyJhbGciOiJFZDI1NTE5IiwidHlwIjoiSldUIn0.e30.c2lnbmVk"],
                            "description": "A JWT signed with the client's key: iss and sub are the client's id, aud "
                            "is this issuer or this endpoint, exp at most five minutes ahead, jti used once.",
                        },
                        "scope": {
                            "type": "string",
                            "description": "Separated by spaces; absent: all allowed.",
                            "examples": ["gateway.read"],
                        },
                        "audience": {
                            "type": "string",
                            "description": "Whom the token is for; needed where the client may choose.",
                            "examples": ["xueshi"],
                        },
                    },
                }
            }
        },
    }
}


def router(tokens: Tokens, keys: SigningKeys, issuer: str) -> APIRouter:
    """Return the routes that need no token."""
    routes = APIRouter(tags=["issuer"])

    @routes.post(
        TOKEN_PATH,
        summary="Get an access token",
        response_model=TokenOut,
        responses={400: {"model": TokenErrorOut, "description": "No token (RFC 6749, section 5.2)"}},
        openapi_extra=_FORM,
    )
    async def token(request: Request) -> JSONResponse:
        """Give a registered client an access token of ten minutes for one audience (RFC 6749, RFC 7523).

        For every registered client, by an assertion that its own key has signed.
        """
        try:
            form = read_form(request.headers.get("content-type", ""), await request.body())
        except FormError as error:
            refusal = {"error": "invalid_request", "error_description": error.problem}
            return JSONResponse(refusal, 400, _NO_STORE)
        answer = await tokens.issue(form)
        return JSONResponse(dict(answer.body), answer.status, _NO_STORE)

    @routes.get(JWKS_PATH, summary="Keys that access tokens are checked with", response_model=dict[str, Any])
    async def jwks() -> JSONResponse:
        """Return the public keys as a JWK set (RFC 7517). For anyone."""
        return JSONResponse({"keys": [key.public_jwk for key in await keys.published()]}, headers=_JWKS_CACHE)

    async def metadata() -> dict[str, Any]:
        """Return where the endpoints are and what they take. For anyone."""
        return _metadata(issuer)

    for path in _METADATA_PATHS:
        routes.add_api_route(path, metadata, summary="Metadata of this issuer (RFC 8414)", name=path)
    return routes


def _metadata(issuer: str) -> dict[str, Any]:
    """Return the metadata of RFC 8414, with what OpenID Connect Discovery requires beside."""
    return {
        "issuer": issuer,
        "token_endpoint": issuer + TOKEN_PATH,
        "jwks_uri": issuer + JWKS_PATH,
        "grant_types_supported": [GRANT],
        "response_types_supported": [],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [SIGNING_ALGORITHM],
        "token_endpoint_auth_methods_supported": [CLIENT_AUTHENTICATION],
        "token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS),
    }
