"""What would enforcement answer? A question about a principal of a data directory, put as a real call would put it.

The keys and policies are those that `rolecall.server.enforcement` gathers, so the answer is the one that a call gets.
Nothing is decided here, and nobody is authenticated.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec.structs import replace

from rolecall.decision.evaluate import evaluate
from rolecall.decision.policies import ApplicablePolicies
from rolecall.decision.principal import RootUser
from rolecall.decision.request import AuthorizationRequest, ContextValues, is_trusted_role
from rolecall.decision.result import EvaluationResult
from rolecall.errors import AccessDenied, NoSuchEntity
from rolecall.iam.access import entity_keys, resource_tag_keys, supported
from rolecall.names.arn import AccountId, iam_arn
from rolecall.questions.requests import read_request, read_resource
from rolecall.server.enforcement import request_keys
from rolecall.server.exchange import Exchange
from rolecall.state.caller import Caller
from rolecall.state.callers_by_arn import SESSION_NAME
from rolecall.state.entities import Group, InstanceProfile, ManagedPolicy, NamedEntity, Role, User
from rolecall.state.gather import applicable_policies, principal_keys
from rolecall.state.policy_sets import trust_policy_set
from rolecall.state.world import World
from rolecall.sts.assume_role import TRUSTS_NOBODY
from rolecall.wire.sigv4 import HttpRequest

REGION = "us-east-1"
LOOPBACK = "127.0.0.1"

_KINDS: Mapping[str, type[NamedEntity]] = {
    kind.arn_kind: kind for kind in (User, Group, Role, ManagedPolicy, InstanceProfile)
}

_ASSUMING = frozenset({"sts:assumerole", "sts:tagsession", "sts:setsourceidentity"})
"""What AssumeRole checks; each such call names a session, and the role's tags count (`sts.assume_role.may_assume`)."""

_MAKING = frozenset(
    {"iam:createuser", "iam:creategroup", "iam:createrole", "iam:createpolicy", "iam:createinstanceprofile"}
)
"""Actions on what is to be made: what stands under the name already plays no part (`iam.access.on_new`)."""

_LISTING: Mapping[str, type[NamedEntity]] = {
    "iam:listusers": User,
    "iam:listgroups": Group,
    "iam:listroles": Role,
    "iam:listpolicies": ManagedPolicy,
    "iam:listinstanceprofiles": InstanceProfile,
}
"""Actions that `iam.access.on_list` checks twice: only `*` allows them, but a Deny on their path counts."""


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """Under which circumstances the call would come.

    Parameters
    ----------
    now: seconds since the epoch.
    given: condition keys (names in lower case) that replace or join those that a call would have.
    without: condition keys, in lower case, that the call is not to have.
    """

    now: int
    given: Mapping[str, ContextValues] = {}
    without: frozenset[str] = frozenset()


def ask(
    world: World, caller: Caller, action: str, resource: str, circumstances: Circumstances
) -> tuple[AuthorizationRequest, EvaluationResult]:
    """What a call by `caller` would be answered, with near misses, and the request that decided it.

    Parameters: `action`, `service:Name`; `resource`, an ARN, or `*` for no particular one. An action without
    resource-level support has none, whatever is given.

    Raises `QuestionError` for what is no action or no ARN; `AccessDenied` for what no policy can allow; `NoSuchEntity`
    for an IAM resource whose name belongs to another ARN: an answer about what does not exist would mislead.
    """
    asked = read_request({"principal": str(caller.principal.arn), "action": action, "resource": resource})
    if action.lower() == "sts:assumerole" and isinstance(caller.principal, RootUser):
        raise AccessDenied("Roles may not be assumed by root accounts.")
    asked = replace(
        asked,
        principal=caller.principal,
        resource_account=asked.resource_account or caller.principal.account,
        context={**principal_keys(world, caller, circumstances.now), **default_request_keys(circumstances.now)},
    )
    answer = _answer(world, caller, asked, circumstances)
    listed = _LISTING.get(action.lower())
    if listed is None or not answer[1].is_allowed:
        return answer
    path = read_resource({"resource": resource}, "request")
    path = path or iam_arn(caller.principal.account, listed.arn_kind, "/", "")
    return _answer(world, caller, replace(asked, resource=path), circumstances)


def default_request_keys(now: int, *, client_ip: str = LOOPBACK, is_secure: bool = False) -> dict[str, ContextValues]:
    """The keys of a call's transport: those of a plain call to a server on this machine, unless said otherwise.

    Parameters: `now`, in seconds since the epoch.
    """
    request = HttpRequest(method="POST", raw_path="/", raw_query="", headers=(), body=b"")
    return request_keys(
        Exchange(request_id="", now=now, client_ip=client_ip, is_secure=is_secure, request=request, region=REGION)
    )


def _answer(
    world: World, caller: Caller, asked: AuthorizationRequest, circumstances: Circumstances
) -> tuple[AuthorizationRequest, EvaluationResult]:
    entity = _entity(world, asked)
    context = {
        **asked.context,
        "aws:resourceaccount": asked.resource_account or caller.principal.account,
        **_resource_keys(asked.action, entity),
        **circumstances.given,
    }
    request = replace(asked, context={key: value for key, value in context.items() if key not in circumstances.without})
    return request, evaluate(request, _policies(world, caller, request, entity), traced=True)


def _policies(
    world: World, caller: Caller, request: AuthorizationRequest, entity: NamedEntity | None
) -> ApplicablePolicies:
    policies = applicable_policies(world, caller)
    if is_trusted_role(request.action, request.resource):
        trust = trust_policy_set(entity) if isinstance(entity, Role) else TRUSTS_NOBODY
        return replace(policies, resource=trust)
    return policies


def _entity(world: World, asked: AuthorizationRequest) -> NamedEntity | None:
    """The IAM entity that is acted on; None for other resources, and where there is none of that name."""
    resource, action = asked.resource, asked.action.lower()
    kind = _KINDS.get(resource.resource_type) if resource is not None and resource.service == "iam" else None
    if resource is None or kind is None or action in _MAKING or action in _LISTING:
        return None
    entity = world.named(kind, AccountId(resource.account), resource.resource_name)
    if entity is not None and entity.arn != resource:
        raise NoSuchEntity(f"there is no `{resource}` here: what has that name is `{entity.arn}`")
    return entity


def _resource_keys(action: str, entity: NamedEntity | None) -> dict[str, ContextValues]:
    """The condition keys of an IAM entity, as the operation behind the action offers them."""
    if action.lower() in _ASSUMING:
        return {**resource_tag_keys(() if entity is None else entity.tags), "sts:rolesessionname": SESSION_NAME}
    return supported(action, entity_keys(entity))
