"""Odd values, as JSON tokens: of every type for every place, and those that are nearly right for one."""

import json
import random
from collections.abc import Callable

from tests.integration.gateway.stand import id_number

MIB = 1024 * 1024
Draw = Callable[[random.Random], bytes]

ODD_CHARACTERS = (
    "\0", "\x01", "\x1f", "\x7f", "\x85", "\x9f", "\u00ad", "\u200b", "\u200d", "\u200e", "\u202e", "\u2028", "\u2029",
    "\u2066", "\ufeff", "\ufffd", "\ufffe", "\uffff", "\ufdd0", "\ue000", "\U0001f4a9", "\U00020000", "\U000e0001",
    "\U0010ffff", "\u0300", "e\u0301", "é", "\u1100\u1161", "각", "ﬁ", "Å", "Ａ", "１", "٣", "²", "Ⅷ", "ß", "İ", "ı",
    "·", "．", "\u3000", "\t", "\n", "\r", "\b", "\f", "\\", '"', "/", "`", "$", "<script>", "%s", "{0}", "' OR 1=1 --",
    "陈", "𠮷", "שלום", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\ud800", "\udfff", "a\u0300\u0301\u0302\u0303",
    "\u0344",
)  # fmt: skip
ESCAPES = (
    rb"\u0000", rb"\ud800", rb"\udc00", rb"\udc00\ud800", rb"\ud83d\ude00", rb"\ud800A", rb"\uD800\u0041", rb"\uFFFF",
    rb"\ufffe", rb"\u", rb"\u12", rb"\uZZZZ", rb"\x41", rb"\q", b"\\", rb"\/", rb"\u002f", rb"\u0022",
    rb"\u005c", rb"\n", rb"\U0001F600",
)  # fmt: skip
RAW_BYTES = (
    b"\0", b"\x01", b"\n", b"\r", b"\t", b"\x7f", b"\x80", b"\xc0\x80", b"\xc1\xbf", b"\xed\xa0\x80", b"\xed\xbf\xbf",
    b"\xf0\x80\x80\x80", b"\xf4\x90\x80\x80", b"\xf8\x88\x80\x80\x80", b"\xfe", b"\xff", b"\xff\xfe", b"\xef\xbb\xbf",
    b"\xe9", b"\xe9\x99", b"\xb3\xc2", b"\xf0\x9f\x92",
)  # fmt: skip
NUMBERS = (
    b"1e999", b"-1e999", b"1e-999", b"-0", b"-0.0", b"0.0", b"NaN", b"Infinity", b"-Infinity", b"nan", b"1.", b".5",
    b"01", b"+1", b"0x10", b"1_000", b"1e", b"1e+", b"--1", b"5", b"5.0", b"5.00000000000000000001", b"4.5", b"1e0",
    b"1E2", b"9007199254740993", b"18446744073709551616", b"-9223372036854775809", b"2147483648", b"1e308",
    b"1.7976931348623159e308", b"4.9e-324", b"0", b"-1", b"100", b"99", b"0.1", b"1e1", b"99.999999999999999999999",
    b"0e0", b"5e-1",
)  # fmt: skip
DECIMALS = (
    "0", "0.0", "0.00", "00", "01", "1.", ".5", "-1", "+1", "4.50", "4.500", "4.505", "1e1", "1E1", "NaN", "Infinity",
    "inf", "10000", "9999.99", "9999.999", "99999", "4,5", "4٫5", "４.５", "٤", "²", " 4.5", "4.5 ", "4.5\n",
    "\u200b4.5", "4 .5", "0x4", "4.5h", "", "1/2", "1_0", "4.5\0", "−1", "9" * 10_000,
)  # fmt: skip
DATES = (
    "0000-01-01", "0001-01-01", "1989-12-31", "1990-01-01", "2025-02-30", "2025-02-29", "2024-02-29", "2025-13-01",
    "2025-00-10", "2025-01-00", "2025-01-32", "9999-12-31", "10000-01-01", "-2025-01-01", "+2025-01-01", "25-01-01",
    "2025-1-1", "20250101", "2025/01/01", "2025-W01-1", "2025-001", "01-01-2025", "2025-01-01T00:00:00Z",
    "2025-01-01 ", " 2025-01-01", "2025-01-01\n", "2025\u201001\u201001", "２０２５-01-01", "2200-01-01", "昨天", "",
    "2025-06-01\0", "1970-01-01", "2038-01-19",
)  # fmt: skip
MOMENTS = (
    "0001-01-01T00:00:00+23:59", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59-23:59",
    "9999-12-31T23:59:59.999999999Z", "1990-01-01T00:00:00+14:00", "1989-12-31T23:59:59-12:00",
    "2025-06-02T24:00:00+08:00", "2025-06-02T23:59:60Z", "2025-06-02T21:40:60+08:00", "2025-06-02T21:40:00",
    "2025-06-02T21:40:00+24:00", "2025-06-02T21:40:00+25:00", "2025-06-02T21:40:00+08:60", "2025-06-02T21:40:00+0800",
    "2025-06-02T21:40:00+08", "2025-06-02T21:40+08:00", "2025-06-02 21:40:00Z", "2025-06-02t21:40:00z",
    "2025-06-02T21:40:00−08:00", "2025-06-02T21:40:00.1234567890123Z", "2025-06-02T21:40:00.Z",
    "2025-06-02T21:40:00,5Z", "2025-06-02T21:40:00-00:00", "2025-06-02T21:40:00+00:01", "2025-06-02T21:40:00-23:59",
    "2025-02-30T00:00:00Z", "2025-06-02T25:00:00Z", "0000-06-02T00:00:00Z", "10000-06-02T00:00:00Z", "2025-06-02",
    "1748871600", "2025-06-02T21:40:00+08:00[Asia/Shanghai]", "2025-06-02T21:40:00Z\n", " 2025-06-02T21:40:00Z",
    "9999-12-31T23:59:59Z", "2200-01-01T00:00:00Z", "", "now", "P1D",
)  # fmt: skip
CODES = (
    "resident_id", "passport", "hmt_residence_permit", "hmt_travel_permit", "foreign_permanent_resident",
    "RESIDENT_ID", "resident_id\n", "resident-id", "public", "professional", "online", "secondment",
    "hour_records.completed", "hour_records.corrected", "hour_records.voided", "hour_records.", "__proto__",
    "constructor", "a" * 40, "a" * 41, "", "null", "a\0b", "пaspоrt", "_a", "1a",
)  # fmt: skip
IDS = (
    "", "a", "a" * 64, "a" * 65, "a.b", "a b", "a/b", "../a", "a\n", "a\0", "ａ", "-", "_", "0", "null", "true", "é",
    "%00", "KC25-000183", "a" * 100_000,
)  # fmt: skip
NESTING = ((b"[", b"]"), (b'{"a":', b"}"), (b'[[{"a":', b"}]]"), (b'[{"record_id":', b"}]"), (b'{"a":[', b"]}"))
DEPTHS = (
    10,
    100,
    400,
    480,
    490,
    500,
    900,
    960,
    970,
    980,
    985,
    990,
    993,
    995,
    997,
    999,
    1000,
    1001,
    1010,
    1100,
    3000,
    100_000,
)


def quoted(text: str) -> bytes:
    """Return a text as a token, a lone surrogate as the bytes that no UTF-8 has."""
    return json.dumps(text, ensure_ascii=False).encode("utf-8", "surrogatepass")


def odd_text(rng: random.Random) -> bytes:
    """Return a string of odd characters, escapes or bytes among plain ones."""
    parts: list[bytes] = []
    for _ in range(rng.choice([1, 1, 2, 5])):
        parts += [rng.choice([b"", b"a", "学".encode()]), _odd_part(rng)]
    return b'"' + b"".join(parts) + b'"'


def _odd_part(rng: random.Random) -> bytes:
    kind = rng.randrange(12)
    if kind == 0:
        return rng.choice(ESCAPES)
    if kind == 1:
        return rng.choice(RAW_BYTES)
    character = rng.choice(ODD_CHARACTERS)
    if kind == 2:
        return character.encode("utf-8", "surrogatepass")
    return json.dumps(character, ensure_ascii=rng.random() < 0.5)[1:-1].encode("utf-8", "surrogatepass")


def long_text(rng: random.Random) -> bytes:
    """Return a string that is longer than any place takes, some as long as a body may be."""
    size = rng.choice([201, 1000, 65_536, 300_000, MIB - 2000])
    unit = rng.choice([b"a", "学".encode(), rb"\u0041", "\U0001f4a9".encode(), b" ", b"1"])
    return b'"' + unit * (size // len(unit)) + b'"'


def long_number(rng: random.Random) -> bytes:
    """Return a number of very many digits."""
    digits = b"9" * rng.choice([20, 309, 4301, 10_000, 200_000])
    return rng.choice(
        [digits, b"-" + digits, digits + b".5", b"0." + digits, b"1e" + digits[:400], b"1e-" + digits[:400]]
    )


def deep(rng: random.Random) -> bytes:
    """Return arrays or objects within each other, closed or not."""
    depth = rng.choice(DEPTHS)
    opening, closing = rng.choice(NESTING)
    ends = rng.choice([closing * depth, closing * depth, closing * (depth - 1), b""])
    return opening * depth + rng.choice([b"1", b"", b'""']) + ends


def number_of_a_person(rng: random.Random) -> bytes:
    """Return a well-formed ID number where none belongs, plain, in groups or in other digits."""
    number = id_number(rng.randrange(1000))
    grouped = f"{number[:6]}-{number[6:14]}-{number[14:]}"
    wide = number.translate(str.maketrans("0123456789X", "０１２３４５６７８９Ｘ"))
    spaced = " ".join(number)
    return quoted(
        rng.choice([number, number.lower(), grouped, wide, spaced, f"no_{number}_", f"x{number}9", f"\u200b{number}"])
    )


def scalar(rng: random.Random) -> bytes:
    """Return a value of any type."""
    return rng.choice(
        [b"null", b"true", b"false", b"0", b"1", b'""', b"[]", b"{}", b"[null]", b'{"a":1}', b'"a"', b"1.5", b"True"]
    )


def choice_of(texts: tuple[str, ...]) -> Draw:
    """Return what draws one of these texts as a token."""

    def draw(rng: random.Random) -> bytes:
        return quoted(rng.choice(texts))

    return draw


def number(rng: random.Random) -> bytes:
    """Return an odd number."""
    return rng.choice(NUMBERS)
