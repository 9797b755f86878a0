"""What the engine answered, as JSON. The format is in `docs/reference/questions.md`; nothing is decided here."""

from __future__ import annotations

from rolecall.decision.explain import explain
from rolecall.decision.request import AuthorizationRequest
from rolecall.decision.result import Element, EvaluationResult, FailedCondition, MatchedStatement, NearMiss

Answer = dict[str, object]


def answer_of(result: EvaluationResult) -> Answer:
    """The answer to one question, ready to be written as JSON."""
    return {
        "decision": result.decision.value,
        "matchedStatements": [_statement(statement) for statement in result.matched_statements],
        "blockedBy": [{"policyType": block.policy_type.value, "explicit": block.explicit} for block in result.blocks],
        "layers": {policy_type.value: decision.value for policy_type, decision in result.layers},
        "missingContextKeys": list(result.missing_context_keys),
    }


def explanation_of(request: AuthorizationRequest, result: EvaluationResult) -> Answer:
    """The answer with all that can be told about it: the text for people, and the near misses of a traced result."""
    near_misses = [_near_miss(near_miss) for near_miss in result.near_misses]
    return {**answer_of(result), "nearMisses": near_misses, "explanation": explain(request, result)}


def _near_miss(near_miss: NearMiss) -> Answer:
    failed = {"conditions": [_failed_condition(condition) for condition in near_miss.conditions]}
    wanted = {"wanted": list(near_miss.wanted)}
    return {
        **_statement(near_miss.statement),
        "failed": near_miss.failed.value,
        **(failed if near_miss.failed is Element.CONDITION else wanted),
    }


def _failed_condition(condition: FailedCondition) -> Answer:
    return {
        "operator": condition.operator,
        "key": condition.key,
        "wanted": list(condition.wanted),
        "found": list(condition.found) if isinstance(condition.found, tuple) else condition.found,
    }


def _statement(statement: MatchedStatement) -> Answer:
    start = statement.span.start
    return {
        "policy": statement.policy,
        "policyType": statement.policy_type.value,
        "statement": statement.index,
        "sid": statement.sid,
        "effect": statement.effect.value,
        "line": start.line,
        "column": start.column,
    }
