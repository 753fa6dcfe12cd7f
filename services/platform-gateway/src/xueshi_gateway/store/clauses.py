"""Clauses of rules, by version of the rulebook, as decisions told them: appended, never changed."""

from collections.abc import Collection, Mapping

from xueshi_kit.db import Transaction


async def keep(tx: Transaction, told: Mapping[str, Mapping[str, str]]) -> None:
    """Keep the clauses of these versions, by version and rule id. In one order, so that two writers only wait."""
    rows = sorted((version, *each) for version, by_rule in told.items() for each in by_rule.items())
    await tx.sql.execute(
        "INSERT INTO rule_clause (rulebook, rule_id, clause) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])"
        " ON CONFLICT DO NOTHING",
        *([row[n] for row in rows] for n in range(3)),
    )


async def read(tx: Transaction, versions: Collection[str]) -> dict[str, dict[str, str]]:
    """Return what is kept of these versions, by version and rule id."""
    told: dict[str, dict[str, str]] = {version: {} for version in versions}
    for row in await tx.sql.fetch("SELECT * FROM rule_clause WHERE rulebook = ANY($1::text[])", list(told)):
        told[row["rulebook"]][row["rule_id"]] = row["clause"]
    return told
