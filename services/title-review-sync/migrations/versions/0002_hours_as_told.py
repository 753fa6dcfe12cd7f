"""What is told of a transcript stands as it is told, encoded, and no longer as JSON."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from xueshi.titlereview.v1 import verified_hours_pb2
from xueshi_rulebook import format_hours

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_ROWS_AT_ONCE = 1000


def upgrade() -> None:
    op.add_column("standing", sa.Column("hours", sa.LargeBinary()))
    _convert(op.get_bind())
    op.drop_column("standing", "transcript")


def downgrade() -> None:
    # A receiver counts on revisions that only rise; a faulty version is followed by a mending one.
    raise NotImplementedError


def _convert(connection: sa.Connection) -> None:
    read = sa.text(
        "SELECT person_key, period, transcript::text AS transcript FROM standing WHERE transcript IS NOT NULL"
        " AND (person_key, period) > (:person_key, :period) ORDER BY person_key, period LIMIT :rows"
    )
    keep = sa.text("UPDATE standing SET hours = :hours WHERE person_key = :person_key AND period = :period")
    last = {"person_key": "00000000-0000-0000-0000-000000000000", "period": ""}
    while rows := connection.execute(read, {**last, "rows": _ROWS_AT_ONCE}).all():
        connection.execute(
            keep,
            [
                {"person_key": row.person_key, "period": row.period, "hours": _encoded(json.loads(row.transcript))}
                for row in rows
            ],
        )
        last = {"person_key": rows[-1].person_key, "period": rows[-1].period}


def _encoded(transcript: dict[str, Any]) -> bytes:
    return verified_hours_pb2.VerifiedHours(
        jurisdiction=transcript["jurisdiction"],
        verdict=transcript["verdict"],
        rule_ids=transcript["rule_ids"],
        rulebook=transcript["rulebook"],
        totals=[
            verified_hours_pb2.Total(
                kind=each["kind"],
                unit="hour",
                required=format_hours(each["required_centihours"]),
                verified=format_hours(each["verified_centihours"]),
                lacking=format_hours(each["lacking_centihours"]),
            )
            for each in transcript["totals"]
        ],
        entries=[
            verified_hours_pb2.Entry(
                platform=each["platform"],
                record_id=each["record_id"],
                version=each["version"],
                kind=each["kind"],
                course_title=each["course_title"],
                first_on=each["first_on"],
                last_on=each["last_on"],
                amount=format_hours(each["centihours"]),
                authority=each["authority"],
            )
            for each in transcript["entries"]
        ],
    ).SerializeToString()
