"""Trust policies hold ids and show ARNs (evaluation.md §6). Refusals: tests/cases/iam/refusals_trust_policies.json."""

from __future__ import annotations

import json
from urllib.parse import unquote

import pytest

from iam.harness import ACCOUNT, Iam, Server
from rolecall.errors import MalformedPolicyDocument
from rolecall.state.entities import Role, User

OTHER = "210987654321"
ANN = f"arn:aws:iam::{ACCOUNT}:user/ann"


def trust(principal: object) -> str:
    """A trust policy in the form that AWS gives them."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))


def make(iam: Iam, document: str, name: str = "ops") -> None:
    iam("CreateRole", role_name=name, assume_role_policy_document=document)


def shown(iam: Iam, name: str = "ops") -> str:
    return unquote(iam("GetRole", role_name=name)["Role"]["AssumeRolePolicyDocument"])


def stored(iam: Iam, name: str = "ops") -> str:
    role = iam.server.world.named(Role, iam.principal.account, name)
    assert role is not None
    return role.trust_policy


def user_id(iam: Iam, name: str) -> str:
    user = iam.server.world.named(User, iam.principal.account, name)
    assert user is not None
    return user.id


def test_a_user_is_stored_by_id_and_shown_by_arn(iam: Iam) -> None:
    iam("CreateUser", user_name="ann")
    make(iam, trust({"AWS": ANN}))
    assert stored(iam) == trust({"AWS": user_id(iam, "ann")})
    assert shown(iam) == trust({"AWS": ANN})


def test_a_role_of_another_account_is_stored_by_id_and_shown_by_arn(server: Server, iam: Iam) -> None:
    other = server.account(OTHER)
    other(
        "CreateRole", role_name="ci", path="/build/", assume_role_policy_document=trust({"Service": "x.amazonaws.com"})
    )
    arn = f"arn:aws:iam::{OTHER}:role/build/ci"
    root = f"arn:aws:iam::{ACCOUNT}:root"
    make(iam, trust({"AWS": [arn, root]}))
    assert arn not in stored(iam)
    assert shown(iam) == trust({"AWS": [arn, root]})


def test_a_renamed_user_is_shown_by_the_new_arn(iam: Iam) -> None:
    iam("CreateUser", user_name="ann")
    make(iam, trust({"AWS": ANN}))
    iam("UpdateUser", user_name="ann", new_user_name="anna")
    assert shown(iam) == trust({"AWS": ANN + "a"})


def test_trust_in_a_deleted_user_stays_with_the_id_and_does_not_pass_to_a_namesake(iam: Iam) -> None:
    iam("CreateUser", user_name="ann")
    old = user_id(iam, "ann")
    make(iam, trust({"AWS": ANN}))
    iam("DeleteUser", user_name="ann")
    iam("CreateUser", user_name="ann")
    assert stored(iam) == shown(iam) == trust({"AWS": old})


def test_a_shown_id_of_a_deleted_user_cannot_be_sent_back(iam: Iam) -> None:
    iam("CreateUser", user_name="ann")
    make(iam, trust({"AWS": ANN}))
    old = user_id(iam, "ann")
    iam("DeleteUser", user_name="ann")
    with pytest.raises(MalformedPolicyDocument) as caught:
        iam("UpdateAssumeRolePolicy", role_name="ops", policy_document=shown(iam))
    assert caught.value.message == f'Invalid principal in policy: "AWS":"{old}"'


def test_the_id_of_a_user_may_be_written_and_is_shown_as_its_arn(iam: Iam) -> None:
    iam("CreateUser", user_name="ann")
    make(iam, trust({"AWS": user_id(iam, "ann")}))
    assert shown(iam) == trust({"AWS": ANN})


def test_a_role_may_name_itself_once_it_is_there(iam: Iam) -> None:
    make(iam, trust({"AWS": ACCOUNT}))
    itself = trust({"AWS": f"arn:aws:iam::{ACCOUNT}:role/ops"})
    iam("UpdateAssumeRolePolicy", role_name="ops", policy_document=itself)
    assert shown(iam) == itself


def test_an_account_id_is_stored_as_the_arn_of_its_root(iam: Iam) -> None:
    make(iam, trust({"AWS": ACCOUNT}))
    assert stored(iam) == shown(iam) == trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"})


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": "*"},
        {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/web/session"},
        {"AWS": f"arn:aws:sts::{ACCOUNT}:federated-user/visitor"},
        {"Service": ["ec2.amazonaws.com", "pods.eks.amazonaws.com"]},
        {"Service": "no-such-service.amazonaws.com"},
        {"Federated": "accounts.google.com"},
    ],
)
def test_other_principals_are_stored_as_they_are_written(iam: Iam, principal: object) -> None:
    make(iam, trust({"Service": "ec2.amazonaws.com"}), "web")
    make(iam, trust(principal))
    assert stored(iam) == shown(iam) == trust(principal)


WRITTEN = (
    '{ "Statement": { "Principal": {"AWS" : ["\\u0061rn:aws:iam::123456789012:user/ann"]},'
    ' "Condition": {"Bool": {"aws:MultiFactorAuthPresent": [true]},'
    ' "NumericLessThan": {"aws:MultiFactorAuthAge": 1.50},'
    f' "StringNotEquals": {{"sts:ExternalId": ["{ANN}", "é"]}}}},'
    ' "Action":["sts:AssumeRole"], "Effect":"Allow", "Sid": ""},\n\t"Version":"2012-10-17" }'
)
NORMAL = (
    '{"Version":"2012-10-17","Statement":[{"Sid":"","Effect":"Allow",'
    f'"Principal":{{"AWS":"{ANN}"}},"Action":"sts:AssumeRole",'
    '"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"aws:MultiFactorAuthAge":"1.50"},'
    f'"StringNotEquals":{{"sts:ExternalId":["{ANN}","é"]}}}}}}]}}'
)


def test_a_new_role_shows_the_policy_as_it_was_written_and_every_other_answer_its_normal_form(iam: Iam) -> None:
    # radkawar/stackd, role_wire_aws.json and service_linked_roles_aws.json
    iam("CreateUser", user_name="ann")
    role = iam("CreateRole", role_name="ops", assume_role_policy_document=WRITTEN)["Role"]
    assert unquote(role["AssumeRolePolicyDocument"]) == WRITTEN
    (listed,) = iam("ListRoles")["Roles"]
    described = iam("UpdateRoleDescription", role_name="ops", description="d")["Role"]
    assert unquote(listed["AssumeRolePolicyDocument"]) == unquote(described["AssumeRolePolicyDocument"]) == shown(iam)
    assert shown(iam) == NORMAL
    # an ARN in a condition is no principal
    assert stored(iam) == NORMAL.replace(f'"AWS":"{ANN}"', f'"AWS":"{user_id(iam, "ann")}"')


def test_the_normal_form_is_its_own_normal_form(iam: Iam) -> None:
    iam("CreateUser", user_name="ann")
    make(iam, WRITTEN)
    iam("UpdateAssumeRolePolicy", role_name="ops", policy_document=shown(iam))
    assert shown(iam) == NORMAL


def test_documents_are_encoded_so_that_a_space_is_no_plus(iam: Iam) -> None:
    document = trust({"AWS": ACCOUNT}).replace('":', '": ')
    role = iam("CreateRole", role_name="ops", assume_role_policy_document=document)["Role"]
    encoded = role["AssumeRolePolicyDocument"]
    assert "%20" in encoded
    assert not set('+" {}:/') & set(encoded)
