"""A database per service with two roles: `<db>_owner` migrates it, `<db>_app` works in it without DDL.

Works on any PostgreSQL from 15 on, as a superuser or as a role with CREATEDB and CREATEROLE, and any number of times.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote, urlsplit

import asyncpg

from xueshi_cli.runtime.errors import ProvisionError

_OLDEST_VERSION = 15
_NAME = re.compile(r"[a-z][a-z0-9_]{0,54}")  # with `_owner` within PostgreSQL's 63 bytes
_LOCK_KEY = 0x78756573  # an arbitrary constant: one provisioning at a time per server
_SCRAM_ITERATIONS = 4096
_SCRAM_SALT_BYTES = 16


class PasswordSource(Protocol):
    """Where the roles' passwords come from; `passwords.Passwords` is one."""

    def of(self, role: str) -> str:
        """Return the role's password, ASCII, the same at every call."""
        ...


@dataclass(frozen=True, slots=True)
class Provisioned:
    """One service's database: its name, the URL for migrations and the URL for the running service."""

    name: str
    owner_dsn: str
    app_dsn: str


async def provision(dsn: str, databases: Sequence[str], passwords: PasswordSource) -> dict[str, Provisioned]:
    """Make what is missing of each database and its roles on the server of `dsn`, an administrator's URL.

    Nobody but the two roles (and superusers) can connect to a database. The runtime role may SELECT, INSERT, UPDATE
    and DELETE in tables that the owner creates, and use their sequences; a migration takes away what an append-only
    table must not allow. Returns the databases by name. Raises `ProvisionError`.
    """
    for name in databases:
        if not _NAME.fullmatch(name):
            message = f"{name!r} is no database name: lower-case letters, digits and _, at most 55"
            raise ProvisionError(message)
    admin = await asyncpg.connect(dsn)
    try:
        await _check_server(admin)
        await admin.execute("SELECT pg_advisory_lock($1)", _LOCK_KEY)
        return {name: await _provision_one(admin, dsn, name, passwords) for name in databases}
    finally:
        await admin.close()


async def _check_server(admin: asyncpg.Connection) -> None:
    version = admin.get_server_version().major
    if version < _OLDEST_VERSION:
        message = f"PostgreSQL {version} is too old: {_OLDEST_VERSION} or newer is needed"
        raise ProvisionError(message)


async def _provision_one(admin: asyncpg.Connection, dsn: str, name: str, passwords: PasswordSource) -> Provisioned:
    owner, app = f"{name}_owner", f"{name}_app"
    for role in (owner, app):
        await make_role(admin, role, passwords.of(role))
    if not await admin.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        await admin.execute(f"GRANT {owner} TO CURRENT_USER")  # else it may not give the database away
    if not await admin.fetchval("SELECT true FROM pg_database WHERE datname = $1", name):
        # Order by code point on every server: the same pages, and prefixes searched by index.
        await admin.execute(
            f"CREATE DATABASE {name} OWNER {owner} TEMPLATE template0 ENCODING 'UTF8'"
            " LOCALE_PROVIDER libc LC_COLLATE 'C'"
        )
    result = Provisioned(
        name,
        owner_dsn=with_database(dsn, owner, passwords.of(owner), name),
        app_dsn=with_database(dsn, app, passwords.of(app), name),
    )
    await _grant(result, app)
    return result


async def make_role(admin: asyncpg.Connection, role: str, password: str) -> None:
    """Make a role that may log in and nothing else, or give it this password."""
    if not await admin.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
        await admin.execute(f"CREATE ROLE {role} LOGIN")
    await admin.execute(f"ALTER ROLE {role} PASSWORD '{scram_verifier(password)}'")


async def _grant(database: Provisioned, app: str) -> None:
    """Set the rights as the owner, who needs nobody's help for that."""
    owner = await asyncpg.connect(database.owner_dsn)
    try:
        await owner.execute(
            f"""
            REVOKE ALL ON DATABASE {database.name} FROM PUBLIC;
            GRANT CONNECT ON DATABASE {database.name} TO {app};
            REVOKE ALL ON SCHEMA public FROM PUBLIC;
            GRANT USAGE ON SCHEMA public TO {app};
            ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app};
            ALTER DEFAULT PRIVILEGES GRANT USAGE, SELECT ON SEQUENCES TO {app};
            """
        )
    finally:
        await owner.close()


def scram_verifier(password: str) -> str:
    """Return what PostgreSQL stores for a password (RFC 5803), so that no statement, and no log, carries it plain."""
    salt = secrets.token_bytes(_SCRAM_SALT_BYTES)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode("ascii"), salt, _SCRAM_ITERATIONS)
    stored_key = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    encoded = [base64.b64encode(part).decode("ascii") for part in (salt, stored_key, server_key)]
    return f"SCRAM-SHA-256${_SCRAM_ITERATIONS}:{encoded[0]}${encoded[1]}:{encoded[2]}"


def with_database(dsn: str, user: str, password: str, database: str) -> str:
    """Return `dsn` (postgresql://…) with another user, password and database; host, port and options stay."""
    parts = urlsplit(dsn)
    host = parts.netloc.rpartition("@")[2]
    credentials = f"{quote(user, safe='')}:{quote(password, safe='')}"
    return parts._replace(netloc=f"{credentials}@{host}", path=f"/{database}").geturl()
