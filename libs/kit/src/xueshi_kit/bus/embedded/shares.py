"""Which partitions a group member gives back or takes, worked out from what the group's tables say: no I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from xueshi_kit.bus.embedded.log import Partition


@dataclass(slots=True)
class Holding:
    """One partition that this member holds: where it reads next, and up to where its group is done."""

    position: int
    committed: int
    draining_since: float | None = None
    """Seconds of the process's monotonic clock; a draining partition is read no further and released when idle."""

    @property
    def idle(self) -> bool:
        """Tell that everything delivered is committed."""
        return self.position <= self.committed


@dataclass(frozen=True, slots=True)
class Shares:
    """What one member has too much of and what it may take; both differ from zero at most one at a time per topic."""

    surplus: list[Partition]
    claims: list[Partition]


def fair_share(partitions: int, members: int, rank: int) -> int:
    """Return how many of `partitions` the member of this rank (from 0) holds; the shares add up and differ by one."""
    return (partitions + members - 1 - rank) // members


def plan_shares(
    member_id: UUID,
    members: Mapping[UUID, Sequence[int]],
    holders: Mapping[Partition, UUID | None],
    held: Mapping[Partition, Holding],
) -> Shares:
    """Compare what this member holds with its share of each topic.

    `members` gives the topic ids of each live member, `holders` the member (or None) of each partition of our topics.
    The rank moves on with the topic, so that the first member does not get the larger share of every topic.
    """
    surplus: list[Partition] = []
    claims: list[Partition] = []
    for topic_id in members[member_id]:
        readers = sorted(member for member, topic_ids in members.items() if topic_id in topic_ids)
        partitions = sorted(partition for partition in holders if partition[0] == topic_id)
        rank = (readers.index(member_id) + topic_id) % len(readers)
        share = fair_share(len(partitions), len(readers), rank)
        mine = [partition for partition in partitions if holders[partition] == member_id]
        free = [partition for partition in partitions if holders[partition] is None]
        mine.sort(key=lambda partition: not _is_idle(held, partition))
        surplus += mine[: max(0, len(mine) - share)]
        claims += free[: max(0, share - len(mine))]
    return Shares(surplus=surplus, claims=claims)


def _is_idle(held: Mapping[Partition, Holding], partition: Partition) -> bool:
    return partition not in held or held[partition].idle
