"""What platforms read: receipts, fates and the feed; only of themselves, nothing skipped, nothing repeated."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count

from tests.integration.gateway.stand import Sender, Stand, record, statuses
from xueshi.registry.v1.hours_pb2 import HoursChange, HoursChanged
from xueshi.rulebook.v1.clauses_pb2 import Clauses
from xueshi_gateway.consumer import subscriptions
from xueshi_rulebook import load_rulebook

POSITIONS = count(1)


def change(item_of: "Told", state: str, **fields: object) -> HoursChange:
    """Return what the registry would say of a record's version."""
    defaults = {"claimed_centihours": 450, "credited_centihours": 450, "rulebook": load_rulebook().hash}
    return HoursChange(
        platform=item_of.platform,
        record_id=item_of.record_id,
        version=item_of.version,
        person_key=item_of.person_key,
        state=state,
        position=next(POSITIONS),
        changed_at_ms=int(datetime(2025, 6, 3, 10, 21, tzinfo=UTC).timestamp() * 1000),
        **{**defaults, **fields},  # type: ignore[arg-type]
    )


class Told:
    """A record version as the gateway has told it."""

    def __init__(self, platform: str, record_id: str, version: int, person_key: bytes) -> None:
        self.platform, self.record_id, self.version, self.person_key = platform, record_id, version, person_key


async def told(stand: Stand, sender: Sender, *ids: str) -> list[Told]:
    """Send fresh records and return them as the gateway has told them."""
    answer = await sender.send([record(each, number) for number, each in enumerate(ids)])
    assert set(statuses(answer)) == {"accepted"}
    items = {item.record_id: item for item in await stand.items()}
    return [Told(sender.platform, each, items[each].version, items[each].person_key) for each in ids]


async def last_told(stand: Stand, sender: Sender, record_id: str) -> Told:
    """Return the newest version of a record that was told."""
    item = [item for item in await stand.items() if item.record_id == record_id][-1]
    return Told(sender.platform, record_id, item.version, item.person_key)


async def hear(stand: Stand, *changes: HoursChange, clauses: Sequence[Clauses] = ()) -> None:
    """Let the gateway hear of changes, as its consumer would."""
    (subscription,) = subscriptions()
    async with stand.service.parts.db.transaction() as tx:
        await subscription.handle(tx, [HoursChanged(changes=changes, clauses=clauses)])


async def states(stand: Stand, platform: str = "mooc", **params: str | int) -> list[tuple[str, str]]:
    """Return the records and states of one page of the feed."""
    page = (await stand.read(platform, "/hour-records", **params)).json()
    return [(item["record_id"], item["state"]) for item in page["items"]]


async def test_an_accepted_record_waits_to_be_registered(stand: Stand) -> None:
    sender = await stand.platform()
    await told(stand, sender, "r1")
    fate = (await stand.read("mooc", "/hour-records/r1")).json()
    assert (fate["state"], fate["version"], fate["claimed_hours"]) == ("accepted", 1, None)
    assert fate["changed_at"] == "2025-06-03T18:20:00+08:00"
    assert fate["todo"] == {"zh": "无需处理。", "en": "Nothing to do."}


async def test_a_fate_names_rule_clause_and_what_to_do(stand: Stand) -> None:
    sender = await stand.platform()
    (one,) = await told(stand, sender, "r1")
    await hear(stand, change(one, "held", code="SCOPE_UNCONFIRMED", rule_ids=["FJ-15"], credited_centihours=0))
    fate = (await stand.read("mooc", "/hour-records/r1")).json()
    assert (fate["state"], fate["code"], fate["owner"]) == ("held", "SCOPE_UNCONFIRMED", "platform")
    assert [rule["id"] for rule in fate["rules"]] == ["FJ-15"]
    assert fate["rules"][0]["clause"] == load_rulebook().rule("FJ-15").citation
    assert fate["todo"]["zh"] == load_rulebook().guidance("SCOPE_UNCONFIRMED").todo_zh
    assert (fate["claimed_hours"], fate["credited_hours"], fate["uncredited_hours"]) == ("4.5", "0", "4.5")


async def test_a_fate_keeps_the_rulebook_of_the_registration_beside_the_last_one(stand: Stand) -> None:
    sender = await stand.platform()
    (one,) = await told(stand, sender, "r1")
    assert (await stand.read("mooc", "/hour-records/r1")).json()["registered_rulebook"] is None
    await hear(stand, change(one, "stamped", registered_rulebook="ab" * 32))
    fate = (await stand.read("mooc", "/hour-records/r1")).json()
    assert (fate["rulebook"], fate["registered_rulebook"]) == (load_rulebook().hash, "ab" * 32)
    await hear(stand, change(one, "stamped"))
    fate = (await stand.read("mooc", "/hour-records/r1")).json()
    assert fate["rulebook"] == fate["registered_rulebook"] == load_rulebook().hash


async def test_a_fate_keeps_the_clauses_that_it_was_told_by(stand: Stand) -> None:
    """Those of the version that judged come first; what nobody told is shown in today's words."""
    sender = await stand.platform()
    (one,) = await told(stand, sender, "r1")
    said = change(one, "stamped", rule_ids=["FJ-04", "FJ-03", "FJ-08", "FJ-09"], registered_rulebook="ab" * 32)
    clauses = [
        Clauses(rulebook="ab" * 32, by_rule={"FJ-04": "旧号 一", "FJ-03": ""}),
        Clauses(rulebook=said.rulebook, by_rule={"FJ-04": "新号 一", "FJ-08": "新号 二"}),
    ]
    for _ in range(2):
        await hear(stand, said, clauses=clauses)
    rulebook = load_rulebook()
    shown = (await stand.read("mooc", "/hour-records/r1")).json()["rules"]
    assert {rule["id"]: rule["clause"] for rule in shown} == {
        "FJ-04": "旧号 一", "FJ-03": rulebook.rule("FJ-03").citation, "FJ-08": "新号 二",
        "FJ-09": rulebook.rule("FJ-09").citation,
    }  # fmt: skip
    [listed] = (await stand.read("mooc", "/hour-records")).json()["items"]
    assert listed["rules"] == shown
    await sender.send([record("r1", 0, major="测绘")], "corrected")
    assert (await stand.read("mooc", "/hour-records/r1")).json()["rules"] == []


async def test_hours_over_the_days_cap_do_not_say_who_took_them(stand: Stand) -> None:
    sender = await stand.platform()
    (one,) = await told(stand, sender, "r1")
    stamped = change(one, "stamped", code="DAY_CAP_REACHED", credited_centihours=300, authority="fz-hrss")
    stamped.rule_ids.extend(["FJ-04", "FJ-03"])
    await hear(stand, stamped)
    fate = (await stand.read("mooc", "/hour-records/r1")).json()
    assert (fate["state"], fate["code"], fate["credited_hours"]) == ("stamped", "DAY_CAP_REACHED", "3")
    assert fate["uncredited_hours"] == "1.5"
    assert [rule["id"] for rule in fate["rules"]] == ["FJ-04", "FJ-03"]
    assert fate["authority"] == "fz-hrss"


async def test_returned_and_revoked_give_the_officers_reason(stand: Stand) -> None:
    sender = await stand.platform()
    one, two = await told(stand, sender, "r1", "r2")
    await hear(stand, change(one, "returned", reason="材料不符"), change(two, "revoked", reason="抽查不合格"))
    for record_id, code, remark in (("r1", "RETURNED", "材料不符"), ("r2", "STAMP_WITHDRAWN", "抽查不合格")):
        fate = (await stand.read("mooc", f"/hour-records/{record_id}")).json()
        assert (fate["code"], fate["remark"]) == (code, remark)


async def test_credited_hours_may_move_without_a_new_state(stand: Stand) -> None:
    sender = await stand.platform()
    one, two = await told(stand, sender, "r1", "r2")
    await hear(stand, change(one, "stamped", credited_centihours=300, code="DAY_CAP_REACHED"))
    await hear(
        stand, change(one, "credited"), change(two, "registered"), change(two, "credited", credited_centihours=1)
    )
    fate = (await stand.read("mooc", "/hour-records/r1")).json()
    assert (fate["state"], fate["credited_hours"], fate["code"]) == ("stamped", "4.5", None)
    assert await states(stand) == [("r1", "stamped"), ("r2", "registered")]


async def test_what_does_not_concern_a_live_version_is_left_out(stand: Stand) -> None:
    sender = await stand.platform()
    (one,) = await told(stand, sender, "r1")
    stranger = Told("elsewhere", "r1", 1, one.person_key)
    unknown = Told("mooc", "r9", 1, one.person_key)
    ahead = Told("mooc", "r1", 2, one.person_key)
    other_person = Told("mooc", "r1", 1, b"x" * 16)
    await hear(stand, *(change(each, "stamped") for each in (stranger, unknown, ahead, other_person)))
    await hear(stand, change(one, "credited"))
    assert await states(stand) == []
    assert (await stand.read("mooc", "/hour-records/r1")).json()["state"] == "accepted"


async def test_a_correction_begins_anew_and_what_was_said_before_no_longer_counts(stand: Stand) -> None:
    sender = await stand.platform()
    (one,) = await told(stand, sender, "r1")
    await hear(stand, change(one, "stamped"))
    cursor = (await stand.read("mooc", "/hour-records")).json()["next_cursor"]
    assert statuses(await sender.send([record("r1", 0, major="测绘")], "corrected")) == ["accepted"]
    assert await states(stand, cursor=cursor) == [("r1", "accepted")]
    fate = (await stand.read("mooc", "/hour-records/r1")).json()
    assert (fate["version"], fate["state"], fate["claimed_hours"]) == (2, "accepted", None)
    await hear(stand, change(one, "revoked"))
    assert (await stand.read("mooc", "/hour-records/r1")).json()["state"] == "accepted"
    await hear(stand, change(await last_told(stand, sender, "r1"), "held", code="NAME_MISMATCH"))
    assert (await stand.read("mooc", "/hour-records/r1")).json()["state"] == "held"


async def test_a_correction_that_crosses_a_stamp_is_never_overwritten_by_it(stand: Stand) -> None:
    sender = await stand.platform()
    ids = [f"r{number}" for number in range(20)]
    records = await told(stand, sender, *ids)
    corrections = [record(each, number, major="测绘") for number, each in enumerate(ids)]
    await asyncio.gather(
        *(hear(stand, *(change(each, "stamped") for each in records)) for _ in range(4)),
        *(sender.send([each], "corrected") for each in corrections),
    )
    versions = await stand.rows("SELECT version, state FROM fate")
    assert {(row["version"], row["state"]) for row in versions} == {(2, "accepted")}
    assert len(versions) == len(ids)


async def test_another_persons_void_is_not_the_records_fate(stand: Stand) -> None:
    sender = await stand.platform()
    (one,) = await told(stand, sender, "r1")
    await sender.send([record("r1", 7)], "corrected")
    void = Told("mooc", "r1", 2, one.person_key)
    await hear(stand, change(one, "voided"), change(void, "voided"))
    assert (await stand.read("mooc", "/hour-records/r1")).json()["state"] == "accepted"


async def test_a_void_ends_as_voided_under_either_version(stand: Stand) -> None:
    sender = await stand.platform()
    one, two = await told(stand, sender, "r1", "r2")
    voids = [{"record_id": each, "reason": "错"} for each in ("r1", "r2")]
    assert statuses(await sender.send(voids, "voided")) == ["accepted", "accepted"]
    await hear(stand, change(one, "voided"), change(Told("mooc", "r2", 2, two.person_key), "voided"))
    assert sorted(await states(stand)) == [("r1", "voided"), ("r2", "voided")]
    assert (await stand.read("mooc", "/hour-records/r1")).json()["version"] == 2


async def test_the_feed_pages_and_filters(stand: Stand) -> None:
    sender = await stand.platform()
    everything = await told(stand, sender, *(f"r{number}" for number in range(7)))
    first = (await stand.read("mooc", "/hour-records")).json()
    assert first == {"items": [], "next_cursor": None}
    await hear(stand, *(change(each, "held" if place % 2 else "queued") for place, each in enumerate(everything)))
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await stand.read("mooc", "/hour-records", limit=3, **cursor)).json()
        cursor = {"cursor": page["next_cursor"]}
        if not page["items"]:
            break
        seen += [item["record_id"] for item in page["items"]]
    assert seen == [each.record_id for each in everything]
    assert await states(stand, state="held") == [("r1", "held"), ("r3", "held"), ("r5", "held")]
    await hear(stand, change(everything[0], "stamped"))
    assert await states(stand, **cursor) == [("r0", "stamped")]


async def test_a_reader_with_concurrent_writers_skips_and_repeats_nothing(stand: Stand) -> None:
    sender = await stand.platform()
    ids = [f"r{number:03}" for number in range(120)]
    records = await told(stand, sender, *ids)
    done = asyncio.Event()

    async def write(part: list[Told]) -> None:
        for each in part:
            await hear(stand, change(each, "registered"))
            await hear(stand, change(each, "stamped"))

    async def read() -> list[tuple[str, str]]:
        seen: list[tuple[str, str]] = []
        cursor: dict[str, str] = {}
        while True:
            finished = done.is_set()
            page = (await stand.read("mooc", "/hour-records", limit=7, **cursor)).json()
            if page["next_cursor"]:
                cursor = {"cursor": page["next_cursor"]}
            seen += [(item["record_id"], item["state"]) for item in page["items"]]
            if finished and not page["items"]:
                return seen

    async def writers() -> None:
        await asyncio.gather(*(write(records[start::6]) for start in range(6)))
        done.set()

    seen, _ = await asyncio.gather(read(), writers())
    assert len(seen) == len(set(seen)), "repeated"
    assert sorted(record_id for record_id, state in seen if state == "stamped") == ids, "skipped"


async def test_a_receipt_is_read_as_it_was_given(stand: Stand) -> None:
    sender = await stand.platform()
    given = await sender.send([record(), record("bad", 2, hours="9")], delivery="d1")
    assert (await stand.read("mooc", "/receipts/d1")).content == given.content
    missing = await stand.read("mooc", "/receipts/d2")
    assert (missing.status_code, missing.json()["code"]) == (404, "NOT_FOUND")
    assert (await stand.read("mooc", "/hour-records/r9")).status_code == 404


async def test_a_platform_reads_itself_alone(stand: Stand) -> None:
    await stand.platform("one")
    sender = await stand.platform("two")
    await sender.send([record()], delivery="d1")
    for path in ("/receipts/d1", "/hour-records/KC25-000183", "/hour-records"):
        address = f"/v1/platforms/two{path}"
        other = await stand.http.get(address, headers={"authorization": "Bearer platform:one"})
        admin = await stand.http.get(address, headers={"authorization": "Bearer admin"})
        nobody = await stand.http.get(address)
        assert (other.status_code, admin.status_code, nobody.status_code) == (403, 403, 401)


async def test_odd_parameters_are_refused_and_never_crash(stand: Stand) -> None:
    await stand.platform()
    for path, params in (
        ("/hour-records", {"cursor": "!"}),
        ("/hour-records", {"cursor": "YXVkaXQ6MQ"}),
        ("/hour-records", {"cursor": "ZmF0ZXM6OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"}),
        ("/hour-records", {"cursor": "ZmF0ZXM6LTE"}),
        ("/hour-records", {"limit": 0}),
        ("/hour-records", {"limit": 501}),
        ("/hour-records", {"state": "HELD"}),
        ("/hour-records/%00", {}),
        ("/receipts/a.b", {}),
    ):
        assert (await stand.read("mooc", path, **params)).status_code == 422, (path, params)
