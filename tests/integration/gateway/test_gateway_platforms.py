"""Accession: platforms, scopes, keys; every act audited and published; rotation and revocation at the door."""

from datetime import timedelta

import pytest

from tests.integration.gateway.stand import Stand, id_number, record, statuses
from xueshi.gateway.v1.platforms_pb2 import PlatformChanged
from xueshi_kit.webhooks import HmacKey, PrivateKey, generate_private_key, parse_signing_key

NEW = {"id": "mooc", "name": "福建网络学院", "base_level": "province", "base_region": "350000"}
NUMBER = id_number(1)
SCOPE = {"subject_kind": "professional", "industry": 5, "major": "土木工程", "confirmed_by": "福建省住房和城乡建设厅"}


async def published(stand: Stand) -> list[PlatformChanged]:
    """Return what was said of platforms, in order."""
    rows = await stand.rows("SELECT payload FROM outbox WHERE topic = 'xueshi.gateway.platforms' ORDER BY id")
    return [PlatformChanged.FromString(row["payload"]) for row in rows]


async def test_each_act_raises_the_revision_is_published_and_audited(stand: Stand) -> None:
    assert (await stand.admin("POST", "/v1/platforms", NEW)).status_code == 201
    scope = (await stand.admin("POST", "/v1/platforms/mooc/scopes", SCOPE)).json()
    public = {"subject_kind": "public", "confirmed_by": "福建省人力资源和社会保障厅"}
    await stand.admin("POST", "/v1/platforms/mooc/scopes", public)
    await stand.admin("POST", "/v1/platforms/mooc/suspend", {"reason": "抽查"})
    await stand.admin("POST", f"/v1/platforms/mooc/scopes/{scope['id']}/withdraw", {"reason": "到期"})
    events = await published(stand)
    assert [event.revision for event in events] == [1, 2, 3, 4, 5]
    assert [event.status for event in events] == ["active", "active", "active", "suspended", "suspended"]
    assert [(each.subject_kind, each.industry, each.major) for each in events[3].scopes] == [
        ("professional", 5, "土木工程"),
        ("public", 0, ""),
    ]
    assert [each.subject_kind for each in events[4].scopes] == ["public"]
    assert (events[0].name, events[0].base_level, events[0].base_region) == ("福建网络学院", "province", "350000")
    trail = (await stand.admin("GET", "/v1/platforms/mooc/audit", None)).json()["items"]
    assert [each["action"] for each in trail] == [
        "scope.withdraw",
        "platform.suspend",
        "scope.confirm",
        "scope.confirm",
        "platform.create",
    ]
    assert {each["actor"] for each in trail} == {"root-admin"}
    assert trail[0]["detail"] == {"scope": scope["id"], "reason": "到期"}


async def test_a_platform_is_shown_with_scopes_and_keys_but_no_secret(stand: Stand) -> None:
    sender = await stand.platform()
    await stand.admin("POST", "/v1/platforms/mooc/scopes", SCOPE)
    answer = await stand.admin("GET", "/v1/platforms/mooc")
    shown = answer.json()
    assert shown["platform"]["delivery_path"] == "/v1/platforms/mooc/deliveries"
    assert [scope["major"] for scope in shown["scopes"]] == ["土木工程"]
    assert [(key["key_id"], key["version"]) for key in shown["keys"]] == [(sender.key_id, "v1")]
    assert "whsec_" not in answer.text


async def test_platforms_are_listed_in_pages(stand: Stand) -> None:
    for platform in ("aa", "bb", "cc", "dd", "ee"):
        await stand.platform(platform)
    await stand.admin("POST", "/v1/platforms/dd/suspend", {"reason": "停"})
    first = (await stand.admin("GET", "/v1/platforms?limit=3")).json()
    second = (await stand.admin("GET", f"/v1/platforms?limit=3&cursor={first['next_cursor']}")).json()
    assert [each["id"] for each in first["items"] + second["items"]] == ["aa", "bb", "cc", "dd", "ee"]
    assert second["next_cursor"] is None
    suspended = (await stand.admin("GET", "/v1/platforms?status=suspended")).json()
    assert [each["id"] for each in suspended["items"]] == ["dd"]
    trail = (await stand.admin("GET", "/v1/platforms/dd/audit?limit=2")).json()
    rest = (await stand.admin("GET", f"/v1/platforms/dd/audit?limit=2&cursor={trail['next_cursor']}")).json()
    assert [each["action"] for each in trail["items"] + rest["items"]] == [
        "platform.suspend",
        "key.add",
        "platform.create",
    ]
    assert rest["next_cursor"] is None


async def test_acts_that_do_not_fit_change_nothing(stand: Stand) -> None:
    await stand.platform()
    before = len(await published(stand))
    await stand.admin("POST", "/v1/platforms/mooc/scopes", SCOPE)
    for path, body, status, code in (
        ("", NEW, 409, "PLATFORM_EXISTS"),
        ("/mooc/scopes", SCOPE, 409, "SCOPE_STANDS"),
        ("/mooc/scopes", {**SCOPE, "subject_kind": "leisure"}, 422, "REQUEST_INVALID"),
        ("/mooc/scopes", {**SCOPE, "subject_kind": "public"}, 422, "REQUEST_INVALID"),
        ("/mooc/scopes", {**SCOPE, "industry": 0}, 422, "REQUEST_INVALID"),
        ("/mooc/scopes/999999/withdraw", {"reason": "无"}, 404, "NOT_FOUND"),
        ("/mooc/keys/ffff/revoke", {"reason": "无"}, 404, "NOT_FOUND"),
        ("/nobody/suspend", {"reason": "无"}, 404, "NOT_FOUND"),
        ("/nobody/keys", {"version": "v1"}, 404, "NOT_FOUND"),
        ("/mooc/keys", {"version": "v1", "expires_at": "2025-06-03T10:20:00Z"}, 422, "REQUEST_INVALID"),
        ("/mooc/keys", {"version": "v1a", "public_key": "whpk_AAAA"}, 422, "REQUEST_INVALID"),
        ("/mooc/keys", {"version": "v1a"}, 422, "REQUEST_INVALID"),
    ):
        answer = await stand.admin("POST", f"/v1/platforms{path}", body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), (path, body, answer.text)
    await stand.admin("POST", "/v1/platforms/mooc/resume", {"reason": "本来就有效"})
    assert len(await published(stand)) == before + 1


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "A"},
        {"id": "a/b"},
        {"id": "359900199003070011"},
        {"name": ""},
        {"name": "号码359900199003070011"},
        {"name": "a\x00b"},
        {"base_level": "nation"},
        {"base_region": "999999"},
        {"records_per_minute": 0},
        {"more": 1},
    ],
)
async def test_a_platform_that_cannot_be_is_refused(stand: Stand, changes: dict[str, object]) -> None:
    answer = await stand.admin("POST", "/v1/platforms", {**NEW, **changes})
    assert answer.status_code == 422
    assert "359900199003070011" not in answer.text


async def test_administrators_alone_may_act(stand: Stand) -> None:
    await stand.platform()
    for token, status in (("reader", 403), ("platform:mooc", 403), ("forged", 401)):
        headers = {"authorization": f"Bearer {token}"}
        for method, path in (
            ("GET", ""),
            ("POST", ""),
            ("GET", "/mooc"),
            ("POST", "/mooc/suspend"),
            ("POST", "/mooc/resume"),
            ("PUT", "/mooc/limit"),
            ("POST", "/mooc/scopes"),
            ("POST", "/mooc/scopes/1/withdraw"),
            ("POST", "/mooc/keys"),
            ("POST", "/mooc/keys/k1/rotate"),
            ("POST", "/mooc/keys/k1/revoke"),
            ("GET", "/mooc/audit"),
        ):
            answer = await stand.http.request(method, f"/v1/platforms{path}", headers=headers)
            assert answer.status_code == status, (token, method, path)


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("", {**NEW, "name": f"学院{NUMBER}"}, "name"),
        ("", {**NEW, "id": NUMBER}, "id"),
        ("/mooc/suspend", {"reason": f"涉及 {NUMBER[:6]} {NUMBER[6:]}"}, "reason"),
        ("/mooc/resume", {"reason": NUMBER}, "reason"),
        ("/mooc/scopes", {**SCOPE, "major": NUMBER}, "major"),
        ("/mooc/scopes", {**SCOPE, "confirmed_by": NUMBER}, "confirmed_by"),
        ("/mooc/scopes/1/withdraw", {"reason": NUMBER}, "reason"),
        ("/mooc/keys/k1/revoke", {"reason": NUMBER}, "reason"),
    ],
)
async def test_no_id_number_stands_in_free_text(stand: Stand, path: str, body: dict[str, object], field: str) -> None:
    answer = await stand.admin("POST", f"/v1/platforms{path}", body)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == (f"/body/{field}", "PERSONAL_DATA")
    assert error["message"]["zh"] == "不得含有证件号码。"
    assert NUMBER not in answer.text
    assert await stand.rows("SELECT FROM platform") == []


async def test_a_platform_reads_of_itself_only_and_is_told_so(stand: Stand) -> None:
    headers = {"authorization": "Bearer platform:other"}
    answer = await stand.http.get("/v1/platforms/mooc/hour-records", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    assert "the platform itself" in answer.json()["message"]["en"]
    assert "平台本身" in answer.json()["message"]["zh"]


async def test_an_ed25519_key_signs(stand: Stand) -> None:
    sender = await stand.platform()
    private = PrivateKey.parse(generate_private_key())
    added = await stand.admin("POST", "/v1/platforms/mooc/keys", {"version": "v1a", "public_key": private.public()})
    assert added.json()["secret"] is None
    sender.keys = [private]
    assert statuses(await sender.send([record()])) == ["accepted"]
    sender.keys = [PrivateKey.parse(generate_private_key())]
    assert (await sender.send([record()])).status_code == 401


async def test_rotation_lets_both_keys_count_for_the_overlap(stand: Stand) -> None:
    sender = await stand.platform()
    old = sender.keys
    rotated = await stand.admin("POST", f"/v1/platforms/mooc/keys/{sender.key_id}/rotate", {"overlap_seconds": 3600})
    new = [parse_signing_key(rotated.json()["secret"])]
    for keys in (old, new, [*old, *new]):
        sender.keys = keys
        assert (await sender.send([record()])).status_code == 200
    stand.clock.set(stand.clock.now() + timedelta(seconds=3600))
    sender.keys = old
    expired = await sender.send([record()])
    assert (expired.status_code, expired.json()["code"]) == (401, "KEY_REVOKED")
    for keys in (new, [*old, *new]):
        sender.keys = keys
        assert (await sender.send([record()])).status_code == 200


async def test_an_ed25519_key_is_rotated_to_another(stand: Stand) -> None:
    await stand.platform()
    first, second = (PrivateKey.parse(generate_private_key()).public() for _ in range(2))
    added = await stand.admin("POST", "/v1/platforms/mooc/keys", {"version": "v1a", "public_key": first})
    path = f"/v1/platforms/mooc/keys/{added.json()['key']['key_id']}/rotate"
    assert (await stand.admin("POST", path, {})).json()["errors"][0]["code"] == "KEY_OF_ANOTHER_VERSION"
    assert (await stand.admin("POST", path, {"public_key": second})).status_code == 201


async def test_a_revoked_key_ends_at_once(stand: Stand) -> None:
    sender = await stand.platform()
    assert (await sender.send([record()])).status_code == 200
    await stand.admin("POST", f"/v1/platforms/mooc/keys/{sender.key_id}/revoke", {"reason": "泄露"})
    revoked = await sender.send([record()])
    assert (revoked.status_code, revoked.json()["code"]) == (401, "KEY_REVOKED")
    again = await stand.admin("POST", f"/v1/platforms/mooc/keys/{sender.key_id}/revoke", {"reason": "泄露"})
    assert again.status_code == 404


async def test_a_key_that_another_instance_added_counts_at_once(stand: Stand) -> None:
    sender = await stand.platform()
    assert (await sender.send([record()])).status_code == 200
    # The instance at the door has the platform's keys in memory; the administrator speaks to another one.
    other = await _behind_the_doors_back(stand)
    sender.keys = [other]
    assert statuses(await sender.send([record()])) == ["duplicate"]


async def _behind_the_doors_back(stand: Stand) -> HmacKey:
    """Add a key in the database, as another instance does."""
    key = HmacKey("other", b"another-secret-of-thirty-two-byt")
    sealed = stand.keys.sealer("platform-secrets").seal(
        b"whsec_YW5vdGhlci1zZWNyZXQtb2YtdGhpcnR5LXR3by1ieXQ=", b"signing_key\0mooc\0other"
    )
    await stand.rows(
        "INSERT INTO signing_key (platform, key_id, version, sealed, created_at)"
        " VALUES ('mooc', 'other', 'v1', $1, now())",
        sealed,
    )
    return key


async def test_no_more_than_eight_keys_count_at_a_time(stand: Stand) -> None:
    sender = await stand.platform()
    answers = [await stand.admin("POST", "/v1/platforms/mooc/keys", {"version": "v1"}) for _ in range(8)]
    assert [answer.status_code for answer in answers] == [201] * 7 + [409]
    await stand.admin("POST", f"/v1/platforms/mooc/keys/{sender.key_id}/revoke", {"reason": "旧"})
    assert (await stand.admin("POST", "/v1/platforms/mooc/keys", {"version": "v1"})).status_code == 201
