"""Transcripts stand as the registry told them, encoded, and no longer as JSON."""

import json
from datetime import date
from typing import Any

import sqlalchemy as sa
from alembic import op

from xueshi.registry.v1 import transcripts_pb2

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ROWS_AT_ONCE = 1000
_EPOCH = date(1970, 1, 1).toordinal()


def upgrade() -> None:
    op.add_column("transcript", sa.Column("encoded", sa.LargeBinary()))
    _convert(op.get_bind())
    op.alter_column("transcript", "encoded", nullable=False)
    op.drop_column("transcript", "content")


def downgrade() -> None:
    # Issued proofs are not taken back by a change of software; a faulty version is followed by a mending one.
    raise NotImplementedError


def _convert(connection: sa.Connection) -> None:
    read = sa.text(
        "SELECT person_key, period, revision, content::text AS content FROM transcript"
        " WHERE (person_key, period) > (:person_key, :period) ORDER BY person_key, period LIMIT :rows"
    )
    keep = sa.text("UPDATE transcript SET encoded = :encoded WHERE person_key = :person_key AND period = :period")
    last = {"person_key": "00000000-0000-0000-0000-000000000000", "period": ""}
    while rows := connection.execute(read, {**last, "rows": _ROWS_AT_ONCE}).all():
        connection.execute(
            keep, [{"person_key": row.person_key, "period": row.period, "encoded": _encoded(row)} for row in rows]
        )
        last = {"person_key": rows[-1].person_key, "period": rows[-1].period}


def _encoded(row: sa.Row[Any]) -> bytes:
    facts = json.loads(row.content)["facts"]
    return transcripts_pb2.TranscriptChanged(
        person_key=row.person_key.bytes,
        jurisdiction=facts["jurisdiction"],
        period=row.period,
        revision=row.revision,
        totals=[transcripts_pb2.KindTotal(**each) for each in facts["totals"]],
        verdict=facts["verdict"],
        rule_ids=facts["rule_ids"],
        rulebook=facts["rulebook"],
        entries=[
            transcripts_pb2.TranscriptEntry(
                **{**each, "first_on": _days(each["first_on"]), "last_on": _days(each["last_on"])}
            )
            for each in facts["entries"]
        ],
    ).SerializeToString()


def _days(day: str) -> int:
    return date.fromisoformat(day).toordinal() - _EPOCH
