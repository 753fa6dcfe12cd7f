"""Sharing one day's hours among the records that claim them."""

from collections.abc import Sequence


def allocate(cap: int | None, claims: Sequence[int], exempt: Sequence[bool]) -> list[int]:
    """Return what each claim is credited, all in centihours, for one person and day in ledger order (FJ-03).

    Each claim takes what is left of the day's cap; an exempt claim is credited whole and uses nothing of it. Without a
    cap (None) every claim is credited whole.
    The result depends on the arguments alone, so that recomputing a day gives the same credits again.
    ``claims`` and ``exempt`` of different length raise ValueError.
    """
    left = cap
    credited: list[int] = []
    for claimed, is_exempt in zip(claims, exempt, strict=True):
        if is_exempt or left is None:
            credited.append(claimed)
            continue
        taken = min(claimed, left)
        left -= taken
        credited.append(taken)
    return credited
