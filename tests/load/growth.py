"""What a record costs when the ledger is small and when it is large: the whole chain, on the embedded bus.

The site is the same, and so is the work: each round pushes two records for each of a group of people who have a
history and have had no new record yet. Time is that of the whole chain, CPU that of all processes together. Nothing is
warmed beforehand but the code: a record's rows and index pages are as cold as the size of the tables makes them.

Filling ends with VACUUM, ANALYZE and a checkpoint. The next one by PostgreSQL's own settings (`checkpoint_timeout`,
`max_wal_size`, both in the report) is then minutes away; each page that a round touches first is logged whole.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from tests.load import prefill
from tests.load.deliveries import BATCH, Course, Learner, learners
from tests.load.figures import Figures
from tests.load.prefill import LEDGER_ROWS_A_PERSON, History
from tests.load.site import Chain, Passed
from xueshi_kit.keyring import KeyRing

FIRST_LEARNER = 1_000_000
RECORDS_A_PERSON = 2
_MILLION = 1_000_000
_THOUSAND = 1_000


@dataclass(frozen=True, slots=True)
class Plan:
    """Ledger sizes to compare, and how much is pushed at each: `rounds` groups of `people`, and one to warm up."""

    small_rows: int
    large_rows: int
    rounds: int
    people: int

    def with_rounds(self, rounds: int) -> "Plan":
        """Return the plan with other rounds, in groups that those with a history suffice for."""
        people = min(self.people, self.small_rows // LEDGER_ROWS_A_PERSON // (rounds + 1))
        return replace(self, rounds=rounds, people=people)

    def groups(self) -> list[list[Learner]]:
        """Return the groups: those of the smaller size, then those of the larger."""
        return [learners(self.people, FIRST_LEARNER + place * self.people) for place in range(2 * (self.rounds + 1))]

    def everybody(self) -> list[Learner]:
        """Return all who must be registered."""
        return [each for group in self.groups() for each in group]


async def measure(chain: Chain, plan: Plan, figures: Figures, tell: Callable[[str], None]) -> None:
    """Fill to both sizes and measure at each. Something has gone through the chain before."""
    index = KeyRing.load(chain.site.folder.keys / "registry.json").index("person-index")

    def keys(group: Sequence[Learner]) -> list[UUID]:
        return [index.digest16(b"resident_id", each.id_number.encode()) for each in group]

    groups, before, costs = plan.groups(), 0, []
    for number, rows in enumerate((plan.small_rows, plan.large_rows)):
        mine = groups[number * (plan.rounds + 1) :][: plan.rounds + 1]
        people = rows // LEDGER_ROWS_A_PERSON - before
        tell(f"growth: filling the ledger to {rows:,} rows")
        await prefill.write(
            chain.site, History(number + 1, before, people, [key for group in mine for key in keys(group)])
        )
        before += people
        costs.append(await _cost(chain, mine, rows, figures, tell))
    (small_seconds, small_cpu), (large_seconds, large_cpu) = costs
    key = f"growth_{size_of(plan.large_rows)}"
    figures.note(**{key: large_seconds / small_seconds, f"{key}_cpu": large_cpu / small_cpu})


async def _cost(
    chain: Chain, groups: Sequence[Sequence[Learner]], rows: int, figures: Figures, tell: Callable[[str], None]
) -> tuple[float, float]:
    """Return the medians of seconds and of CPU seconds for each record."""
    size = size_of(rows)
    here = Figures()
    for number, group in enumerate(groups):
        tell(f"growth: {size} rows, round {number} of {len(groups) - 1}")
        passed = await _push(chain, group, f"G{size}{number}")
        if number:
            cpu = passed.cpu_us_per_record()
            for kept in (figures, here):
                kept.note(
                    **{
                        f"growth_us_per_record_{size}": 1e6 / passed.per_second,
                        f"growth_cpu_us_per_record_{size}": sum(cpu.values()),
                    }
                )
            figures.note_cpu(f"chain, ledger of {size}", cpu)
    medians = here.medians()
    return medians[f"growth_us_per_record_{size}"], medians[f"growth_cpu_us_per_record_{size}"]


async def _push(chain: Chain, group: Sequence[Learner], prefix: str) -> Passed:
    batch = min(BATCH, len(group))
    deliveries = Course(group, prefix).deliveries(len(group) * RECORDS_A_PERSON // batch, batch)
    return await chain.pass_through(deliveries)


def size_of(rows: int) -> str:
    """Return a number of rows as it stands in keys: 10m, 50k."""
    return f"{rows // _MILLION}m" if rows >= _MILLION else f"{rows // _THOUSAND}k"
