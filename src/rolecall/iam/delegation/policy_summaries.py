"""A policy in plain English: what it allows and denies, statement by statement.

Made by rules from the parsed policy and AWS's list of actions, so the same policy always reads the same. It leaves
nothing out that is in the policy, and nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Iterator

from rolecall.catalog.actions import find_action
from rolecall.catalog.services import is_service, service_name
from rolecall.iam.delegation.policies import has_boundary, makes_roles
from rolecall.language.document import Actions, Condition, Effect, PolicyDocument, Resources, Statement

UNKNOWN_LEVEL = "other"


def summarize(document: PolicyDocument) -> Iterator[str]:
    """The lines that say what the policy says."""
    for number, statement in enumerate(document.statements, start=1):
        verb = "Allows" if statement.effect is Effect.ALLOW else "Denies"
        yield f"{number}. {verb}{f' ({statement.sid})' if statement.sid else ''}:"
        yield from (f"   - {line}" for line in _lines(statement))


def _lines(statement: Statement) -> Iterator[str]:
    yield from _actions(statement.actions)
    yield _resources(statement.resources)
    for condition in statement.conditions:
        yield _condition(condition)
    if makes_roles(statement) and not has_boundary(statement):
        yield "Caution: roles can be made or changed without a permissions boundary that this policy names"


def _actions(actions: Actions) -> Iterator[str]:
    """A line for each service, its actions grouped by what they can do."""
    texts = [pattern.text for pattern in actions.patterns]
    if actions.negated:
        yield f"every action of every service except {_listed(texts)}"
        return
    services: dict[str, list[str]] = {}
    for text in texts:
        services.setdefault(text.partition(":")[0].lower(), []).append(text)
    for service, named in services.items():
        if service == "*":
            yield "every action of every service"
            continue
        yield f"{_service(service)}: {'; '.join(_by_level(service, named))}"


def _by_level(service: str, texts: list[str]) -> Iterator[str]:
    levels: dict[str, list[str]] = {}
    for text in texts:
        name = text.partition(":")[2]
        if name == "*":
            yield "every action"
        elif "*" in name or "?" in name:
            yield f"every action whose name matches {name}"
        else:
            known = find_action(f"{service}:{name}")
            level = known.access_level.lower() if known is not None else UNKNOWN_LEVEL
            levels.setdefault(level, []).append(name)
    for level, names in sorted(levels.items()):
        yield f"{level}: {_listed(names)}"


def _resources(resources: Resources | None) -> str:
    texts = [] if resources is None else [pattern.text for pattern in resources.patterns]
    if resources is not None and resources.negated:
        return f"on everything except {_listed(texts)}"
    if "*" in texts:
        return "on every resource"
    return f"on {_listed(texts)}"


def _condition(condition: Condition) -> str:
    return f"only if {condition.operator.name} holds for {condition.key_text}: {_listed_values(condition)}"


def _listed_values(condition: Condition) -> str:
    return " or ".join(value.text or "(empty)" for value in condition.values) or "(no value)"


def _service(namespace: str) -> str:
    return f"{service_name(namespace)} ({namespace})" if is_service(namespace) else namespace


def _listed(texts: list[str]) -> str:
    return ", ".join(texts)
