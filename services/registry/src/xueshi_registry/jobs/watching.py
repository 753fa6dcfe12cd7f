"""How far a job is: a bar with rate and time left on a terminal, elsewhere a line every few seconds."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

_LINE_SECONDS = 5.0


class Watch:
    """Shows how far the people are worked through."""

    def __init__(self, console: Console, total: int, unit: str) -> None:
        """`total` counts people, `unit` says what the rate counts."""
        self._console = console
        self._total = max(1, total)
        self._unit = unit
        self._people = self._rows = 0
        self._began_at = self._said_at = time.monotonic()
        self._bar = Progress(
            TextColumn("{task.fields[people]}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=self._total, people="reading", rate="")

    def __enter__(self) -> Self:
        """Begin to show."""
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Show no more."""
        self._bar.stop()

    @property
    def seconds(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._began_at

    @property
    def per_second(self) -> float:
        """Rows a second since the beginning."""
        return self._rows / max(self.seconds, 1e-6)

    def advance(self, people: int, rows: int) -> None:
        """Take note of people who are done, and of what was read for them."""
        self._people += people
        self._rows += rows
        rate = f"{self.per_second:,.0f} {self._unit}/s"
        if self._console.is_terminal:
            self._bar.update(self._task, completed=self._people, people=f"{self._people:,} people", rate=rate)
        elif time.monotonic() - self._said_at >= _LINE_SECONDS:
            self._said_at = time.monotonic()
            done = min(1.0, self._people / self._total)
            left = self.seconds * (1 - done) / max(done, 1e-6)
            self._console.print(f"{done:.0%}, {self._people:,} people, {rate}, {left:,.0f} s left")
