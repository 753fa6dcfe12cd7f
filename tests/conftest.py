"""Fixtures for every suite; what they give stands in `tests/support`."""

pytest_plugins = ["tests.support.fixtures"]
