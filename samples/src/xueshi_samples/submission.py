"""What platforms submit for records, with the answer that each submission must get."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from xueshi_samples.dice import Dice
from xueshi_samples.draft import Draft, as_record
from xueshi_samples.model import EventType, Expected, Json

ACCEPTED = Expected("accepted")
DUPLICATE = Expected("duplicate")


def rejected(code: str) -> Expected:
    """Return the answer to a record that is refused for a reason."""
    return Expected("rejected", code)


@dataclass(slots=True, eq=False)
class Submission:
    """One record of one delivery to come. It is sent at or after `due_at`.

    With `apart` it rests on an earlier submission of the same record id and goes out only in a delivery after that.
    """

    platform: str
    event_type: EventType
    due_at: datetime
    record: Json
    expected: Expected
    apart: bool = False

    @property
    def record_id(self) -> str:
        """Return the id of the record."""
        return str(self.record["record_id"])


class Mailbag:
    """Collects the submissions of all platforms."""

    def __init__(self, dice: Dice) -> None:
        self.submissions: list[Submission] = []
        self._dice = dice
        self._known: set[tuple[str, str]] = set()

    def first(self, draft: Draft, record: Json | None = None, expected: Expected = ACCEPTED) -> Submission:
        """Submit a record for the first time, as it is unless given, within three days of its completion."""
        due_at = draft.completed_at + timedelta(minutes=self._dice.between(10, 72 * 60))
        content = as_record(draft) if record is None else record
        self._known.add((draft.course.platform, draft.record_id))
        return self._put(Submission(draft.course.platform, "hour_records.completed", due_at, content, expected))

    def beside(self, first: Submission, record: Json, expected: Expected) -> Submission:
        """Submit something right behind a submission, as a rule in the same delivery."""
        return self._put(Submission(first.platform, first.event_type, first.due_at, record, expected))

    def after(
        self, first: Submission, record: Json, expected: Expected, event_type: EventType = "hour_records.completed"
    ) -> Submission:
        """Submit something days after a submission that it rests on."""
        due_at = first.due_at + timedelta(hours=self._dice.between(24, 168))
        return self._put(Submission(first.platform, event_type, due_at, record, expected, apart=True))

    def stray(self, draft: Draft, record: Json, expected: Expected, event_type: EventType) -> Submission:
        """Submit a change that rests on nothing, some time after a record of the same platform."""
        due_at = draft.completed_at + timedelta(hours=self._dice.between(24, 168))
        return self._put(Submission(draft.course.platform, event_type, due_at, record, expected))

    def rest(self, drafts: Iterable[Draft]) -> None:
        """Submit once all records that nothing has been submitted for."""
        for draft in drafts:
            if (draft.course.platform, draft.record_id) not in self._known:
                self.first(draft)

    def _put(self, submission: Submission) -> Submission:
        self.submissions.append(submission)
        return submission
