"""What a job has found, written to a JSON file as it comes: a list of any length, and the sums behind it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO


class Listing:
    """A JSON object of one list, and what is said at the end."""

    def __init__(self, file: TextIO | None, name: str) -> None:
        """`name` is the list's key; without a file nothing is written."""
        self._file = file
        self._separator = f'{{"{name}": [\n'

    def add(self, item: Mapping[str, Any]) -> None:
        """Write an item of the list."""
        self._write(self._separator + json.dumps(item, ensure_ascii=False))
        self._separator = ",\n"

    def end(self, summary: Mapping[str, Any]) -> None:
        """Write the rest."""
        begun = "\n]" if self._separator == ",\n" else f"{self._separator}]"
        rest = "".join(
            f",\n{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in summary.items()
        )
        self._write(f"{begun}{rest}}}\n")

    def _write(self, text: str) -> None:
        if self._file is not None:
            self._file.write(text)


@contextmanager
def listing(path: Path | None, name: str) -> Iterator[Listing]:
    """Give a listing; the file stands under its name only once it is whole."""
    if path is None:
        yield Listing(None, name)
        return
    unfinished = path.with_name(f"{path.name}.part")
    with unfinished.open("w", encoding="utf-8") as file:
        yield Listing(file, name)
    unfinished.replace(path)
