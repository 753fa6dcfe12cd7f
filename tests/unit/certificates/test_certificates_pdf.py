import asyncio
import io
from datetime import date, timedelta
from pathlib import Path

import pdfplumber
import pytest
import segno

from tests.unit.certificates.proof_samples import IDENTITY, ISSUED_AT, TAG, compliant, content_of, entry, revoked, state
from xueshi_certificates.domain.content import ProofState
from xueshi_certificates.domain.forms import ProofForms
from xueshi_certificates.domain.holder import Holder, Identity
from xueshi_certificates.rendering.pdf import BusyError, NoFontError, PdfPress, find_fonts
from xueshi_certificates.settings import BUNDLED_FONTS, Settings
from xueshi_certificates.wire.view import view_of
from xueshi_rulebook import load_rulebook

FORMS = ProofForms(load_rulebook())
SETTINGS = Settings(database_url="postgresql://unused")


@pytest.fixture
def press() -> PdfPress:
    return make_press()


def make_press(workers: int = 1, waiting: int = 8) -> PdfPress:
    return PdfPress(SETTINGS.pdf_font_paths, SETTINGS.pdf_font_families, workers=workers, waiting=waiting, kept=50)


async def pdf_of(press: PdfPress, shown: ProofState, holder: Holder) -> bytes:
    return await press.pdf(view_of(shown, holder, FORMS, "https://check.example"), ISSUED_AT)


def text_of(pdf: bytes) -> str:
    with pdfplumber.open(io.BytesIO(pdf)) as opened:
        return "\n".join(page.extract_text() for page in opened.pages)


@pytest.fixture(scope="module")
def full_text() -> str:
    return text_of(asyncio.run(pdf_of(make_press(), state(compliant()), Holder.named(IDENTITY))))


def test_it_holds_title_number_holder_period_totals_and_verdict(full_text: str) -> None:
    packed = full_text.replace(" ", "")
    for part in (
        "专业技术人员继续教育学时证明",
        "FJ-2025-0000001234-9",
        "陈晓岚",
        "359900********0011",
        "2025年度",
        "公需科目3030达到要求",
        "专业科目6060达到要求",
        "合计",
        "已达到2025年度继续教育学时要求",
    ):
        assert part in packed, part
    assert "19900307" not in packed


def test_it_shows_the_five_items_of_each_record_and_who_stamped_it(full_text: str) -> None:
    packed = full_text.replace(" ", "").replace("\n", "")
    for part in ("混凝土结构耐久性", "R-1", "2025-06-01", "2025-06-02", "合格（88）", "学习形式", "考核结果"):
        assert part in packed, part
    # A cell's lines are interleaved with its neighbours' in the text: look for the words' beginnings.
    assert "确认接入的网络" in packed
    assert "某市人力资源和" in packed


def test_it_names_issuer_date_clauses_address_and_pages(full_text: str) -> None:
    packed = full_text.replace(" ", "")
    for part in (
        "福建省继续教育公共服务平台",
        "2025年6月4日",
        "闽人社办〔2023〕70号",
        "附件2二（五）",
        f"https://check.example/p/{TAG}",
        "第1页/共1页",
    ):
        assert part in packed, part


async def test_the_public_copy_is_masked(press: PdfPress) -> None:
    packed = text_of(await pdf_of(press, state(compliant()), Holder.masked(IDENTITY))).replace(" ", "")
    assert "陈**" in packed
    assert "0011" in packed
    for hidden in ("晓岚", "359900", "19900307"):
        assert hidden not in packed


async def test_a_revoked_proof_says_so_across_the_page(press: PdfPress) -> None:
    packed = text_of(await pdf_of(press, state(compliant(), revoked()), Holder.masked(IDENTITY))).replace(" ", "")
    assert "本证明于2025年9月2日已撤销" in packed


async def test_many_records_run_over_pages_with_the_head_repeated(press: PdfPress) -> None:
    many = [entry(f"R-{n:03}", 100, first_on=date(2025, 1, 1) + timedelta(days=n)) for n in range(90)]
    pdf = await press.pdf(
        view_of(state(content_of(*many)), Holder.named(IDENTITY), FORMS, "https://many.example"), ISSUED_AT
    )
    with pdfplumber.open(io.BytesIO(pdf)) as opened:
        pages = [page.extract_text().replace(" ", "") for page in opened.pages]
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert f"第{number}页/共{len(pages)}页" in page
    with_records = [page for page in pages if "R-0" in page]
    assert len(with_records) > 2
    assert all("学习内容" in page and "考核结果" in page for page in with_records)
    assert all(f"R-{n:03}" in "".join(pages) for n in range(90))


TRICKY = [
    '#panic("x")',
    "[括号] $x^2$",
    "*粗* _斜_ `码`",
    "<label> @ref",
    "// 注释",
    "\\ 反斜",
    '"引号"',
    "#{sys.inputs}",
]


async def test_signs_of_the_typesetter_in_a_title_are_text(press: PdfPress) -> None:
    entries = [entry(f"R-{n}", 100, course_title=title) for n, title in enumerate(TRICKY)]
    view = view_of(
        state(content_of(*entries)),
        Holder.named(Identity("passport", "E12345678", "#set [陈]")),
        FORMS,
        "https://t.example",
    )
    packed = text_of(await press.pdf(view, ISSUED_AT)).replace(" ", "").replace("\n", "")
    assert "#set[陈]" in packed
    for title in TRICKY:
        assert title.replace(" ", "") in packed, title


async def test_every_font_is_embedded_and_the_file_is_an_archive(press: PdfPress) -> None:
    pdf = await pdf_of(press, state(compliant()), Holder.named(IDENTITY))
    assert b"pdfaid:part>2<" in pdf
    assert b"pdfaid:conformance>A<" in pdf
    with pdfplumber.open(io.BytesIO(pdf)) as opened:
        fonts = {char["fontname"] for page in opened.pages for char in page.chars}
        described = [
            each
            for reference in opened.doc.xrefs
            for number in reference.get_objids()
            if isinstance(each := opened.doc.getobj(number), dict) and str(each.get("Type")) == "/'FontDescriptor'"
        ]
    assert fonts
    assert all("CJK" in font for font in fonts)
    assert described
    assert all({"FontFile", "FontFile2", "FontFile3"} & set(each) for each in described)


async def test_a_character_without_a_font_does_not_stop_the_proof(press: PdfPress) -> None:
    view = view_of(
        state(content_of(entry("R-1", 100, course_title="བོད 藏文"))),
        Holder.masked(IDENTITY),
        FORMS,
        "https://g.example",
    )
    assert "藏文" in text_of(await press.pdf(view, ISSUED_AT))


async def test_the_same_proof_gives_the_same_bytes() -> None:
    first = await pdf_of(make_press(), state(compliant()), Holder.masked(IDENTITY))
    second = await pdf_of(make_press(), state(compliant()), Holder.masked(IDENTITY))
    assert first == second


async def test_a_set_proof_is_kept_per_status_and_reader() -> None:
    press = make_press()
    named = await pdf_of(press, state(compliant()), Holder.named(IDENTITY))
    assert await pdf_of(press, state(compliant()), Holder.named(IDENTITY)) is named
    assert await pdf_of(press, state(compliant()), Holder.masked(IDENTITY)) != named
    assert await pdf_of(press, state(compliant(), revoked()), Holder.named(IDENTITY)) != named


async def test_one_proof_asked_for_at_once_is_set_once_and_too_many_others_are_refused() -> None:
    press = make_press(workers=1, waiting=0)
    same = [asyncio.create_task(pdf_of(press, state(compliant()), Holder.named(IDENTITY))) for _ in range(5)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError):
        await pdf_of(press, state(compliant()), Holder.masked(IDENTITY))
    assert len({id(each) for each in await asyncio.gather(*same)}) == 1


def test_without_a_chinese_font_it_says_what_to_do() -> None:
    with pytest.raises(NoFontError, match="fonts-noto-cjk"):
        find_fonts([Path("/nowhere")], ["No Such Font SC"])


async def test_the_font_that_comes_along_sets_a_proof() -> None:
    press = PdfPress([BUNDLED_FONTS], ["Xueshi Song"], workers=1, waiting=1, kept=1)
    pdf = await pdf_of(press, state(compliant()), Holder.named(IDENTITY))
    assert "专业技术人员继续教育学时证明" in text_of(pdf).replace(" ", "")
    with pdfplumber.open(io.BytesIO(pdf)) as opened:
        fonts = {char["fontname"].partition("+")[2] for page in opened.pages for char in page.chars}
    assert {name.partition("-Identity")[0] for name in fonts} == {"XueshiSong-Regular", "XueshiSong-Bold"}


async def test_without_a_chinese_font_readiness_fails() -> None:
    press = PdfPress([Path("/nowhere")], ["No Such Font SC"], workers=1, waiting=0, kept=0)
    with pytest.raises(NoFontError):
        await press.ready()


async def test_the_qr_code_in_the_pdf_is_the_public_address(press: PdfPress) -> None:
    view = view_of(state(compliant()), Holder.named(IDENTITY), FORMS, "https://check.example")
    pdf = await press.pdf(view, ISSUED_AT)
    assert dark_modules(pdf) == expected_modules(view.url)


def expected_modules(url: str) -> list[list[bool]]:
    return [[bool(module) for module in row] for row in segno.make(url, error="m", micro=False).matrix]


def dark_modules(pdf: bytes) -> list[list[bool]]:
    """Read the code off the last page: each of its strokes covers a run of dark modules in one row."""
    with pdfplumber.open(io.BytesIO(pdf)) as opened:
        # Rules of tables have a width of their own; the code's strokes have that of the drawing's unit.
        strokes = [each for each in opened.pages[-1].lines if each["linewidth"] == 0]
    left, top = min(each["x0"] for each in strokes), min(each["top"] for each in strokes)
    # The upper left corner of every code is a dark run of seven modules.
    module = min(each["x1"] - each["x0"] for each in strokes if each["x0"] == left and each["top"] == top) / 7
    size = round((max(each["x1"] for each in strokes) - left) / module)
    read = [[False] * size for _ in range(size)]
    for each in strokes:
        row = round((each["top"] - top) / module)
        for column in range(round((each["x0"] - left) / module), round((each["x1"] - left) / module)):
            read[row][column] = True
    return read
