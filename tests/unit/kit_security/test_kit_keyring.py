"""The key file: who may read it, what a service gets of it, rotation, and what is refused."""

import json
import os
import stat
from pathlib import Path

import pytest

from xueshi_kit.crypto import BadKeyError, UnknownKeyError
from xueshi_kit.keyring import KeyFileError, KeyKind, KeyRing

KINDS = {"person-index": KeyKind.INDEX, "identity": KeyKind.SEAL_AES, "guomi": KeyKind.SEAL_SM4}


@pytest.fixture
def ring() -> KeyRing:
    return KeyRing.generate(KINDS)


def test_a_written_ring_reads_back_the_same_and_is_the_owners_alone(ring: KeyRing, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    before = os.umask(0)
    try:
        ring.write(path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert KeyRing.load(path) == ring
    assert [child.name for child in tmp_path.iterdir()] == ["keys.json"]


def test_two_generated_rings_share_no_key(ring: KeyRing) -> None:
    other = KeyRing.generate(KINDS)
    mine = {key.secret for purpose in ring.purposes.values() for key in purpose.keys.values()}
    theirs = {key.secret for purpose in other.purposes.values() for key in purpose.keys.values()}
    assert len(mine) == 3
    assert not mine & theirs


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o610])
def test_a_file_that_others_may_reach_is_refused(ring: KeyRing, tmp_path: Path, mode: int) -> None:
    path = tmp_path / "keys.json"
    ring.write(path)
    path.chmod(mode)
    with pytest.raises(KeyFileError, match="owner alone"):
        KeyRing.load(path)


def test_writing_replaces_an_open_file_and_closes_it_to_others(ring: KeyRing, tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text("{}")
    path.chmod(0o644)
    ring.write(path)
    assert KeyRing.load(path) == ring


def test_a_missing_file_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match=r"none\.json"):
        KeyRing.load(tmp_path / "none.json")


def test_a_service_gets_only_its_own_keys(ring: KeyRing, tmp_path: Path) -> None:
    path = tmp_path / "service.json"
    ring.only(["identity"]).write(path)
    theirs = KeyRing.load(path)
    assert set(theirs.purposes) == {"identity"}
    assert theirs.sealer("identity").open(ring.sealer("identity").seal(b"x", b"c"), b"c") == b"x"
    with pytest.raises(KeyFileError):
        theirs.index("person-index")
    with pytest.raises(KeyFileError):
        ring.only(["identity", "elsewhere"])


def test_rotation_keeps_old_values_readable_until_the_old_key_goes(ring: KeyRing) -> None:
    sealed = ring.sealer("identity").seal(b"x", b"c")
    turned = ring.rotated("identity", "k2", KeyKind.SEAL_SM4)
    assert turned.current_id("identity") == "k2"
    assert turned.sealer("identity").open(sealed, b"c") == b"x"
    assert turned.sealer("identity").seal(b"x", b"c")[0] == 2
    with pytest.raises(UnknownKeyError):
        turned.without("identity", "k1").sealer("identity").open(sealed, b"c")
    with pytest.raises(KeyFileError):
        turned.without("identity", "k2")
    with pytest.raises(KeyFileError):
        turned.rotated("identity", "k1")


def test_an_index_keeps_its_old_key_for_the_rebuilding(ring: KeyRing) -> None:
    turned = ring.rotated("person-index", "k2")
    assert turned.index("person-index", "k1").digest(b"a") == ring.index("person-index").digest(b"a")
    assert turned.index("person-index").digest(b"a") != ring.index("person-index").digest(b"a")
    with pytest.raises(KeyFileError):
        turned.index("person-index", "k3")


def test_index_and_sealing_keys_do_not_mix(ring: KeyRing) -> None:
    with pytest.raises(KeyFileError):
        ring.sealer("person-index")
    with pytest.raises(KeyFileError):
        ring.index("identity")
    with pytest.raises(BadKeyError):
        ring.rotated("identity", "k2", KeyKind.INDEX)


def test_extending_adds_only_what_is_missing(ring: KeyRing) -> None:
    extended = ring.extended({**KINDS, "new": KeyKind.SEAL_AES})
    assert set(extended.purposes) == {*KINDS, "new"}
    assert all(extended.purposes[name] == ring.purposes[name] for name in KINDS)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.update(format=2),
        lambda content: content.pop("purposes"),
        lambda content: content["purposes"]["identity"].update(current="k9"),
        lambda content: content["purposes"]["identity"]["keys"]["k1"].update(key="c2hvcnQ="),
        lambda content: content["purposes"]["identity"]["keys"]["k1"].update(key="!SECRET!"),
        lambda content: content["purposes"]["identity"]["keys"]["k1"].update(algorithm="ROT13"),
        lambda content: content["purposes"]["identity"].update(keys=[]),
        lambda content: content["purposes"]["identity"]["keys"].update(
            k2=content["purposes"]["person-index"]["keys"]["k1"]
        ),
    ],
)
def test_a_damaged_file_is_refused_without_quoting_it(ring: KeyRing, tmp_path: Path, change: object) -> None:
    path = tmp_path / "keys.json"
    ring.write(path)
    content = json.loads(path.read_text())
    assert callable(change)
    change(content)
    path.write_text(json.dumps(content))
    with pytest.raises(KeyFileError) as refused:
        KeyRing.load(path)
    assert "SECRET" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_no_secret_shows_in_the_representation(ring: KeyRing) -> None:
    secret = ring.purposes["identity"].keys["k1"].secret
    assert repr(secret)[2:10] not in repr(ring)
