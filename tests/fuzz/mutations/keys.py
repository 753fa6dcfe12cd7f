"""The request is signed, but by a key, over a content, for a platform or at a moment that does not count."""

import base64
import hashlib
import random

from tests.fuzz.mutations.kind import ENDED, NOWHERE, STALE, Kind
from tests.fuzz.requests import Genuine, Pool, Request, marks
from xueshi_kit.webhooks import HmacKey, PrivateKey, SigningKey

TOLERANCE_SECONDS = 300
FLIGHT_SECONDS = 20
"""A timestamp ahead comes nearer while its request is under way."""
LAST_SECOND = 9_999_999_999


def _new_key(rng: random.Random) -> SigningKey:
    if rng.random() < 0.5:
        return HmacKey("", rng.randbytes(rng.randrange(24, 65)))
    return PrivateKey.parse("whsk_" + base64.b64encode(rng.randbytes(32)).decode())


def _unknown(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request:
    return genuine.signed_by([_new_key(rng) for _ in range(rng.choice([1, 1, 3]))])


def _other_platforms(rng: random.Random, genuine: Genuine, pool: Pool) -> Request:
    others = [each for each in pool.platforms if each is not genuine.platform]
    theirs = [key for each in others for key in (*each.live, *each.ended)]
    return genuine.signed_by(rng.sample(theirs, rng.choice([1, 1, 3])))


def _ended(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request:
    return genuine.signed_by([rng.choice(genuine.platform.ended)])


def _nearly(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request | None:
    """Use a secret that differs from the right one by a bit, its length or its case."""
    found = [key for key in genuine.keys if isinstance(key, HmacKey)]
    if not found:
        return None
    secret = found[0].secret
    text = base64.b64encode(secret)
    place = rng.randrange(len(secret))
    changed = [
        secret[:place] + bytes([secret[place] ^ 1 << rng.randrange(8)]) + secret[place + 1 :],
        secret[:-1],
        secret[1:],
        secret + b"\1",
        text,
        b"whsec_" + text,
        secret.hex().encode(),
        hashlib.sha256(secret).digest() * 3,
        secret[::-1],
        b"",
        bytes(32),
    ]
    return genuine.signed_by([HmacKey("", rng.choice(changed))])


def _public_as_secret(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request | None:
    """Sign `v1` with what everybody knows of an Ed25519 key."""
    found = [key for key in (*genuine.platform.live, *genuine.platform.ended) if isinstance(key, PrivateKey)]
    text = rng.choice(found).public()
    raw = base64.b64decode(text.removeprefix("whpk_"))
    return genuine.signed_by([HmacKey("", rng.choice([raw, text.encode(), text.removeprefix("whpk_").encode()]))])


def _secret_as_seed(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request | None:
    """Sign `v1a` with a shared secret as seed."""
    found = [key for key in genuine.platform.live if isinstance(key, HmacKey)]
    seed = base64.b64encode(rng.choice(found).secret[:32]).decode()
    return genuine.signed_by([PrivateKey.parse(f"whsk_{seed}")])


def _part_of_content(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request:
    """Sign with the right keys a part of what must be signed."""
    name, seconds, body = genuine.webhook_id, genuine.seconds, genuine.body
    parts = [body, seconds + b"." + body, name + b"." + body, name + b"." + seconds, b"." + body, b""]
    return genuine.request(signature=marks(genuine.keys, rng.choice(parts)))


def _other_content(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request:
    """Sign with the right keys what is not the content of Standard Webhooks."""
    name, seconds, body = genuine.webhook_id, genuine.seconds, genuine.body
    contents = [
        name + seconds + body,
        b".".join((seconds, name, body)),
        b".".join((body, seconds, name)),
        b".".join((name, seconds, body, b"")),
        b".".join((b"", name, seconds, body)),
        b":".join((name, seconds, body)),
        b"\n".join((name, seconds, body)),
        b"..".join((name, seconds, body)),
        b". ".join((name, seconds, body)),
        b".".join((name, seconds, hashlib.sha256(body).digest())),
        b".".join((name, seconds, hashlib.sha256(body).hexdigest().encode())),
        b".".join((name, seconds, base64.b64encode(body))),
        b".".join((name, seconds + b"000", body)),
        b".".join((name, seconds, body.strip(b"}"))),
        b".".join((name, seconds, body + b"\n")),
        b".".join((name.upper(), seconds, body)),
        b".".join((genuine.platform.name.encode(), name, seconds, body)),
        hashlib.sha256(genuine.signed).digest(),
    ]
    return genuine.request(signature=marks(genuine.keys, rng.choice(contents)))


def _other_platform(rng: random.Random, genuine: Genuine, pool: Pool) -> Request:
    others = [each.name for each in pool.platforms if each is not genuine.platform]
    return genuine.request(platform=rng.choice(others).encode())


def _unknown_platform(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request:
    name = genuine.platform.name
    odd = [
        *(name.upper(), name.title(), f"{name}-", f"{name}0", name[:-1], f"{name}%20", f"{name}%00", f"%20{name}"),
        *(f"{name}.", f"{name}%0a", f"{name};a=1", f"{name}%EF%BB%BF", f"{name}%2e", "%00", "%FF", "%F0%9F%92%A9"),
        *("a" * 39, "a" * 4000, "None", "null", "0", "-1", "%27%20OR%201%3D1--", "%25", f"{name}+", f"%C0%AE{name}"),
        *(
            f"{name}%E2%80%8B",
            f"{name},{name}",
            f"{rng.getrandbits(64):x}",
            "%D9%A1",
            "..",
            ".",
            "*",
            "%5C",
            name[::-1],
        ),
    ]
    return genuine.request(platform=rng.choice(odd).encode())


def _nowhere(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request:
    name = genuine.platform.name
    odd = [
        f"{name}/",
        f"/{name}",
        f"{name}/..",
        f"{name}%2f",
        f"{name}/{name}",
        f"%2e%2e/{name}",
        f"{name}/?",
        f"{name}?",
    ]
    return genuine.request(platform=rng.choice(odd).encode())


def _too_old(rng: random.Random, genuine: Genuine, pool: Pool) -> Request:
    away = rng.choice(
        [TOLERANCE_SECONDS + 1, TOLERANCE_SECONDS + 2, rng.randrange(302, 4000), rng.randrange(302, 10**9)]
    )
    return genuine.signed_at(pool.clock() - away)


def _too_new(rng: random.Random, genuine: Genuine, pool: Pool) -> Request:
    nearest = TOLERANCE_SECONDS + FLIGHT_SECONDS + 1
    return genuine.signed_at(
        pool.clock() + rng.choice([nearest, rng.randrange(nearest, 4000), rng.randrange(4000, 10**9)])
    )


def _at_the_ends_of_time(rng: random.Random, genuine: Genuine, _pool: Pool) -> Request:
    return genuine.signed_at(rng.choice([rng.randrange(1, 1000), LAST_SECOND - rng.randrange(1000)]))


KINDS = [
    Kind("key: unknown", _unknown),
    Kind("key: another platform's", _other_platforms),
    Kind("key: revoked or expired", _ended, ENDED),
    Kind("key: nearly the right one", _nearly),
    Kind("key: a public key as secret", _public_as_secret),
    Kind("key: a secret as seed", _secret_as_seed),
    Kind("content: a part of it signed", _part_of_content),
    Kind("content: signed otherwise", _other_content),
    Kind("platform: another", _other_platform),
    Kind("platform: unknown", _unknown_platform),
    Kind("platform: another path", _nowhere, NOWHERE, on_wire=True),
    Kind("moment: too old", _too_old, STALE),
    Kind("moment: ahead", _too_new, STALE),
    Kind("moment: at the ends of time", _at_the_ends_of_time, STALE),
]
