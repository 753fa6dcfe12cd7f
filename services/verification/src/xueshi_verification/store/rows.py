"""A row of an answer, whether the driver or SQLAlchemy gave it."""

from typing import TypeAlias

import asyncpg
from sqlalchemy import RowMapping

Row: TypeAlias = asyncpg.Record | RowMapping
"""Read by column name."""
