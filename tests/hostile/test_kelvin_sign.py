"""U+212A, the Kelvin sign: lower case turns it into a plain `k`, so it could stand for one in a name of a request."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostile.test_hostile_policies import ACCOUNT, ANN, EVERYTHING, text_of
from rolecall.decision.evaluate import evaluate
from rolecall.decision.policies import ApplicablePolicies, AppliedPolicy, PolicySet
from rolecall.decision.request import AuthorizationRequest
from rolecall.iam.access import request_tag_keys, resource_tag_keys
from rolecall.language.document import PolicyType
from rolecall.language.parser import parse_policy
from rolecall.names.arn import parse_arn
from rolecall.names.case import KELVIN_SIGN, lower_name
from rolecall.questions.requests import read_request
from rolecall.state.caller import caller_of_session
from rolecall.state.entities import Account, Tag, User
from rolecall.state.gather import principal_keys, principal_tags
from rolecall.state.session import Session, SessionKind
from rolecall.state.world import World

NOW = 1_700_000_000
PLAIN, DISGUISED = Tag("Key", "plain"), Tag(f"{KELVIN_SIGN}ey", "disguised")
ASKED = {"principal": ACCOUNT, "action": "s3:GetObject"}


@given(st.text())
def test_a_name_in_lower_case_has_as_many_ks_as_it_was_written_with(text: str) -> None:
    lower = lower_name(text)
    assert lower.count("k") == text.count("k") + text.count("K")
    assert lower.count(KELVIN_SIGN) == text.count(KELVIN_SIGN)
    assert lower.replace(KELVIN_SIGN, "k") == text.lower() or "Σ" in text


def test_it_stays_in_the_keys_of_a_question() -> None:
    context = read_request({**ASKED, "context": {"a:Key": "plain", f"a:{KELVIN_SIGN}ey": "disguised"}}).context
    assert context == {"a:key": "plain", f"a:{KELVIN_SIGN}ey": "disguised"}


def test_it_stays_in_the_tags_of_requests_and_resources() -> None:
    both = (PLAIN, DISGUISED)
    asked = request_tag_keys((tag.key, tag.value) for tag in both)
    found = resource_tag_keys(both)
    for prefix, keys in (("aws:requesttag", asked), ("aws:resourcetag", found), ("iam:resourcetag", found)):
        assert keys[f"{prefix}/key"] == "plain"
        assert keys[f"{prefix}/{KELVIN_SIGN}ey"] == "disguised"


def test_a_session_tag_does_not_override_the_tag_for_which_it_passes() -> None:
    user = User(account=ACCOUNT, id="AIDAAAAAAAAAAAAAAAAAA", name="ann", path="/", created_at=1, tags=(PLAIN,))
    world = World().put(Account(account=ACCOUNT, created_at=1)).put(user)
    session = Session(
        kind=SessionKind.FEDERATED_USER,
        account=ACCOUNT,
        principal_id=user.id,
        name="fred",
        access_key_id="ASIAAAAAAAAAAAAAAAAA",
        secret_access_key="secret",
        issued_at=NOW,
        expires_at=NOW + 3600,
        tags=(DISGUISED,),
    )
    caller = caller_of_session(world, session)
    assert set(principal_tags(world, caller)) == {PLAIN, DISGUISED}
    assert principal_keys(world, caller, NOW)["aws:principaltag/key"] == "plain"


@pytest.mark.parametrize("traced", [False, True])
def test_it_makes_an_action_one_that_no_policy_allows(traced: bool) -> None:
    document = parse_policy(text_of({**EVERYTHING, "Action": "s3:ListBucket"}), PolicyType.IDENTITY)
    policies = ApplicablePolicies(identity=PolicySet(PolicyType.IDENTITY, (AppliedPolicy("p", document),)))
    for letter, is_allowed in (("k", True), ("K", True), (KELVIN_SIGN, False)):
        resource = parse_arn("arn:aws:s3:::b")
        request = AuthorizationRequest(principal=ANN, action=f"s3:ListBuc{letter}et", resource=resource)
        result = evaluate(request, policies, traced=traced)
        assert result.is_allowed is is_allowed
        assert len(result.near_misses) == (traced and not is_allowed)
