"""JSON as a tree that can also be written wrongly: members may repeat, and any place may hold raw bytes."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias


@dataclass(slots=True)
class Members:
    """An object: names and values in order, each name as it is written, quotes included."""

    items: list[tuple[bytes, "Tree"]]


@dataclass(slots=True)
class Items:
    """An array."""

    items: list["Tree"]


Tree: TypeAlias = Members | Items | bytes
"""Bytes are written as they are."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: its holder, its index there, and the plain names that lead to it."""

    holder: Members | Items
    index: int
    path: tuple[str, ...]

    @property
    def value(self) -> Tree:
        """Return what stands there."""
        item = self.holder.items[self.index]
        return item[1] if isinstance(item, tuple) else item

    def put(self, value: Tree) -> None:
        """Put another value there."""
        if isinstance(self.holder, Members):
            self.holder.items[self.index] = (self.holder.items[self.index][0], value)
        else:
            self.holder.items[self.index] = value


def plant(value: Any) -> Tree:  # noqa: ANN401 - whatever JSON can say
    """Return a value as a tree."""
    if isinstance(value, dict):
        return Members([(written(name), plant(each)) for name, each in value.items()])
    if isinstance(value, list):
        return Items([plant(each) for each in value])
    return written(value)


def written(value: object) -> bytes:
    """Return a value in JSON, a lone surrogate as the bytes that no UTF-8 has."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def write(tree: Tree, blank: bytes = b"") -> bytes:
    """Return the tree as text, with `blank` around every token."""
    if isinstance(tree, bytes):
        return tree
    if isinstance(tree, Items):
        inside = (b"," + blank).join(write(each, blank) for each in tree.items)
        return b"[" + blank + inside + blank + b"]"
    inside = (b"," + blank).join(name + blank + b":" + blank + write(each, blank) for name, each in tree.items)
    return b"{" + blank + inside + blank + b"}"


def places(tree: Tree, path: tuple[str, ...] = ()) -> Iterator[Place]:
    """Yield every place of a tree, holders before what they hold."""
    if isinstance(tree, bytes):
        return
    for index, item in enumerate(tree.items):
        name, value = (_plain(item[0]), item[1]) if isinstance(item, tuple) else (str(index), item)
        yield Place(tree, index, (*path, name))
        yield from places(value, (*path, name))


def any_place(rng: random.Random, tree: Tree) -> Place:
    """Return one of a tree's places; the tree holds something."""
    return rng.choice(list(places(tree)))


def _plain(name: bytes) -> str:
    return name.strip(b'"').decode("utf-8", "replace")
