"""However a golden case is asked, the decision is the same: enforcement, `check`, `explain`, simulation, the library.

A call to a server has condition keys that follow from who calls and how; a case is free to say otherwise. So two things
are demanded: whoever decided under the very circumstances of a case decided as the case says, and the library decides
as whoever decided under others.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

import rolecall
from agreement.answers import Answer
from agreement.circumstances import NO_CALL_COMES_SO, is_as_the_case_says
from agreement.enforced import explained_by_check
from agreement.ways import WAYS, in_library_as
from agreement.worlds import NOW, GoldenCase
from decision.decision_worlds import cases_in
from rolecall.decision.principal import AssumedRole, IamUser, RootUser
from rolecall.decision.result import Decision
from rolecall.questions.answers import explanation_of
from rolecall.state.callers_by_arn import caller_by_arn
from rolecall.state.session import SessionKind

FOLDER = Path(__file__).parent.parent / "cases" / "decisions"
CASES = {name: GoldenCase(case) for name, case in cases_in(FOLDER)}

SHORTEST_SESSION_NAME = 2


def asked_by(way: str) -> list[str]:
    """The cases that can be asked in a way."""
    return [name for name, case in CASES.items() if WAYS[way].why_not(case) is None]


def has_name_for_check(case: GoldenCase) -> bool:
    """Does an ARN that STS could have given tell the caller, and all that is to know of it?"""
    match case.request.principal:
        case AssumedRole(session_name=name):
            return len(name) >= SHORTEST_SESSION_NAME
        case principal:
            return isinstance(principal, IamUser | RootUser)


@cache
def answers_to(name: str) -> Mapping[str, Answer]:
    """The answers of all ways in which a case can be asked."""
    case = CASES[name]
    return {said: way.ask(case) for said, way in WAYS.items() if way.why_not(case) is None}


@cache
def as_the_case_says(name: str) -> Mapping[str, Decision]:
    """The decisions of the ways that decided under the circumstances of the case."""
    case = CASES[name]
    return {
        said: answer.decision
        for said, answer in answers_to(name).items()
        if is_as_the_case_says(case, answer.request.context)
    }


def decided_otherwise(way: str) -> set[str]:
    """The cases that were decided in a way, but under other circumstances than their own."""
    return {name for name in asked_by(way) if way not in as_the_case_says(name)}


@pytest.mark.parametrize("name", CASES)
def test_a_case_is_decided_as_it_says_whichever_way_it_is_asked(name: str) -> None:
    decisions = as_the_case_says(name)

    assert decisions == dict.fromkeys(decisions, CASES[name].said["decision"])


@pytest.mark.parametrize("name", CASES)
def test_the_library_decides_whatever_was_really_asked_as_whoever_was_asked(name: str) -> None:
    answers = answers_to(name)

    decisions = {said: answer.decision for said, answer in answers.items()}
    assert decisions == {
        said: in_library_as(CASES[name], answer.request)[1].decision for said, answer in answers.items()
    }


@pytest.mark.parametrize("name", asked_by("SimulatePrincipalPolicy"))
def test_a_simulation_told_the_circumstances_of_a_call_decides_about_no_others(name: str) -> None:
    answers = answers_to(name)
    simulated, enforced = answers["SimulatePrincipalPolicy"], answers["enforcement"]

    assert dict(simulated.request.context) == dict(enforced.request.context)
    assert simulated.decision == enforced.decision


@pytest.mark.parametrize("name", CASES)
def test_the_explanation_of_a_decision_tells_that_decision(name: str) -> None:
    case = CASES[name]
    explained = [in_library_as(case, case.request, traced=True)]
    if WAYS["check"].why_not(case) is None:
        explained.append(explained_by_check(case))

    for request, result in explained:
        as_json = explanation_of(request, result)
        told = [
            decision_told_by(rolecall.explain(request, result)),
            as_json["decision"],
            decision_told_by(str(as_json["explanation"])),
        ]
        assert told == [case.said["decision"]] * 3


def decision_told_by(text: str) -> Decision:
    """The decision, read out of an explanation."""
    first, *reasons = text.splitlines()
    word, _, _ = first.partition(":")
    blocks = [reason for reason in reasons if reason.startswith("blocked ")]
    assert (word, bool(blocks)) in {("allowed", False), ("denied", True)}
    if word == "allowed":
        return Decision.ALLOWED
    is_explicit = any(block.startswith("blocked with an explicit deny") for block in blocks)
    return Decision.EXPLICIT_DENY if is_explicit else Decision.IMPLICIT_DENY


# That enough is asked


@pytest.mark.parametrize("way", ["library", "question"])
def test_every_case_is_asked_in_the_library_and_as_a_question(way: str) -> None:
    assert asked_by(way) == list(CASES)


@pytest.mark.parametrize(
    ("way", "count"),
    [
        ("enforcement", 650),
        ("check", 430),
        ("check, told everything", 430),
        ("SimulatePrincipalPolicy", 490),
        ("SimulateCustomPolicy", 520),
    ],
)
def test_the_ways_that_cannot_express_every_case_express_most(way: str, count: int) -> None:
    assert len(asked_by(way)) >= count


@pytest.mark.parametrize("way", ["library", "question", "check, told everything"])
def test_where_all_keys_are_told_each_case_is_decided_as_it_stands(way: str) -> None:
    assert decided_otherwise(way) == set()


def test_just_the_listed_cases_tell_what_no_call_to_a_server_comes_with() -> None:
    assert decided_otherwise("enforcement") == NO_CALL_COMES_SO
    for way in ("check", "SimulatePrincipalPolicy", "SimulateCustomPolicy"):
        assert decided_otherwise(way) <= NO_CALL_COMES_SO


@pytest.mark.parametrize("way", [way for way in WAYS if way != "question"])
def test_every_decision_is_among_the_answers_of_a_way(way: str) -> None:
    assert {answers_to(name)[way].decision for name in asked_by(way)} == set(Decision)


def test_callers_of_every_kind_ask() -> None:
    callers = [CASES[name].stored.caller for name in asked_by("enforcement")]

    assert {caller.session.kind for caller in callers if caller.session is not None} == set(SessionKind)
    assert {type(caller.principal) for caller in callers if caller.session is None} == {IamUser, RootUser}


@pytest.mark.parametrize("name", [name for name in asked_by("check") if has_name_for_check(CASES[name])])
def test_check_finds_by_its_name_who_would_call(name: str) -> None:
    stored = CASES[name].stored
    principal = stored.caller.principal

    assert caller_by_arn(stored.world, str(principal.arn), now=NOW).principal == principal
