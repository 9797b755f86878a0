"""The laws of a decision. Each holds for any request under any policies; exceptions are named."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from decision.decision_strategies import (
    ACTION_PATTERNS,
    KEYS,
    PRINCIPAL_NAMES,
    RESOURCE_PATTERNS,
    SIGNING_PRINCIPALS,
    VALUES,
    conditions,
    policy_sets,
    rcp_levels,
    requests,
    scp_levels,
    statements,
    worlds,
)
from decision.decision_worlds import document_of, principal_of
from rolecall.decision.evaluate import evaluate
from rolecall.decision.explain import denial_suffix, explain
from rolecall.decision.layers import ask
from rolecall.decision.near_misses import failed_elements
from rolecall.decision.policies import ApplicablePolicies, AppliedPolicy, PolicySet
from rolecall.decision.principal import FederatedUser, IamUser, RootUser
from rolecall.decision.request import AuthorizationRequest
from rolecall.decision.result import Decision
from rolecall.language.document import Effect, PolicyDocument, PolicyType
from rolecall.language.operators import OPERATORS, Comparison

EVERYTHING = {"Action": "*", "Resource": "*"}
USER = principal_of("arn:aws:iam::111111111111:user/ann")


@given(requests(), worlds())
def test_an_explicit_deny_wins(request: AuthorizationRequest, policies: ApplicablePolicies) -> None:
    result = evaluate(request, policies)
    denies = any(decision is Decision.EXPLICIT_DENY for _layer, decision in result.layers)
    assert denies is (result.decision is Decision.EXPLICIT_DENY)
    if denies:
        assert {statement.effect for statement in result.matched_statements} == {Effect.DENY}


@given(requests(), worlds())
def test_a_request_is_allowed_only_if_some_allow_matched(
    request: AuthorizationRequest, policies: ApplicablePolicies
) -> None:
    # The exception: what root does in its own account, and what sessions do on behalf of root.
    result = evaluate(request, policies)
    if result.is_allowed and not isinstance(request.principal, RootUser):
        assert Effect.ALLOW in {statement.effect for statement in result.matched_statements}


def test_root_is_allowed_in_its_own_account_without_any_statement() -> None:
    request = AuthorizationRequest(principal=RootUser(USER.account), action="s3:GetObject", resource=None)
    assert evaluate(request, ApplicablePolicies()).is_allowed


@given(requests(), worlds())
def test_a_request_is_allowed_exactly_if_nothing_blocks_it(
    request: AuthorizationRequest, policies: ApplicablePolicies
) -> None:
    result = evaluate(request, policies)
    assert result.is_allowed is (result.blocks == ())
    assert len({block.policy_type for block in result.blocks}) == len(result.blocks)
    assert bool(denial_suffix(result, request.action)) is not result.is_allowed
    assert explain(request, result)


@given(requests(), worlds())
def test_tracing_changes_nothing_but_what_is_kept(request: AuthorizationRequest, policies: ApplicablePolicies) -> None:
    traced = evaluate(request, policies, traced=True)
    assert msgspec.structs.replace(traced, near_misses=()) == evaluate(request, policies)


@given(requests(), policy_sets(PolicyType.VPC_ENDPOINT, has_principal=True), st.booleans())
def test_the_index_leaves_out_only_what_fails(
    request: AuthorizationRequest, policies: PolicySet, is_bounded: bool
) -> None:
    found = {statement.place for statement in policies.candidates(request.action, request.resource)}
    layer = ask(policies, request, is_bounded=is_bounded)
    applied = [(it.policy, it.index) for it in (*layer.allows, *layer.denies)]
    for statement in policies.statements:
        applies = not failed_elements(statement, request, is_bounded=is_bounded)
        assert ((statement.reported.policy, statement.reported.index) in applied) is applies
        assert not applies or statement.place in found


@given(requests(), worlds(), st.randoms(use_true_random=False))
def test_order_and_duplicates_do_not_matter(
    request: AuthorizationRequest, policies: ApplicablePolicies, random: Any
) -> None:
    def shuffled(given_policies: PolicySet | None) -> PolicySet | None:
        if given_policies is None:
            return None
        twice = [AppliedPolicy(it.name, _shuffled(it.document, random)) for it in given_policies.policies * 2]
        random.shuffle(twice)
        return PolicySet(given_policies.type, twice)

    other = msgspec.structs.replace(
        policies,
        identity=shuffled(policies.identity),
        resource=shuffled(policies.resource),
        permissions_boundary=shuffled(policies.permissions_boundary),
        session=shuffled(policies.session),
        vpc_endpoint=shuffled(policies.vpc_endpoint),
        service_control=policies.service_control and policies.service_control[::-1] * 2,
        resource_control=policies.resource_control and policies.resource_control[::-1] * 2,
    )
    one, two = evaluate(request, policies), evaluate(request, other)
    assert (one.decision, one.layers, one.missing_context_keys) == (two.decision, two.layers, two.missing_context_keys)
    assert [block.policy_type for block in one.blocks] == [block.policy_type for block in two.blocks]


@given(requests(), worlds(), statements("Deny"))
def test_adding_a_deny_never_allows(
    request: AuthorizationRequest, policies: ApplicablePolicies, deny: dict[str, Any]
) -> None:
    more = _with(policies.identity, "deny", deny)
    if not evaluate(request, policies).is_allowed:
        assert not evaluate(request, msgspec.structs.replace(policies, identity=more)).is_allowed


@given(requests(), worlds(), statements("Allow"))
def test_adding_an_allow_never_takes_away(
    request: AuthorizationRequest, policies: ApplicablePolicies, allow: dict[str, Any]
) -> None:
    more = _with(policies.identity, "allow", allow)
    if evaluate(request, policies).is_allowed:
        assert evaluate(request, msgspec.structs.replace(policies, identity=more)).is_allowed


@pytest.mark.parametrize(
    ("layer", "values"),
    [
        ("permissions_boundary", policy_sets(PolicyType.PERMISSIONS_BOUNDARY)),
        ("session", policy_sets(PolicyType.SESSION)),
        ("service_control", scp_levels()),
        ("resource_control", rcp_levels()),
        ("vpc_endpoint", policy_sets(PolicyType.VPC_ENDPOINT, has_principal=True)),
    ],
)
@given(data=st.data(), request=requests(), policies=worlds())
def test_a_layer_that_only_limits_never_allows(
    layer: str, values: Any, data: st.DataObject, request: AuthorizationRequest, policies: ApplicablePolicies
) -> None:
    # The exception: a federated user may do nothing until session policies were passed.
    assume(not (layer == "session" and isinstance(request.principal, FederatedUser)))
    without = msgspec.structs.replace(policies, **{layer: None})
    limited = msgspec.structs.replace(policies, **{layer: data.draw(values)})
    if evaluate(request, limited).is_allowed:
        assert evaluate(request, without).is_allowed


def test_session_policies_open_to_a_federated_user_what_its_user_may_do() -> None:
    assert isinstance(USER, IamUser)
    fed = FederatedUser(account=USER.account, name="fed", issuer=USER)
    request = AuthorizationRequest(principal=fed, action="s3:GetObject", resource=None)
    allow = _with(PolicySet(PolicyType.IDENTITY), "allow", {"Effect": "Allow", **EVERYTHING})
    assert not evaluate(request, ApplicablePolicies(identity=allow)).is_allowed
    assert evaluate(request, ApplicablePolicies(identity=allow, session=allow)).is_allowed


@given(requests(SIGNING_PRINCIPALS), worlds())
def test_across_accounts_both_sides_have_to_allow(request: AuthorizationRequest, policies: ApplicablePolicies) -> None:
    request = msgspec.structs.replace(request, resource_account="222222222222")
    result = evaluate(request, policies)
    layers = dict(result.layers)
    if result.is_allowed:
        assert layers[PolicyType.RESOURCE] is Decision.ALLOWED
        assert set(layers.values()) == {Decision.ALLOWED}


@given(requests(), worlds())
def test_without_its_own_policy_a_resource_that_requires_one_is_closed(
    request: AuthorizationRequest, policies: ApplicablePolicies
) -> None:
    closed = msgspec.structs.replace(policies, resource=None, requires_resource_policy=True)
    assert not evaluate(request, closed).is_allowed


@given(requests(), st.lists(ACTION_PATTERNS, min_size=1, max_size=3))
def test_not_action_is_the_complement_of_action(request: AuthorizationRequest, patterns: list[str]) -> None:
    assert _applies(request, {"Action": patterns, "Resource": "*"}) is not _applies(
        request, {"NotAction": patterns, "Resource": "*"}
    )


@given(requests(), st.lists(RESOURCE_PATTERNS, min_size=1, max_size=3))
def test_not_resource_is_the_complement_of_resource(request: AuthorizationRequest, patterns: list[str]) -> None:
    assert _applies(request, {"Action": "*", "Resource": patterns}) is not _applies(
        request, {"Action": "*", "NotResource": patterns}
    )


@given(requests(), st.lists(PRINCIPAL_NAMES.filter(lambda name: name != "*"), min_size=1, max_size=3))
def test_an_allow_with_not_principal_is_the_complement_of_principal(
    request: AuthorizationRequest, names: list[str]
) -> None:
    assert _endpoint_allows(request, {"Principal": {"AWS": names}}) is not _endpoint_allows(
        request, {"NotPrincipal": {"AWS": names}}
    )


@given(requests(), st.lists(PRINCIPAL_NAMES.filter(lambda name: name != "*"), min_size=1, max_size=3))
def test_a_deny_with_not_principal_spares_nobody_whom_principal_does_not_name(
    request: AuthorizationRequest, names: list[str]
) -> None:
    named = _endpoint_denies(request, {"Principal": {"AWS": names}})
    assert named or _endpoint_denies(request, {"NotPrincipal": {"AWS": names}})


SINGLE = {(it.comparison, it.negated): it.name for it in OPERATORS.values() if not it.if_exists and not it.quantifier}
PAIRS = [(name, SINGLE[comparison, False]) for (comparison, negated), name in SINGLE.items() if negated]


@pytest.mark.parametrize(("negated", "plain"), PAIRS)
@given(data=st.data(), request=requests())
def test_a_negated_operator_is_the_complement_of_the_plain_one(
    negated: str, plain: str, data: st.DataObject, request: AuthorizationRequest
) -> None:
    (body,) = data.draw(conditions((plain,))).values()
    assert _holds(request, {negated: body}) is not _holds(request, {plain: body})


@given(requests(), conditions(tuple(name for name, it in OPERATORS.items() if it.comparison is not Comparison.NULL)))
def test_a_missing_key_gives_what_the_table_says(request: AuthorizationRequest, element: dict[str, Any]) -> None:
    (name,) = element
    vacuous = name.startswith("ForAllValues:") or name.endswith("IfExists")
    unbounded = OPERATORS[name].negated and ":" not in name
    assert _holds(msgspec.structs.replace(request, context={}), element) is (vacuous or unbounded)


@given(requests(), worlds())
def test_statements_about_other_services_change_nothing(
    request: AuthorizationRequest, policies: ApplicablePolicies
) -> None:
    others = [{"Effect": effect, "Action": ["ec2:*", "iam:Get*"], "Resource": "*"} for effect in ("Allow", "Deny")]
    more = _with(policies.identity, "others", others)
    assert evaluate(request, msgspec.structs.replace(policies, identity=more)) == evaluate(request, policies)


@given(worlds(), KEYS, st.text() | st.lists(st.text(), max_size=3).map(tuple), st.text(), st.text())
def test_no_request_makes_the_engine_raise(
    policies: ApplicablePolicies, key: str, value: str | tuple[str, ...], action: str, name: str
) -> None:
    context = {key.lower(): value, "aws:username": name}
    for principal in (USER, principal_of("anonymous")):
        request = AuthorizationRequest(principal=principal, action=action, resource=None, context=context)
        assert evaluate(request, policies).decision in Decision


@given(requests(), VALUES)
def test_what_a_caller_is_called_does_not_reach_beyond_its_text(request: AuthorizationRequest, suffix: str) -> None:
    request = msgspec.structs.replace(request, context={"aws:username": "*" + suffix})
    pattern = {"Action": "*", "Resource": "arn:aws:s3:::b/${aws:username}"}
    expected = request.resource is not None and str(request.resource) == f"arn:aws:s3:::b/*{suffix}"
    assert _applies(request, pattern) is expected


def _with(policies: PolicySet, name: str, said: Any) -> PolicySet:
    return PolicySet(policies.type, (*policies.policies, AppliedPolicy(name, document_of(said, policies.type))))


def _shuffled(document: PolicyDocument, random: Any) -> PolicyDocument:
    twice = list(document.statements * 2)
    random.shuffle(twice)
    return msgspec.structs.replace(document, statements=tuple(twice))


def _applies(request: AuthorizationRequest, statement: dict[str, Any]) -> bool:
    """Does a statement apply? Asked of a user of its own account, for whom an Allow decides alone."""
    policies = _with(PolicySet(PolicyType.IDENTITY), "one", {"Effect": "Allow", **statement})
    request = msgspec.structs.replace(request, principal=USER, resource_account=None)
    return evaluate(request, ApplicablePolicies(identity=policies)).is_allowed


def _holds(request: AuthorizationRequest, condition: dict[str, Any]) -> bool:
    return _applies(request, {**EVERYTHING, "Condition": condition})


def _endpoint_allows(request: AuthorizationRequest, element: dict[str, Any]) -> bool:
    return _endpoint(request, {"Effect": "Allow", **element}) is Decision.ALLOWED


def _endpoint_denies(request: AuthorizationRequest, element: dict[str, Any]) -> bool:
    return _endpoint(request, {"Effect": "Deny", **element}) is Decision.EXPLICIT_DENY


def _endpoint(request: AuthorizationRequest, statement: dict[str, Any]) -> Decision:
    """What an endpoint policy says by itself: it may name principals, and its answer stands apart from all others."""
    policies = _with(PolicySet(PolicyType.VPC_ENDPOINT), "endpoint", {**EVERYTHING, **statement})
    result = evaluate(request, ApplicablePolicies(vpc_endpoint=policies))
    return dict(result.layers)[PolicyType.VPC_ENDPOINT]
