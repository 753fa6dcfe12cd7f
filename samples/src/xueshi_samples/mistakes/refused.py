"""Records that the gateway must refuse, and what platforms then send again."""

from collections.abc import Callable

from xueshi_samples.dice import Dice
from xueshi_samples.draft import as_record, decimal
from xueshi_samples.identifiers import credit_check, resident_check
from xueshi_samples.learning import Workshop
from xueshi_samples.mistakes.choice import choose
from xueshi_samples.model import Json
from xueshi_samples.submission import ACCEPTED, Mailbag, rejected

Spoil = Callable[[Dice, Json], None]

_MENDED_SHARE = 0.55


def spoil_id_number(dice: Dice, record: Json) -> None:
    """Give the ID number a wrong check digit."""
    number = record["learner"]["id_number"]
    right = resident_check(number[:17])
    record["learner"]["id_number"] = number[:17] + dice.pick([sign for sign in "0123456789X" if sign != right])


def spoil_assessment(_dice: Dice, record: Json) -> None:
    """Leave the assessment out, one of the five items of FJ-07."""
    del record["assessment"]


def spoil_hours(dice: Dice, record: Json) -> None:
    """State a sum that the days do not come to."""
    days = sum(_centihours(part["hours"]) for part in record["learned"])
    record["hours"] = decimal(days + dice.pick((50, 100, 200)))


def spoil_dates(_dice: Dice, record: Json) -> None:
    """Turn two digits of the year around: 2052, a future for long."""
    record["learned"] = [part | {"on": "2052" + part["on"][4:]} for part in record["learned"]]
    record["completed_at"] = "2052" + record["completed_at"][4:]


def spoil_employer(dice: Dice, record: Json) -> None:
    """Cut the employer's code short, write O for 0, or give it a wrong check character."""
    code = record["employer"]
    wrong_check = "A" if credit_check(code[:17]) != "A" else "B"
    record["employer"] = dice.pick((code[:17], code.replace("0", "O"), code[:17] + wrong_check))


def spoil_title(_dice: Dice, record: Json) -> None:
    """Put the learner's ID number into the course's title."""
    number = record["learner"]["id_number"].upper()
    record["course"]["title"] = f"{record['course']['title']}-{number}"


def spoil_result(dice: Dice, record: Json) -> None:
    """Report a failed assessment."""
    record["assessment"] = {"passed": False, "score": str(dice.between(20, 59))}


_REFUSALS: tuple[tuple[str, float, Spoil], ...] = (
    ("ID_NUMBER_INVALID", 0.006, spoil_id_number),
    ("INCOMPLETE", 0.005, spoil_assessment),
    ("HOURS_MISMATCH", 0.004, spoil_hours),
    ("IN_FUTURE", 0.002, spoil_dates),
    ("EMPLOYER_CODE_INVALID", 0.003, spoil_employer),
    ("PERSONAL_DATA", 0.002, spoil_title),
    ("NOT_PASSED", 0.006, spoil_result),
)
_CONFLICT_SHARE = 0.003


def refuse_some(shop: Workshop, mail: Mailbag) -> None:
    """Spoil some records; of about half the mended ones follow under the same id, which a refusal does not take."""
    for code, share, spoil in _REFUSALS:
        for draft in choose(shop, share, lambda draft: not draft.as_range):
            draft.mark = code
            wrong = as_record(draft)
            spoil(shop.dice, wrong)
            first = mail.first(draft, wrong, rejected(code))
            draft.live = shop.dice.chance(_MENDED_SHARE)
            if draft.live:
                mail.after(first, as_record(draft), ACCEPTED)


def contradict_some(shop: Workshop, mail: Mailbag) -> None:
    """Say something else under an accepted record's id: refused CONFLICT."""
    for draft in choose(shop, _CONFLICT_SHARE, lambda _: True):
        draft.mark = "CONFLICT"
        other = as_record(draft)
        other["assessment"]["score"] = str(draft.score - 1)
        mail.after(mail.first(draft), other, rejected("CONFLICT"))


def _centihours(hours: str) -> int:
    whole, _, rest = hours.partition(".")
    return int(whole) * 100 + int(f"{rest:0<2}")
