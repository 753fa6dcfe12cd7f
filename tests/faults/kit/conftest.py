"""Fixtures of the plumbing's suites."""

from tests.support.counting.fixtures import (
    counting,
    counting_database,
    counting_on_each_bus,
    embedded_rig,
    log_lines,
    rig,
)

__all__ = ["counting", "counting_database", "counting_on_each_bus", "embedded_rig", "log_lines", "rig"]
