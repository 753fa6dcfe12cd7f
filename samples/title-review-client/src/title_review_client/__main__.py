"""`python -m title_review_client follow|pull|check`: see the README."""

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path

import httpx

from title_review_client.client import Applicant, Memory, Register, Tokens, check, follow, pull
from title_review_client.topics import EmbeddedTopics, KafkaTopics

BUS_URL = "XUESHI_BUS_URL"


def main() -> None:
    """Read the command line and do it."""
    parser = argparse.ArgumentParser(prog="title_review_client")
    parser.add_argument("what", choices=("follow", "pull", "check"))
    parser.add_argument("--key-file", type=Path, required=True, help="the key of subject refs, in hex")
    parser.add_argument("--key-id", default="k1", help="its id")
    parser.add_argument("--memory", type=Path, default=Path("held.sqlite"), help="what we hold")
    parser.add_argument("--applicants", type=Path, help="a JSON line for each: id_type, id_number")
    parser.add_argument("--kafka", help="follow: bootstrap servers")
    parser.add_argument("--bus", help="follow: postgresql://… of our role on the embedded bus")
    parser.add_argument("--once", action="store_true", help="follow: end when there is nothing more")
    parser.add_argument("--api", help="pull, check: where the API is")
    parser.add_argument("--token-url", help="pull, check: the issuer's token endpoint")
    parser.add_argument("--client-id", default="title-review-system")
    parser.add_argument("--client-key", type=Path, help="pull, check: our private key (JWK)")
    parser.add_argument("--audience", default="xueshi")
    parser.add_argument("--year", type=int, help="check: the year of learning")
    given = parser.parse_args()
    if given.what == "follow" and not (given.kafka or given.bus):
        _read_bus(parser, given)
    asyncio.run(_run(given))


def _read_bus(parser: argparse.ArgumentParser, given: argparse.Namespace) -> None:
    """Take the bus from the environment: arguments, and a password in them, show in the list of processes."""
    url = os.environ.get(BUS_URL)
    if not url:
        parser.error(f"follow needs {BUS_URL}, --kafka or --bus")
    if url.startswith(("postgresql://", "postgres://")):
        given.bus = url
    else:
        given.kafka = url


async def _run(given: argparse.Namespace) -> None:
    lines = given.applicants.read_text(encoding="utf-8").splitlines() if given.applicants else ()
    known = [Applicant(each["id_type"], each["id_number"]) for each in map(json.loads, lines)]
    register = Register(bytes.fromhex(given.key_file.read_text().strip()), given.key_id, known)
    memory = Memory(given.memory)
    try:
        if given.what == "follow":
            taken, refused = await _follow(given, memory, register)
            _say(f"{taken} taken, {refused} refused")
            return
        tokens = Tokens(given.token_url, given.client_id, json.loads(given.client_key.read_text()), given.audience)
        async with httpx.AsyncClient(base_url=given.api, auth=tokens, timeout=30) as api:
            if given.what == "pull":
                taken, passed = await pull(api, memory, register)
                _say(f"{taken} taken, {passed} known or refused")
            else:
                for ref, item in (await check(api, register, given.year)).items():
                    _say(f"{ref} {item['verdict']}")
    finally:
        memory.close()


async def _follow(given: argparse.Namespace, memory: Memory, register: Register) -> tuple[int, int]:
    if given.kafka:
        async with KafkaTopics.open(given.kafka) as topics:
            return await follow(topics, memory, register, once=given.once)
    async with EmbeddedTopics.open(given.bus, memory) as topics:
        return await follow(topics, memory, register, once=given.once)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
