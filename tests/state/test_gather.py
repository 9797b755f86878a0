"""What applies to a caller: policies and condition keys, gathered from the world as it is now."""

from __future__ import annotations

import json

import msgspec
import pytest

from rolecall.decision.principal import AssumedRole, FederatedUser, IamUser, RootUser
from rolecall.errors import InvalidClientTokenId
from rolecall.names.arn import AccountId
from rolecall.state.caller import Caller, caller_of_key, caller_of_session, still_calling
from rolecall.state.credentials import AccessKey
from rolecall.state.entities import Account, Entity, Group, InlinePolicy, ManagedPolicy, PolicyVersion, Role, Tag, User
from rolecall.state.gather import applicable_policies, principal_keys, principal_tags
from rolecall.state.policy_sets import managed_policy_text
from rolecall.state.session import Session, SessionKind
from rolecall.state.world import World

HERE = AccountId("111111111111")
NOW = 1_700_000_000


def policy(action: str) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]})


ATTACHED = ManagedPolicy(
    account=HERE,
    id="ANPAAAAAAAAAAAAAAAAAA",
    name="work",
    path="/teams/",
    created_at=1,
    updated_at=1,
    versions=(PolicyVersion("v1", policy("s3:Old"), 1), PolicyVersion("v2", policy("s3:New"), 2)),
    default_version_id="v2",
    next_version=3,
)
BOUNDARY = msgspec.structs.replace(ATTACHED, id="ANPABBBBBBBBBBBBBBBBB", name="limit")
GROUP = Group(
    account=HERE,
    id="AGPAAAAAAAAAAAAAAAAAA",
    name="staff",
    created_at=1,
    inline_policies=(InlinePolicy("from-group", policy("sqs:*")),),
)
USER = User(
    account=HERE,
    id="AIDAAAAAAAAAAAAAAAAAA",
    name="Ann",
    path="/eng/",
    created_at=1,
    tags=(Tag("Team", "storage"),),
    groups=(GROUP.id,),
    attached_policies=(str(ATTACHED.arn), "arn:aws:iam::aws:policy/IAMReadOnlyAccess"),
    inline_policies=(InlinePolicy("own", policy("sns:*")),),
    permissions_boundary=str(BOUNDARY.arn),
)
ROLE = Role(
    account=HERE,
    id="AROAAAAAAAAAAAAAAAAAA",
    name="deployer",
    path="/ci/",
    created_at=1,
    trust_policy="{}",
    tags=(Tag("Team", "role"), Tag("Env", "prod")),
)
KEY = AccessKey(account=HERE, access_key_id="AKIAAAAAAAAAAAAAAAAA", user_id=USER.id, sealed_secret=b"", created_at=1)
ROOT_KEY = AccessKey(account=HERE, access_key_id="AKIABBBBBBBBBBBBBBBB", sealed_secret=b"", created_at=1)


def world_of(*entities: Entity) -> World:
    world = World()
    for entity in entities:
        world = world.put(entity)
    return world


WORLD = world_of(Account(account=HERE, created_at=1), ATTACHED, BOUNDARY, GROUP, USER, ROLE, KEY, ROOT_KEY)


def session(kind: SessionKind, principal_id: str, **more: object) -> Session:
    return Session(
        kind=kind,
        account=HERE,
        principal_id=principal_id,
        access_key_id="ASIAAAAAAAAAAAAAAAAA",
        secret_access_key="secret",
        issued_at=NOW,
        expires_at=NOW + 3600,
        **more,  # type: ignore[arg-type]
    )


def test_a_user_has_its_own_policies_and_those_of_its_groups():
    found = applicable_policies(WORLD, caller_of_key(WORLD, KEY))
    assert [each.name for each in found.identity.policies] == [
        "own",
        str(ATTACHED.arn),
        "arn:aws:iam::aws:policy/IAMReadOnlyAccess",
        "from-group",
    ]
    assert found.permissions_boundary is not None
    assert [each.name for each in found.permissions_boundary.policies] == [str(BOUNDARY.arn)]
    assert found.session is None


def test_only_the_default_version_of_a_managed_policy_counts():
    assert managed_policy_text(WORLD, HERE, str(ATTACHED.arn)) == policy("s3:New")


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::111111111111:policy/work",
        "arn:aws:iam::222222222222:policy/teams/work",
        "arn:aws:iam::aws:policy/work",
        "arn:aws:iam::111111111111:policy/teams/Work",
    ],
    ids=["another path", "another account", "AWS's", "another case"],
)
def test_a_managed_policy_is_found_by_its_exact_arn_only(arn: str):
    assert managed_policy_text(WORLD, HERE, arn) is None


def test_root_has_no_policies():
    found = applicable_policies(WORLD, caller_of_key(WORLD, ROOT_KEY))
    assert found.identity.policies == ()
    assert found.permissions_boundary is None


def test_a_role_session_has_the_policies_its_role_has_now():
    role_session = session(SessionKind.ROLE, ROLE.id, name="s", policies=(policy("s3:*"),))
    changed = WORLD.put(msgspec.structs.replace(ROLE, inline_policies=(InlinePolicy("late", policy("s3:*")),)))
    caller = caller_of_session(changed, role_session)
    found = applicable_policies(changed, caller)
    assert [each.name for each in found.identity.policies] == ["late"]
    assert found.session is not None
    assert len(found.session.policies) == 1


@pytest.mark.parametrize(
    ("caller", "expected"),
    [
        (
            Caller(principal=RootUser(HERE), access_key_id=ROOT_KEY.key),
            {"aws:principalarn": f"arn:aws:iam::{HERE}:root", "aws:principaltype": "Account", "aws:userid": HERE},
        ),
        (
            caller_of_key(WORLD, KEY),
            {
                "aws:principalarn": f"arn:aws:iam::{HERE}:user/eng/Ann",
                "aws:principaltype": "User",
                "aws:userid": USER.id,
                "aws:username": "Ann",
                "aws:principaltag/team": "storage",
            },
        ),
        (
            caller_of_session(WORLD, session(SessionKind.ROLE, ROLE.id, name="s", tags=(Tag("team", "session"),))),
            {
                "aws:principalarn": f"arn:aws:iam::{HERE}:role/ci/deployer",
                "aws:principaltype": "AssumedRole",
                "aws:userid": f"{ROLE.id}:s",
                "aws:principaltag/team": "session",
                "aws:principaltag/env": "prod",
                "aws:tokenissuetime": "2023-11-14T22:13:20Z",
                "aws:multifactorauthpresent": "false",
            },
        ),
        (
            caller_of_session(WORLD, session(SessionKind.FEDERATED_USER, USER.id, name="fred", source_identity="me")),
            {
                "aws:principalarn": f"arn:aws:sts::{HERE}:federated-user/fred",
                "aws:principaltype": "FederatedUser",
                "aws:userid": f"{HERE}:fred",
                "aws:principaltag/team": "storage",
                "aws:sourceidentity": "me",
                "aws:tokenissuetime": "2023-11-14T22:13:20Z",
                "aws:multifactorauthpresent": "false",
            },
        ),
        (
            caller_of_session(WORLD, session(SessionKind.USER, USER.id, mfa_at=NOW - 60)),
            {
                "aws:principalarn": f"arn:aws:iam::{HERE}:user/eng/Ann",
                "aws:principaltype": "User",
                "aws:userid": USER.id,
                "aws:username": "Ann",
                "aws:principaltag/team": "storage",
                "aws:tokenissuetime": "2023-11-14T22:13:20Z",
                "aws:multifactorauthpresent": "true",
                "aws:multifactorauthage": "60",
            },
        ),
    ],
    ids=["root", "user", "role session", "federated user", "user session with MFA"],
)
def test_the_identity_keys_are_those_of_the_table(caller: Caller, expected: dict[str, str]):
    """Source: evaluation.md §12, policy-language.md §6."""
    everyone = {"aws:principalaccount": HERE, "aws:principalisawsservice": "false", "aws:viaawsservice": "false"}
    assert principal_keys(WORLD, caller, NOW) == {**everyone, **expected}


def test_a_session_tag_overrides_the_roles_tag_of_the_same_key_whatever_its_case():
    caller = caller_of_session(WORLD, session(SessionKind.ROLE, ROLE.id, name="s", tags=(Tag("TEAM", "session"),)))
    assert {(tag.key, tag.value) for tag in principal_tags(WORLD, caller)} == {("TEAM", "session"), ("Env", "prod")}


def test_principals_are_what_their_credentials_say():
    assert caller_of_key(WORLD, ROOT_KEY).principal == RootUser(HERE)
    assert isinstance(caller_of_key(WORLD, KEY).principal, IamUser)
    assert isinstance(caller_of_session(WORLD, session(SessionKind.ROLE, ROLE.id, name="s")).principal, AssumedRole)
    assert caller_of_session(WORLD, session(SessionKind.ROOT, "")).principal == RootUser(HERE)
    by_root = caller_of_session(WORLD, session(SessionKind.FEDERATED_USER, "", name="fred")).principal
    assert isinstance(by_root, FederatedUser)
    assert by_root.issuer == RootUser(HERE)


@pytest.mark.parametrize("kind", [SessionKind.USER, SessionKind.ROLE, SessionKind.FEDERATED_USER])
def test_a_session_of_somebody_who_is_gone_is_worth_nothing(kind: SessionKind):
    with pytest.raises(InvalidClientTokenId):
        caller_of_session(WORLD, session(kind, "AROAGONEGONEGONEGONEG", name="s"))


def test_credentials_that_end_while_a_write_waits_are_noticed():
    caller = caller_of_key(WORLD, KEY)
    assert still_calling(WORLD, caller) == caller
    for later in (
        WORLD.delete(KEY),
        WORLD.put(msgspec.structs.replace(KEY, is_active=False)),
        WORLD.delete(USER),
        WORLD.delete(Account(account=HERE, created_at=1)),
    ):
        with pytest.raises(InvalidClientTokenId):
            still_calling(later, caller)


def test_a_policy_that_is_attached_but_gone_stops_the_request_instead_of_being_skipped():
    broken = WORLD.delete(BOUNDARY)
    with pytest.raises(LookupError, match="attached but does not exist"):
        applicable_policies(broken, caller_of_key(broken, KEY))
