"""What becomes of each record of a delivery, given what stands: a model, and sequences against it."""

from dataclasses import dataclass, field
from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from xueshi_gateway.domain.versions import Accepted, Candidate, Change, History, Refused, Repeated, settle
from xueshi_records import Void

Step = tuple[Change, str, str]


def _candidate(record_id: str, content: str) -> Candidate:
    # The outcome rests on the digest and the id alone, so any content serves.
    return Candidate(Void(record_id=record_id, reason=content), content.encode())


@dataclass
class Model:
    """The contract's words, written as plainly as possible."""

    contents: dict[str, list[str]] = field(default_factory=dict)
    voided: dict[str, str] = field(default_factory=dict)

    def outcome(self, change: Change, record_id: str, content: str) -> str | tuple[Literal["new", "again"], int]:
        """Return a rejection's code, or whether the content is new or known and as which version."""
        versions = self.contents.get(record_id, [])
        if record_id in self.voided:
            again = change == "voided" and self.voided[record_id] == content
            return ("again", len(versions)) if again else "VOIDED"
        if change == "completed":
            if not versions:
                return self._enter(record_id, content)
            return ("again", _last(versions, content)) if content in versions else "CONFLICT"
        if not versions:
            return "UNKNOWN_RECORD"
        if content == versions[-1]:
            return ("again", len(versions))
        if change == "voided":
            self.voided[record_id] = content
        return self._enter(record_id, content)

    def _enter(self, record_id: str, content: str) -> tuple[Literal["new"], int]:
        versions = self.contents.setdefault(record_id, [])
        versions.append(content)
        return ("new", len(versions))


def _last(versions: list[str], content: str) -> int:
    return max(place for place, each in enumerate(versions, 1) if each == content)


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["completed", "corrected", "voided"]), st.sampled_from(["a", "b"]), st.sampled_from("xyz")
    ),
    max_size=30,
)


@given(steps=_STEPS, together=st.booleans())
def test_any_sequence_follows_the_contract(steps: list[Step], together: bool) -> None:
    """Whether records come one by one or in one delivery, the outcome is the same."""
    model = Model()
    histories: dict[str, History] = {}
    groups: list[list[Step]] = []
    for step in steps:
        if together and groups and groups[-1][0][0] == step[0]:
            groups[-1].append(step)
        else:
            groups.append([step])
    for group in groups:
        # A void has another content than a record, so their digests never meet.
        candidates = [_candidate(record_id, _content(change, content)) for change, record_id, content in group]
        outcomes = settle(group[0][0], candidates, histories, lambda _: b"p" * 16)
        for (change, record_id, content), outcome in zip(group, outcomes, strict=True):
            assert _plain(outcome) == model.outcome(change, record_id, _content(change, content))


def _content(change: Change, content: str) -> str:
    return f"void {content}" if change == "voided" else content


def _plain(outcome: Accepted | Repeated | Refused) -> object:
    if isinstance(outcome, Accepted):
        return "new", outcome.version
    return ("again", outcome.version) if isinstance(outcome, Repeated) else outcome.code


def test_a_refused_candidate_stays_refused_and_takes_no_id() -> None:
    refused = Refused("a", "INCOMPLETE", "/hours")
    outcomes = settle("completed", [refused, _candidate("a", "x")], {}, lambda _: b"p" * 16)
    assert outcomes[0] is refused
    assert isinstance(outcomes[1], Accepted)


def test_a_correction_that_changes_the_person_names_both() -> None:
    history = History(1, b"x", b"old-person-key-0", is_void=False, versions={b"x": 1})
    keys = iter([b"new-person-key-0", b"new-person-key-0", b"old-person-key-0"])
    outcomes = settle(
        "corrected", [_candidate("a", content) for content in "yzw"], {"a": history}, lambda _: next(keys)
    )
    assert [(each.person_key, each.former_key) for each in outcomes if isinstance(each, Accepted)] == [
        (b"new-person-key-0", b"old-person-key-0"),
        (b"new-person-key-0", None),
        (b"old-person-key-0", b"new-person-key-0"),
    ]


def test_keys_are_computed_for_accepted_records_only() -> None:
    asked = []
    history = History(1, b"x", b"p" * 16, is_void=False, versions={b"x": 1})

    def key_of(record: object) -> bytes:
        asked.append(record)
        return b"p" * 16

    settle("completed", [_candidate("a", "x"), _candidate("a", "y"), _candidate("b", "z")], {"a": history}, key_of)
    assert len(asked) == 1
