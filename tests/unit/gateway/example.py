"""The contract's example record, and bounds to hold it against."""

from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

from xueshi_gateway.api.openapi import EXAMPLE
from xueshi_records import Bounds

NOW = datetime(2025, 6, 3, 10, 20, tzinfo=UTC)
BOUNDS = Bounds.at(
    NOW, {"public", "professional"}, {"online": {"public", "professional"}, "secondment": {"professional"}}
)
ID_NUMBER = "359900199003070011"


def changed(**changes: object) -> dict[str, Any]:
    """Return the example record with members replaced, added or (None) removed; `a__0__b` reaches inwards."""
    made: Any = deepcopy(EXAMPLE["data"]["records"][0])
    for path, value in changes.items():
        *parents, last = (int(step) if step.isdigit() else step for step in path.split("__"))
        target = made
        for parent in parents:
            target = target[parent]
        if value is None:
            del target[last]
        else:
            target[last] = value
    return dict(made)
