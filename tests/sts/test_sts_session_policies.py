"""Session policies: which are taken, and how much room they and the tags of a session take (sts.md §9)."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolecall.errors import MalformedPolicyDocument, PackedPolicyTooLarge, ValidationError
from rolecall.state.entities import ManagedPolicy, PolicyVersion, Tag
from rolecall.state.world import World
from rolecall.sts.session_policies import MOST_POLICY_ARNS, check_session_policies, packed_size
from sts.sts_values import ACCOUNT, tags, texts

VIEW_ONLY = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


def noise(size: int) -> str:
    """Text that does not compress."""
    return random.Random(7).randbytes(size).hex()


@given(st.lists(texts, max_size=3), st.lists(texts, max_size=3), st.lists(tags, max_size=3))
def test_the_packed_size_is_a_percentage_or_none_if_nothing_is_packed(policies, arns, session_tags):
    percent = packed_size(policies, arns, session_tags)
    assert (percent is None) == (not policies and not arns and not session_tags)
    assert percent is None or 1 <= percent <= 100


def test_what_does_not_fit_is_refused_in_words_for_what_it_is():
    with pytest.raises(PackedPolicyTooLarge, match=r"^Packed policy consumes \d{3}% of allotted space, please use sm"):
        packed_size([noise(6000)], [], [])
    with pytest.raises(PackedPolicyTooLarge, match=r"^Packed size of session tags consumes \d{3}% of allotted s"):
        packed_size([], [], [Tag("key", noise(6000))])


def test_what_repeats_takes_little_room():
    assert packed_size(["s3:GetObject " * 1000], [], []) < packed_size([noise(500)], [], []) <= 100


def test_without_policies_there_is_nothing_to_check():
    assert check_session_policies(World(), ACCOUNT, None, ()) == ((), ())


def test_a_document_and_arns_are_kept_as_they_are():
    policies, arns = check_session_policies(World(), ACCOUNT, DOCUMENT, [{"arn": VIEW_ONLY}])
    assert (policies, arns) == ((DOCUMENT,), (VIEW_ONLY,))


def test_a_policy_of_aws_that_breaks_the_rules_for_others_may_be_named():
    longer_than_the_api_takes = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    assert check_session_policies(World(), ACCOUNT, None, [{"arn": longer_than_the_api_takes}])[1] == (
        longer_than_the_api_takes,
    )


def test_a_customer_managed_policy_may_be_named_within_its_account_only():
    policy = ManagedPolicy(
        account=ACCOUNT,
        id="ANPAQQQQQQQQQQQQQQQQQ",
        name="own",
        created_at=1,
        updated_at=1,
        versions=(PolicyVersion("v1", DOCUMENT, 1),),
        default_version_id="v1",
    )
    world = World().put(policy)
    assert check_session_policies(world, ACCOUNT, None, [{"arn": str(policy.arn)}])[1] == (str(policy.arn),)
    with pytest.raises(ValidationError, match="does not exist or is not attachable"):
        check_session_policies(world, "210987654321", None, [{"arn": str(policy.arn)}])


@pytest.mark.parametrize("arn", ["arn:aws:iam::aws:policy/Missing", f"arn:aws:iam::{ACCOUNT}:policy/missing", "none"])
def test_a_policy_that_does_not_exist_is_refused(arn):
    with pytest.raises(ValidationError):
        check_session_policies(World(), ACCOUNT, None, [{"arn": arn}])


def test_a_document_and_arns_have_2048_characters_together():
    longest = DOCUMENT + " " * (2048 - len(VIEW_ONLY) - len(DOCUMENT))
    check_session_policies(World(), ACCOUNT, longest, [{"arn": VIEW_ONLY}])
    message = (
        f"1 validation error detected: Value '{longest} ' at 'policy' failed to satisfy constraint: "
        "Member must have length less than or equal to 2048"
    )
    with pytest.raises(ValidationError) as caught:
        check_session_policies(World(), ACCOUNT, f"{longest} ", [{"arn": VIEW_ONLY}])
    assert str(caught.value) == message
    check_session_policies(World(), ACCOUNT, f"{longest} ", ())


def test_more_than_ten_arns_are_refused():
    ten = [{"arn": VIEW_ONLY}] * MOST_POLICY_ARNS
    check_session_policies(World(), ACCOUNT, None, ten)
    with pytest.raises(ValidationError):
        check_session_policies(World(), ACCOUNT, None, [*ten, {"arn": VIEW_ONLY}])


@pytest.mark.parametrize(
    "document",
    [
        "",
        "{",
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}',
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*"}]}',
    ],
)
def test_a_document_that_is_no_session_policy_is_refused(document):
    with pytest.raises(MalformedPolicyDocument):
        check_session_policies(World(), ACCOUNT, document, ())
