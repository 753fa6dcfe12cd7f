"""The settings of certificates."""

from pathlib import Path

from pydantic import Field

from xueshi_kit.settings import ServiceSettings

BUNDLED_FONTS = Path(__file__).parent / "rendering" / "fonts"
"""A small Chinese font that comes with the service, for machines without one."""


class Settings(ServiceSettings):
    """What certificates need beyond every service's: fonts and bounds of setting PDFs, the bound on public reading."""

    pdf_font_paths: tuple[Path, ...] = (
        Path("/usr/share/fonts/opentype/noto"),
        Path("/usr/share/fonts/noto-cjk"),
        BUNDLED_FONTS,
    )
    """Folders with fonts, looked through before the system's own."""
    pdf_font_families: tuple[str, ...] = (
        "Noto Serif CJK SC",
        "Source Han Serif SC",
        "Noto Sans CJK SC",
        "Songti SC",
        "SimSun",
        "Xueshi Song",
    )
    """Fonts with Chinese characters, the first that is found is used; without any the service is not ready."""
    pdf_required: bool = True
    """Whether a missing font makes the service not ready; if not, only PDFs are refused (503)."""
    pdf_workers: int = Field(2, ge=1)
    pdf_waiting: int = Field(32, ge=0)
    """PDFs that may wait for a worker; more are refused with 503."""
    pdf_kept: int = Field(256, ge=0)
    """PDFs kept in memory, about 110 KiB each."""
    public_requests_per_minute: int = Field(120, ge=1)
    """How often one address may open public pages, on each instance."""
