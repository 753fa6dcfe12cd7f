"""The title-review system as the embedded bus knows it: a database role that sees its two topics and nothing else."""

from pathlib import Path

import asyncpg

from xueshi_cli.runtime.passwords import Passwords
from xueshi_cli.runtime.provision import Provisioned, make_role, with_database
from xueshi_cli.site.layout import ACKNOWLEDGEMENTS, VERIFIED_HOURS
from xueshi_kit.bus.embedded.outside import admit_outside
from xueshi_kit.keyring import KeyRing

ROLE = "title_review_client"
SUBJECTS = "title-review-subjects"
CONNECTIONS = 5


async def admit_title_review(admin_dsn: str, bus: Provisioned, passwords: Passwords) -> str:
    """Make the role, let it read verified hours and write acknowledgements; return its URL."""
    password = passwords.of(ROLE)
    admin = await asyncpg.connect(admin_dsn)
    try:
        await make_role(admin, ROLE, password)
        await admin.execute(f"ALTER ROLE {ROLE} CONNECTION LIMIT {CONNECTIONS}")
        await admin.execute(f"GRANT CONNECT ON DATABASE {bus.name} TO {ROLE}")
    finally:
        await admin.close()
    await admit_outside(bus.owner_dsn, ROLE, reads=[VERIFIED_HOURS], writes=[ACKNOWLEDGEMENTS])
    return with_database(admin_dsn, ROLE, password, bus.name)


def write_subject_key(ring_file: Path, file: Path) -> None:
    """Write the key of the subject refs, in hex, as the title-review system is given it."""
    purpose = KeyRing.load(ring_file).purposes[SUBJECTS]
    file.touch(mode=0o600)
    file.write_text(purpose.keys[purpose.current].secret.hex())
