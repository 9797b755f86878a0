"""Verdicts out of a data directory: what enforcement would answer with the policies that are stored there."""

from __future__ import annotations

import os
import time
from pathlib import Path

from rolecall.cli.options import existing_data_dir
from rolecall.cli.verdicts import AskedOnCommandLine, Verdict
from rolecall.decision.explain import denial_suffix, explain
from rolecall.decision.result import Decision, EvaluationResult
from rolecall.errors import AccessDenied
from rolecall.questions.answers import answer_of, explanation_of
from rolecall.server.asking import Circumstances, ask
from rolecall.server.data_directory import open_data
from rolecall.state.callers_by_arn import caller_by_arn


def ask_data_directory(question: AskedOnCommandLine, data_dir: Path) -> Verdict:
    """Answer from what is stored, whether or not a server runs on it. Raises `RolecallError` if there is no answer."""
    store = open_data(existing_data_dir(data_dir), os.environ)
    try:
        world = store.view()
    finally:
        store.close()
    now = int(time.time())
    caller = caller_by_arn(world, question.principal, now=now)
    circumstances = Circumstances(now=now, given=question.context, without=question.without)
    try:
        request, result = ask(world, caller, question.action, question.resource, circumstances)
    except AccessDenied as refusal:
        return _refused(refusal.message)
    return Verdict(
        is_allowed=result.is_allowed,
        line="allowed" if result.is_allowed else f"denied {denial_suffix(result, request.action)}",
        text=explain(request, result),
        answer=answer_of(result),
        explanation=explanation_of(request, result),
    )


def _refused(message: str) -> Verdict:
    """The verdict on what no policy can allow."""
    answer = {**answer_of(EvaluationResult(decision=Decision.IMPLICIT_DENY)), "reason": message}
    line = f"denied: {message}"
    explanation = {**answer, "nearMisses": [], "explanation": line}
    return Verdict(is_allowed=False, line=line, text=line, answer=answer, explanation=explanation)
