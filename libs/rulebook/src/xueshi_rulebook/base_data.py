"""The section ``bases``, the rules of provincial bases (S3), and its reading."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final, Literal, NamedTuple, cast, get_args

from xueshi_rulebook.applications import Step, read_step
from xueshi_rulebook.conditions import Condition, Reader, When, read_when
from xueshi_rulebook.explaining import Wording
from xueshi_rulebook.model import Basis, Rule, Text
from xueshi_rulebook.reading import BASIS_KEYS, read_basis, read_rule, read_text
from xueshi_rulebook.yamlsource import Value

Topic = Literal["application", "plan", "regular_assessment", "random_check", "operation", "sanction"]
Effect = Literal["rectify", "cancel", "allowed"]

CONDITION_TOPICS: Final[tuple[Topic, ...]] = ("application", "plan", "regular_assessment", "random_check", "operation")
_EFFECTS: Final[tuple[Effect, ...]] = get_args(Effect)


class ConditionSet(NamedTuple):
    """The conditions of one topic. ``preferred`` are facts of which one puts a unit first, with what that rests on.

    ``steps`` say to whom an application goes, in order.
    """

    rule: Rule
    conditions: tuple[Condition, ...]
    preferred: tuple[When, ...] = ()
    preference: Basis | None = None
    steps: tuple[Step, ...] = ()


class Cause(NamedTuple):
    """A reason for a sanction. ``deadline`` is the code of the one by which it must be put right, empty where none is.

    ``recorded_as`` is the bar that a cancellation for this cause leaves behind.
    """

    code: str
    name: Text
    rule: Rule
    basis: Basis
    effect: Effect
    deadline: str
    recorded_as: str


class Bar(NamedTuple):
    """What keeps a unit from applying again until a ``deadline``, by its code; one without a code bars nothing."""

    code: str
    name: Text
    basis: Basis
    deadline: str


class BaseRules(NamedTuple):
    """The data of S3."""

    topics: Mapping[Topic, ConditionSet]
    sanction_rule: Rule
    causes: Mapping[str, Cause]
    bar_rule: Rule
    bars: Mapping[str, Bar]
    wording: Wording


def read_bases(
    section: Value, rules: Mapping[str, Rule], deadlines: Collection[str], reader: Reader, wording: Wording
) -> BaseRules:
    """Read the section, whose periods are ``deadlines`` by their codes.

    Raises RulebookDataError, also where its rules are not all in force on the same days.
    """
    fields = section.fields((*CONDITION_TOPICS, "sanction", "bars"))
    bar_rule, bars = _read_bars(fields["bars"], rules, deadlines)
    sanction_rule, causes = _read_sanction(fields["sanction"], rules, deadlines, bars)
    topics: dict[Topic, ConditionSet] = {
        topic: _read_topic(fields[topic], rules, reader, is_application=topic == "application")
        for topic in CONDITION_TOPICS
    }
    named = [bar_rule, sanction_rule, *(cause.rule for cause in causes.values())]
    for topic in topics.values():
        named += [topic.rule, *(condition.rule for condition in topic.conditions)]
    for rule in named:
        # One notice: a question is answered by all its rules or by none of them.
        if (rule.valid_from, rule.valid_to) != (bar_rule.valid_from, bar_rule.valid_to):
            section.fail(f"{rule.id} and {bar_rule.id} are not in force on the same days")
    return BaseRules(
        MappingProxyType(topics),
        sanction_rule,
        MappingProxyType(causes),
        bar_rule,
        MappingProxyType(bars),
        wording,
    )


def _read_topic(section: Value, rules: Mapping[str, Rule], reader: Reader, *, is_application: bool) -> ConditionSet:
    fields = section.fields(("rule", "conditions", *(("preferred", "steps") if is_application else ())))
    rule = read_rule(fields["rule"], rules)
    conditions = reader.read(fields["conditions"], rule)
    if not is_application:
        return ConditionSet(rule, conditions)
    parts = fields["preferred"].fields(("rule", "any"), BASIS_KEYS)
    preferred = tuple(read_when(each) for each in parts["any"].items())
    steps = fields["steps"].fields(("rule", "list"))
    for part in (parts, steps):
        if read_rule(part["rule"], rules) not in {rule, *(condition.rule for condition in conditions)}:
            part["rule"].fail("no condition rests on this rule")
    return ConditionSet(
        rule,
        conditions,
        preferred,
        read_basis(fields["preferred"], parts),
        tuple(read_step(each) for each in steps["list"].items()),
    )


def _read_bars(section: Value, rules: Mapping[str, Rule], deadlines: Collection[str]) -> tuple[Rule, dict[str, Bar]]:
    fields = section.fields(("rule", "list"))
    bars: dict[str, Bar] = {}
    for item in fields["list"].items():
        parts = item.fields(("code", "name"), ("deadline", *BASIS_KEYS))
        code = parts["code"].text()
        if code in bars:
            item.fail(f"bar {code!r} is repeated")
        deadline = parts["deadline"].choice(deadlines) if "deadline" in parts else ""
        bars[code] = Bar(code, read_text(parts["name"]), read_basis(item, parts), deadline)
    return read_rule(fields["rule"], rules), bars


def _read_sanction(
    section: Value, rules: Mapping[str, Rule], deadlines: Collection[str], bars: Collection[str]
) -> tuple[Rule, dict[str, Cause]]:
    fields = section.fields(("rule", "rectify", "causes"))
    rule = read_rule(fields["rule"], rules)
    rectify = fields["rectify"].fields(("deadline",))["deadline"].choice(deadlines)
    causes: dict[str, Cause] = {}
    for item in fields["causes"].items():
        cause = _read_cause(item, rule, rules, deadlines, bars)
        if cause.effect == "rectify":
            cause = cause._replace(deadline=rectify)
        if cause.code in causes:
            item.fail(f"cause {cause.code!r} is repeated")
        causes[cause.code] = cause
    return rule, causes


def _read_cause(
    item: Value, rule: Rule, rules: Mapping[str, Rule], deadlines: Collection[str], bars: Collection[str]
) -> Cause:
    parts = item.fields(("code", "name", "leads_to"), ("rule", "unless", "recorded_as", *BASIS_KEYS))
    effect = cast("Effect", parts["leads_to"].choice(_EFFECTS))
    if (effect == "allowed") == ("recorded_as" in parts):
        item.fail("a cause names the bar that a cancellation leaves exactly where it may lead to one")
    if "unless" in parts and effect != "cancel":
        parts["unless"].fail("only what leads to cancelling is averted by a deadline")
    return Cause(
        code=parts["code"].text(),
        name=read_text(parts["name"]),
        rule=read_rule(parts["rule"], rules) if "rule" in parts else rule,
        basis=read_basis(item, parts),
        effect=effect,
        deadline=parts["unless"].fields(("deadline",))["deadline"].choice(deadlines) if "unless" in parts else "",
        recorded_as=parts["recorded_as"].choice(bars) if "recorded_as" in parts else "",
    )
