"""Proofs as PDF (PDF/A-2a and PDF/UA-1), set by typst on threads of their own, bounded in number and in waiting.

typst leaves the interpreter's lock while it works (measured: other threads run on), so threads serve and no
processes are needed. The same proof in the same status gives the same bytes: the creation time is that of issue.
"""

import asyncio
import io
import json
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import segno
import structlog
import typst

from xueshi_certificates.wire.view import ProofView

log = structlog.get_logger()

_TEMPLATE = Path(__file__).parent / "templates" / "proof.typ"
_MISSING_GLYPH = "could not be displayed with"


class NoFontError(Exception):
    """No font with Chinese characters is to be had; the message says where was looked and what to install."""


class BusyError(Exception):
    """Too many PDFs are waiting to be set; trying again shortly succeeds."""


def find_fonts(paths: Sequence[Path], families: Sequence[str]) -> tuple[typst.Fonts, list[str]]:
    """Return the fonts of `paths` and of the system, and those of `families` that are among them, in their order.

    Raises `NoFontError` where none is: a PDF without Chinese characters must never be handed out.
    """
    fonts = typst.Fonts(include_embedded_fonts=False, font_paths=[str(each) for each in paths if each.is_dir()])
    known = set(fonts.families())
    found = [family for family in families if family in known]
    if not found:
        message = (
            f"none of the fonts {', '.join(families)} is in {', '.join(map(str, paths))} or among the system's: install"
            " one (Debian: fonts-noto-cjk), or name another by XUESHI_PDF_FONT_PATHS and XUESHI_PDF_FONT_FAMILIES"
        )
        raise NoFontError(message)
    return fonts, found


@lru_cache(maxsize=1024)
def qr_svg(url: str) -> str:
    """Return the QR code (error correction M) of an address, as an SVG image with a quiet zone of 2 modules."""
    image = io.BytesIO()
    segno.make(url, error="m", micro=False).save(image, kind="svg", border=2, xmldecl=False, omitsize=True, nl=False)
    return image.getvalue().decode()


class PdfPress:
    """Sets proofs as PDF and keeps the last ones."""

    def __init__(
        self, font_paths: Sequence[Path], font_families: Sequence[str], *, workers: int, waiting: int, kept: int
    ) -> None:
        """Set on `workers` threads, let `waiting` more wait, keep `kept` results."""
        self._font_paths = font_paths
        self._font_families = font_families
        self._fonts: tuple[typst.Fonts, list[str]] | None = None
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="pdf")
        self._places = workers + waiting
        self._kept = kept
        self._cache: OrderedDict[tuple[str, str, bool], bytes] = OrderedDict()
        self._under_way: dict[tuple[str, str, bool], asyncio.Future[bytes]] = {}

    async def ready(self) -> None:
        """Raise `NoFontError` unless there is a font to set with."""
        await asyncio.get_running_loop().run_in_executor(self._pool, self._ensure_fonts)

    async def pdf(self, view: ProofView, issued_at: datetime) -> bytes:
        """Return the PDF of a view. Raises `BusyError` and `NoFontError`."""
        key = (view.number, view.status, view.holder.public)
        cached = self._cache.get(key)
        if cached is not None:
            self._cache.move_to_end(key)
            return cached
        return await asyncio.shield(self._under_way.get(key) or self._begin(key, view, issued_at))

    def _begin(self, key: tuple[str, str, bool], view: ProofView, issued_at: datetime) -> "asyncio.Future[bytes]":
        if len(self._under_way) >= self._places:
            raise BusyError
        future = asyncio.get_running_loop().run_in_executor(self._pool, self._set, view, issued_at)
        self._under_way[key] = future
        future.add_done_callback(lambda done: self._keep(key, done))
        return future

    def _keep(self, key: tuple[str, str, bool], done: "asyncio.Future[bytes]") -> None:
        del self._under_way[key]
        if done.cancelled() or done.exception() is not None:
            return
        self._cache[key] = done.result()
        while len(self._cache) > self._kept:
            self._cache.popitem(last=False)

    def _ensure_fonts(self) -> tuple[typst.Fonts, list[str]]:
        if self._fonts is None:
            self._fonts = find_fonts(self._font_paths, self._font_families)
        return self._fonts

    def _set(self, view: ProofView, issued_at: datetime) -> bytes:
        try:
            return self._compile(view, issued_at, archival=True)
        except typst.TypstError as error:
            if _MISSING_GLYPH not in error.message:
                raise
            # A name or title holds a character that no font has. The standards forbid its empty box; a proof with
            # one is better than none.
            log.warning("pdf.character_without_font", number=view.number)
            return self._compile(view, issued_at, archival=False)

    def _compile(self, view: ProofView, issued_at: datetime, *, archival: bool) -> bytes:
        fonts, families = self._ensure_fonts()
        return typst.compile(
            str(_TEMPLATE),
            root=str(_TEMPLATE.parent),
            font_paths=fonts,
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={
                "proof": json.dumps(asdict(view), ensure_ascii=False),
                "families": json.dumps(families, ensure_ascii=False),
                "qr": qr_svg(view.url),
            },
            pdf_standards=["a-2a", "ua-1"] if archival else [],
            timestamp=int(issued_at.timestamp()),
        )
