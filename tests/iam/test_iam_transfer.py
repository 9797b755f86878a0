"""Accounts as files: what an export holds, and that an import makes an account what a file says, or refuses it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from iam.harness import ACCOUNT, NOW, Server
from rolecall.iam.transfer import details as shapes
from rolecall.iam.transfer.details import AccountFileError, read_account_details
from rolecall.iam.transfer.export import export_account
from rolecall.iam.transfer.outcomes import Change, ImportPlan
from rolecall.iam.transfer.plan import plan_import
from rolecall.iam.transfer.writing import ATTEMPTS, AccountChanged, carry_out, write_import
from rolecall.names.arn import AccountId
from rolecall.state.draft import Draft
from rolecall.state.entities import Account, Group, InstanceProfile, ManagedPolicy, Role, User
from rolecall.state.opening import open_store
from rolecall.state.store import Store
from rolecall.wire.model import load_service
from rolecall.wire.shapes import ListShape, Shape, StructureShape
from scale.generated_accounts import Size, dump

OTHER = AccountId("111122223333")
READ_ALL = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
READ = {"Version": "2012-10-17", "Statement": READ_ALL}
LIST = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}}
EC2 = {"Service": "ec2.amazonaws.com"}


def trust(principal: dict[str, Any]) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}],
    }


def role(name: str, principal: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"RoleName": name, "AssumeRolePolicyDocument": trust(principal), **members}


def policy(name: str, *versions: dict[str, Any], default: int = 0, account: str = ACCOUNT) -> dict[str, Any]:
    listed = [
        {"VersionId": f"v{number}", "Document": document, "IsDefaultVersion": number - 1 == default}
        for number, document in enumerate(versions, 1)
    ]
    return {
        "PolicyName": name,
        "Arn": f"arn:aws:iam::{account}:policy/{name}",
        "DefaultVersionId": f"v{default + 1}",
        "PolicyVersionList": listed,
    }


class Importer:
    """Imports files into an account of a server."""

    def __init__(self, server: Server, account: str = ACCOUNT) -> None:
        self.server = server
        self.account = AccountId(account)
        self.iam = server.account(account)

    def plan(self, file: dict[str, Any] | bytes, **options: bool) -> ImportPlan:
        content = file if isinstance(file, bytes) else json.dumps(file).encode()
        return plan_import(
            self.server.world,
            read_account_details(content),
            account=self.account,
            now=self.server.now,
            surroundings=self.server.surroundings,
            **options,
        )

    def __call__(self, file: dict[str, Any] | bytes, **options: bool) -> dict[str, str]:
        """Import what is not refused; gives what came of each entity."""
        plan = self.plan(file, **options)
        draft = Draft(self.server.world)
        carry_out(draft, plan, self.account)
        self.server.world = draft.world
        return {f"{outcome.kind} {outcome.name}": outcome.change.value for outcome in plan.outcomes}

    def export(self) -> bytes:
        return export_account(
            self.server.world, self.account, now=self.server.now, surroundings=self.server.surroundings
        )


@pytest.fixture
def importer(server: Server) -> Importer:
    return Importer(server)


def members_of_model(shape: Shape) -> dict[str, set[str]]:
    """The members of every structure below `shape`, by the structure's name."""
    match shape:
        case ListShape(member=member):
            return members_of_model(member)
        case StructureShape(name=name, members=members):
            found = {name: {member.name for member in members}}
            for member in members:
                found |= members_of_model(member.shape)
            return found
        case _:
            return {}


OURS = {
    "RoleDetail": {"Description", "MaxSessionDuration"},
    "ManagedPolicyDetail": {"Tags"},
    "GetAccountAuthorizationDetailsResponse": {"InstanceProfileList"},
}


def test_a_file_has_the_members_of_the_model_and_few_of_our_own():
    model = members_of_model(load_service("iam").operations["GetAccountAuthorizationDetails"].output)
    for name, shape in (
        ("GetAccountAuthorizationDetailsResponse", shapes.AccountDetails),
        ("UserDetail", shapes.UserDetail),
        ("GroupDetail", shapes.GroupDetail),
        ("RoleDetail", shapes.RoleDetail),
        ("ManagedPolicyDetail", shapes.ManagedPolicyDetail),
        ("PolicyVersion", shapes.PolicyVersionDetail),
        ("InstanceProfile", shapes.InstanceProfileDetail),
        ("PolicyDetail", shapes.PolicyDetail),
        ("AttachedPolicy", shapes.AttachedPolicy),
        ("AttachedPermissionsBoundary", shapes.AttachedBoundary),
        ("Tag", shapes.TagShape),
    ):
        assert set(shape.__struct_encode_fields__) - OURS.get(name, set()) == model[name], name


def test_an_import_of_an_export_changes_nothing(importer: Importer):
    importer(dump(Size(users=25, groups=5, roles=12, policies=15, instance_profiles=4), ACCOUNT))
    plan = importer.plan(importer.export())
    assert {outcome.change for outcome in plan.outcomes} == {Change.UNCHANGED}
    assert not plan.changes_anything


def test_an_export_into_another_account_gives_an_account_that_exports_the_same(server: Server):
    first, second = Importer(server), Importer(server, OTHER)
    first(dump(Size(users=25, groups=5, roles=12, policies=15, instance_profiles=4), ACCOUNT))
    iam = first.iam
    iam("UpdateRole", role_name="role-0001", description="watched", max_session_duration=7200)
    iam("TagPolicy", policy_arn=f"arn:aws:iam::{ACCOUNT}:policy/generated/orders-policy-0000", tags=[TAG])
    iam("CreateInstanceProfile", instance_profile_name="empty", tags=[TAG])
    iam("TagInstanceProfile", instance_profile_name="profile-0001", tags=[TAG])
    exported = first.export()
    assert set(second(exported, rewrites_account=True).values()) == {"create"}

    def told(content: bytes) -> Any:
        def plain(value: Any) -> Any:
            if isinstance(value, dict):
                return {name: plain(member) for name, member in value.items() if not name.endswith("Id")}
            return [plain(item) for item in value] if isinstance(value, list) else value

        return plain(json.loads(content.decode().replace(ACCOUNT, OTHER)))

    assert told(second.export()) == told(exported)


TAG = {"key": "team", "value": "red"}


def test_documents_are_exported_as_objects_and_without_any_secret(importer: Importer):
    importer.iam("CreateUser", user_name="bob")
    secret = importer.iam("CreateAccessKey", user_name="bob")["AccessKey"]["SecretAccessKey"]
    importer.iam("PutUserPolicy", user_name="bob", policy_name="own", policy_document=json.dumps(READ, indent=7))
    exported = importer.export()
    (user,) = json.loads(exported)["UserDetailList"]
    assert user["UserPolicyList"] == [{"PolicyName": "own", "PolicyDocument": READ}]
    assert user["CreateDate"] == "2023-11-14T22:13:20+00:00"
    assert secret.encode() not in exported


def test_what_a_file_says_of_an_entity_it_says_completely(importer: Importer):
    iam = importer.iam
    for name in ("red", "blue"):
        iam("CreateGroup", group_name=name)
    iam("CreateUser", user_name="bob", tags=[{"key": "old", "value": "1"}, {"key": "kept", "value": "1"}])
    iam("AddUserToGroup", user_name="bob", group_name="red")
    iam("PutUserPolicy", user_name="bob", policy_name="old", policy_document=json.dumps(READ))
    iam("AttachUserPolicy", user_name="bob", policy_arn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam("PutUserPermissionsBoundary", user_name="bob", permissions_boundary="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam("CreateUser", user_name="untouched")
    wanted = {
        "UserName": "bob",
        "Path": "/team/",
        "GroupList": ["blue"],
        "UserPolicyList": [{"PolicyName": "new", "PolicyDocument": LIST}],
        "AttachedManagedPolicies": [{"PolicyArn": "arn:aws:iam::aws:policy/SecurityAudit"}],
        "Tags": [{"Key": "kept", "Value": "2"}],
    }
    plan = importer.plan({"UserDetailList": [wanted]})
    assert [outcome.change for outcome in plan.outcomes] == [Change.UPDATE]
    assert set(plan.outcomes[0].detail.split(", ")) == {
        "path",
        "tags",
        "attached policies",
        "inline policies",
        "groups",
        "permissions boundary",
    }
    before = importer.server.world.named(User, ACCOUNT, "bob")
    importer({"UserDetailList": [wanted]})
    bob = importer.server.world.named(User, ACCOUNT, "bob")
    assert bob.id == before.id
    exported = json.loads(importer.export())["UserDetailList"]
    assert len(exported) == 2
    (shown,) = [user for user in exported if user["UserName"] == "bob"]
    assert {name: shown.get(name) for name in wanted} == {
        **wanted,
        "AttachedManagedPolicies": [
            {"PolicyName": "SecurityAudit", "PolicyArn": "arn:aws:iam::aws:policy/SecurityAudit"}
        ],
    }
    assert "PermissionsBoundary" not in shown


def test_ids_are_made_here_and_dates_are_those_of_the_import(importer: Importer):
    importer({"UserDetailList": [{"UserName": "bob", "UserId": "AIDAFROMTHEDUMP000000", "CreateDate": "2001-01-01"}]})
    bob = importer.server.world.named(User, ACCOUNT, "bob")
    assert bob.id != "AIDAFROMTHEDUMP000000"
    assert bob.created_at == NOW


def test_a_new_policy_keeps_the_ids_of_its_versions(importer: Importer):
    versions = [
        {"VersionId": "v7", "Document": READ, "IsDefaultVersion": False},
        {"VersionId": "v3", "Document": LIST, "IsDefaultVersion": True},
    ]
    importer({"Policies": [{"PolicyName": "p", "PolicyVersionList": versions}]})
    stored = importer.server.world.named(ManagedPolicy, ACCOUNT, "p")
    assert [version.id for version in stored.versions] == ["v3", "v7"]
    assert (stored.default_version_id, stored.next_version) == ("v3", 8)
    assert json.loads(stored.default_version.document) == LIST


def numbered(number: int) -> dict[str, Any]:
    return {**READ, "Statement": {**READ_ALL, "Resource": f"arn:aws:s3:::b/{number}"}}


@pytest.mark.parametrize(
    ("stored", "stored_default", "wanted", "wanted_default"),
    [
        ([1], 0, [2], 0),
        ([1], 0, [1, 2], 1),
        ([1, 2, 3, 4, 5], 4, [6, 7, 8, 9, 10], 2),
        ([1, 2, 3, 4, 5], 0, [2, 3, 4, 5, 6], 4),
        ([1, 2, 3, 4, 5], 0, [5, 4], 1),
        ([1, 2], 0, [1, 2], 1),
        ([1, 1, 2], 1, [1, 2], 0),
        ([1], 0, [1, 1], 1),
    ],
)
def test_versions_of_a_policy_that_is_there_become_those_of_the_file(
    importer: Importer, stored: list[int], stored_default: int, wanted: list[int], wanted_default: int
):
    importer({"Policies": [policy("p", *map(numbered, stored), default=stored_default)]})
    file = {"Policies": [policy("p", *map(numbered, wanted), default=wanted_default)]}
    assert not importer.plan(file).failures
    importer(file)
    found = importer.server.world.named(ManagedPolicy, ACCOUNT, "p")
    documents = [json.loads(version.document) for version in found.versions]
    assert sorted(documents, key=str) == sorted(map(numbered, wanted), key=str)
    assert json.loads(found.default_version.document) == numbered(wanted[wanted_default])
    assert len({version.id for version in found.versions}) == len(wanted)
    assert not importer.plan(file).changes_anything


def test_roles_may_trust_each_other_and_themselves(importer: Importer):
    arn = f"arn:aws:iam::{ACCOUNT}:role/"
    file = {
        "RoleDetailList": [
            role("one", {"AWS": [arn + "one", arn + "two"]}),
            role("two", {"AWS": arn + "one"}),
        ]
    }
    assert importer(file) == {"role one": "create", "role two": "create"}
    one = importer.server.world.named(Role, ACCOUNT, "one")
    assert one.id in one.trust_policy
    assert one.id in importer.server.world.named(Role, ACCOUNT, "two").trust_policy
    assert not importer.plan(file).changes_anything


def test_a_role_that_is_refused_takes_along_what_rests_on_it_and_nothing_else(importer: Importer):
    arn = f"arn:aws:iam::{ACCOUNT}:role/"
    profile = {"InstanceProfileName": "profile"}
    file = {
        "RoleDetailList": [
            role("last", {"AWS": arn + "middle"}),
            role("middle", {"AWS": arn + "bad"}, InstanceProfileList=[profile]),
            role("bad", {"AWS": arn + "nobody"}),
            role("good", EC2),
        ]
    }
    assert importer(file) == {
        "role last": "fail",
        "role middle": "fail",
        "role bad": "fail",
        "role good": "create",
        "instance-profile profile": "fail",
    }
    world = importer.server.world
    assert [each.name for each in world.owned(Role, ACCOUNT)] == ["good"]
    assert world.owned(InstanceProfile, ACCOUNT) == ()


def test_a_role_that_was_there_is_what_it_was_when_its_trust_policy_is_refused(importer: Importer):
    importer({"RoleDetailList": [role("ops", EC2)]})
    before = importer.server.world.named(Role, ACCOUNT, "ops")
    refused = role("ops", {"AWS": "999999999999"}, Tags=[{"Key": "a", "Value": "b"}])
    assert importer({"RoleDetailList": [refused]}) == {"role ops": "fail"}
    assert importer.server.world.named(Role, ACCOUNT, "ops") == before


def test_who_does_not_exist_can_be_left_out_of_trust_policies(importer: Importer):
    file = {
        "RoleDetailList": [
            role("mixed", {"AWS": ["999999999999", ACCOUNT], **EC2}),
            role("foreign", {"AWS": "arn:aws:iam::999999999999:root"}),
        ]
    }
    assert [failure.name for failure in importer.plan(file).failures] == ["mixed", "foreign"]
    plan = importer.plan(file, drops_unknown_principals=True)
    assert [outcome.note for outcome in plan.outcomes] == [
        "its trust policy goes without 999999999999",
        "its trust policy goes without arn:aws:iam::999999999999:root",
    ]
    importer(file, drops_unknown_principals=True)
    shown = {
        name: json.loads(importer.server.world.named(Role, ACCOUNT, name).trust_policy)["Statement"]
        for name in ("mixed", "foreign")
    }
    assert shown["mixed"] == trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root", **EC2})["Statement"]
    assert [statement["Effect"] for statement in shown["foreign"]] == ["Deny"]
    assert not importer.plan(file, drops_unknown_principals=True).changes_anything


def test_nobody_is_taken_out_of_a_not_principal(importer: Importer):
    wide = {"Effect": "Deny", "NotPrincipal": {"AWS": "999999999999"}, "Action": "sts:AssumeRole"}
    file = {"RoleDetailList": [{"RoleName": "ops", "AssumeRolePolicyDocument": {**READ, "Statement": [wide]}}]}
    assert importer(file, drops_unknown_principals=True) == {"role ops": "fail"}


def test_attachments_to_policies_of_the_dumped_account_are_to_the_imported_ones(importer: Importer):
    source = f"arn:aws:iam::{OTHER}:policy/p"
    file = {
        "Policies": [policy("p", READ, account=OTHER)],
        "UserDetailList": [
            {
                "UserName": "bob",
                "AttachedManagedPolicies": [{"PolicyName": "p", "PolicyArn": source}],
                "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": source},
            }
        ],
    }
    importer(file)
    bob = importer.server.world.named(User, ACCOUNT, "bob")
    assert bob.attached_policies == (f"arn:aws:iam::{ACCOUNT}:policy/p",)
    assert bob.permissions_boundary == f"arn:aws:iam::{ACCOUNT}:policy/p"


@pytest.mark.parametrize("rewrites_account", [False, True])
def test_documents_name_the_dumped_account_until_it_is_asked_to_rewrite_it(importer: Importer, rewrites_account: bool):
    document = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "s3:*",
            "Resource": [f"arn:aws:sqs:eu-west-1:{OTHER}:jobs", f"arn:aws:s3:::logs-{OTHER}"],
            "Condition": {"StringEquals": {"aws:SourceAccount": OTHER}},
        },
    }
    importer({"Policies": [policy("p", document, account=OTHER)]}, rewrites_account=rewrites_account)
    stored = importer.server.world.named(ManagedPolicy, ACCOUNT, "p").default_version.document
    text = json.dumps(document)
    if rewrites_account:
        text = text.replace(f":{OTHER}:", f":{ACCOUNT}:").replace(f'"{OTHER}"', f'"{ACCOUNT}"')
    assert json.loads(stored) == json.loads(text)


def test_policies_of_aws_and_roles_of_aws_are_not_made(importer: Importer):
    file = {
        "Policies": [policy("ReadOnlyAccess", READ, account="aws")],
        "RoleDetailList": [
            role("AWSServiceRoleForX", EC2, Path="/aws-service-role/x.amazonaws.com/"),
            role("AWSReservedSSO_a", EC2, Path="/aws-reserved/", InstanceProfileList=[{"InstanceProfileName": "p"}]),
        ],
    }
    assert importer(file) == {
        "role AWSServiceRoleForX": "skip",
        "role AWSReservedSSO_a": "skip",
        "instance-profile p": "skip",
    }
    assert not importer.plan(file).changes_anything


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ({"UserDetailList": [{"UserName": "b b"}]}, "user b b: ValidationError: The specified value for userName"),
        ({"UserDetailList": [{"UserName": "bob", "Path": "x"}]}, "user bob: ValidationError: The specified value"),
        ({"UserDetailList": [{"UserName": "bob", "GroupList": ["no"]}]}, "user bob: NoSuchEntity: The group with"),
        ({"RoleDetailList": [role("ops", {"AWS": "999999999999"})]}, "role ops: MalformedPolicyDocument: Invalid"),
        ({"Policies": [policy("p", {"Statement": 1})]}, "policy p: MalformedPolicyDocument: "),
        ({"Policies": [policy("p", *map(numbered, range(6)))]}, "policy p: LimitExceeded: A managed policy can have"),
        ({"Policies": [policy("p", READ, READ, default=2)]}, "policy p: exactly one of its versions must be the d"),
        ({"Policies": [{"PolicyName": "p", "PolicyVersionList": []}]}, "policy p: exactly one of its versions"),
        (
            {"GroupDetailList": [{"GroupName": "g", "GroupPolicyList": [{"PolicyName": "x", "PolicyDocument": 1}]}]},
            "group g: a policy document must be a JSON object",
        ),
        (
            {"UserDetailList": [{"UserName": "bob", "Tags": [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "1"}]}]},
            "user bob: InvalidInput: Duplicate tag keys",
        ),
        (
            {"UserDetailList": [{"UserName": "bob", "AttachedManagedPolicies": [{"PolicyArn": "arn"}]}]},
            "user bob: ValidationError: ",
        ),
    ],
)
def test_what_an_operation_refuses_is_refused_by_the_name_of_the_entity(
    importer: Importer, file: dict[str, Any], reason: str
):
    (failure,) = importer.plan(file).failures
    assert f"{failure.kind} {failure.name}: {failure.detail}".startswith(reason)
    assert not importer.plan(file).changes_anything


def test_a_name_that_differs_in_case_only_is_refused(importer: Importer):
    importer.iam("CreateUser", user_name="Bob")
    (failure,) = importer.plan({"UserDetailList": [{"UserName": "bob"}]}).failures
    assert "the account has it as `Bob`" in failure.detail


def test_a_refused_inline_policy_is_named(importer: Importer):
    listed = [{"PolicyName": "good", "PolicyDocument": READ}, {"PolicyName": "bad", "PolicyDocument": {}}]
    (failure,) = importer.plan({"GroupDetailList": [{"GroupName": "devs", "GroupPolicyList": listed}]}).failures
    assert failure.detail.startswith("inline policy bad: MalformedPolicyDocument: ")


def test_inline_policies_whose_names_differ_in_case_alone_are_refused(importer: Importer):
    listed = [{"PolicyName": name, "PolicyDocument": READ} for name in ("read", "Read")]
    (failure,) = importer.plan({"GroupDetailList": [{"GroupName": "devs", "GroupPolicyList": listed}]}).failures
    assert failure.detail == "two of its inline policies have the same name (case does not tell them apart)"


def test_a_role_cannot_be_moved_to_another_path(importer: Importer):
    importer({"RoleDetailList": [role("ops", EC2)]})
    (failure,) = importer.plan({"RoleDetailList": [role("ops", EC2, Path="/new/")]}).failures
    assert "no operation moves it to `/new/`" in failure.detail


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not the JSON of an account: Input data was truncated"),
        (b"{", "not the JSON of an account: Input data was truncated"),
        (b"[]", "Expected `object`, got `array`"),
        (b'{"Users": []}', "Object contains unknown field `Users`"),
        (
            b'{"UserDetailList": [{"UserName": "a"}, {"UserName": "b", "Colour": 1}]}',
            "`Colour` - at `$.UserDetailList[1]`",
        ),
        (b'{"UserDetailList": [{"UserName": 1}]}', "Expected `str`, got `int` - at `$.UserDetailList[0].UserName`"),
        (b'{"RoleDetailList": [{"RoleName": "r"}]}', "missing required field `AssumeRolePolicyDocument`"),
        (b'{"UserDetailList": "\xff"}', "not UTF-8 at byte 20"),
        (b'{"IsTruncated": true}', "one page of several"),
        (b'{"UserDetailList": [{"UserName": "a"}, {"UserName": "A"}]}', "two users are called `A`"),
        (b'{"Policies": ' + b"[" * 5000 + b"]" * 5000 + b"}", "Expected `object`, got `array`"),
        (
            b'{"RoleDetailList": [{"RoleName": "r", "AssumeRolePolicyDocument": ' + b"[" * 5000 + b"]" * 5000 + b"}]}",
            "nest too deeply",
        ),
    ],
)
def test_a_file_that_is_not_of_an_account_is_refused_in_one_line(content: bytes, reason: str):
    with pytest.raises(AccountFileError) as refused:
        read_account_details(content)
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The paths of everything inside a JSON value."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, member in members:
        yield (*path, name)
        yield from places(member, (*path, name))


ODD_VALUES = [None, True, 0, 1e308, "", "\x00", "/", "é" * 600, "*", "arn:aws:iam::aws:policy/x", [], {}, [[]], [{}]]


@pytest.mark.parametrize("value", ODD_VALUES, ids=lambda value: json.dumps(value)[:20])
def test_whatever_stands_in_a_file_it_is_imported_or_refused_and_never_in_part(importer: Importer, value: object):
    file = json.dumps(dump(Size(users=4, groups=1, roles=4, policies=2, instance_profiles=1), ACCOUNT))
    for path in places(json.loads(file)):
        changed = json.loads(file)
        *stems, last = path
        place = changed
        for stem in stems:
            place = place[stem]
        place[last] = value
        try:
            plan = importer.plan(changed)
        except AccountFileError:
            continue
        made = {(entity.arn_kind, entity.name) for entity in plan.entities()}
        assert made == {(each.kind, each.name) for each in plan.outcomes if each.change is Change.CREATE}


@pytest.mark.parametrize(
    "arns",
    [["arn:aws:iam::1:user/a"], ["nonsense"], [f"arn:aws:iam::{ACCOUNT}:user/a", f"arn:aws:iam::{OTHER}:user/b"]],
)
def test_a_file_is_of_one_account(importer: Importer, arns: list[str]):
    users = [{"UserName": f"user-{number}", "Arn": arn} for number, arn in enumerate(arns)]
    with pytest.raises(AccountFileError):
        importer.plan({"UserDetailList": users})


def test_a_document_may_be_url_encoded_as_the_api_gives_it(importer: Importer):
    encoded = quote(json.dumps(READ, indent=2), safe="")
    inline = [{"PolicyName": "own", "PolicyDocument": encoded}]
    importer({"UserDetailList": [{"UserName": "bob", "UserPolicyList": inline}]})
    (stored,) = importer.server.world.named(User, ACCOUNT, "bob").inline_policies
    assert stored.document == json.dumps(READ, indent=2)


def test_a_plan_is_not_carried_out_on_an_account_that_has_changed(importer: Importer, server: Server):
    plan = importer.plan({"UserDetailList": [{"UserName": "bob"}]})
    server.account(OTHER)("CreateUser", user_name="elsewhere")
    draft = Draft(server.world)
    carry_out(draft, plan, importer.account)
    assert draft.world.named(User, ACCOUNT, "bob") is not None
    importer.iam("CreateUser", user_name="bob")
    with pytest.raises(AccountChanged):
        carry_out(Draft(server.world), plan, importer.account)


@pytest.fixture
def store(tmp_path: Path, importer: Importer) -> Iterator[Store]:
    """A store with the account in it."""
    opened = open_store(tmp_path / "data", clock=lambda: NOW, randbits=secrets.randbits, environment={})
    opened.write(lambda draft: draft.put(Account(account=importer.account, created_at=NOW))).result()
    yield opened
    opened.close()


def changing_plans(importer: Importer, store: Store, changes: int) -> Callable[[], ImportPlan]:
    """Plans the import of a user; after each of the first plans somebody else makes a group in the account."""
    made: list[int] = []

    def make_plan() -> ImportPlan:
        importer.server.world = store.view()
        plan = importer.plan({"UserDetailList": [{"UserName": "bob"}]})
        if len(made) < changes:
            made.append(len(made))
            importer.iam("CreateGroup", group_name=f"group-{made[-1]}")
            group = importer.server.world.named(Group, ACCOUNT, f"group-{made[-1]}")
            store.write(lambda draft: draft.put(group)).result()
        return plan

    return make_plan


def test_an_import_is_planned_anew_when_the_account_changes_meanwhile(importer: Importer, store: Store):
    write_import(store, changing_plans(importer, store, 2), account=importer.account, keeps_going=False)
    assert store.view().named(User, ACCOUNT, "bob") is not None
    assert store.view().count(Group, importer.account) == 2


def test_an_import_gives_up_on_an_account_that_never_rests(importer: Importer, store: Store):
    with pytest.raises(AccountFileError, match="keeps changing"):
        write_import(store, changing_plans(importer, store, ATTEMPTS), account=importer.account, keeps_going=False)
    assert store.view().named(User, ACCOUNT, "bob") is None


def test_progress_moves_once_for_each_entity(importer: Importer):
    moved: list[None] = []
    size = Size(users=7, groups=2, roles=4, policies=3, instance_profiles=2)
    details = read_account_details(json.dumps(dump(size, ACCOUNT)).encode())
    plan_import(
        importer.server.world,
        details,
        account=importer.account,
        now=NOW,
        surroundings=importer.server.surroundings,
        advance=lambda: moved.append(None),
    )
    assert len(moved) == 7 + 2 + 4 + 3 + 2


def test_an_import_needs_an_account_that_exists(server: Server):
    with pytest.raises(AccountFileError, match="rolecall account create"):
        plan_import(
            server.world,
            read_account_details(b"{}"),
            account=OTHER,
            now=NOW,
            surroundings=server.surroundings,
        )
