"""Puts submissions into deliveries, in the batches and the order in which each platform sends them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from xueshi_samples.dice import Dice
from xueshi_samples.model import Delivery, EventType
from xueshi_samples.submission import DUPLICATE, Submission

LARGEST_BATCH = 500
_BATCHES_A_YEAR = 12
_CHANGES_AT_ONCE = 15
_GAP = timedelta(minutes=10)
_LETTERS = "abcdefghijkmnpqrstuvwxyz"
_RESENT_LARGEST = 120
_RESENT_SHARE = 0.02
_RESENT_LEAST = 2


def schedule(dice: Dice, submissions: Iterable[Submission]) -> tuple[Delivery, ...]:
    """Return all deliveries in the order of sending, with those that a platform sends twice."""
    by_platform: dict[str, list[Submission]] = defaultdict(list)
    for submission in submissions:
        by_platform[submission.platform].append(submission)
    deliveries = [d for platform, own in by_platform.items() for d in _PlatformYear(dice, platform, own).deliveries()]
    deliveries += _sent_twice(dice, deliveries)
    return tuple(sorted(deliveries, key=lambda delivery: (delivery.sent_at, delivery.platform)))


class _PlatformYear:
    """One platform's year: batches of completed records, each followed by the changes that have become due."""

    def __init__(self, dice: Dice, platform: str, submissions: list[Submission]) -> None:
        self._dice = dice
        self._platform = platform
        due = sorted(submissions, key=lambda submission: submission.due_at)
        self._completed = [submission for submission in due if submission.event_type == "hour_records.completed"]
        self._changes = [submission for submission in due if submission.event_type != "hour_records.completed"]
        self._enough = max(1, min(_CHANGES_AT_ONCE, len(self._changes) // 2))
        self._sent: set[str] = set()
        self._made: list[Delivery] = []

    def deliveries(self) -> list[Delivery]:
        """Return the platform's deliveries in order."""
        waiting: list[Submission] = []
        batch: list[Submission] = []
        size = self._size()
        for submission in self._completed:
            if submission.apart and submission.record_id not in self._sent:
                waiting.append(submission)
                continue
            batch.append(submission)
            if len(batch) >= size:
                self._close(batch)
                batch, waiting, size = waiting, [], self._size()
        while batch or waiting:
            self._close(batch)
            batch, waiting = waiting, []
        self._send_changes(None)
        return self._made

    def _size(self) -> int:
        upper = min(LARGEST_BATCH, max(6, len(self._completed) // _BATCHES_A_YEAR))
        if self._dice.chance(0.06):
            return self._dice.between(1, max(1, upper // 20))
        if self._dice.chance(0.15):
            return self._dice.between(max(1, upper // 20), max(1, upper // 5))
        return self._dice.between(max(1, upper // 5), upper)

    def _close(self, batch: list[Submission]) -> None:
        for start in range(0, len(batch), LARGEST_BATCH):
            self._send("hour_records.completed", batch[start : start + LARGEST_BATCH])
        self._sent.update(submission.record_id for submission in batch)
        if self._made:
            self._send_changes(self._made[-1].sent_at)

    def _send_changes(self, until: datetime | None) -> None:
        """Send the changes due by then whose records have gone out; without a date, all that are left."""
        ready = [
            change
            for change in self._changes
            if until is None or (change.due_at <= until and (not change.apart or change.record_id in self._sent))
        ]
        if until is not None and len(ready) < self._enough:
            return
        self._changes = [change for change in self._changes if change not in ready]
        for event_type in ("hour_records.corrected", "hour_records.voided"):
            self._send(event_type, [change for change in ready if change.event_type == event_type])

    def _send(self, event_type: EventType, batch: list[Submission]) -> None:
        if not batch:
            return
        at = max(submission.due_at for submission in batch).replace(microsecond=0)
        at += timedelta(minutes=self._dice.between(1, 30))
        if self._made:
            at = max(at, self._made[-1].sent_at + _GAP)
        records = tuple(submission.record for submission in batch)
        expected = tuple(submission.expected for submission in batch)
        self._made.append(
            Delivery(
                self._platform,
                _delivery_id(self._dice),
                event_type,
                at,
                at,
                repeats=False,
                records=records,
                expected=expected,
            )
        )


def _sent_twice(dice: Dice, deliveries: list[Delivery]) -> list[Delivery]:
    """Return deliveries sent again: under their own id (a lost receipt) or under a new one (a second export)."""
    small = [
        delivery
        for delivery in deliveries
        if delivery.event_type == "hour_records.completed" and len(delivery.records) <= _RESENT_LARGEST
    ]
    count = max(_RESENT_LEAST, round(_RESENT_SHARE * len(deliveries)))
    chosen = dice.shuffled(small)[: 2 * count]
    return [_repeat(d) for d in chosen[:count]] + [_second_export(dice, d) for d in chosen[count:]]


def _repeat(first: Delivery) -> Delivery:
    again_at = first.sent_at + timedelta(minutes=2)
    return Delivery(
        first.platform, first.delivery_id, first.event_type, first.stated_at, again_at,
        repeats=True, records=first.records, expected=first.expected,
    )  # fmt: skip


def _second_export(dice: Dice, first: Delivery) -> Delivery:
    again_at = first.sent_at + timedelta(minutes=dice.between(2, 6))
    expected = tuple(DUPLICATE if answer.status == "accepted" else answer for answer in first.expected)
    return Delivery(
        first.platform, _delivery_id(dice), first.event_type, again_at, again_at,
        repeats=False, records=first.records, expected=expected,
    )  # fmt: skip


def _delivery_id(dice: Dice) -> str:
    """Return an id of letters alone, in which no ID number can be seen."""
    return "msg_" + "".join(dice.pick(_LETTERS) for _ in range(24))
