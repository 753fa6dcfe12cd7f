"""Who comes in, and the parts of an address."""

from typing import Annotated

from fastapi import Depends, Path, Query

from xueshi_kit.auth import Caller, require
from xueshi_title_review.domain import PERIOD_PATTERN, REF_PATTERN

Reader = Annotated[Caller, Depends(require("title-review.read"))]
"""The title-review system, or who runs this service."""

SubjectRefPath = Annotated[
    str,
    Path(
        pattern=REF_PATTERN,
        description="Lower-case hex of HMAC-SHA-256 under the receiver's key.",
        examples=["3f" * 32],
    ),
]
PeriodPath = Annotated[str, Path(pattern=PERIOD_PATTERN, description="A rulebook's period.", examples=["2025"])]
CursorQuery = Annotated[
    str | None,
    Query(pattern=r"^[A-Za-z0-9_-]{1,100}$", description="`next_cursor` of the answer before.", examples=["djo0Mg"]),
]
