"""Tours of the `aws` command line: users, groups, roles, instance profiles, policies, and lists by pages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from clients.aws_session import Aws
from clients.tours.documents import ANYTHING, ARN
from serving import Server


def tour_users_and_groups(aws: Aws, home: Path, server: Server) -> None:
    aws.iam(
        "create-user --user-name bob --path /staff/ --tags Key=Team,Value=red Key=Floor,Value=2",
        "wait user-exists --user-name bob",
        "update-user --user-name bob --new-user-name robert",
        "tag-user --user-name robert --tags Key=Team,Value=blue",
        "untag-user --user-name robert --tag-keys Floor",
        "create-group --group-name staff",
        "update-group --group-name staff --new-group-name readers --new-path /all/",
        "add-user-to-group --group-name readers --user-name robert",
    )
    assert aws.iam("list-user-tags --user-name robert")["Tags"] == [{"Key": "Team", "Value": "blue"}]
    assert aws.iam("get-user --user-name robert --query User.Path") == "/staff/"
    assert aws.text("iam list-users --query 'Users[?Path==`/staff/`].[UserName,Arn]' --output text") == (
        f"robert\t{ARN}:user/staff/robert\n"
    )
    assert aws.iam("get-group --group-name readers --query Users[].UserName") == ["robert"]
    assert aws.iam("list-groups-for-user --user-name robert --query Groups[0].Path") == "/all/"
    assert aws.iam("list-groups --path-prefix /all/ --query 'length(Groups)'") == 1
    aws.iam(
        "remove-user-from-group --group-name readers --user-name robert",
        "delete-group --group-name readers",
        "delete-user --user-name robert",
    )
    assert "(NoSuchEntity)" in aws.refusal("iam get-user --user-name robert")


def tour_pages(aws: Aws, home: Path, server: Server) -> None:
    for name in ("a", "b", "c"):
        aws.iam(f"create-user --user-name {name}")
    first = aws.iam("list-users --max-items 2 --page-size 1")
    assert [user["UserName"] for user in first["Users"]] == ["a", "b"]
    rest = aws.iam("list-users --max-items 2 --starting-token $token", token=first["NextToken"])
    assert ([user["UserName"] for user in rest["Users"]], "NextToken" in rest) == (["c"], False)
    assert aws.iam("list-users --no-paginate --max-items 1 --query Users[].UserName") == ["a"]
    for name in ("a", "b", "c"):
        aws.iam(f"delete-user --user-name {name}")


def tour_policies(aws: Aws, home: Path, server: Server) -> None:
    policy = f"{ARN}:policy/anything"
    aws.iam(
        "create-policy --policy-name anything --policy-document file://anything.json --tags Key=a,Value=b",
        "wait policy-exists --policy-arn $policy",
        "create-policy-version --policy-arn $policy --policy-document file://anything.json",
        "set-default-policy-version --policy-arn $policy --version-id v2",
        "delete-policy-version --policy-arn $policy --version-id v1",
        "tag-policy --policy-arn $policy --tags Key=c,Value=d",
        "untag-policy --policy-arn $policy --tag-keys a",
        policy=policy,
    )
    assert aws.iam("get-policy --policy-arn $p --query Policy.DefaultVersionId", p=policy) == "v2"
    version = aws.iam("get-policy-version --policy-arn $p --version-id v2", p=policy)["PolicyVersion"]
    assert version["Document"] == json.loads(ANYTHING)
    assert aws.iam("list-policy-versions --policy-arn $p --query Versions[].VersionId", p=policy) == ["v2"]
    assert aws.iam("list-policy-tags --policy-arn $p --query Tags[].Key", p=policy) == ["c"]
    assert aws.iam("list-policies --scope Local --query Policies[].PolicyName") == ["anything"]
    for kind, others in (("user", ""), ("group", ""), ("role", "--assume-role-policy-document file://trust.json")):
        on_bob = f"--{kind}-name bob"
        aws.iam(
            f"create-{kind} {on_bob} {others}",
            f"attach-{kind}-policy {on_bob} --policy-arn {policy}",
            f"put-{kind}-policy {on_bob} --policy-name inline --policy-document file://anything.json",
        )
        inline = aws.iam(f"get-{kind}-policy {on_bob} --policy-name inline --query PolicyDocument")
        assert inline == json.loads(ANYTHING)
        assert aws.iam(f"list-{kind}-policies {on_bob} --query PolicyNames") == ["inline"]
        assert aws.iam(f"list-attached-{kind}-policies {on_bob} --query AttachedPolicies[0].PolicyArn") == policy
    entities = aws.iam("list-entities-for-policy --policy-arn $p", p=policy)
    assert {key: len(entities[key]) for key in entities} == {"PolicyGroups": 1, "PolicyUsers": 1, "PolicyRoles": 1}
    details = aws.iam("get-account-authorization-details --filter LocalManagedPolicy")
    assert [each["PolicyName"] for each in details["Policies"]] == ["anything"]
    for kind in ("user", "role"):
        boundary = f"--{kind}-name bob --permissions-boundary {policy}"
        aws.iam(f"put-{kind}-permissions-boundary {boundary}", f"delete-{kind}-permissions-boundary --{kind}-name bob")
    for kind in ("user", "group", "role"):
        aws.iam(
            f"detach-{kind}-policy --{kind}-name bob --policy-arn {policy}",
            f"delete-{kind}-policy --{kind}-name bob --policy-name inline",
            f"delete-{kind} --{kind}-name bob",
        )
    aws.iam("delete-policy --policy-arn $p", p=policy)


def tour_roles(aws: Aws, home: Path, server: Server) -> None:
    aws.iam(
        "create-role --role-name machine --assume-role-policy-document file://trust.json",
        "wait role-exists --role-name machine",
        "update-role --role-name machine --max-session-duration 7200",
        "update-role-description --role-name machine --description 'A machine'",
        "update-assume-role-policy --role-name machine --policy-document file://trust.json",
        "tag-role --role-name machine --tags Key=a,Value=b Key=c,Value=d",
        "untag-role --role-name machine --tag-keys a",
        "create-instance-profile --instance-profile-name machine",
        "wait instance-profile-exists --instance-profile-name machine",
        "add-role-to-instance-profile --instance-profile-name machine --role-name machine",
        "tag-instance-profile --instance-profile-name machine --tags Key=a,Value=b Key=c,Value=d",
        "untag-instance-profile --instance-profile-name machine --tag-keys a",
    )
    asked = "get-role --role-name machine --query Role.[MaxSessionDuration,Description]"
    assert aws.iam(asked) == [7200, "A machine"]
    assert aws.iam("list-role-tags --role-name machine --query Tags[].Key") == ["c"]
    assert aws.iam("list-roles --query Roles[].RoleName") == ["machine"]
    named = "--instance-profile-name machine"
    assert aws.iam(f"get-instance-profile {named} --query InstanceProfile.Roles[].RoleName") == ["machine"]
    assert aws.iam(f"list-instance-profile-tags {named} --query Tags[].Key") == ["c"]
    found = "InstanceProfiles[].InstanceProfileName"
    assert aws.iam(f"list-instance-profiles --query {found}") == ["machine"]
    assert aws.iam(f"list-instance-profiles-for-role --role-name machine --query {found}") == ["machine"]
    aws.iam(
        "remove-role-from-instance-profile --instance-profile-name machine --role-name machine",
        "delete-instance-profile --instance-profile-name machine",
        "delete-role --role-name machine",
    )


TOURS: tuple[Callable[[Aws, Path, Server], None], ...] = (
    tour_users_and_groups,
    tour_pages,
    tour_policies,
    tour_roles,
)
