"""China's working days by year, and the one convention by which periods are counted (rules.md, "Periods")."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final, Literal, NamedTuple, get_args

from xueshi_rulebook.errors import UnknownCalendarYearError
from xueshi_rulebook.model import Basis
from xueshi_rulebook.reading import BASIS_KEYS, read_basis
from xueshi_rulebook.yamlsource import Value

Kind = Literal["working", "make_up", "weekend", "holiday"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
Channel = Literal["counter", "paper", "online", "none"]
"""How an act is done; "none" where nothing is handed in."""
CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)

_ONE_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5
_MONTHS: Final = 12
_TO: Final = ".."


class Calendar:
    """The dated table: what its years name as holidays and make-up workdays."""

    __slots__ = ("_named", "_years")

    def __init__(self, years: frozenset[int], named: Mapping[date, Kind]) -> None:
        """Take the years that are known and the days in them that are not what their weekday says."""
        self._years = years
        self._named = named

    def knows(self, year: int) -> bool:
        """Tell whether the table has the year."""
        return year in self._years

    def kind(self, day: date) -> Kind:
        """Return what a day is; raises UnknownCalendarYearError for a year that the table lacks."""
        if day.year not in self._years:
            raise UnknownCalendarYearError(day.year)
        usual: Kind = "weekend" if day.weekday() >= _SATURDAY else "working"
        return self._named.get(day, usual)

    def is_working_day(self, day: date) -> bool:
        """Tell whether offices work on a day; raises UnknownCalendarYearError."""
        return self.kind(day) in ("working", "make_up")

    def before(self, event_on: date, count: int) -> date:
        """Return the working day that is number ``count`` counted back from an event, whose own day is not counted."""
        return self._count(event_on, count, -_ONE_DAY)

    def after(self, event_on: date, count: int) -> date:
        """Return the working day that is number ``count`` after an event, whose own day is not counted."""
        return self._count(event_on, count, _ONE_DAY)

    def next_working_day(self, day: date) -> date:
        """Return the first working day on or after a day."""
        while not self.is_working_day(day):
            day += _ONE_DAY
        return day

    def _count(self, day: date, count: int, step: timedelta) -> date:
        """Step over ``count`` working days; the end of the known years bounds the loop."""
        left = count
        while left > 0:
            day += step
            left -= self.is_working_day(day)
        return day


class Convention(NamedTuple):
    """How every period is counted, each part with what it rests on."""

    first_day_counted: bool
    first_day_basis: Basis
    binds_retroactively: bool
    retroactive_basis: Basis
    moves: Mapping[Channel, bool]
    moves_basis: Basis


def add_months(day: date, months: int) -> date:
    """Return the corresponding day so many months later, the month's last where it has no such day."""
    year, month = divmod(day.year * _MONTHS + day.month - 1 + months, _MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month_end(year: int, month: int) -> date:
    """Return a month's last day."""
    return date(year, month, monthrange(year, month)[1])


def read_calendar(file: Value) -> Calendar:
    """Read the years; raises RulebookDataError with file, line and reason."""
    named: dict[date, Kind] = {}
    years: set[int] = set()
    for written, item in file.fields(("years", "periods"))["years"].entries().items():
        if not (written.isascii() and written.isdigit()):
            item.fail(f"{written!r} is not a year")
        years.add(int(written))
        named.update(_read_year(item, int(written)))
    return Calendar(frozenset(years), named)


def _read_year(item: Value, year: int) -> dict[date, Kind]:
    fields = item.fields(("holidays", "workdays", "clause"))
    read_basis(item, fields)
    named: dict[date, Kind] = {}
    for each in fields["holidays"].items():
        for day in _read_range(each, year):
            if day in named:
                each.fail(f"holiday {day} is repeated")
            named[day] = "holiday"
    for each in fields["workdays"].items():
        day = each.day()
        _inside(each, year, day)
        if day in named:
            each.fail(f"{day} is repeated" if named[day] == "make_up" else f"{day} is a holiday too")
        if day.weekday() < _SATURDAY:
            each.fail(f"make-up workday {day} is no Saturday or Sunday")
        named[day] = "make_up"
    return named


def _read_range(item: Value, year: int) -> Sequence[date]:
    """Read one day, or the days from one to another."""
    first_text, to, last_text = str(item.scalars()).partition(_TO)
    try:
        first, last = date.fromisoformat(first_text), date.fromisoformat(last_text if to else first_text)
    except ValueError:
        item.fail(f"a day, or a range written first{_TO}last, is expected")
    if last < first:
        item.fail(f"the range ends before {first}")
    _inside(item, year, first, last)
    return [first + each * _ONE_DAY for each in range((last - first).days + 1)]


def _inside(item: Value, year: int, *days: date) -> None:
    for day in days:
        if day.year != year:
            item.fail(f"{day} is not in {year}")


def read_convention(file: Value) -> Convention:
    """Read how periods are counted; raises RulebookDataError with file, line and reason."""
    periods = file.fields(("years", "periods"))["periods"].fields(("first_day", "retroactive", "moves"))
    first_day = periods["first_day"].fields(("counted",), BASIS_KEYS)
    retroactive = periods["retroactive"].fields(("binds",), BASIS_KEYS)
    moves = periods["moves"].fields(CHANNELS, BASIS_KEYS)
    return Convention(
        first_day_counted=first_day["counted"].flag(),
        first_day_basis=read_basis(periods["first_day"], first_day),
        binds_retroactively=retroactive["binds"].flag(),
        retroactive_basis=read_basis(periods["retroactive"], retroactive),
        moves={channel: moves[channel].flag() for channel in CHANNELS},
        moves_basis=read_basis(periods["moves"], moves),
    )
