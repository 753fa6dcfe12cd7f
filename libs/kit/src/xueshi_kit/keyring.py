"""The key file: index and sealing keys under purpose names, kept outside the databases.

One ring holds the keys of a site; `only` cuts from it the file of one service, which then never sees another
service's keys. The file is JSON, readable by its owner alone:

    {"format": 1, "purposes": {"notes": {"current": "k1", "keys": {"k1": {"algorithm": "AES-256-GCM", "key": "…"}}}}}

Keys are base64. Every purpose may hold several keys, so that values under an old key still open after a rotation and
an index can be rebuilt from its old key to its new one.
"""

import base64
import binascii
import contextlib
import json
import os
import secrets
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from xueshi_kit.crypto import BadKeyError, KeyedIndex, Sealer, check_key_id

FORMAT = 1
_OWNER_ONLY = stat.S_IRUSR | stat.S_IWUSR
_FIRST_KEY_ID = "k1"


class KeyFileError(Exception):
    """A key file is missing, readable by others, not of this format, or lacks a purpose that is asked for."""


class KeyKind(StrEnum):
    """What a key is for; the value stands in the file as `algorithm`."""

    INDEX = "HMAC-SHA-256"
    SEAL_AES = "AES-256-GCM"
    SEAL_SM4 = "SM4-GCM"

    @property
    def key_bytes(self) -> int:
        """The length of such a key in bytes."""
        return 16 if self is KeyKind.SEAL_SM4 else 32


@dataclass(frozen=True, slots=True)
class Key:
    """One secret and what it is for. The secret stays out of the representation."""

    kind: KeyKind
    secret: bytes = field(repr=False)

    @classmethod
    def generate(cls, kind: KeyKind) -> Self:
        """Draw a new random key."""
        return cls(kind, secrets.token_bytes(kind.key_bytes))


@dataclass(frozen=True, slots=True)
class Purpose:
    """The keys of one purpose by id, and the id of the one in use."""

    current: str
    keys: Mapping[str, Key]


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Keys by purpose. Immutable: a rotation gives a new ring, which is then written."""

    purposes: Mapping[str, Purpose]

    @classmethod
    def generate(cls, kinds: Mapping[str, KeyKind]) -> Self:
        """Draw one key, `k1`, for each purpose named."""
        return cls({name: Purpose(_FIRST_KEY_ID, {_FIRST_KEY_ID: Key.generate(kind)}) for name, kind in kinds.items()})

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a key file. Raises `KeyFileError`, also where group or others may read it."""
        try:
            with path.open("rb") as file:
                if stat.S_IMODE(os.fstat(file.fileno()).st_mode) & (stat.S_IRWXG | stat.S_IRWXO):
                    message = f"{path}: a key file must be readable by its owner alone (mode 0600)"
                    raise KeyFileError(message)
                return cls(_read_purposes(json.load(file)))
        except OSError as error:
            message = f"{path}: {error.strerror}"
            raise KeyFileError(message) from error
        except (ValueError, KeyError, TypeError, AttributeError, BadKeyError):
            # Neither the cause nor its text goes on: both may quote the file, which is made of secrets.
            message = f"{path}: not a key file of format {FORMAT}"
            raise KeyFileError(message) from None

    def write(self, path: Path) -> None:
        """Write the ring with mode 0600, replacing the file in one step; on disk when it returns."""
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump({"format": FORMAT, "purposes": self._as_json()}, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
            _sync_directory(path.parent)
        finally:
            with contextlib.suppress(FileNotFoundError):
                draft.unlink()

    def only(self, names: Iterable[str]) -> Self:
        """Return a ring of these purposes alone, for one service. Raises `KeyFileError` for a missing one."""
        return replace(self, purposes={name: self._purpose(name) for name in names})

    def extended(self, kinds: Mapping[str, KeyKind]) -> Self:
        """Return a ring with a first key for each purpose that is missing; purposes already there stay as they are."""
        new = {name: kind for name, kind in kinds.items() if name not in self.purposes}
        return replace(self, purposes={**self.purposes, **KeyRing.generate(new).purposes})

    def rotated(self, name: str, key_id: str, kind: KeyKind | None = None) -> Self:
        """Return a ring with a new current key for a purpose, of the same kind unless another is given.

        Raises `KeyFileError` for an unknown purpose or a key id already used, `BadKeyError` for a malformed one.
        """
        purpose = self._purpose(name)
        if check_key_id(key_id) in purpose.keys:
            message = f"{name}: there already is a key {key_id}"
            raise KeyFileError(message)
        key = Key.generate(kind or purpose.keys[purpose.current].kind)
        turned = Purpose(key_id, {**purpose.keys, key_id: key})
        _check_kinds(turned)
        return replace(self, purposes={**self.purposes, name: turned})

    def without(self, name: str, key_id: str) -> Self:
        """Return a ring from which a key that nothing uses any more is gone; the current key cannot go."""
        purpose = self._purpose(name)
        if key_id == purpose.current or key_id not in purpose.keys:
            message = f"{name}: {key_id} is the current key, or no key"
            raise KeyFileError(message)
        left = Purpose(purpose.current, {known: key for known, key in purpose.keys.items() if known != key_id})
        return replace(self, purposes={**self.purposes, name: left})

    def sealer(self, name: str) -> Sealer:
        """Return the sealer of a purpose: its current key seals, all its keys open."""
        purpose = self._purpose(name)
        if purpose.keys[purpose.current].kind is KeyKind.INDEX:
            message = f"{name} is an index purpose"
            raise KeyFileError(message)
        return Sealer({key_id: key.secret for key_id, key in purpose.keys.items()}, purpose.current)

    def index(self, name: str, key_id: str | None = None) -> KeyedIndex:
        """Return the keyed index of a purpose, under its current key unless another is named."""
        purpose = self._purpose(name)
        key = purpose.keys.get(key_id or purpose.current)
        if key is None or key.kind is not KeyKind.INDEX:
            message = f"{name} has no such index key"
            raise KeyFileError(message)
        return KeyedIndex(key.secret)

    def current_id(self, name: str) -> str:
        """Return the id of the key in use for a purpose."""
        return self._purpose(name).current

    def _purpose(self, name: str) -> Purpose:
        purpose = self.purposes.get(name)
        if purpose is None:
            message = f"the key file holds no keys for {name!r}"
            raise KeyFileError(message)
        return purpose

    def _as_json(self) -> dict[str, Any]:
        return {
            name: {
                "current": purpose.current,
                "keys": {
                    key_id: {"algorithm": key.kind.value, "key": base64.b64encode(key.secret).decode("ascii")}
                    for key_id, key in purpose.keys.items()
                },
            }
            for name, purpose in self.purposes.items()
        }


def _read_purposes(content: Any) -> dict[str, Purpose]:  # noqa: ANN401 - decoded JSON, checked here
    if content["format"] != FORMAT:
        message = "another format"
        raise ValueError(message)
    purposes = {name: _read_purpose(entry) for name, entry in content["purposes"].items()}
    for purpose in purposes.values():
        _check_kinds(purpose)
    return purposes


def _read_purpose(entry: Any) -> Purpose:  # noqa: ANN401 - decoded JSON, checked here
    keys = {check_key_id(key_id): _read_key(key) for key_id, key in entry["keys"].items()}
    if entry["current"] not in keys:
        message = "the current key is not among the keys"
        raise ValueError(message)
    return Purpose(entry["current"], keys)


def _read_key(entry: Any) -> Key:  # noqa: ANN401 - decoded JSON, checked here
    kind = KeyKind(entry["algorithm"])
    try:
        secret = base64.b64decode(entry["key"], validate=True)
    except binascii.Error as error:
        message = "a key is not base64"
        raise ValueError(message) from error
    if len(secret) != kind.key_bytes:
        message = "a key has the wrong length"
        raise ValueError(message)
    return Key(kind, secret)


def _check_kinds(purpose: Purpose) -> None:
    """Index keys and sealing keys never share a purpose."""
    if len({key.kind is KeyKind.INDEX for key in purpose.keys.values()}) != 1:
        message = "index and sealing keys under one purpose"
        raise BadKeyError(message)


def _sync_directory(folder: Path) -> None:
    """Make the renaming itself durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
