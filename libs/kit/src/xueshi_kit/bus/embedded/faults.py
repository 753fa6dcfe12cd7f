"""Turns what the database driver raises into the errors of the bus."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from xueshi_kit.bus import BusError, BusUnavailableError

_PASSING = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.LockNotAvailableError,
    asyncpg.ObjectNotInPrerequisiteStateError,
    OSError,
    TimeoutError,
)
"""Faults that pass by themselves: connection, shutdown, restart, closed database, overload, deadlock, time-outs."""


@contextmanager
def bus_faults() -> Iterator[None]:
    """Raise `BusUnavailableError` for faults that pass and `BusError` for the others.

    The driver's own texts are left out, since they may quote a row or an argument.
    """
    try:
        yield
    except BusError:
        raise
    except _PASSING as error:
        # An argument that the driver cannot send is an interface error too, and stays one.
        kind = BusError if isinstance(error, ValueError) else BusUnavailableError
        raise kind(_named(error)) from None
    except asyncpg.PostgresError as error:
        raise BusError(_named(error)) from None


def _named(error: BaseException) -> str:
    state = getattr(error, "sqlstate", None)
    return f"{type(error).__name__} ({state})" if state else type(error).__name__
