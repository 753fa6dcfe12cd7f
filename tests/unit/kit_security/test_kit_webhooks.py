"""Standard Webhooks: the library as the other side, every mutation refused, every odd form refused."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
import standardwebhooks
from hypothesis import assume, given
from hypothesis import strategies as st

from xueshi_kit.webhooks import (
    BadSecretError,
    HmacKey,
    MalformedHeadersError,
    NoMatchingSignatureError,
    PrivateKey,
    PublicKey,
    SigningKey,
    Verified,
    VerifyingKey,
    WebhookError,
    generate_private_key,
    generate_secret,
    parse_signing_key,
    parse_verifying_key,
    sign,
    verify,
)

NOW = datetime(2025, 6, 3, 10, 20, 0, tzinfo=UTC)
BODY = '{"type":"hour_records.completed","data":{"title":"混凝土"}}'.encode()
ID = "msg_2b9-X"
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
HMAC_KEY = HmacKey.parse(SECRET, "k-hmac")
PRIVATE = PrivateKey.parse("whsk_" + base64.b64encode(bytes(range(1, 33))).decode())
PUBLIC_KEY = PublicKey.parse(PRIVATE.public(), "k-ed")
BOTH: list[VerifyingKey] = [HMAC_KEY, PUBLIC_KEY]
PAIRS: list[tuple[SigningKey, VerifyingKey]] = [(HMAC_KEY, HMAC_KEY), (PRIVATE, PUBLIC_KEY)]


def raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]


def check(
    headers: Mapping[str, str], body: bytes = BODY, keys: list[VerifyingKey] = BOTH, now: datetime = NOW
) -> Verified:
    return verify(raw(headers), body, keys, now)


@pytest.mark.parametrize(("signer", "verifier"), PAIRS)
def test_a_signed_request_verifies_and_names_its_key(signer: SigningKey, verifier: VerifyingKey) -> None:
    verified = check(sign([signer], ID, NOW, BODY))
    assert verified == Verified(verifier.key_id, NOW, ID, is_stale=False)


def test_the_standard_library_accepts_what_we_sign() -> None:
    now = datetime.now(UTC)
    headers = sign([HMAC_KEY, PRIVATE], ID, now, BODY)
    assert standardwebhooks.Webhook(SECRET).verify(BODY, headers) == json.loads(BODY)


def test_we_accept_what_the_standard_library_signs() -> None:
    mark = standardwebhooks.Webhook(SECRET).sign(ID, NOW, BODY.decode())
    seconds = str(int(NOW.timestamp()))
    headers = {"Webhook-Id": ID, "WEBHOOK-TIMESTAMP": seconds, "webhook-signature": mark}
    assert check(headers).key_id == "k-hmac"


@given(st.binary(max_size=200), st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True), st.integers(1, 9_999_999_999))
def test_both_sides_agree_on_any_body_and_id(body: bytes, webhook_id: str, seconds: int) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    headers = sign([HMAC_KEY, PRIVATE], webhook_id, moment, body)
    for key in BOTH:
        assert check(headers, body, [key], moment) == Verified(key.key_id, moment, webhook_id, is_stale=False)


@given(st.sampled_from(PAIRS), st.data())
def test_any_change_of_the_body_is_refused(pair: tuple[SigningKey, VerifyingKey], data: st.DataObject) -> None:
    headers = sign([pair[0]], ID, NOW, BODY)
    start = data.draw(st.integers(0, len(BODY)))
    end = data.draw(st.integers(start, len(BODY)))
    changed = BODY[:start] + data.draw(st.binary(max_size=4)) + BODY[end:]
    assume(changed != BODY)
    with pytest.raises(NoMatchingSignatureError):
        check(headers, changed)


@given(
    st.sampled_from(PAIRS),
    st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]),
    st.data(),
)
def test_any_change_of_a_header_is_refused(
    pair: tuple[SigningKey, VerifyingKey], name: str, data: st.DataObject
) -> None:
    headers = sign([pair[0]], ID, NOW, BODY)
    value = headers[name]
    start = data.draw(st.integers(0, len(value)))
    end = data.draw(st.integers(start, min(len(value), start + 3)))
    ascii_or_latin = st.text(st.characters(max_codepoint=255), max_size=3)
    changed = value[:start] + data.draw(ascii_or_latin) + value[end:]
    assume(changed != value)
    # A further signature in the list, of whatever form, does not take back the first one.
    assume(not (name == "webhook-signature" and changed.startswith(f"{value} ")))
    with pytest.raises(WebhookError):
        check({**headers, name: changed})


@given(st.binary(min_size=32, max_size=32), st.data())
def test_any_other_key_is_refused(seed: bytes, data: st.DataObject) -> None:
    other = bytearray(seed)
    other[data.draw(st.integers(0, 31))] ^= 1 << data.draw(st.integers(0, 6))
    mine, theirs = (base64.b64encode(bytes(key)).decode() for key in (seed, other))
    headers = sign([HmacKey.parse("whsec_" + mine), PrivateKey.parse("whsk_" + mine)], ID, NOW, BODY)
    public = PublicKey.parse(PrivateKey.parse("whsk_" + theirs).public())
    with pytest.raises(NoMatchingSignatureError):
        check(headers, keys=[HmacKey.parse("whsec_" + theirs), public])


def test_body_and_headers_do_not_run_into_each_other() -> None:
    headers = sign([HMAC_KEY], "a", NOW, b"1.rest")
    seconds = headers["webhook-timestamp"]
    with pytest.raises(MalformedHeadersError):
        check({**headers, "webhook-id": f"a.{seconds}", "webhook-timestamp": "1"}, b"rest")


def test_during_a_change_of_keys_either_signature_will_do() -> None:
    new = HmacKey.parse(generate_secret(), "new")
    headers = sign([HMAC_KEY, new], ID, NOW, BODY)
    assert check(headers, keys=[HMAC_KEY]).key_id == "k-hmac"
    assert check(headers, keys=[new]).key_id == "new"
    assert check(sign([new], ID, NOW, BODY), keys=[HMAC_KEY, PUBLIC_KEY, new]).key_id == "new"
    with pytest.raises(NoMatchingSignatureError):
        check(headers, keys=[])


@pytest.mark.parametrize(
    ("seconds_away", "is_stale"), [(0, False), (300, False), (301, True), (-300, False), (-301, True)]
)
def test_staleness_begins_after_the_tolerance_either_way(seconds_away: int, is_stale: bool) -> None:
    headers = sign([HMAC_KEY], ID, NOW, BODY)
    assert check(headers, now=NOW + timedelta(seconds=seconds_away)).is_stale is is_stale


def test_staleness_is_told_only_to_who_holds_a_key() -> None:
    headers = sign([HmacKey.parse(generate_secret())], ID, NOW - timedelta(days=1), BODY)
    with pytest.raises(NoMatchingSignatureError):
        check(headers)


@pytest.mark.parametrize("prefix", ["v2,c29tZXRoaW5n ", "v1b,c29tZXRoaW5n ", "V1,@@ ", "v10,x,y "])
def test_unknown_versions_are_passed_over(prefix: str) -> None:
    headers = sign([HMAC_KEY], ID, NOW, BODY)
    assert check({**headers, "webhook-signature": prefix + headers["webhook-signature"]}).key_id == "k-hmac"


@pytest.mark.parametrize("count", [16, 17])
def test_at_most_16_signatures_are_read(count: int) -> None:
    headers = sign([HMAC_KEY], ID, NOW, BODY)
    headers["webhook-signature"] = " ".join(["v9,eA=="] * (count - 1) + [headers["webhook-signature"]])
    if count == 16:
        assert check(headers).key_id == "k-hmac"
    else:
        with pytest.raises(MalformedHeadersError):
            check(headers)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("webhook-id", ""),
        ("webhook-id", "a.b"),
        ("webhook-id", "a b"),
        ("webhook-id", "a" * 65),
        ("webhook-id", "a\n"),
        ("webhook-id", "\xe9"),
        ("webhook-timestamp", ""),
        ("webhook-timestamp", "0"),
        ("webhook-timestamp", "+1748946000"),
        ("webhook-timestamp", "-1748946000"),
        ("webhook-timestamp", "01748946000"),
        ("webhook-timestamp", " 1748946000"),
        ("webhook-timestamp", "1748946000\n"),
        ("webhook-timestamp", "1748946000.0"),
        ("webhook-timestamp", "1e9"),
        ("webhook-timestamp", "1_748_946_000"),
        ("webhook-timestamp", "nan"),
        ("webhook-timestamp", "inf"),
        ("webhook-timestamp", "17489460001748946000"),
        ("webhook-timestamp", "\xb2"),
        ("webhook-signature", ""),
        ("webhook-signature", "v1"),
        ("webhook-signature", "v1,"),
        ("webhook-signature", ",YQ=="),
        ("webhook-signature", "v1,YQ=="),
        ("webhook-signature", "v1,!!!!"),
        ("webhook-signature", "v1a," + base64.b64encode(bytes(32)).decode()),
        ("webhook-signature", "v1," + base64.b64encode(bytes(64)).decode()),
        ("webhook-signature", "v2," + "A" * 20_000),
    ],
)
def test_odd_headers_are_malformed_and_named(name: str, value: str) -> None:
    headers = {**sign([HMAC_KEY], ID, NOW, BODY), name: value}
    with pytest.raises(MalformedHeadersError) as refused:
        check(headers)
    assert refused.value.header == name


@pytest.mark.parametrize(
    "distort",
    [
        lambda mark: mark.rstrip("="),
        lambda mark: mark + "=",
        lambda mark: mark.replace("+", "-").replace("/", "_") if set("+/") & set(mark) else mark + "-",
        lambda mark: mark + "\n",
        lambda mark: mark[:20] + "\n" + mark[20:],
        lambda mark: " " + mark,
        lambda mark: mark + " ",
        lambda mark: mark + "  " + mark,
        lambda mark: mark.replace(",", ", "),
        # The last character before the padding carries two unused bits; set, they decode to the same bytes.
        lambda mark: mark[:-2] + chr(ord(mark[-2]) + 1) + "=",
    ],
)
def test_there_is_one_way_to_write_a_signature(distort: object) -> None:
    assert callable(distort)
    headers = sign([HMAC_KEY], ID, NOW, BODY)
    headers["webhook-signature"] = distort(headers["webhook-signature"])
    with pytest.raises(MalformedHeadersError):
        check(headers)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_a_missing_or_repeated_header_is_refused(name: str) -> None:
    pairs = raw(sign([HMAC_KEY], ID, NOW, BODY))
    with pytest.raises(MalformedHeadersError) as missing:
        verify([pair for pair in pairs if pair[0] != name.encode()], BODY, BOTH, NOW)
    with pytest.raises(MalformedHeadersError) as repeated:
        verify([*pairs, *(pair for pair in pairs if pair[0] == name.encode())], BODY, BOTH, NOW)
    assert missing.value.header == repeated.value.header == name


@pytest.mark.parametrize(
    ("webhook_id", "at", "count"),
    [
        ("a.b", NOW, 1),
        ("", NOW, 1),
        ("消息", NOW, 1),
        (ID, datetime(1969, 12, 31, tzinfo=UTC), 1),
        (ID, NOW, 0),
        (ID, NOW, 17),
    ],
)
def test_nothing_is_signed_that_would_not_be_read(webhook_id: str, at: datetime, count: int) -> None:
    with pytest.raises(MalformedHeadersError):
        sign([HMAC_KEY] * count, webhook_id, at, BODY)


@pytest.mark.parametrize("size", [23, 65, 0])
def test_secrets_of_another_length_are_refused(size: int) -> None:
    with pytest.raises(BadSecretError):
        HmacKey.parse("whsec_" + base64.b64encode(b"s" * size).decode())


@pytest.mark.parametrize(
    "text",
    [
        SECRET.removeprefix("whsec_"),
        SECRET.rstrip("="),
        SECRET + "\n",
        "WHSEC_" + SECRET[6:],
        "whsec_密",
        "whsec_\ud800",
        "whpk_" + SECRET[6:-4],
        "whpk_" + base64.b64encode(bytes(31)).decode(),
        PRIVATE.public().replace("whpk_", "whsk_", 1),
    ],
)
def test_keys_in_another_format_are_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(BadSecretError) as refused:
        parse_verifying_key(text, "k")
    assert text[6:20] not in str(refused.value)


def test_generated_keys_read_back_and_differ() -> None:
    assert generate_secret() != generate_secret()
    for text in (generate_secret(), generate_private_key()):
        signer = parse_signing_key(text)
        given_to_receiver = signer.public() if isinstance(signer, PrivateKey) else text
        verifier = parse_verifying_key(given_to_receiver, "theirs")
        assert check(sign([signer], ID, NOW, BODY), keys=[verifier]).key_id == "theirs"


def test_secrets_stay_out_of_representations() -> None:
    assert SECRET[6:] not in repr(HMAC_KEY)
    assert "\\x01" not in repr(HMAC_KEY)
    assert "Ed25519PrivateKey" not in repr(PRIVATE)
