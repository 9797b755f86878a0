"""The constraints of the models, checked on decoded parameters: required, length, range, pattern, enum.

All violations of a request are reported in one `ValidationError`, in the model's order and in AWS's words. Rules that
the model does not state (duplicate tags, unions, quotas) belong to the operations.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from rolecall.errors import ValidationError
from rolecall.wire.model import OperationModel, ServiceName
from rolecall.wire.patterns import compile_pattern
from rolecall.wire.shapes import (
    IntegerShape,
    ListShape,
    MapShape,
    Shape,
    StringShape,
    StructureShape,
)

_NOT_NULL = "Member must not be null"

# Of the lists whose refusals are recorded, this one tells that members must not be null, `SimulationPolicyListType` and
# `entityListType` do not.
_LISTS_THAT_STATE_NULL = frozenset({"tagKeyListType"})

# STS quotes the refused value. IAM does not (any more), not even the `null` of a missing one: all its answers recorded
# from 2024 on read `Value at 'userName' failed …`.
_QUOTES_VALUES: Mapping[ServiceName, bool] = {"iam": False, "sts": True}

# IAM has a sentence of its own for a wrong character in a name or path, instead of the pattern. It is one error alone,
# and comes only when the constraints of the first kind hold.
_ENTITY_NAME = "It must contain only alphanumeric characters and/or the following: +=,.@_-"
_PATH = "It must begin and end with / and contain only alphanumeric characters and/or / characters."
_PATH_PREFIX = "It must begin with the / character and contain only alphanumeric characters and/or / characters."
_IAM_SENTENCES: Mapping[str, str] = {
    r"[\w+=,.@-]+": _ENTITY_NAME,
    r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)": _PATH,
    r"((/[A-Za-z0-9\.,\+@=_-]+)*)/": _PATH,
    r"\u002F[\u0021-\u007F]*": _PATH_PREFIX,
    r"[\w]+": "It must contain only alphanumeric characters.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One constraint: its text in AWS's words, the pattern if it is one, and whether a value keeps it."""

    text: str
    pattern: str | None = None
    accepts: Callable[[Any], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A broken constraint. `quoted` is the value as a message may show it; None if it must not be shown."""

    path: str
    text: str
    quoted: str | None
    pattern: str | None = None


Check = Callable[[Any, str, list[Violation]], None]


def validate(operation: OperationModel, parameters: Mapping[str, object]) -> None:
    """Check the decoded `parameters` against the model.

    Lengths are counted in code points, those of lists and maps in members.

    Errors: `ValidationError` with AWS's `N validation errors detected: …`, or IAM's own sentence about the characters
    of a name or path. Texts: recorded from AWS by LocalStack's tests; `tests/cases/wire/constraints.json` holds them.
    """
    if operation.input is None:
        return
    violations: list[Violation] = []
    _structure_check(operation.input)(parameters, "", violations)
    if violations:
        raise ValidationError(_message(operation.service, violations))


def _message(service: ServiceName, violations: list[Violation]) -> str:
    if service == "iam":
        listed = [violation for violation in violations if violation.pattern not in _IAM_SENTENCES]
        if not listed:
            return _iam_sentence(violations[0])
        violations = listed
    quotes_values = _QUOTES_VALUES[service]
    count = len(violations)
    texts = "; ".join(
        f"Value {violation.quoted} at '{violation.path}' failed to satisfy constraint: {violation.text}"
        if quotes_values and violation.quoted is not None
        else f"Value at '{violation.path}' failed to satisfy constraint: {violation.text}"
        for violation in violations
    )
    return f"{count} validation {'error' if count == 1 else 'errors'} detected: {texts}"


def _iam_sentence(violation: Violation) -> str:
    # Policies have one pattern for paths and for prefixes of paths; the parameter's name tells which is meant.
    is_prefix = violation.path.endswith("athPrefix")
    sentence = _PATH_PREFIX if is_prefix else _IAM_SENTENCES[violation.pattern or ""]
    return f"The specified value for {violation.path} is invalid. {sentence}"


@cache
def _check(shape: Shape) -> Check | None:
    """The check of one shape, prepared once; None if no value can break it."""
    match shape:
        case StructureShape():
            return _structure_check(shape)
        case ListShape():
            return _list_check(shape)
        case MapShape():
            return _map_check(shape)
        case _:
            return _rules_check(_rules(shape), shape)


@cache
def _structure_check(shape: StructureShape) -> Check:
    members = tuple(
        (member.python_name, member.path_name, member.is_required, _check(member.shape)) for member in shape.members
    )

    def check(value: Mapping[str, object], path: str, violations: list[Violation]) -> None:
        stem = f"{path}." if path else ""
        for name, path_name, is_required, check_member in members:
            member = value.get(name)
            if member is None:
                if is_required:
                    violations.append(Violation(path=stem + path_name, text=_NOT_NULL, quoted="null"))
            elif check_member is not None:
                check_member(member, stem + path_name, violations)

    return check


def _list_check(shape: ListShape) -> Check:
    check_size = _rules_check(_rules(shape), shape)
    check_member = _check(shape.member) if isinstance(shape.member, StructureShape | ListShape | MapShape) else None
    member_rules = () if check_member else _rules(shape.member)

    def check(value: tuple[object, ...], path: str, violations: list[Violation]) -> None:
        if check_size is not None:
            check_size(value, path, violations)
        if check_member is not None:
            for number, member in enumerate(value, 1):
                if member is None:
                    violations.append(Violation(path=f"{path}.{number}.member", text=_NOT_NULL, quoted="null"))
                else:
                    check_member(member, f"{path}.{number}.member", violations)
        elif None in value or _any_broken(member_rules, value):
            rules = _joined(member_rules, also_not_null=shape.name in _LISTS_THAT_STATE_NULL)
            text = f"Member must satisfy constraint: [{rules}]"
            violations.append(Violation(path=path, text=text, quoted=_quoted(shape, value)))

    return check


def _map_check(shape: MapShape) -> Check:
    check_size = _rules_check(_rules(shape), shape)
    check_value = _check(shape.value) if isinstance(shape.value, StructureShape | ListShape | MapShape) else None
    key_rules, value_rules = _rules(shape.key), () if check_value else _rules(shape.value)

    def check(value: Mapping[str, object], path: str, violations: list[Violation]) -> None:
        if check_size is not None:
            check_size(value, path, violations)
        if _any_broken(key_rules, value):
            text = f"Map keys must satisfy constraint: [{_joined(key_rules)}]"
            violations.append(Violation(path=path, text=text, quoted=None))
        if check_value is not None:
            for key, member in value.items():
                check_value(member, f"{path}.{key}.member", violations)
        elif _any_broken(value_rules, value.values()):
            text = f"Map value must satisfy constraint: [{_joined(value_rules)}]"
            violations.append(Violation(path=path, text=text, quoted=None))

    return check


def _rules_check(rules: tuple[Rule, ...], shape: Shape) -> Check | None:
    if not rules:
        return None

    def check(value: object, path: str, violations: list[Violation]) -> None:
        for rule in rules:
            if not rule.accepts(value):
                quoted = _quoted(shape, value)
                violations.append(Violation(path=path, text=rule.text, quoted=quoted, pattern=rule.pattern))

    return check


def _rules(shape: Shape) -> tuple[Rule, ...]:
    """The constraints of one value of `shape`, in the order in which AWS lists them."""
    match shape:
        case IntegerShape(minimum=minimum, maximum=maximum):
            return _bounds("value", int, minimum, maximum)
        case ListShape(minimum=minimum, maximum=maximum) | MapShape(minimum=minimum, maximum=maximum):
            return _bounds("length", len, minimum, maximum)
        case StringShape(minimum=minimum, maximum=maximum, pattern=pattern, enum=enum):
            rules = _bounds("length", len, minimum, maximum)
            if pattern is not None:
                rules += (_pattern_rule(pattern),)
            if enum:
                # AWS's order of the values follows no rule that is known; ours is the model's.
                text = f"Member must satisfy enum value set: [{', '.join(enum)}]"
                rules += (Rule(text=text, accepts=frozenset(enum).__contains__),)
            return rules
        case _:
            return ()


def _bounds(word: str, measure: Callable[[Any], int], minimum: int | None, maximum: int | None) -> tuple[Rule, ...]:
    rules: list[Rule] = []
    if maximum is not None:
        most = maximum
        text = f"Member must have {word} less than or equal to {most}"
        rules.append(Rule(text=text, accepts=lambda value: measure(value) <= most))
    if minimum is not None:
        least = minimum
        text = f"Member must have {word} greater than or equal to {least}"
        rules.append(Rule(text=text, accepts=lambda value: measure(value) >= least))
    return tuple(rules)


def _pattern_rule(pattern: str) -> Rule:
    matches = compile_pattern(pattern)
    text = f"Member must satisfy regular expression pattern: {pattern}"
    return Rule(text=text, pattern=pattern, accepts=lambda value: matches(value) is not None)


def _any_broken(rules: tuple[Rule, ...], values: Iterable[object]) -> bool:
    return bool(rules) and not all(rule.accepts(value) for value in values for rule in rules)


def _joined(rules: tuple[Rule, ...], *, also_not_null: bool = True) -> str:
    texts = [rule.text for rule in rules]
    return ", ".join((*texts, _NOT_NULL) if also_not_null else texts)


def _quoted(shape: Shape, value: object) -> str | None:
    match shape, value:
        case StringShape(is_sensitive=True), _:
            return None
        case ((StringShape() | IntegerShape()), _):
            return f"'{value}'"
        case ListShape(member=StringShape(is_sensitive=False)), tuple():
            return f"'[{', '.join(map(str, value))}]'"
        case _:
            return None
