"""Identity: a small OAuth 2 issuer for the embedded default and small sites; any OIDC provider replaces it."""
