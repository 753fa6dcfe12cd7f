"""What was measured, round by round; medians are what is reported."""

import statistics
from collections import defaultdict
from collections.abc import Mapping


class Figures:
    """Figures by name, and CPU by series of work and process."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self.rounds: defaultdict[str, list[float]] = defaultdict(list)
        self._cpu: defaultdict[str, defaultdict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        self.notes: list[str] = []
        self.postgres: dict[str, str] = {}

    def note(self, **figures: float) -> None:
        """Add one round's figures."""
        for name, figure in figures.items():
            self.rounds[name].append(figure)

    def note_cpu(self, series: str, us_per_record: Mapping[str, float]) -> None:
        """Add one round's CPU time of a series: microseconds for each record, by process."""
        for process, used in us_per_record.items():
            self._cpu[series][process].append(used)

    def say(self, note: str) -> None:
        """Add a remark that stands under the table and in the report."""
        self.notes.append(note)

    def median(self, name: str) -> float | None:
        """Return the median of a figure, None where it was not measured."""
        return statistics.median(self.rounds[name]) if self.rounds.get(name) else None

    def medians(self) -> dict[str, float]:
        """Return the median of every figure."""
        return {name: statistics.median(taken) for name, taken in self.rounds.items()}

    def cpu(self) -> dict[str, dict[str, float]]:
        """Return the median CPU time by series and process: microseconds for each record."""
        return {
            series: {process: statistics.median(taken) for process, taken in by_process.items()}
            for series, by_process in self._cpu.items()
        }
