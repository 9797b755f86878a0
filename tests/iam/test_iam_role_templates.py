"""Role templates: AcquireRole makes what AWS makes of them, again and again the same, and nothing half."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest

from iam.harness import Iam, Server
from iam.template_samples import POWER, RECORDED, ROTATION, recorded_template
from rolecall.errors import ApiError, InvalidInput, NameConflict, NoSuchEntity, RoleModified, RoleTemplateDisabled
from rolecall.iam.templates.registration import put_template
from rolecall.state.draft import Draft
from rolecall.state.entities import Role

LAMBDA = {"AWSServiceName": {"values": ("lambda.amazonaws.com",)}}
EDITED = LAMBDA | {"RoleName": {"values": ("edited",)}}


def named(case: dict[str, Any]) -> str:
    return str(case["name"])


def values_of(case: dict[str, Any]) -> dict[str, Any]:
    return {name: {"values": tuple(values)} for name, values in case["values"].items()}


@pytest.fixture
def iam(iam: Iam) -> Iam:
    """The account's root, on a server with the recorded templates."""
    for name in RECORDED["templates"]:
        iam.put(recorded_template(name))
    return iam


def arn_of(case: dict[str, Any]) -> str:
    return str(RECORDED["templates"][case["template"]]["RoleTemplateVersion"]["TemplateArn"])


@pytest.mark.parametrize("case", RECORDED["made"], ids=named)
def test_a_role_is_made_as_aws_makes_it(iam: Iam, case: dict[str, Any]) -> None:
    answer = iam("AcquireRole", template_arn=arn_of(case), replacement_values=values_of(case))["Role"]
    assert answer.keys() == {"Path", "RoleName", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument"}
    assert json.loads(unquote(answer["AssumeRolePolicyDocument"])) == case["trust"]
    role = iam.server.world.named(Role, iam.principal.account, case["role"]["name"])
    assert role is not None
    assert (role.path, role.name, role.description) == tuple(case["role"].values())
    assert list(role.attached_policies) == case["attached"]
    assert {policy.name: json.loads(policy.document) for policy in role.inline_policies} == case["inline"]


@pytest.mark.parametrize("case", RECORDED["refused"], ids=named)
def test_values_that_do_not_fit_are_refused_as_aws_refuses_them(iam: Iam, case: dict[str, Any]) -> None:
    before = iam.server.world
    version = {"template_minor_version": case["minor"]} if "minor" in case else {}
    with pytest.raises(ApiError) as caught:
        iam("AcquireRole", template_arn=arn_of(case), replacement_values=values_of(case), **version)
    assert (caught.value.code, caught.value.message) == (case["code"], case["message"])
    assert iam.server.world is before


@pytest.mark.parametrize("case", RECORDED["again"], ids=named)
def test_a_second_call_gives_the_same_role_unless_it_was_changed(iam: Iam, case: dict[str, Any]) -> None:
    first = iam("AcquireRole", template_arn=POWER, replacement_values=EDITED)["Role"]
    for name, parameters in case["then"]:
        document = parameters.get("policy_document")
        iam(name, **parameters | ({"policy_document": json.dumps(document["json"])} if document else {}))
    if case["code"] is None:
        again = iam("AcquireRole", template_arn=POWER, replacement_values=EDITED)["Role"]
        assert (again["RoleId"], again["CreateDate"]) == (first["RoleId"], first["CreateDate"])
    else:
        with pytest.raises(RoleModified) as caught:
            iam("AcquireRole", template_arn=POWER, replacement_values=EDITED)
        assert caught.value.message == RECORDED["messages"]["RoleModified"]


@pytest.mark.parametrize(
    ("name", "service"), [("edited", "ec2.amazonaws.com"), ("EDITED", "lambda.amazonaws.com")], ids=["value", "case"]
)
def test_the_name_of_a_role_with_other_parameters_is_taken(iam: Iam, name: str, service: str) -> None:
    iam("AcquireRole", template_arn=POWER, replacement_values=EDITED)
    others = {"RoleName": {"values": (name,)}, "AWSServiceName": {"values": (service,)}}
    with pytest.raises(NameConflict) as caught:
        iam("AcquireRole", template_arn=POWER, replacement_values=others)
    assert caught.value.message == RECORDED["messages"]["other parameters"]


def test_the_name_of_a_role_that_no_template_made_is_taken(iam: Iam) -> None:
    trust = {"Version": "2012-10-17", "Statement": RECORDED["made"][0]["trust"]["Statement"]}
    iam("CreateRole", role_name="edited", assume_role_policy_document=json.dumps(trust))
    iam("AttachRolePolicy", role_name="edited", policy_arn="arn:aws:iam::aws:policy/PowerUserAccess")
    with pytest.raises(NameConflict) as caught:
        iam("AcquireRole", template_arn=POWER, replacement_values=EDITED)
    assert caught.value.message == RECORDED["messages"]["other origin"]


def test_get_role_tells_the_template_and_list_roles_does_not(iam: Iam) -> None:
    iam("AcquireRole", template_arn=POWER, replacement_values=EDITED)
    source = iam("GetRole", role_name="edited")["Role"]["SourceRoleTemplate"]
    assert source == {"TemplateArn": POWER, "TemplateMinorVersion": 0}
    assert "SourceRoleTemplate" not in iam("ListRoles")["Roles"][0]


def test_a_role_that_was_deleted_is_made_anew(iam: Iam) -> None:
    first = iam("AcquireRole", template_arn=ROTATION, replacement_values=values_of(RECORDED["made"][1]))["Role"]
    iam("DeleteRolePolicy", role_name="RotationRole", policy_name="Rotation")
    iam("DeleteRole", role_name="RotationRole")
    second = iam("AcquireRole", template_arn=ROTATION, replacement_values=values_of(RECORDED["made"][1]))["Role"]
    assert first["RoleId"] != second["RoleId"]


@pytest.mark.parametrize("value", ["*", "a?", "${aws:username}", "price$", "{aws:username}", "x" * 2049])
def test_a_value_is_no_pattern_and_has_an_end(iam: Iam, value: str) -> None:
    with pytest.raises(InvalidInput):
        iam("AcquireRole", template_arn=ROTATION, replacement_values={"accountId": {"values": (value,)}})


def test_a_value_stays_inside_its_string(iam: Iam) -> None:
    value = 'x"},"Bool":{"a":"@{region}'
    iam("AcquireRole", template_arn=ROTATION, replacement_values={"accountId": {"values": (value,)}})
    role = iam.server.world.named(Role, iam.principal.account, "RotationRole")
    assert role is not None
    (statement,) = json.loads(role.trust_policy)["Statement"]
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": value}}


@pytest.mark.parametrize(
    ("kind", "value", "fits"),
    [
        ("Number", "12.5", True),
        ("Number", "twelve", False),
        ("Arn", "arn:aws:s3:::reports", True),
        ("Arn", "reports", False),
    ],
)
def test_values_are_of_the_type_that_is_defined(iam: Iam, kind: str, value: str, fits: bool) -> None:
    parameters = [*RECORDED["templates"]["rotation"]["RoleTemplateVersion"]["ParametersDefinition"][1:]]
    parameters = [{"Name": "CMK_ENABLED", "Type": kind}, *parameters]
    iam.put(recorded_template("rotation", ParametersDefinition=parameters))
    values = {"accountId": {"values": ("123456789012",)}, "CMK_ENABLED": {"values": (value,)}}
    if fits:
        assert iam("AcquireRole", template_arn=ROTATION, replacement_values=values)["Role"]
    else:
        with pytest.raises(InvalidInput, match="CMK_ENABLED must be"):
            iam("AcquireRole", template_arn=ROTATION, replacement_values=values)


@pytest.mark.parametrize("switch", ["Enabled", "VersionEnabled"])
def test_nothing_is_made_of_a_template_that_is_off(iam: Iam, switch: str) -> None:
    iam.put(recorded_template("power", **{switch: False}))
    with pytest.raises(RoleTemplateDisabled):
        iam("AcquireRole", template_arn=POWER, replacement_values=LAMBDA)
    assert iam("GetRoleTemplateVersion", template_arn=POWER)["RoleTemplateVersion"][switch] is False


def test_a_template_is_shown_as_it_was_registered(iam: Iam) -> None:
    shown = iam("GetRoleTemplateVersion", template_arn=POWER)["RoleTemplateVersion"]
    written = RECORDED["templates"]["power"]["RoleTemplateVersion"]
    ours = {"TemplateVersionId", "CreateTimestamp", "UpdateTimestamp"}
    document = shown.pop("AssumeRolePolicyDocumentTemplate")
    assert json.loads(unquote(document)) == written["AssumeRolePolicyDocumentTemplate"]
    there = {name: value for name, value in shown.items() if value is not None and name not in ours}
    for parameter in there["ParametersDefinition"]:
        for name in [name for name, value in parameter.items() if value is None]:
            del parameter[name]
    assert there == {
        name: value for name, value in written.items() if name not in {*ours, "AssumeRolePolicyDocumentTemplate"}
    }


def test_a_template_that_is_not_there_is_not_shown(iam: Iam) -> None:
    with pytest.raises(NoSuchEntity) as caught:
        iam("GetRoleTemplateVersion", template_arn="arn:aws:iam::aws:role-template/logs.amazonaws.com/None:1")
    assert caught.value.message == RECORDED["messages"]["no such version"]


@pytest.mark.parametrize(
    "arn",
    [
        "this is no ARN at all",
        "arn:aws:iam::aws:policy/PowerUserAccess",
        "arn:aws:iam::123456789012:role-template/iam.amazonaws.com/PowerUserRoleTemplate:1",
    ],
)
def test_only_the_arn_of_a_role_template_will_do(iam: Iam, arn: str) -> None:
    with pytest.raises(InvalidInput):
        iam("GetRoleTemplateVersion", template_arn=arn)


def test_making_a_role_takes_every_permission_that_its_parts_take(iam: Iam) -> None:
    iam.put(recorded_template("power", PermissionBoundaryArn="arn:aws:iam::aws:policy/PowerUserAccess"))
    tags = [{"Key": "team", "Value": "@{RoleName}"}]
    iam.put(recorded_template("rotation", RoleTagsTemplate=tags, ManagedPolicyArns=[]))
    account = iam.principal.account
    first, *others = iam.checks("AcquireRole", template_arn=POWER, replacement_values=EDITED)
    assert (first.action, str(first.resource)) == ("iam:GetRoleTemplateVersion", POWER)
    assert first.context == {"aws:resourceaccount": "639982225848"}
    assert [check.action for check in others] == [
        "iam:CreateRole",
        "iam:PutRolePermissionsBoundary",
        "iam:AttachRolePolicy",
    ]
    assert {str(check.resource) for check in others} == {f"arn:aws:iam::{account}:role/edited"}
    assert {check.context["iam:roletemplatearn"] for check in others} == {POWER}
    assert {check.context["iam:permissionsboundary"] for check in others} == {"arn:aws:iam::aws:policy/PowerUserAccess"}
    assert others[-1].context["iam:policyarn"] == "arn:aws:iam::aws:policy/PowerUserAccess"
    values = values_of(RECORDED["made"][1])
    _, create, tag, put = iam.checks("AcquireRole", template_arn=ROTATION, replacement_values=values)
    assert create.context["aws:requesttag/team"] == tag.context["aws:requesttag/team"] == "RotationRole"
    assert (put.action, str(put.resource)) == (
        "iam:PutRolePolicy",
        f"arn:aws:iam::{account}:role/service-role/RotationRole",
    )


def test_getting_the_role_again_takes_reading_it(iam: Iam) -> None:
    iam("AcquireRole", template_arn=POWER, replacement_values=EDITED)
    _, check = iam.checks("AcquireRole", template_arn=POWER, replacement_values=EDITED)
    assert (check.action, check.context["iam:roletemplatearn"]) == ("iam:GetRole", POWER)


def test_a_later_version_conflicts_with_what_an_earlier_one_made(iam: Iam, server: Server) -> None:
    iam("AcquireRole", template_arn=POWER, replacement_values=EDITED)
    draft = Draft(server.world)
    put_template(draft, recorded_template("power", MinorVersion=1, DefaultMinorVersion=1, MaxSessionDuration=7200))
    server.world = draft.world
    with pytest.raises(NameConflict):
        iam("AcquireRole", template_arn=POWER, replacement_values=EDITED)
    assert iam("AcquireRole", template_arn=POWER, template_minor_version=0, replacement_values=EDITED)["Role"]
