"""Which rules an officer's decision rests on, in each jurisdiction."""

import pytest

from tests.integration.verification.desk import BUILDERS, PLATFORM, Desk, officer, registered

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("jurisdiction", "region", "code", "rule_ids"),
    [
        ("fujian", "350504", "SPOT_CHECK_FAILED", ["FJ-10"]),
        ("fujian", "350504", "FALSE_ENTRY", ["FJ-24"]),
        ("wenzhou", "330382", "SPOT_CHECK_FAILED", ["WZ-05"]),
        ("wenzhou", "330382", "FALSE_ENTRY", ["WZ-05"]),
    ],
)
async def test_a_withdrawal_rests_on_what_its_jurisdiction_says(
    desk: Desk, jurisdiction: str, region: str, code: str, rule_ids: list[str]
) -> None:
    await desk.authority("wenzhou", BUILDERS | {"name": "温州市住建局", "region": "330300", "level": "city"})
    await desk.grant("wenzhou", "wu")
    await desk.hear(registered("r", registered_by="automatic", jurisdiction=jurisdiction, region=region))
    await desk.told()
    answer = await desk.http.post(
        f"/v1/stamps/{PLATFORM}/r/1/withdrawal", json={"reason": {"code": code, "text": "不实"}}, headers=officer("wu")
    )
    assert answer.status_code == 200, answer.text
    [told] = await desk.told()
    assert list(told.rule_ids) == rule_ids


async def test_a_return_rests_on_the_rules_that_brought_the_record(desk: Desk) -> None:
    await desk.authority("education", BUILDERS | {"name": "浈江区教育局", "region": "440204", "industries": [16]})
    await desk.grant("education", "wu")
    await desk.hear(registered("r", jurisdiction="shaoguan", region="440204", industry=16))
    await desk.told()
    reason = {"code": "OTHER", "text": "材料不符"}
    assert (await desk.decide("wu", "r", "returned", reason=reason)).status_code == 200
    [told] = await desk.told()
    assert list(told.rule_ids) == ["SG-04"]
