"""The lines of a verdict as an answer shows them."""

from xueshi_registry.api.models import KindOut
from xueshi_rulebook import Progress, format_hours


def lines_of(progress: Progress) -> list[KindOut]:
    """Return what each requirement asks for, has and lacks, in its own unit."""
    return [
        KindOut(
            kind=line.kind,
            unit=line.unit,
            required=format_hours(line.required),
            registered=format_hours(line.registered),
            stamped=format_hours(line.counted),
            lacking=format_hours(line.lacking),
        )
        for line in progress.lines
    ]
