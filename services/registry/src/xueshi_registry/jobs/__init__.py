"""The registry's own jobs: everybody computed anew, by the rules that judged them or by a draft."""

from xueshi_registry.jobs.impact import IMPACT
from xueshi_registry.jobs.recompute import RECOMPUTE

JOBS = (RECOMPUTE, IMPACT)

__all__ = ["JOBS"]
