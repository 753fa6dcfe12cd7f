"""The sections that check what is handed in or run: bases, scope, applications, attendance, funds, misconduct."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from xueshi_rulebook.applications import Applications, read_applications
from xueshi_rulebook.attendance import AttendanceRules, read_attendance
from xueshi_rulebook.base_data import BaseRules, read_bases
from xueshi_rulebook.conditions import Reader
from xueshi_rulebook.explaining import Wording
from xueshi_rulebook.forms import Form
from xueshi_rulebook.funds import FundsRules, read_funds
from xueshi_rulebook.misconduct import Misconduct, read_misconduct
from xueshi_rulebook.model import Rule
from xueshi_rulebook.providers import BaseScope
from xueshi_rulebook.scope import ScopeRules
from xueshi_rulebook.scope_data import read_scope
from xueshi_rulebook.yamlsource import Value

SECTIONS: Final = ("bases", "scope", "applications", "attendance", "funds", "misconduct")


class Checks(NamedTuple):
    """What of these the jurisdiction's notices have; None or empty where they say nothing."""

    bases: BaseRules | None
    scope: ScopeRules | None
    applications: Applications
    attendance: AttendanceRules | None
    funds: FundsRules | None
    misconduct: Mapping[str, Misconduct]


class Ground(NamedTuple):
    """What of the jurisdiction these sections refer to."""

    rules: Mapping[str, Rule]
    kinds: Mapping[str, object]
    forms: Mapping[str, tuple[Form, ...]]
    base_scope: BaseScope | None
    deadlines: Collection[str]


def read_checks(sections: Mapping[str, Value], ground: Ground, wording: Wording) -> Checks:
    """Read the SECTIONS that are there; raises RulebookDataError with file, line and reason."""
    rules = ground.rules
    reader = Reader(rules)
    bases, scope, applications, attendance, funds, misconduct = (sections.get(name) for name in SECTIONS)
    return Checks(
        bases=None if bases is None else read_bases(bases, rules, ground.deadlines, reader, wording),
        scope=None
        if scope is None
        else read_scope(scope, ground.base_scope, rules, ground.kinds, ground.forms, wording),
        applications=Applications(MappingProxyType({}), wording)
        if applications is None
        else read_applications(applications, rules, reader, wording),
        attendance=None if attendance is None else read_attendance(attendance, rules, wording),
        funds=None if funds is None else read_funds(funds, rules, ground.kinds, wording),
        misconduct=MappingProxyType({}) if misconduct is None else read_misconduct(misconduct, rules),
    )
