"""Fresh databases for tests, each with its own roles, and their removal."""

import asyncio
import secrets
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import asyncpg

from xueshi_cli.runtime.provision import Provisioned, provision

_Result = TypeVar("_Result")


class _RandomPasswords:
    """A password per role for this session's life."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def of(self, role: str) -> str:
        return self._known.setdefault(role, secrets.token_urlsafe(16))


class DatabaseFactory:
    """Makes databases on one server and drops them all at the end. Callable from tests and fixtures, async or not."""

    def __init__(self, admin_dsn: str) -> None:
        """Make them on the server of this administrator's URL."""
        self._admin_dsn = admin_dsn
        self._passwords = _RandomPasswords()
        self._made: list[str] = []

    def __call__(self, name: str) -> Provisioned:
        """Return a new empty database with its owner and runtime role; its real name is `name` and a random suffix."""
        unique = f"{name}_{secrets.token_hex(4)}"
        self._made.append(unique)
        return _run_aside(provision(self._admin_dsn, [unique], self._passwords))[unique]

    def drop_all(self) -> None:
        """Remove every database made here, open connections or not, and its roles."""
        _run_aside(self._drop(self._made))
        self._made.clear()

    async def _drop(self, names: list[str]) -> None:
        admin = await asyncpg.connect(self._admin_dsn)
        try:
            for name in names:
                await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
                await admin.execute(f"DROP ROLE IF EXISTS {name}_app, {name}_owner")
        finally:
            await admin.close()


def _run_aside(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Run a coroutine to its end on a thread of its own: an async test has a running loop already."""
    results: list[_Result] = []
    errors: list[BaseException] = []

    def target() -> None:
        try:
            results.append(asyncio.run(work))
        except BaseException as error:  # noqa: BLE001 - handed on to the caller below
            errors.append(error)

    thread = threading.Thread(target=target)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]
