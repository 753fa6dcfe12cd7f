"""What verification refuses; translated for people only at the API.

::

    VerificationError
    ├── ItemUnknownError          no such record, or no such version of it yet
    ├── StaleVersionError         the record has a newer version
    ├── NotGrantedError           no grant of the officer covers this
    ├── OwnRecordError            the record is the officer's own
    ├── ClaimedError              somebody else works on it
    ├── DecidedError              it was decided already
    ├── NotWaitingError           it is held or voided: nothing to decide
    ├── NotStampedError           there is no stamp to withdraw
    ├── AuthorityUnknownError     no such authority, or it is closed
    ├── AuthorityFixedError       kind and region of an authority never change
    ├── AuthorityInvalidError     level, region and industries do not fit together
    ├── HrssUnableError           FJ-08 knows no fallback for HRSS
    ├── GrantUnknownError         no such grant
    ├── GrantExistsError          the officer has this grant already
    ├── GrantTooWideError         the grant reaches beyond the authority or the granting administrator
    └── OwnGrantError             nobody grants to themselves
"""

from datetime import datetime


class VerificationError(Exception):
    """Root of what this service refuses."""


class ItemUnknownError(VerificationError):
    """No such record, or no such version of it yet."""


class StaleVersionError(VerificationError):
    """The record has a newer version; a decision on an older one changes nothing."""

    def __init__(self, version: int) -> None:
        """`version` is the newest one."""
        super().__init__(f"the newest version is {version}")
        self.version = version


class NotGrantedError(VerificationError):
    """No grant of the officer covers this."""


class OwnRecordError(VerificationError):
    """Nobody decides on a record of their own."""


class ClaimedError(VerificationError):
    """Somebody else holds a live claim."""

    def __init__(self, until: datetime) -> None:
        """`until` is when the claim lapses."""
        super().__init__("claimed by another officer")
        self.until = until


class DecidedError(VerificationError):
    """The version was decided already."""

    def __init__(self, outcome: str) -> None:
        """`outcome` is what was decided."""
        super().__init__(f"already {outcome}")
        self.outcome = outcome


class NotWaitingError(VerificationError):
    """The record is held or voided: there is nothing to decide now."""

    def __init__(self, state: str) -> None:
        """`state` is what became of it."""
        super().__init__(f"the record is {state}")
        self.state = state


class NotStampedError(VerificationError):
    """There is no stamp to withdraw."""

    def __init__(self, state: str) -> None:
        """`state` is what the record is instead."""
        super().__init__(f"the record is {state}")
        self.state = state


class AuthorityUnknownError(VerificationError):
    """No such authority, or it is closed."""


class AuthorityFixedError(VerificationError):
    """Kind and region of an authority never change: another place is another authority."""


class AuthorityInvalidError(VerificationError):
    """Level, region and industries do not fit together; `field` names the one that is wrong."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        """Name the field and say what is wrong with it."""
        super().__init__(en)
        self.field = field
        self.zh = zh
        self.en = en


class HrssUnableError(VerificationError):
    """FJ-08 lets only an industry body be "for now unable": for HRSS there is no fallback."""


class GrantUnknownError(VerificationError):
    """No such grant at this authority, or it was revoked before."""


class GrantExistsError(VerificationError):
    """The officer holds the same grant on some of the same days."""


class GrantTooWideError(VerificationError):
    """The grant reaches beyond the authority, or beyond the administrator who gives it."""


class OwnGrantError(VerificationError):
    """Nobody gives a grant to themselves."""
