"""A person's hours and verdicts computed anew, and compared with what stands.

Records are shared out from scratch and compared with what they are credited and with the ledger's sums, day by day;
transcripts are compared with the ledger's totals and judged again. Each record goes by the version of the rulebook that
judged it, each transcript by the version that it was derived with.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Literal, NamedTuple, TypeVar

from xueshi_registry.domain.model import STAMPED, PersonKey, Ref
from xueshi_registry.domain.sharing import Taker, share
from xueshi_registry.domain.standing import Account, Entry, Kept, Standing
from xueshi_registry.domain.transcripts import Totals, entered_under, judge_period
from xueshi_registry.domain.versions import Versions
from xueshi_rulebook import RulebookError, format_hours

What = Literal["rules", "sum", "credited", "registered", "stamped", "totals", "judge", "verdict"]
"""What differs: the rules, which are not kept; an entry's hours from its days'; what a record is credited; its sums on
either account; a transcript's totals; which jurisdiction judges it; its verdict."""

_Key = TypeVar("_Key")
_Place = tuple[str, str, date]
"""Period, kind of subject and day of an hour in the ledger."""


class Difference(NamedTuple):
    """Something that stands otherwise than it is computed. `about` names a record; a transcript where it is empty."""

    person_key: PersonKey
    period: str
    what: What
    about: str
    stored: str
    recomputed: str


def recompute(account: Account, versions: Versions) -> list[Difference]:
    """Return all that stands otherwise than it is computed, records first. Raises RulebookDataError."""
    return [
        *_compare_entries(account),
        *_compare_records(account, versions),
        *_compare_transcripts(account, versions),
    ]


def _compare_entries(account: Account) -> Iterator[Difference]:
    for entry in account.entries:
        summed = sum(entry.deltas)
        if summed != entry.centihours or len(entry.deltas) != len(entry.days):
            stored = _hours_text(entry.centihours)
            yield Difference(account.key, entry.period, "sum", _name(entry.ref), stored, _hours_text(summed))


def _compare_records(account: Account, versions: Versions) -> Iterator[Difference]:
    takers, unruled = _takers(account.records, versions)
    for record in unruled:
        stored = _rules_text(record.jurisdiction, record.rulebook)
        yield Difference(account.key, "", "rules", _name(record.ref), stored, "")
    if unruled:
        return
    shares = share(takers.values())
    ledger, wanted = _sum_days(account.entries), {}
    for record in account.records:
        mine = shares.get(record.id) or [0] * len(record.days)
        if list(record.credited) != mine:
            both = (dict(zip(record.days, hours, strict=False)) for hours in (record.credited, mine))
            yield Difference(account.key, "", "credited", _name(record.ref), *_texts(*both))
        if record.id in takers:
            wanted[record.ref] = _wanted(takers[record.id], mine)
    for ref in {**wanted, **ledger}:
        found, computed = ledger.get(ref, _NOTHING), wanted.get(ref, _NOTHING)
        if found.registered != computed.registered:
            yield Difference(account.key, "", "registered", _name(ref), *_texts(found.registered, computed.registered))
        if found.stamped != computed.stamped:
            yield Difference(account.key, "", "stamped", _name(ref), *_texts(found.stamped, computed.stamped))


def _name(ref: Ref) -> str:
    return f"{ref.platform}/{ref.record_id}/{ref.version}"


def _takers(records: Iterable[Standing], versions: Versions) -> tuple[dict[int, Taker], list[Standing]]:
    """Return the counting records in ledger order, and those whose rules are not kept."""
    takers, unruled = {}, []
    for each in sorted((each for each in records if each.counts), key=lambda each: (each.place or 0, each.id)):
        rules = versions.rules(each.rulebook, each.jurisdiction)
        if rules is None:
            unruled.append(each)
        else:
            stamped = each.state == STAMPED
            takers[each.id] = Taker(
                each.id, each.days, each.claimed, each.cap_exempt, rules, each.subject_kind, stamped, each.credit_year
            )
    return takers, unruled


class _Sums(NamedTuple):
    """What the two accounts of a record come to."""

    registered: dict[_Place, int]
    stamped: dict[_Place, int]


_NOTHING = _Sums({}, {})


def _wanted(taker: Taker, hours: Sequence[int]) -> _Sums:
    """Return what the accounts of a counting record must come to."""
    kind = taker.subject_kind
    places = {(taker.period_of(day), kind, day): n for day, n in zip(taker.days, hours, strict=True) if n}
    return _Sums(places, places if taker.is_stamped else {})


def _sum_days(entries: Iterable[Entry]) -> dict[Ref, _Sums]:
    """Return the hours of each record as its entries add up; what adds up to nothing is left out."""
    found: dict[Ref, _Sums] = {}
    for entry in entries:
        sums = found.get(entry.ref)
        if sums is None:
            sums = found[entry.ref] = _Sums({}, {})
        account = sums.stamped if entry.account == "stamped" else sums.registered
        period, kind = entry.period, entry.subject_kind
        for day, delta in zip(entry.days, entry.deltas, strict=False):
            place = (period, kind, day)
            hours = account.get(place, 0) + delta
            if hours:
                account[place] = hours
            else:
                account.pop(place, None)
    return found


def _texts(stored: Mapping[_Key, int], recomputed: Mapping[_Key, int]) -> tuple[str, str]:
    """Write down the hours that differ."""
    places = [each for each in {**stored, **recomputed} if stored.get(each, 0) != recomputed.get(each, 0)]

    def text(hours: Mapping[_Key, int]) -> str:
        return ", ".join(f"{_place_text(each)}: {_hours_text(hours.get(each, 0))}" for each in places)

    return text(stored), text(recomputed)


def _hours_text(centihours: int) -> str:
    """Write hours that may be below nothing, where something is wrong."""
    return format_hours(centihours) if centihours >= 0 else f"-{format_hours(-centihours)}"


def _place_text(place: object) -> str:
    return " ".join(map(str, place)) if isinstance(place, tuple) else str(place)


def _rules_text(jurisdiction: str, version: str) -> str:
    return f"{jurisdiction or '?'} in {version[:12] or '?'}"


def _compare_transcripts(account: Account, versions: Versions) -> Iterator[Difference]:
    def differs(what: What, stored: str, recomputed: str) -> Difference:
        return Difference(account.key, period, what, "", stored, recomputed)

    totals = _sum_periods(account.entries)
    entered = _entered_under(account)
    kept = {each.period: each for each in account.transcripts}
    for period in sorted({*totals, *kept}):
        computed = _whole(totals.get(period, Totals({}, {})))
        transcript = kept.get(period)
        if transcript is None:
            if any(computed):
                yield differs("totals", "", _totals_text(computed))
            continue
        stored = _whole(transcript.totals)
        if stored != computed:
            yield differs("totals", _totals_text(stored), _totals_text(computed))
        yield from (
            differs(*each) for each in _judge_anew(account, transcript, computed, entered.get(period, ()), versions)
        )


def _judge_anew(
    account: Account, transcript: Kept, totals: Totals, entered: Sequence[str], versions: Versions
) -> Iterator[tuple[What, str, str]]:
    """Judge a period by the version that its transcript names."""
    own = entered_under(transcript.jurisdiction, entered)
    rulebook = versions.rulebook(transcript.rulebook)
    if rulebook is None or own not in rulebook.jurisdictions:
        yield "rules", _rules_text(own, transcript.rulebook), ""
        return
    try:
        judged = judge_period(rulebook, transcript.period, own, account.employments, totals)
    except RulebookError as error:
        yield "verdict", transcript.verdict, type(error).__name__
        return
    if judged.jurisdiction != transcript.jurisdiction:
        yield "judge", transcript.jurisdiction, judged.jurisdiction
    if judged.progress.verdict != transcript.verdict:
        yield "verdict", transcript.verdict, judged.progress.verdict


def _sum_periods(entries: Iterable[Entry]) -> dict[str, Totals]:
    found: dict[str, tuple[dict[str, int], dict[str, int]]] = {}
    for entry in entries:
        accounts = found.get(entry.period)
        if accounts is None:
            accounts = found[entry.period] = ({}, {})
        account = accounts[entry.account == "stamped"]
        account[entry.subject_kind] = account.get(entry.subject_kind, 0) + entry.centihours
    return {period: Totals(*accounts) for period, accounts in found.items()}


def _entered_under(account: Account) -> dict[str, list[str]]:
    """Return, by period, the jurisdictions of the records that have entries in it, in order of the entries."""
    jurisdictions = {each.ref: each.jurisdiction for each in account.records}
    found: dict[str, dict[str, None]] = {}
    for entry in account.entries:
        code = jurisdictions.get(entry.ref)
        if code:
            found.setdefault(entry.period, {})[code] = None
    return {period: list(codes) for period, codes in found.items()}


def _whole(totals: Totals) -> Totals:
    """Return the totals without the kinds of which nothing is left."""
    return Totals(*({kind: hours for kind, hours in each.items() if hours} for each in totals))


def _totals_text(totals: Totals) -> str:
    return ", ".join(
        f"{kind}: {_hours_text(totals.registered.get(kind, 0))} ({_hours_text(totals.stamped.get(kind, 0))} stamped)"
        for kind in sorted({*totals.stamped, *totals.registered})
    )
