"""Versions of the rulebook, as a command names them: a draft's folder, a canonical file, a frozen version's hash."""

import lzma
from pathlib import Path
from typing import Annotated

import typer

from xueshi_rulebook import Rulebook, RulebookDataError, load_rulebook, read_canonical, read_rulebook
from xueshi_rulebook.cases import Case, folder_cases, packaged_cases

FROZEN = Path("tests/vectors/rulebook")
"""Where frozen versions lie in the repository, each named by the first digits of its hash."""
NAME_DIGITS = 12
FILE_SUFFIX = ".json.xz"
ANSWERS_SUFFIX = ".answers.xz"

HELP = "A draft's folder, a canonical file (.json, .json.xz) or a frozen version's hash; the packaged one unless given."
With = Annotated[str, typer.Option("--with", help=HELP)]


def open_version(version: str) -> Rulebook:
    """Read the version that ``version`` names, "" for the packaged one; raises RulebookDataError, BadParameter."""
    if not version:
        return load_rulebook()
    path = Path(version)
    if path.is_dir():
        return read_rulebook(path)
    if not path.is_file():
        if len(version) >= NAME_DIGITS and load_rulebook().hash.startswith(version):
            return load_rulebook()
        path = FROZEN / f"{version[:NAME_DIGITS]}{FILE_SUFFIX}"
        if not path.is_file():
            message = f"{version!r} is no folder, no file, not the packaged version and not frozen in {FROZEN}"
            raise typer.BadParameter(message)
    return read_canonical(read(path), str(path))


def cases_of(version: str) -> list[Case]:
    """Return the cases that stand beside a version's data: those of a folder, else the packaged ones."""
    path = Path(version)
    return folder_cases(path) if version and path.is_dir() else packaged_cases()


def write(text: str, path: Path) -> None:
    """Write a file, compressed where its name ends in .xz."""
    content = text.encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(lzma.compress(content, preset=lzma.PRESET_EXTREME) if path.suffix == ".xz" else content)


def read(path: Path) -> str:
    """Read a file, decompressed where its name ends in .xz; raises RulebookDataError where it is broken."""
    content = path.read_bytes()
    try:
        return (lzma.decompress(content) if path.suffix == ".xz" else content).decode()
    except (lzma.LZMAError, UnicodeDecodeError) as error:
        raise RulebookDataError(str(path), 1, f"not readable: {error}") from error
