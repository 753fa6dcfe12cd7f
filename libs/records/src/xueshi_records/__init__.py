"""A learning record as platforms send it: its type, its checks, its canonical form."""

from xueshi_records.checks import (
    Bounds,
    KindsOfForms,
    RejectedError,
    centihours,
    is_future,
    kinds_of_forms,
    readable_id,
    settle_form,
    settle_void,
)
from xueshi_records.digest import canonical_form, digest_of
from xueshi_records.faults import MEMBERS, code_of, pointer_of
from xueshi_records.record import (
    MAX_LEARNED_DAYS,
    Assessment,
    Course,
    LearnedDay,
    LearnedRange,
    Learner,
    Moment,
    Record,
    Void,
)

__all__ = [
    "MAX_LEARNED_DAYS",
    "MEMBERS",
    "Assessment",
    "Bounds",
    "Course",
    "KindsOfForms",
    "LearnedDay",
    "LearnedRange",
    "Learner",
    "Moment",
    "Record",
    "RejectedError",
    "Void",
    "canonical_form",
    "centihours",
    "code_of",
    "digest_of",
    "is_future",
    "kinds_of_forms",
    "pointer_of",
    "readable_id",
    "settle_form",
    "settle_void",
]
