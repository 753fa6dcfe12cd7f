"""Records sent again with the same content: duplicates, however they are spelt."""

from xueshi_samples.dice import Dice
from xueshi_samples.draft import Draft, as_record
from xueshi_samples.learning import Workshop
from xueshi_samples.mistakes.choice import choose
from xueshi_samples.model import Json
from xueshi_samples.submission import DUPLICATE, Mailbag

_WITHIN_SHARE = 0.004
_ACROSS_SHARE = 0.012


def repeat_some(shop: Workshop, mail: Mailbag) -> None:
    """Repeat some records right behind themselves in the same delivery, others days later in another one."""
    for draft in choose(shop, _WITHIN_SHARE, lambda _: True):
        draft.mark = "duplicate"
        mail.beside(mail.first(draft), _same(shop.dice, draft), DUPLICATE)
    for draft in choose(shop, _ACROSS_SHARE, lambda _: True):
        draft.mark = "duplicate"
        mail.after(mail.first(draft), _same(shop.dice, draft), DUPLICATE)


def _same(dice: Dice, draft: Draft) -> Json:
    """Return the same content, at times with its members in another order and zeros behind the hours."""
    record = as_record(draft)
    if dice.chance(0.6):
        return record
    whole, _, rest = record["hours"].partition(".")
    return {member: record[member] for member in sorted(record)} | {"hours": f"{whole}.{rest:0<2}"}
