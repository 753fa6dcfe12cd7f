"""The bench runs and reports; how fast anything is, no test says."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
from rich.console import Console

from tests.load import cpu, recomputing, report, webhook
from tests.load.accepts import Sizes
from tests.load.deliveries import BATCH, Course, deliver, learners
from tests.load.figures import Figures
from tests.load.limit import CopyLimit
from tests.load.outside import Outside, WrongHoursError
from tests.load.sender import Load, Request, Sender, UnexpectedAnswerError
from tests.support.databases import DatabaseFactory
from xueshi.titlereview.v1.verified_hours_pb2 import Entry, VerifiedHours
from xueshi_kit.bus import Received
from xueshi_kit.events import bucket_of
from xueshi_rulebook.identifiers import normalise_id

KEYS = {
    *("accept_ratio_500", "accept_ratio_500_records_only", "accept_ratio_replayed", "accept_ratio_duplicates"),
    *("accept_ratio_one_duplicate", "accept_vs_reference", "single_vs_pgbench", "copy_all_per_second"),
    *("accepts_per_second_1", "accepts_per_second_50", "accepts_per_second_500", "copy_records_only_per_second"),
}
TINY = webhook.Plan(
    rounds=1,
    processes=2,
    sizes=Sizes(batches=2, fifties=4, ones=16),
    reference_batches=2,
    singles=64,
    pgbench_seconds=1,
)


async def test_a_tiny_round_fills_the_report(tmp_path: Path) -> None:
    figures = Figures()
    await webhook.measure(TINY, webhook.PARTS, figures, lambda _: None)
    report.write(tmp_path / "bench.json", figures, {"quick": True})
    written = json.loads((tmp_path / "bench.json").read_text())
    assert written.keys() >= KEYS
    assert all(written[key] > 0 for key in KEYS)
    assert written["cpu_us_per_record"]["accept 500"].keys() == {"gateway", "postgres", "sender"}
    with (tmp_path / "table").open("w") as file:
        report.show(Console(file=file, width=130), figures)
    assert "accept, batches of 500" in (tmp_path / "table").read_text()


async def test_a_copied_ledger_is_recomputed_without_a_difference() -> None:
    figures = Figures()
    await recomputing.measure(recomputing.Plan(entries=3_000, rounds=1), figures, lambda _: None)
    assert figures.medians().keys() >= {"recompute_seconds", "preview_seconds", "recomputed_entries_per_second"}


async def test_the_limit_copies_what_was_written_and_follows_the_rest(make_database: DatabaseFactory) -> None:
    owner = await asyncpg.connect(make_database("limit").owner_dsn)
    await owner.execute(
        "CREATE TABLE hour_record (id bigserial PRIMARY KEY, name text UNIQUE, body bytea, at timestamptz);"
        "CREATE TABLE receipt (id bigserial PRIMARY KEY, body bytea STORAGE EXTERNAL);"
        "CREATE TABLE untouched (id bigserial PRIMARY KEY); CREATE UNLOGGED TABLE counter (n integer)"
    )

    async def write(first: int, last: int) -> None:
        for number in range(first, last):
            async with owner.transaction():
                await owner.execute("INSERT INTO counter VALUES ($1)", number)
                await owner.execute("INSERT INTO receipt (body) VALUES ($1)", b"r" * 5000)
                for each in "ab":
                    body = None if each == "b" else os.urandom(20)
                    await owner.execute(
                        "INSERT INTO hour_record (name, body, at) VALUES ($1, $2, now())", f"{number}{each}", body
                    )

    try:
        await write(0, 2)
        limit = CopyLimit(owner)
        mark = await limit.mark()
        await write(2, 5)
        batches = await limit.capture(mark, 3)
        assert [set(batch) for batch in batches] == [{"hour_record", "receipt"}] * 3
        speeds = await limit.copy(batches, 6)
        assert min(speeds.all_rows, speeds.records_only) > 0
        mark = await limit.mark()
        await write(5, 6)
        await limit.follow(mark)
        same = "SELECT (SELECT array_agg(r ORDER BY id) FROM {0} AS r WHERE id > {1})::text = "
        same += "(SELECT array_agg(r ORDER BY id) FROM {2} AS r)::text"
        assert await owner.fetchval(same.format("hour_record", 4, "limit_all_hour_record"))
        assert await owner.fetchval(same.format("receipt", 2, "limit_all_receipt"))
        assert await owner.fetchval("SELECT count(*) FROM limit_only_hour_record") == 8
    finally:
        await owner.close()


def test_learners_are_many_and_well_formed() -> None:
    people = learners(2000)
    assert len({each.id_number for each in people}) == len(people)
    assert all(normalise_id("resident_id", each.id_number).startswith("359900") for each in people)
    assert {bucket_of(each.id_number.encode(), 8) for each in people} == set(range(8))


def test_no_learner_has_two_records_on_a_day() -> None:
    records = [each for delivery in Course(learners(50)).deliveries(4, BATCH) for each in delivery.records]
    assert len({each["record_id"] for each in records}) == len(records)
    days = [(each["learner"]["id_number"], day["on"]) for each in records for day in each["learned"]]
    assert len(set(days)) == len(days)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b'{"counts": {"accepted": 1, "duplicate": 0, "rejected": 0}}'),
        (429, b"{}"),
    ],
)
async def test_the_sender_looks_at_every_answer(status: int, body: bytes) -> None:
    """The second record's answer is not what it must be."""
    right = b'{"counts": {"accepted": 0, "duplicate": 1, "rejected": 0}}'
    answers = iter([(200, right), (status, body)])

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for code, content in answers:
            await reader.readuntil(b"end")
            head = f"HTTP/1.1 {code} -\r\nContent-Length: {len(content)}\r\n\r\n".encode()
            for part in (head[:20], head[20:] + content[:10], content[10:]):
                writer.write(part)
                await writer.drain()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    load = Load([server.sockets[0].getsockname()[1]], [Request(b"end", accepted=0, duplicate=1)] * 2, connections=1)
    async with server, Sender() as sender:
        with pytest.raises(UnexpectedAnswerError, match=str(status)):
            await sender.send(load)


def test_cpu_of_ended_children_counts() -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    source = (
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}]); print('done', flush=True); input()"
    )
    with parent(source) as process:
        assert cpu.read({"all": [process.pid]})["all"] >= 0.29


@contextmanager
def parent(source: str) -> Iterator["subprocess.Popen[str]"]:
    """Run a process until it has said that it is done."""
    with subprocess.Popen(
        [sys.executable, "-c", source], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "done\n"
        yield process
        process.communicate("\n")


class Told:
    """A consumer of messages that are there from the beginning."""

    def __init__(self, *messages: VerifiedHours) -> None:
        self._messages = [
            Received("t", 0, place, each.subject_ref, each.SerializeToString(), {}, datetime.now(UTC))
            for place, each in enumerate(messages)
        ]

    async def poll(self, max_messages: int, timeout_seconds: float) -> list[Received]:
        """Return what is left."""
        await asyncio.sleep(timeout_seconds)
        taken, self._messages = self._messages[:max_messages], self._messages[max_messages:]
        return taken

    async def commit(self, received: Sequence[Received]) -> None:
        """Nothing is committed."""

    async def rewind(self) -> None:
        """Nothing is read twice."""


def told(subject: str, *entries: tuple[str, str]) -> VerifiedHours:
    return VerifiedHours(subject_ref=subject, entries=[Entry(record_id=name, amount=hours) for name, hours in entries])


async def test_the_last_message_of_a_subject_counts() -> None:
    outside = Outside(Told(told("a", ("1", "4.5")), told("b", ("3", "2")), told("a", ("1", "4.5"), ("2", "1"))))
    outside.expect([deliver([{"record_id": name, "hours": hours} for name, hours in [("1", "4.50"), ("2", "1")]])])
    outside.expect([deliver([{"record_id": "3", "hours": "2"}])])
    await outside.read_all()
    assert outside.first_seen_at_ns.keys() == {"1", "2", "3"}


async def test_other_hours_at_the_end_are_no_result() -> None:
    outside = Outside(Told(told("a", ("1", "4.5")), told("a", ("1", "4"))))
    outside.expect([deliver([{"record_id": "1", "hours": "4.5"}])])
    with pytest.raises(WrongHoursError, match="1 with other hours"):
        await outside.read_all(patience_seconds=0.5)
