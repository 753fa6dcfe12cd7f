"""The same version registered again: decisions name the registration, and what was refused stays so."""

import asyncio
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from tests.integration.verification.desk import OPERATOR, PLATFORM, Desk, became, officer, registered
from tests.support.rulebooks import draft
from xueshi.registry.v1.hours_pb2 import HoursChanged
from xueshi_rulebook import read_rulebook
from xueshi_verification.consumer import subscriptions
from xueshi_verification.handlers.routing import Routing

pytestmark = pytest.mark.asyncio(loop_scope="session")

REASON = {"code": "OTHER", "text": "抽查无签到"}


async def _withdraw(desk: Desk, record_id: str) -> None:
    answer = await desk.http.post(
        f"/v1/stamps/{PLATFORM}/{record_id}/1/withdrawal", json={"reason": REASON}, headers=officer("wu")
    )
    assert answer.status_code == 200, answer.text


async def test_every_decision_names_the_registration_that_it_is_about(desk: Desk) -> None:
    await desk.hear(
        registered("auto", registered_by="automatic", position=11),
        registered("returned", position=12),
        registered("moved", position=13),
    )
    await desk.decide("wu", "returned", "returned", reason=REASON)
    await _withdraw(desk, "auto")
    await desk.http.put("/v1/authorities/builders/unable", json={"reason": "暂无专人"}, headers=OPERATOR)
    await desk.decide("lin", "moved")
    said = [(each.record_id, each.outcome, each.authority, each.registration_position) for each in await desk.told()]
    assert sorted(said) == [
        ("auto", "revoked", "builders", 11),
        ("auto", "stamped", "builders", 11),
        ("moved", "queued", "builders", 13),
        ("moved", "queued", "hrss", 13),
        ("moved", "stamped", "hrss", 13),
        ("returned", "queued", "builders", 12),
        ("returned", "returned", "builders", 12),
    ]


async def test_a_record_registered_again_is_decided_under_its_new_registration(desk: Desk) -> None:
    await desk.hear(registered("auto", registered_by="automatic", position=11), registered("r", position=12))
    await desk.told()
    await desk.hear(became("held", "auto"), became("held", "r"))
    await desk.hear(registered("auto", registered_by="automatic", position=21), registered("r", position=22))
    await desk.decide("wu", "r")
    said = [(each.record_id, each.outcome, each.registration_position) for each in await desk.told()]
    assert sorted(said) == [("auto", "stamped", 21), ("r", "queued", 22), ("r", "stamped", 22)]


@pytest.mark.parametrize("outcome", ["revoked", "returned"])
async def test_what_an_officer_refused_is_not_stamped_by_a_hold_and_release_that_cross_it(
    desk: Desk, outcome: str
) -> None:
    by = "automatic" if outcome == "revoked" else "submitted"
    await desk.hear(registered("r", registered_by=by, position=11), registered("other", position=12))
    if outcome == "revoked":
        await _withdraw(desk, "r")
    else:
        await desk.decide("wu", "r", "returned", reason=REASON)
    first = (await desk.told())[-1]
    await desk.hear(became("held", "r", credited=0))
    assert await desk.told() == []
    assert await desk.states() == {"other": "waiting", "r": outcome}

    await desk.hear(registered("r", registered_by="automatic", position=21))
    [again] = await desk.told()
    assert again.registration_position == 21
    again.registration_position = first.registration_position
    assert again == first
    assert await desk.states() == {"other": "waiting", "r": outcome}
    trail = await desk.http.get(f"/v1/records/{PLATFORM}/r/decisions", headers=OPERATOR)
    assert [each["outcome"] for each in trail.json()["items"]].count(outcome) == 1

    await desk.hear(registered("r", 2, registered_by="automatic", position=31))
    [corrected] = await desk.told()
    assert (corrected.outcome, corrected.version, corrected.registration_position) == ("stamped", 2, 31)


async def test_what_another_transaction_enters_meanwhile_fails_the_batch_whole_and_is_known_next(desk: Desk) -> None:
    [subscription] = subscriptions(desk.office)
    mine, other = registered("r", registered_by="automatic"), registered("s", registered_by="automatic")
    async with desk.db.transaction() as tx:
        await subscription.handle(tx, [HoursChanged(changes=[mine])])
        late = asyncio.create_task(desk.hear(mine, other))
        await asyncio.sleep(0.2)
        assert not late.done()
    with pytest.raises(asyncpg.UniqueViolationError):
        await late
    assert await desk.states() == {"r": "stamped"}
    await desk.hear(mine, other)
    assert await desk.states() == {"r": "stamped", "s": "stamped"}
    assert await desk.outcomes() == {"r": ("stamped", "builders"), "s": ("stamped", "builders")}


async def test_what_is_told_again_keeps_the_words_of_the_rulebook_that_decided(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = desk.office.routing.rulebook
    moved = {f"clause: {before.rule('FJ-08').clause}\n    kind": "clause: 附件2 二\n    kind"}
    after = read_rulebook(draft(tmp_path, moved))
    await desk.hear(registered("r", position=11))
    await desk.decide("wu", "r", "returned", reason=REASON)
    await desk.hear(became("held", "r", credited=0))
    await desk.told()
    monkeypatch.setattr(desk, "office", replace(desk.office, routing=Routing(after)))
    await desk.hear(registered("r", position=21), registered("new", position=22))
    told = {each.record_id: each.rulebook for each in await desk.told()}
    assert told == {"r": before.hash, "new": after.hash}
    assert desk.clauses == {before.hash: before.clauses(["FJ-08"]), after.hash: after.clauses(["FJ-08"])}
    assert before.clauses(["FJ-08"]) != after.clauses(["FJ-08"])
    [logged] = (await desk.http.get(f"/v1/records/{PLATFORM}/r/decisions", headers=OPERATOR)).json()["items"]
    assert (logged["rulebook"], logged["clauses"]) == (before.hash, [before.rule("FJ-08").citation])
