"""What the local runtime raises.

RuntimeFailure
├── ChildFailedError       a process ended, was not ready in time, or crashed too often
├── FolderInUseError       another server runs on the data folder
├── MissingPartError       a program that must be installed is not there (Java, Maven, PostgreSQL's binaries)
└── ProvisionError         a database or role cannot be made as asked
"""


class RuntimeFailure(Exception):  # noqa: N818 - the root names the family; what is raised ends in Error
    """Root of the runtime's errors; the message is written for the person at the terminal."""


class ChildFailedError(RuntimeFailure):
    """A process ended before it was ready, was not ready in time, or crashed too often."""


class FolderInUseError(RuntimeFailure):
    """Another server runs on this data folder; two would lose rows without a word."""


class MissingPartError(RuntimeFailure):
    """A program that the runtime needs is not installed."""


class ProvisionError(RuntimeFailure):
    """A database or role cannot be made as asked."""
