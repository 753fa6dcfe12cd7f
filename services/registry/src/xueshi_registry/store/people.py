"""People, their employments, employers and platforms: what records are matched with."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from xueshi_kit.db import Transaction
from xueshi_registry.domain.model import NO_PROFILE, Employer, Employment, Person, PersonKey, Platform, Profile


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person to enter, as a record or a registration names them."""

    key: PersonKey
    identity: bytes
    name_digest: bytes
    label: str
    claimed: bool
    name_state: str


async def lock_people(tx: Transaction, keys: Iterable[PersonKey]) -> dict[PersonKey, Person]:
    """Lock the people's rows in key order, so that two batches never wait for each other; return those known."""
    rows = await tx.sql.fetch(
        "SELECT person_key, name_digest, label, claimed, name_state FROM person"
        " WHERE person_key = ANY($1::uuid[]) ORDER BY person_key FOR UPDATE",
        sorted(keys),
    )
    return {
        (key := PersonKey(row["person_key"])): Person(
            key, row["name_digest"], row["label"], row["claimed"], row["name_state"]
        )
        for row in rows
    }


async def add_people(tx: Transaction, people: Sequence[NewPerson], now: datetime) -> None:
    """Enter people, in key order; one who is there already stays as they are."""
    ordered = sorted(people, key=lambda each: each.key)
    await tx.sql.execute(
        "INSERT INTO person (person_key, identity, name_digest, label, claimed, name_state, created_at,"
        " changed_at) SELECT *, $7::timestamptz, $7"
        " FROM unnest($1::uuid[], $2::bytea[], $3::bytea[], $4::text[], $5::boolean[], $6::text[])"
        " ON CONFLICT DO NOTHING",
        [each.key for each in ordered],
        [each.identity for each in ordered],
        [each.name_digest for each in ordered],
        [each.label for each in ordered],
        [each.claimed for each in ordered],
        [each.name_state for each in ordered],
        now,
    )


async def set_name_state(tx: Transaction, keys: Iterable[PersonKey], name_state: str, now: datetime) -> None:
    """Say whether these people's names are provisional, disputed or confirmed."""
    await tx.sql.execute(
        "UPDATE person SET name_state = $2, changed_at = $3 WHERE person_key = ANY($1::uuid[])",
        list(keys),
        name_state,
        now,
    )


EMPLOYMENT_COLUMNS = (
    "m.person_key, m.from_on, m.to_on, m.main, m.occupation, m.institution_level, m.cycle_from,"
    " e.uscc, e.name, e.region, e.industry"
)


async def employments_of(tx: Transaction, keys: Iterable[PersonKey]) -> dict[PersonKey, list[Employment]]:
    """Return the people's dated employments with their employers."""
    rows = await tx.sql.fetch(
        f"SELECT {EMPLOYMENT_COLUMNS} FROM employment m JOIN employer e ON e.uscc = m.employer"
        " WHERE m.person_key = ANY($1::uuid[]) ORDER BY m.person_key, m.from_on, m.id",
        list(keys),
    )
    found: dict[PersonKey, list[Employment]] = {}
    for row in rows:
        found.setdefault(PersonKey(row["person_key"]), []).append(employment_of(row))
    return found


def employment_of(row: asyncpg.Record) -> Employment:
    """Return the employment that a row of `EMPLOYMENT_COLUMNS` holds."""
    profile = Profile(row["occupation"], row["institution_level"], row["cycle_from"])
    return Employment(_employer(row), row["from_on"], row["to_on"], row["main"], profile)


async def employers(tx: Transaction, usccs: Iterable[str]) -> dict[str, Employer]:
    """Return the known employers among the codes."""
    rows = await tx.sql.fetch(
        "SELECT uscc, name, region, industry FROM employer WHERE uscc = ANY($1::text[])", list(usccs)
    )
    return {row["uscc"]: _employer(row) for row in rows}


async def platforms(tx: Transaction, ids: Iterable[str]) -> dict[str, Platform]:
    """Return the known platforms among the ids."""
    rows = await tx.sql.fetch(
        "SELECT platform, status, base_level, base_region,"
        " ARRAY(SELECT s->>0 FROM jsonb_array_elements(scopes) AS s) AS kinds,"
        " ARRAY(SELECT (s->>1)::int FROM jsonb_array_elements(scopes) AS s) AS industries,"
        " ARRAY(SELECT s->>2 FROM jsonb_array_elements(scopes) AS s) AS majors"
        " FROM platform WHERE platform = ANY($1::text[])",
        list(ids),
    )
    return {
        row["platform"]: Platform(
            row["platform"],
            row["status"],
            row["base_level"],
            row["base_region"],
            frozenset(zip(row["kinds"], row["industries"], row["majors"], strict=True)),
        )
        for row in rows
    }


def _employer(row: asyncpg.Record) -> Employer:
    return Employer(row["uscc"], row["name"], row["region"], row["industry"])


@dataclass(frozen=True, slots=True)
class NewEmployment:
    """A dated employment to enter; the same person, employer and first day again replaces what stood."""

    person_key: PersonKey
    employer: str
    from_on: date
    to_on: date | None
    main: bool
    profile: Profile = NO_PROFILE


async def claim(tx: Transaction, people: Sequence[NewPerson], now: datetime) -> None:
    """Let registered identities replace what records had brought."""
    await tx.sql.execute(
        "UPDATE person p SET identity = w.i, name_digest = w.d, label = w.l, claimed = true, name_state = 'confirmed',"
        " changed_at = CASE WHEN (p.name_digest, p.claimed, p.name_state) = (w.d, true, 'confirmed')"
        " THEN p.changed_at ELSE $5 END"
        " FROM unnest($1::uuid[], $2::bytea[], $3::bytea[], $4::text[]) AS w(k, i, d, l) WHERE p.person_key = w.k",
        [each.key for each in people],
        [each.identity for each in people],
        [each.name_digest for each in people],
        [each.label for each in people],
        now,
    )


async def rename(
    tx: Transaction, key: PersonKey, identity: bytes, name_digest: bytes, label: str, now: datetime
) -> None:
    """Confirm a person's name."""
    await tx.sql.execute(
        "UPDATE person SET identity = $2, name_digest = $3, label = $4, name_state = 'confirmed', changed_at = $5"
        " WHERE person_key = $1",
        key,
        identity,
        name_digest,
        label,
        now,
    )


async def identity_of(tx: Transaction, key: PersonKey) -> bytes:
    """Return a known person's sealed identity."""
    found: bytes = await tx.sql.fetchval("SELECT identity FROM person WHERE person_key = $1", key)
    return found


async def identities(tx: Transaction, keys: Iterable[PersonKey]) -> dict[PersonKey, bytes]:
    """Return the people's sealed identities."""
    rows = await tx.sql.fetch("SELECT person_key, identity FROM person WHERE person_key = ANY($1::uuid[])", list(keys))
    return {PersonKey(row["person_key"]): row["identity"] for row in rows}


async def add_employments(tx: Transaction, employments: Sequence[NewEmployment], now: datetime) -> None:
    """Enter dated employments; one that stands as it is given stays untouched."""
    await tx.sql.execute(
        "INSERT INTO employment (person_key, employer, from_on, to_on, main, occupation, institution_level, cycle_from,"
        " entered_at, changed_at) SELECT DISTINCT ON (k, e, f) k, e, f, t, m, o, l, c, $9::timestamptz, $9"
        " FROM unnest($1::uuid[], $2::text[], $3::date[], $4::date[], $5::boolean[], $6::text[], $7::text[],"
        " $8::date[]) AS w(k, e, f, t, m, o, l, c)"
        " ON CONFLICT (person_key, employer, from_on) DO UPDATE SET to_on = EXCLUDED.to_on, main = EXCLUDED.main,"
        " occupation = EXCLUDED.occupation, institution_level = EXCLUDED.institution_level,"
        " cycle_from = EXCLUDED.cycle_from, changed_at = EXCLUDED.changed_at"
        " WHERE (employment.to_on, employment.main, employment.occupation, employment.institution_level,"
        " employment.cycle_from) IS DISTINCT FROM (EXCLUDED.to_on, EXCLUDED.main, EXCLUDED.occupation,"
        " EXCLUDED.institution_level, EXCLUDED.cycle_from)",
        [each.person_key for each in employments],
        [each.employer for each in employments],
        [each.from_on for each in employments],
        [each.to_on for each in employments],
        [each.main for each in employments],
        [each.profile.occupation for each in employments],
        [each.profile.institution_level for each in employments],
        [each.profile.cycle_from for each in employments],
        now,
    )


async def save_employers(tx: Transaction, given: Sequence[Employer], now: datetime) -> None:
    """Enter employers, or replace what was known of them."""
    await tx.sql.execute(
        "INSERT INTO employer (uscc, name, region, industry, created_at, changed_at)"
        " SELECT DISTINCT ON (u) u, n, r, i, $5::timestamptz, $5"
        " FROM unnest($1::text[], $2::text[], $3::text[], $4::smallint[]) AS w(u, n, r, i)"
        " ON CONFLICT (uscc) DO UPDATE SET name = EXCLUDED.name, region = EXCLUDED.region,"
        " industry = EXCLUDED.industry, changed_at = CASE"
        " WHEN (employer.region, employer.industry) = (EXCLUDED.region, EXCLUDED.industry) THEN employer.changed_at"
        " ELSE EXCLUDED.changed_at END",
        [each.uscc for each in given],
        [each.name for each in given],
        [each.region for each in given],
        [each.industry for each in given],
        now,
    )


async def get_person(tx: Transaction, key: PersonKey) -> Person | None:
    """Return a person without locking."""
    row = await tx.sql.fetchrow(
        "SELECT person_key, name_digest, label, claimed, name_state FROM person WHERE person_key = $1", key
    )
    return None if row is None else Person(key, row["name_digest"], row["label"], row["claimed"], row["name_state"])


async def list_employers(tx: Transaction, region: str | None, after: str, limit: int) -> list[Employer]:
    """Return employers in order of their codes, after a code."""
    rows = await tx.sql.fetch(
        "SELECT uscc, name, region, industry FROM employer"
        " WHERE ($1::text IS NULL OR region = $1) AND uscc > $2 ORDER BY uscc LIMIT $3",
        region,
        after,
        limit,
    )
    return [_employer(row) for row in rows]
