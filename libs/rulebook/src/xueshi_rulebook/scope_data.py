"""Reading the sections ``scope`` and ``base_scope`` into what a jurisdiction tests of its providers."""

from collections.abc import Mapping
from typing import Final

from xueshi_rulebook.divisions import read_level
from xueshi_rulebook.explaining import Wording
from xueshi_rulebook.forms import Form
from xueshi_rulebook.model import Basis, Rule
from xueshi_rulebook.providers import BaseScope
from xueshi_rulebook.reading import BASIS_KEYS, read_basis, read_rule
from xueshi_rulebook.scope import (
    ARRANGEMENTS,
    RUNNERS,
    AccreditationRules,
    AreaRules,
    ArrangementRules,
    BaseSystem,
    FeeRules,
    OversightRules,
    RecognitionRules,
    ScopeRules,
    Unaccredited,
)
from xueshi_rulebook.yamlsource import Value

_PARTS: Final = ("area", "accreditation", "recognition", "arrangement", "fee", "oversight")
_AUTHORITIES: Final = ("hrss", "industry")


class _Source:
    """What the parts of the section refer to."""

    __slots__ = ("forms", "kinds", "rules")

    def __init__(
        self, rules: Mapping[str, Rule], kinds: Mapping[str, object], forms: Mapping[str, tuple[Form, ...]]
    ) -> None:
        self.rules = rules
        self.kinds = kinds
        self.forms = forms


def read_scope(
    section: Value,
    base_scope: BaseScope | None,
    rules: Mapping[str, Rule],
    kinds: Mapping[str, object],
    forms: Mapping[str, tuple[Form, ...]],
    wording: Wording,
) -> ScopeRules:
    """Read the section ``scope``: the tests of a system of bases, or that nobody accredits providers."""
    if "unaccredited" in section.entries():
        item = section.fields(("unaccredited",))["unaccredited"]
        fields = item.fields(("rule",), BASIS_KEYS)
        return ScopeRules(Unaccredited(read_rule(fields["rule"], rules), read_basis(item, fields)), forms, wording)
    if base_scope is None:
        section.fail("the section base_scope is needed beside it")
    fields = section.fields(_PARTS)
    source = _Source(rules, kinds, forms)
    system = BaseSystem(
        area=_read_area(fields["area"], base_scope, source),
        accreditation=_read_accreditation(fields["accreditation"], source),
        recognition=_read_recognition(fields["recognition"], source),
        arrangement=_read_arrangement(fields["arrangement"], source),
        fee=_read_fee(fields["fee"], source),
        oversight=_read_oversight(fields["oversight"], source),
    )
    return ScopeRules(system, forms, wording)


def _read_area(section: Value, base_scope: BaseScope, source: _Source) -> AreaRules:
    fields = section.fields((), BASIS_KEYS)
    return AreaRules(source.rules[base_scope.rule_id], base_scope, (read_basis(section, fields),))


def _read_accreditation(section: Value, source: _Source) -> AccreditationRules:
    fields = section.fields(("rule", "forms", "whole_kinds", "earlier_learning"), BASIS_KEYS)
    earlier = fields["earlier_learning"].fields(("is",), BASIS_KEYS)
    return AccreditationRules(
        rule=read_rule(fields["rule"], source.rules),
        forms=frozenset(fields["forms"].choices(source.forms)),
        whole_kinds=frozenset(fields["whole_kinds"].choices(source.kinds)),
        releases_earlier=earlier["is"].choice(("released", "held")) == "released",
        bases=_bases(section, fields, fields["earlier_learning"], earlier),
    )


def _read_recognition(section: Value, source: _Source) -> RecognitionRules:
    fields = section.fields(("rule", "base", "whole_kinds", "outside"), BASIS_KEYS)
    outside = fields["outside"].fields(("is",), BASIS_KEYS)
    return RecognitionRules(
        rule=read_rule(fields["rule"], source.rules),
        base_level=read_level(fields["base"]),
        whole_kinds=frozenset(fields["whole_kinds"].choices(source.kinds)),
        holds=outside["is"].choice(("held", "told")) == "held",
        bases=_bases(section, fields, fields["outside"], outside),
    )


def _read_arrangement(section: Value, source: _Source) -> ArrangementRules:
    fields = section.fields(("rule", "base", "forbidden", "breach"), BASIS_KEYS)
    breach = fields["breach"].fields(("is",), BASIS_KEYS)
    breach["is"].choice(("told",))
    return ArrangementRules(
        rule=read_rule(fields["rule"], source.rules),
        base_level=read_level(fields["base"]),
        forbidden=frozenset(fields["forbidden"].choices(ARRANGEMENTS)),
        bases=_bases(section, fields, fields["breach"], breach),
    )


def _read_fee(section: Value, source: _Source) -> FeeRules:
    fields = section.fields(("rule", "free", "breach"), BASIS_KEYS)
    breach = fields["breach"].fields(("is",), BASIS_KEYS)
    breach["is"].choice(("told",))
    return FeeRules(
        rule=read_rule(fields["rule"], source.rules),
        free=frozenset(fields["free"].choices(RUNNERS)),
        bases=_bases(section, fields, fields["breach"], breach),
    )


def _read_oversight(section: Value, source: _Source) -> OversightRules:
    fields = section.fields(("rule", "authorities"), BASIS_KEYS)
    return OversightRules(
        rule=read_rule(fields["rule"], source.rules),
        authorities=frozenset(fields["authorities"].choices(_AUTHORITIES)),
        bases=(read_basis(section, fields),),
    )


def _bases(owner: Value, fields: Mapping[str, Value], part: Value, parts: Mapping[str, Value]) -> tuple[Basis, ...]:
    return (read_basis(owner, fields), read_basis(part, parts))
