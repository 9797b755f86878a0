"""Templates as the operator registers them: how they are filled, and what is refused before any use is made of them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from iam.harness import ACCOUNT
from iam.template_samples import POWER, RECORDED, SETUP, policy_template, read, recorded_template
from rolecall.errors import SettingsError
from rolecall.iam.templates.policy_templates import TemplateError, Value, fill_policy, fill_text
from rolecall.iam.templates.registration import (
    LONGEST_FILE,
    all_templates,
    put_template,
    read_template,
    switch_template,
)
from rolecall.state.delegation import PolicyTemplate, RoleTemplate
from rolecall.state.draft import Draft
from rolecall.state.world import World

VALUES = {
    "bucketName": Value(("my-bucket",)),
    "bucketNames": Value(("bucket-1", "bucket-2"), is_list=True),
    "prefix": Value(("data",)),
    "ON": Value(("True",)),
    "OFF": Value(("False",)),
}


def filled(resource: Any, **more: Any) -> Any:
    statement = {"Resource": resource, **more}
    text = fill_policy(json.dumps({"Statement": [statement]}), VALUES)
    return None if text is None else json.loads(text)["Statement"][0]


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("arn:aws:s3:::@{bucketName}/*", "arn:aws:s3:::my-bucket/*"),
        ("arn:aws:s3:::@{bucketNames}/*", ["arn:aws:s3:::bucket-1/*", "arn:aws:s3:::bucket-2/*"]),
        ("arn:aws:s3:::@{bucketNames}/@{prefix}/*", ["arn:aws:s3:::bucket-1/data/*", "arn:aws:s3:::bucket-2/data/*"]),
        (["a@{bucketNames}", "b"], ["abucket-1", "abucket-2", "b"]),
        ("${aws:username}", "${aws:username}"),
        ("@{ and @{}} }", None),
    ],
)
def test_strings_are_filled_as_the_user_guide_shows(resource: Any, expected: Any) -> None:
    if expected is None:
        with pytest.raises(TemplateError, match="Parameter '' not found"):
            filled(resource)
    else:
        assert filled(resource) == {"Resource": expected}


@pytest.mark.parametrize(("switch", "is_there"), [("ON", True), ("OFF", False), ("!ON", False), ("!OFF", True)])
def test_a_statement_is_there_if_its_switch_says_so(switch: str, is_there: bool) -> None:
    assert (filled("*", **{"@Enabled": switch}) == {"Resource": "*"}) is is_there


def test_numbers_and_words_stay_as_they_are() -> None:
    assert fill_policy('{"Statement":{"a":[1.50,true,null,{"b":"c"}]}}', {}) == (
        '{"Statement":[{"a":[1.50,true,null,{"b":"c"}]}]}'
    )


def test_a_list_cannot_name_an_element() -> None:
    with pytest.raises(TemplateError):
        filled("*", **{"@{bucketNames}": "x"})
    with pytest.raises(TemplateError):
        fill_text("role-@{bucketNames}", VALUES)


def test_many_lists_in_one_string_do_not_fill_the_memory() -> None:
    lists = {"list": Value(tuple("abcdefgh"), is_list=True)}
    with pytest.raises(TemplateError, match="longer than"):
        fill_policy(json.dumps({"Statement": {"Resource": "@{list}" * 60}}), lists)


def test_two_names_that_become_one_are_both_there_for_the_parser_to_refuse() -> None:
    same = {"first": Value(("x",)), "second": Value(("x",))}
    assert fill_policy('{"Statement":{"@{first}":1,"@{second}":2}}', same) == '{"Statement":[{"x":1,"x":2}]}'


def role_template(**changes: Any) -> dict[str, Any]:
    return {"RoleTemplateVersion": RECORDED["templates"]["power"]["RoleTemplateVersion"] | changes}


def changed_policy_template(**changes: Any) -> dict[str, Any]:
    return {"PolicyTemplate": policy_template()["PolicyTemplate"] | changes}


def document(**statement: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [statement]}


ALLOW = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
TRUST = {"Effect": "Allow", "Principal": {"Service": "@{AWSServiceName}"}, "Action": "sts:AssumeRole"}


@pytest.mark.parametrize(
    ("file", "why"),
    [
        pytest.param({}, "holds either", id="nothing"),
        pytest.param(role_template() | policy_template(), "holds either", id="both"),
        pytest.param({"RoleTemplate": {}}, "unknown field", id="a member that is not known"),
        pytest.param(role_template(Colour="red"), "unknown field", id="a member of the template that is not known"),
        pytest.param(role_template(TemplateArn=SETUP), "ARN of a role template", id="the ARN of something else"),
        pytest.param(role_template(TemplateArn="x"), "is not an ARN", id="no ARN"),
        pytest.param(role_template(MaxSessionDuration=60), "MaxSessionDuration", id="too short a session"),
        pytest.param(role_template(MinorVersion=-1), "MinorVersion", id="a version below 0"),
        pytest.param(role_template(ManagedPolicyArns=["x"]), "is not an ARN", id="a policy that has no ARN"),
        pytest.param(role_template(RoleNamePattern="@{Nobody}"), "`Nobody` is used", id="an undefined parameter"),
        pytest.param(
            role_template(ParametersDefinition=[{"Name": "RoleName", "Type": "Text"}]), "`Text`", id="an unknown type"
        ),
        pytest.param(
            role_template(
                ParametersDefinition=[
                    {"Name": "RoleName", "Type": "StringList"},
                    {"Name": "AWSServiceName", "Type": "String"},
                ]
            ),
            "is a list",
            id="a list in a name",
        ),
        pytest.param(
            role_template(ParametersDefinition=[{"Name": "RoleName", "Type": "String"}] * 2), "twice", id="one twice"
        ),
        pytest.param(
            role_template(ParametersDefinition=[{"Name": "RoleName", "Type": "Number", "DefaultValue": "x"}]),
            "default of `RoleName`",
            id="a default of another type",
        ),
        pytest.param(
            role_template(AssumeRolePolicyDocumentTemplate=document(**TRUST, Colour="red")),
            "no element `Colour`",
            id="an element that is not known",
        ),
        pytest.param(
            role_template(AssumeRolePolicyDocumentTemplate=document(**TRUST | {"@Enabled": True})),
            "name of a parameter",
            id="a switch that is no name",
        ),
        pytest.param(role_template(AssumeRolePolicyDocumentTemplate="{"), "policy template is not valid", id="no JSON"),
        pytest.param(
            role_template(AssumeRolePolicyDocumentTemplate={"Version": "2012-10-17", "Statement": []}),
            "no statement",
            id="no statement",
        ),
        pytest.param(
            role_template(InlinePolicyTemplates=[{"PolicyName": "a b", "PolicyDocument": document(**ALLOW)}]),
            "no inline policy can be called",
            id="a name that no policy has",
        ),
        pytest.param(
            role_template(
                InlinePolicyTemplates=[{"PolicyName": "a", "PolicyDocument": document(**ALLOW | {"Effect": "allow"})}]
            ),
            "policy template is not valid",
            id="a statement that no policy has",
        ),
        pytest.param(changed_policy_template(TemplateArn=POWER), "ARN of a policy template", id="the other kind's ARN"),
        pytest.param(changed_policy_template(RequestorName="x" * 31), "RequestorName", id="too long a name"),
        pytest.param(changed_policy_template(RequestorAccountIds=[]), "RequestorAccountIds", id="no account"),
        pytest.param(changed_policy_template(RequestorAccountIds=["12"]), "RequestorAccountIds", id="no account's id"),
        pytest.param(
            changed_policy_template(PolicyDocumentTemplate=document(**ALLOW | {"Resource": "@{name}"})),
            "`name` cannot be given",
            id="a parameter that no request can give",
        ),
    ],
)
def test_a_template_that_could_not_be_used_is_refused(file: Any, why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        read(file)


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b"x" * (LONGEST_FILE + 1), b'{"RoleTemplateVersion": 1}'])
def test_a_file_that_is_no_template_is_refused(content: bytes) -> None:
    with pytest.raises(SettingsError):
        read_template(content, now=0, randbits=lambda bits: 0)


def test_a_document_may_stand_there_as_a_text() -> None:
    as_text = read(role_template(AssumeRolePolicyDocumentTemplate=json.dumps(document(**TRUST))))
    assert isinstance(as_text, RoleTemplate)
    assert as_text.versions[0].trust_policy_template == json.dumps(document(**TRUST))


def test_a_key_that_stands_twice_in_a_document_is_refused() -> None:
    twice = '{"Version": "2012-10-17", "Version": "2012-10-17", "Statement": []}'
    with pytest.raises(SettingsError, match="stands twice"):
        read(role_template(AssumeRolePolicyDocumentTemplate=twice))


def test_a_version_never_changes_and_a_new_one_becomes_the_default() -> None:
    draft = Draft(World())
    put_template(draft, recorded_template("power"))
    put_template(draft, recorded_template("power"))
    with pytest.raises(SettingsError, match="give this one the `MinorVersion` 1"):
        put_template(draft, recorded_template("power", MaxSessionDuration=7200))
    with pytest.raises(SettingsError, match="default version 5 is not there"):
        put_template(draft, recorded_template("power", MinorVersion=1, DefaultMinorVersion=5))
    new = role_template(MinorVersion=1, MaxSessionDuration=7200)
    del new["RoleTemplateVersion"]["DefaultMinorVersion"]
    stored = put_template(draft, read(new))
    assert isinstance(stored, RoleTemplate)
    assert (stored.default_minor_version, [each.minor_version for each in stored.versions]) == (1, [0, 1])
    (only,) = all_templates(draft.world)
    assert only == stored


def test_a_template_and_each_version_can_be_switched() -> None:
    draft = Draft(World())
    put_template(draft, recorded_template("power"))
    put_template(draft, read(policy_template()))
    for arn in (POWER, SETUP):
        switch_template(draft, arn, is_enabled=False)
    assert [template.is_enabled for template in all_templates(draft.world)] == [False, False]
    switch_template(draft, POWER, is_enabled=False, minor_version=0)
    (role,) = (template for template in all_templates(draft.world) if isinstance(template, RoleTemplate))
    assert role.versions[0].is_enabled is False
    for arn, version in ((POWER, 1), (SETUP, 0), ("arn:aws:iam::aws:role-template/a/b:1", None)):
        with pytest.raises(SettingsError):
            switch_template(draft, arn, is_enabled=True, minor_version=version)


def test_a_policy_template_takes_the_place_of_the_one_before() -> None:
    draft = Draft(World())
    put_template(draft, read(policy_template()))
    put_template(draft, read(policy_template(ACCOUNT, "222222222222")))
    (only,) = all_templates(draft.world)
    assert isinstance(only, PolicyTemplate)
    assert only.requestor_accounts == (ACCOUNT, "222222222222")


@pytest.mark.parametrize("guide", ["role-templates.md", "delegation.md"])
def test_the_template_of_a_guide_can_be_registered(guide: str) -> None:
    page = (Path(__file__).parent.parent.parent / "docs" / "guides" / guide).read_text()
    (shown,) = re.findall(r"^\$ cat \w+\.json\n(.*?)^\$ rolecall template put", page, re.MULTILINE | re.DOTALL)
    assert read(json.loads(shown))
