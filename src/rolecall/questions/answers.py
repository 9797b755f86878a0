"""What the engine answered, as JSON. The format is in `docs/reference/questions.md`; nothing is decided here."""

from __future__ import annotations

from rolecall.decision.result import EvaluationResult, MatchedStatement

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
