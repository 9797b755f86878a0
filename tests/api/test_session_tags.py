"""Session tags and source identity: what a session carries on, from role to role, and who may say so."""

from __future__ import annotations

import pytest

from api.refusals import denied, refused
from api.sessions import allow, assume, make_role, trusting

DUPLICATE_TAGS = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
CONFLICTING_TAG = (
    "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the "
    "calling session."
)


def iam_of(account, keys):
    return account.server.client("iam", keys)


def sts_of(account, keys):
    return account.server.client("sts", keys)


def test_tags_need_their_own_permission_in_the_trust_policy(account):
    bob = account.user("bob")
    role = make_role(account, "ops", trusting(bob.arn))
    with denied("sts:TagSession", "because no role trust policy allows the sts:TagSession action"):
        assume(bob.sts, role, Tags=[{"Key": "team", "Value": "storage"}])


def test_a_session_shows_its_tags_over_those_of_its_role(account):
    bob = account.user("bob")
    role = make_role(
        account,
        "ops",
        trusting(bob.arn, "sts:AssumeRole", "sts:TagSession"),
        Tags=[{"Key": "team", "Value": "role"}, {"Key": "site", "Value": "role"}],
    )
    both = {"StringEquals": {"aws:PrincipalTag/team": "session", "aws:PrincipalTag/site": "role"}}
    allow(account, "ops", {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*", "Condition": both})
    iam_of(account, assume(bob.sts, role, Tags=[{"Key": "TEAM", "Value": "session"}])).list_users()
    with denied():
        iam_of(account, assume(bob.sts, role)).list_users()


def test_a_trust_policy_may_demand_tags(account):
    bob = account.user("bob")
    named = {"StringLike": {"aws:RequestTag/team": "*"}, "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}
    role = make_role(account, "ops", trusting(bob.arn, "sts:AssumeRole", "sts:TagSession", Condition=named))
    assume(bob.sts, role, Tags=[{"Key": "team", "Value": "storage"}])
    for tags in ([], [{"Key": "other", "Value": "x"}], [{"Key": "team", "Value": "x"}, {"Key": "other", "Value": "x"}]):
        with denied():
            assume(bob.sts, role, Tags=tags)


@pytest.mark.parametrize(
    ("tags", "transitive", "code", "message"),
    [
        (["team", "Team"], [], "InvalidParameterValue", DUPLICATE_TAGS),
        (
            ["team"],
            ["other"],
            "InvalidParameterValue",
            "The specified transitive tag key must be included in the requested tags.",
        ),
        (["aws:team"], [], "ValidationError", "Tag keys must not begin with the reserved prefix aws:"),
        (["AWS:team"], [], "ValidationError", "Tag keys must not begin with the reserved prefix aws:"),
    ],
)
def test_bad_tags_are_refused(account, tags, transitive, code, message):
    bob = account.user("bob")
    role = make_role(account, "ops", trusting(bob.arn, "sts:AssumeRole", "sts:TagSession"))
    with refused(code, 400, message):
        assume(bob.sts, role, Tags=[{"Key": key, "Value": "x"} for key in tags], TransitiveTagKeys=transitive)


def test_transitive_tags_stay_for_the_whole_chain_and_others_do_not(account):
    bob = account.user("bob")
    may_tag = ("sts:AssumeRole", "sts:TagSession")
    first = make_role(account, "first", trusting(bob.arn, *may_tag))
    second = make_role(account, "second", trusting(first, *may_tag), Tags=[{"Key": "project", "Value": "role"}])
    third = make_role(account, "third", trusting(second, *may_tag))
    tagged = {"StringEquals": {"aws:PrincipalTag/project": "alpha"}, "Null": {"aws:PrincipalTag/site": "true"}}
    allow(account, "third", {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*", "Condition": tagged})
    tags = [{"Key": "Project", "Value": "alpha"}, {"Key": "site", "Value": "north"}]
    in_first = sts_of(account, assume(bob.sts, first, Tags=tags, TransitiveTagKeys=["project"]))
    in_second = sts_of(account, assume(in_first, second))
    iam_of(account, assume(in_second, third)).list_users()
    with refused("InvalidParameterValue", 400, CONFLICTING_TAG):
        assume(in_second, third, Tags=[{"Key": "PROJECT", "Value": "beta"}])
    assume(in_second, third, Tags=[{"Key": "site", "Value": "south"}])


def test_inherited_tags_need_the_permission_to_tag_as_well(account):
    bob = account.user("bob")
    first = make_role(account, "first", trusting(bob.arn, "sts:AssumeRole", "sts:TagSession"))
    second = make_role(account, "second", trusting(first))
    in_first = assume(bob.sts, first, Tags=[{"Key": "project", "Value": "x"}], TransitiveTagKeys=["project"])
    with denied("sts:TagSession", "because no role trust policy allows the sts:TagSession action"):
        assume(sts_of(account, in_first), second)


# Source identity


def test_a_source_identity_needs_its_own_permission_and_is_inherited(account):
    bob = account.user("bob")
    may_set = ("sts:AssumeRole", "sts:SetSourceIdentity")
    plain = make_role(account, "plain", trusting(bob.arn))
    with denied("because no role trust policy allows the sts:SetSourceIdentity action"):
        assume(bob.sts, plain, SourceIdentity="bob")
    first = make_role(account, "first", trusting(bob.arn, *may_set))
    second = make_role(account, "second", trusting(first, *may_set))
    from_bob = {"StringEquals": {"aws:SourceIdentity": "bob"}}
    allow(account, "second", {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*", "Condition": from_bob})
    in_first = sts_of(account, assume(bob.sts, first, SourceIdentity="bob"))
    answer = in_first.assume_role(RoleArn=second, RoleSessionName="session")
    assert answer["SourceIdentity"] == "bob"
    iam_of(account, assume(in_first, second)).list_users()
    with refused("AccessDenied", 403):
        assume(in_first, second, SourceIdentity="eve")
    assume(in_first, second, SourceIdentity="bob")


def test_a_chain_that_cannot_pass_its_source_identity_on_ends(account):
    bob = account.user("bob")
    first = make_role(account, "first", trusting(bob.arn, "sts:AssumeRole", "sts:SetSourceIdentity"))
    second = make_role(account, "second", trusting(first))
    with denied("because no role trust policy allows the sts:SetSourceIdentity action"):
        assume(sts_of(account, assume(bob.sts, first, SourceIdentity="bob")), second)


def test_a_reserved_source_identity_is_refused(account):
    bob = account.user("bob")
    role = make_role(account, "ops", trusting(bob.arn, "sts:AssumeRole", "sts:SetSourceIdentity"))
    with refused("ValidationError", 400):
        bob.sts.assume_role(RoleArn=role, RoleSessionName="session", SourceIdentity="aws:bob")
