"""What is done to a delivery before it is signed: by place in its tree, by member, or to its bytes."""

import gzip
import random
from collections.abc import Callable

from tests.fuzz.odd import values
from tests.fuzz.odd.deliveries import Known, any_delivery, completed, corrected, repeated, voided
from tests.fuzz.odd.trees import Items, Members, Place, Tree, any_place, places, plant, write, written

Make = Callable[[random.Random, Known], bytes]

_OTHER_NAMES = (
    b'"Type"',
    b'"type "',
    rb'"\u0074ype"',
    b'"typ\xc3\xa9"',
    b'""',
    rb'"\u0000"',
    rb'"\ud800"',
    b'"\xff"',
    b"type",
    b"1",
    b"null",
)
_BLANKS = (b" ", b"\n", b"\t", b"\r\n", b"  \n\t")
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff", b")]}',\n", b"\x1e", b"//", b"\0")
_TAILS = (b" ", b"\n", b"\0", b"}", b"]", b",", b"{}", b"null", b"//", b"\xff", b"\xef\xbb\xbf", b"\x1a", b"," * 1000)
_WHOLES = (
    b"",
    b" ",
    b"\n",
    b"\0",
    b"null",
    b"true",
    b"0",
    b'""',
    b"[]",
    b"{}",
    b"[[]]",
    b'{"a":1}',
    b"NaN",
    b"1e999",
    b"-",
    b'"',
    b"{",
    b"[",
    b"\xff",
    b"\xef\xbb\xbf",
)


def at_any_place(draw: values.Draw) -> Make:
    """Return what puts a drawn token at one or a few places."""

    def make(rng: random.Random, known: Known) -> bytes:
        tree = any_delivery(rng, known)
        for _ in range(rng.choice([1, 1, 1, 2, 4])):
            any_place(rng, tree).put(draw(rng))
        return write(tree)

    return make


def at(names: tuple[str, ...], draw: values.Draw) -> Make:
    """Return what puts a drawn token at one of the members of these names, wherever they stand."""

    def make(rng: random.Random, known: Known) -> bytes:
        tree = plant(completed(rng)) if rng.random() < 0.9 else any_delivery(rng, known)
        found = [place for place in places(tree) if place.path[-1] in names]
        for place in rng.sample(found, min(len(found), rng.choice([1, 1, 2]))):
            place.put(draw(rng))
        return write(tree)

    return make


def of_members(change: Callable[[random.Random, Place, Members, int], None]) -> Make:
    """Return what changes an object at one of its members."""

    def make(rng: random.Random, known: Known) -> bytes:
        tree = any_delivery(rng, known)
        place = rng.choice([each for each in places(tree) if isinstance(each.holder, Members)])
        assert isinstance(place.holder, Members)
        change(rng, place, place.holder, place.index)
        return write(tree)

    return make


def gone(_rng: random.Random, _place: Place, holder: Members, index: int) -> None:
    """Leave a member out."""
    del holder.items[index]


def twice(rng: random.Random, _place: Place, holder: Members, index: int) -> None:
    """Say a member twice, the same or another value, side by side or apart."""
    name, value = holder.items[index]
    other = rng.choice([value, values.scalar(rng), values.odd_text(rng)])
    holder.items.insert(rng.randrange(len(holder.items) + 1), (name, other))


def unknown(rng: random.Random, _place: Place, holder: Members, _index: int) -> None:
    """Add members that nobody knows."""
    for _ in range(rng.choice([1, 1, 3, 500])):
        name = rng.choice(
            [*_OTHER_NAMES, values.odd_text(rng), values.number_of_a_person(rng), written("x" * rng.choice([1, 9999]))]
        )
        holder.items.insert(rng.randrange(len(holder.items) + 1), (name, values.scalar(rng)))


def renamed(rng: random.Random, _place: Place, holder: Members, index: int) -> None:
    """Call a member something else, or the same in other bytes."""
    name, value = holder.items[index]
    plain = name.strip(b'"').decode()
    same = b'"' + "".join(f"\\u{ord(each):04x}" for each in plain).encode() + b'"'
    others = [
        same,
        name.upper(),
        name + b" ",
        b"'" + plain.encode() + b"'",
        plain.encode(),
        *_OTHER_NAMES,
        values.odd_text(rng),
    ]
    holder.items[index] = (rng.choice(others), value)


def wrapped(rng: random.Random, place: Place, _holder: Members, _index: int) -> None:
    """Put a value into an array or an object."""
    value, name = place.value, written(place.path[-1])
    wrappings: list[Tree] = [Items([value]), Items([value, value]), Members([(name, value)])]
    place.put(rng.choice(wrappings))


def swapped(rng: random.Random, known: Known) -> bytes:
    """Let two values change places."""
    tree = any_delivery(rng, known)
    leaves = [place for place in places(tree) if isinstance(place.value, bytes)]
    one, other = rng.sample(leaves, 2)
    first, second = one.value, other.value
    one.put(second)
    other.put(first)
    return write(tree)


def shuffled(rng: random.Random, known: Known) -> bytes:
    """Write the members in another order, with blanks: the same delivery."""
    tree = plant(completed(rng))
    assert known is not None
    holders = {id(place.holder): place.holder for place in places(tree) if isinstance(place.holder, Members)}
    for holder in holders.values():
        rng.shuffle(holder.items)
    return write(tree, rng.choice([b"", *_BLANKS]))


def inserted(names: tuple[str, ...]) -> Make:
    """Return what puts odd characters into the text that stands at these members, within its bounds."""

    def make(rng: random.Random, known: Known) -> bytes:
        tree = any_delivery(rng, known)
        for place in [each for each in places(tree) if each.path[-1] in names]:
            value = place.value
            if isinstance(value, bytes):
                part = values.odd_text(rng)[1:-1]
                place.put(rng.choice([value[:-1] + part + b'"', b'"' + part + value[1:], b'"' + part + b'"']))
        return write(tree)

    return make


def many_records(*counts: int) -> Make:
    """Return what makes a delivery of so many records."""

    def make(rng: random.Random, _known: Known) -> bytes:
        count = rng.choice(counts)
        body = completed(rng, count) if count else {**completed(rng), "data": {"records": []}}
        return write(plant(body))

    return make


def many_days(rng: random.Random, _known: Known) -> bytes:
    """List very many days, some twice, in any order."""
    body = completed(rng, 1)
    count = rng.choice([2, 366, 367, 2000])
    months = [f"2024-{month:02}-{day:02}" for month in range(1, 13) for day in range(1, 29)]
    days = [
        {"on": rng.choice(months) if rng.random() < 0.1 else months[each % len(months)], "hours": "0.1"}
        for each in range(count)
    ]
    rng.shuffle(days)
    total = f"{count * 10 // 100}.{count * 10 % 100:02}".rstrip("0").rstrip(".")
    body["data"]["records"][0].update(learned=days, hours=total)
    return write(plant(body))


def ranges(rng: random.Random, _known: Known) -> bytes:
    """Give odd days as a range."""
    tree = plant(completed(rng, 1))
    (place,) = [each for each in places(tree) if each.path[-1] == "learned"]
    draw = values.choice_of(values.DATES)
    place.put(
        Members(
            [(b'"from"', rng.choice([draw(rng), b'"2025-01-01"'])), (b'"to"', rng.choice([draw(rng), b'"2025-06-01"']))]
        )
    )
    return write(tree)


def depth_limit(rng: random.Random, _known: Known) -> bytes:
    """Nest within a record as deep as decoders bear, one level more or less."""
    tree = plant(completed(rng, 1))
    opening, closing = rng.choice(values.NESTING)
    depth = rng.randrange(150, 1100)
    any_place(rng, tree).put(opening * depth + b"1" + closing * depth)
    return write(tree)


def of_bytes(change: Callable[[random.Random, bytes], bytes]) -> Make:
    """Return what changes the bytes of a delivery."""

    def make(rng: random.Random, known: Known) -> bytes:
        return change(rng, write(any_delivery(rng, known)))

    return make


def flipped(rng: random.Random, body: bytes) -> bytes:
    """Change a few bits."""
    changed = bytearray(body)
    for _ in range(rng.choice([1, 1, 2, 8])):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def put_in(rng: random.Random, body: bytes) -> bytes:
    """Put odd bytes or escapes anywhere."""
    for _ in range(rng.choice([1, 1, 3])):
        place = rng.randrange(len(body) + 1)
        body = body[:place] + rng.choice([*values.RAW_BYTES, *values.ESCAPES]) + body[place:]
    return body


def cut(rng: random.Random, body: bytes) -> bytes:
    """Cut anywhere, also within a character, at either end."""
    place = rng.randrange(len(body))
    return rng.choice([body[:place], body[place:], body[:place] + body[place + rng.randrange(1, 40) :]])


def framed(rng: random.Random, body: bytes) -> bytes:
    """Put something before or behind the document, or send two."""
    mark, tail = rng.choice(_MARKS), rng.choice(_TAILS)
    return rng.choice(
        [mark + body, body + tail, mark + body + tail, body + body, body + b"\n" + body, b"[" + body + b"]"]
    )


def recoded(rng: random.Random, body: bytes) -> bytes:
    """Write it in another encoding, or packed."""
    text = body.decode("utf-8", "replace")
    encodings = ["utf-16", "utf-16-be", "utf-32", "utf-32-le", "gb18030", "utf-8-sig", "utf-7", "cp037"]
    return rng.choice([gzip.compress(body, mtime=0), *(text.encode(each, "replace") for each in encodings)])


def respelt(rng: random.Random, body: bytes) -> bytes:
    """Write what looks like JSON and is not, or only in some readers' eyes."""
    choices = [
        body.replace(b'"', b"'"),
        body.replace(b",", b",,", 1),
        body.replace(b"}", b",}"),
        body.replace(b"]", b",]"),
        body.replace(b":", b"=", 2),
        body.replace(b"{", b"{/* */", 1),
        body.replace(b",", b",//\n", 1),
        body.replace(b":", b":\xc2\xa0", 1),
        body.replace(b":", b":\x0b", 1),
        body.replace(b'"', b"\xe2\x80\x9c"),
        body.replace(b"true", b"True"),
        body.replace(b"true", b"1"),
        body.replace(b"2025", b"0x7e9"),
        body.replace(b"{", b"{ \r\n\t"),
    ]
    return rng.choice(choices)


def noise(rng: random.Random, _known: Known) -> bytes:
    """Send bytes that never were a document."""
    size = rng.choice([1, 7, 100, 5000])
    choices = [rng.randbytes(size), bytes(rng.choices(b'{}[]",:0123456789truefalsn \\u-+.eE', k=size)), bytes(size)]
    return rng.choice(choices)


def too_large(rng: random.Random, known: Known) -> bytes:
    """Send as much as is taken, or a little more."""
    body = write(any_delivery(rng, known))
    return body + b" " * (values.MIB + rng.choice([-1, 0, 1, 100]) - len(body))


def whole(rng: random.Random, _known: Known) -> bytes:
    """Send a document that is no delivery at all."""
    return rng.choice(
        [rng.choice(_WHOLES), values.deep(rng), values.long_number(rng), values.odd_text(rng), values.number(rng)]
    )


def tree_of(make: Callable[[random.Random, Known], object]) -> Make:
    """Return what writes a well-formed delivery."""
    return lambda rng, known: write(plant(make(rng, known)))


CORRECTED, VOIDED, REPEATED = tree_of(corrected), tree_of(voided), tree_of(repeated)
