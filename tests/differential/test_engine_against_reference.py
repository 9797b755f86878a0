"""The engine and the reference evaluator give one answer: to generated questions, and where they once differed.

`python -m fuzz` asks more of the same; see `tests/fuzz`.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from fuzz.judging import judge
from fuzz.minimizing import minimized
from fuzz.questions import NONSENSE, questions
from fuzz.running import CHUNK, Tally, keep, known_cases, run_chunk
from rolecall.decision import resources, templates
from rolecall.names import pattern_sets

SEEDS = range(24)
"""Each a chunk of a thousand questions, a few of which the engine refuses to answer."""

SEEDS_FOR_CROWDS = range(1_000, 1_006)
"""Others than those above: what is compiled for a text is remembered."""

KNOWN_CASES = dict(known_cases())


@pytest.fixture(scope="module")
def first_chunk() -> Tally:
    return run_chunk(0)


@pytest.mark.parametrize("seed", SEEDS)
def test_generated_questions_are_answered_alike(seed: int) -> None:
    tally = run_chunk(seed)

    assert tally.cases == [], "\n".join(json.dumps(case, ensure_ascii=False) for case in tally.cases)
    assert tally.disagreements == 0
    assert tally.asked - tally.refused >= 20_000 / len(SEEDS)


@pytest.mark.parametrize("seed", SEEDS_FOR_CROWDS)
def test_generated_questions_are_answered_alike_if_all_values_are_matched_at_once(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Ordinary policies are too small for the way that many patterns and long texts go.
    for module in (pattern_sets, resources, templates):
        for name in {"FEW", "SHORT", "FEW_TEXTS", "FEW_VARIABLE"} & vars(module).keys():
            monkeypatch.setattr(module, name, 0)
    tally = run_chunk(seed)

    assert tally.cases == [], "\n".join(json.dumps(case, ensure_ascii=False) for case in tally.cases)
    assert tally.disagreements == 0
    assert tally.asked - tally.refused >= 20_000 / len(SEEDS)


@pytest.mark.parametrize("name", KNOWN_CASES)
def test_what_was_once_answered_differently_is_answered_alike(name: str) -> None:
    case = KNOWN_CASES[name]
    verdict = judge(case["question"])

    assert verdict.refused is None
    assert verdict.engine == verdict.reference == case.get("answer", verdict.engine)


def test_generated_questions_meet_every_decision_often(first_chunk: Tally) -> None:
    assert set(first_chunk.decisions) == {"allowed", "explicitDeny", "implicitDeny"}
    assert min(first_chunk.decisions.values()) >= 0.2 * CHUNK


def test_generated_questions_match_statements_of_every_type_of_policy(first_chunk: Tally) -> None:
    assert set(first_chunk.matched) == {
        "identityPolicies",
        "resourcePolicy",
        "permissionsBoundaries",
        "sessionPolicies",
        "serviceControlPolicies",
        "resourceControlPolicies",
        "vpcEndpointPolicies",
    }


def test_every_type_of_policy_blocks_some_generated_question() -> None:
    blocks = run_chunk(1).blocks + run_chunk(2).blocks
    limiting = ("role trust policy", "resource-based policy", "identity-based policy", "permissions boundary")
    limiting += ("session policy", "service control policy", "VPC endpoint policy")
    expected = {f"{name}: {what}" for name in limiting for what in ("denies", "does not allow")}

    assert set(blocks) == expected | {"resource control policy: denies"}


def test_few_generated_questions_are_refused(first_chunk: Tally) -> None:
    assert first_chunk.refused < NONSENSE * first_chunk.asked


def test_a_seed_always_gives_the_same_questions() -> None:
    first, second, other = questions(7), questions(7), questions(8)
    asked = [next(first) for _ in range(50)]

    assert asked == [next(second) for _ in range(50)]
    assert asked != [next(other) for _ in range(50)]


def test_a_question_is_minimized_to_what_matters() -> None:
    question = {
        "request": {"principal": "p", "action": "a", "context": {"k": "needed", "l": "not needed"}},
        "identityPolicies": ['{"Statement": [{"Effect": "Allow", "Action": ["x", "y"]}, {"Effect": "Deny"}]}', {}],
        "sessionPolicies": [],
    }

    def allows_and_has_the_key(smaller: dict[str, Any]) -> bool:
        return "Allow" in json.dumps(smaller) and smaller.get("request", {}).get("context", {}).get("k") is not None

    assert minimized(question, allows_and_has_the_key) == {
        "request": {"context": {"k": "n"}},
        "identityPolicies": [{"Statement": [{"Effect": "Allow"}]}],
    }


def test_a_case_is_kept_under_the_name_of_its_question(tmp_path: Any) -> None:
    case = {"source": "here", "question": {"request": {"action": "é"}}, "engine": {"n": 1}, "reference": None}
    path = keep(case, tmp_path)

    assert keep(case | {"source": "there", "engine": {}}, tmp_path) == path
    assert dict(known_cases(tmp_path)) == {path.stem: case | {"source": "there", "engine": {}}}
