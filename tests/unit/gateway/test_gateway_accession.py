"""What a scope names, as the rulebook has each kind of subject confirmed."""

import pytest

from xueshi_gateway.domain.accession import ScopeKinds
from xueshi_rulebook import load_rulebook

KINDS = ScopeKinds.of(load_rulebook().jurisdictions.values())


@pytest.mark.parametrize(
    ("kind", "industry", "major", "fits"),
    [
        ("public", 0, "", True),
        ("public", 5, "", False),
        ("public", 0, "土木工程", False),
        ("professional", 5, "", True),
        ("professional", 5, "土木工程", True),
        ("professional", 0, "", False),
        ("general_public", 0, "", True),
        ("industry_public", 5, "", True),
        ("elective", 0, "绘画", False),
    ],
)
def test_a_scope_names_an_industry_unless_its_subject_is_confirmed_whole(
    kind: str, industry: int, major: str, *, fits: bool
) -> None:
    assert kind in KINDS.known
    assert KINDS.fit(kind, industry, major) is fits
