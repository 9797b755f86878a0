"""Which permission an IAM operation needs: its action on its real resource, with the condition keys of both.

Each function here is an `Access` (see `rolecall.operations.registry`): most operations name one of `on_user`,
`on_role`, …; the few that need more than one permission combine them with `all_of`. Which keys an action supports
comes from the catalog, so a key is never offered where AWS does not offer it. Source: policy-language.md §7.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from rolecall.catalog.actions import find_action
from rolecall.decision.principal import IamUser
from rolecall.decision.request import ContextValues
from rolecall.errors import ApiError, InvalidArn
from rolecall.iam.find import find_by_arn
from rolecall.iam.identity_providers.oidc_urls import provider_name
from rolecall.names.arn import AccountId, Arn, iam_arn, is_account_id, parse_arn
from rolecall.names.case import lower_name
from rolecall.operations.access import AccessCheck
from rolecall.operations.registry import Access, Parameters
from rolecall.operations.transaction import Transaction
from rolecall.state.credentials import AccessKey, MfaDevice
from rolecall.state.entities import Group, InstanceProfile, ManagedPolicy, NamedEntity, Role, Tag, User
from rolecall.state.providers import OidcProvider, SamlProvider, ServerCertificate

EC2 = "ec2.amazonaws.com"

NOUNS: dict[type[NamedEntity], str] = {
    User: "user",
    Group: "group",
    Role: "role",
    ManagedPolicy: "policy",
    InstanceProfile: "instance profile",
    ServerCertificate: "server certificate",
}
"""What denials call an entity that is asked for by its name: `on resource: role ops`. New entities, but for policies,
and those that are asked for by their ARN are shown by that. Source: AWS's answers quoted in public repositories;
`access key` and `server certificate` are guesses."""

TAG_ACTIONS: dict[type[NamedEntity], str] = {
    User: "iam:TagUser",
    Role: "iam:TagRole",
    ManagedPolicy: "iam:TagPolicy",
    InstanceProfile: "iam:TagInstanceProfile",
    ServerCertificate: "iam:TagServerCertificate",
    MfaDevice: "iam:TagMFADevice",
    OidcProvider: "iam:TagOpenIDConnectProvider",
    SamlProvider: "iam:TagSAMLProvider",
}
"""What else it takes to make an entity with tags: who may not tag may not choose tags either.

Seen at AWS for roles (openshift/installer issue 1073: CreateRole denied for want of `iam:TagRole`); the others follow.
"""


def on_list(kind: type[NamedEntity]) -> Access:
    """An action that lists a kind of entity under `PathPrefix`.

    AWS documents that only a statement on `*` covers it, yet its denials show the ARN of the path. So both are asked:
    nothing but `*` allows a list, and a Deny on the path stops it.
    """

    def on_path(tx: Transaction, action: str, parameters: Parameters) -> Iterator[AccessCheck]:
        prefix = parameters.get("path_prefix") or "/"
        path = iam_arn(tx.account, kind.arn_kind, prefix, "")
        shown = f"policy path {prefix}" if kind is ManagedPolicy else str(path)
        for resource in (None, path):
            yield _check(tx, action, parameters, resource, None, shown)

    return on_path


def on_all(kind: type[NamedEntity]) -> Access:
    """An action that lists all entities of a kind that has no paths: as `on_list`.

    AWS's denials show `arn:aws:iam::…:oidc-provider/*` (seen in a public log of ListOpenIDConnectProviders).
    """

    def on_every(tx: Transaction, action: str, parameters: Parameters) -> Iterator[AccessCheck]:
        every = iam_arn(tx.account, kind.arn_kind, "/", "*")
        for resource in (None, every):
            yield _check(tx, action, parameters, resource, None, str(every))

    return on_every


def on_user(tx: Transaction, action: str, parameters: Parameters) -> Iterator[AccessCheck]:
    """On the user named by `UserName`, or the caller's own where none is named."""
    name = parameters.get("user_name")
    if name is None:
        name = tx.principal.name if isinstance(tx.principal, IamUser) else ""
    if name:
        yield _on_named(tx, action, parameters, User, name)
    else:
        # Root and role sessions have no user of their own: the operation itself answers for them or refuses.
        yield _check(tx, action, parameters, tx.principal.arn, None)


def on_named(kind: type[NamedEntity], *, parameter: str) -> Access:
    """On the entity of a kind whose name is in `parameter`."""

    def on_stored_arn(tx: Transaction, action: str, parameters: Parameters) -> Iterator[AccessCheck]:
        yield _on_named(tx, action, parameters, kind, parameters[parameter])

    return on_stored_arn


on_group = on_named(Group, parameter="group_name")
on_role = on_named(Role, parameter="role_name")
on_instance_profile = on_named(InstanceProfile, parameter="instance_profile_name")
on_server_certificate = on_named(ServerCertificate, parameter="server_certificate_name")


def on_arn(kind: type[NamedEntity], *, parameter: str) -> Access:
    """On the entity of a kind whose ARN is in `parameter`, whether there is one or not."""

    def on_given_arn(tx: Transaction, action: str, parameters: Parameters) -> Iterator[AccessCheck]:
        text = parameters[parameter]
        try:
            arn = parse_arn(text)
        except InvalidArn:
            # The operation refuses the ARN in its own words; nothing but `*` covers it.
            yield _check(tx, action, parameters, None, None, text)
            return
        yield _check(tx, action, parameters, arn, find_by_arn(tx, kind, text))

    return on_given_arn


on_oidc_provider = on_arn(OidcProvider, parameter="open_id_connect_provider_arn")
on_saml_provider = on_arn(SamlProvider, parameter="saml_provider_arn")
on_mfa_device = on_arn(MfaDevice, parameter="serial_number")


def on_new(kind: type[NamedEntity], *, name: str) -> Access:
    """On the entity of a kind that is to be made with `Path` and the name in the parameter `name`, tags included.

    What stands under that name already plays no part: its path and tags are none of the caller's business.
    """

    def on_future_arn(tx: Transaction, action: str, parameters: Parameters) -> Iterator[AccessCheck]:
        arn = iam_arn(tx.account, kind.arn_kind, parameters.get("path") or "/", parameters[name])
        shown = _shown(kind, parameters[name]) if kind is ManagedPolicy else None
        yield from _on_future(tx, action, parameters, kind, arn, shown)

    return on_future_arn


def on_new_oidc_provider(tx: Transaction, action: str, parameters: Parameters) -> Iterator[AccessCheck]:
    """On the OpenID Connect provider that is to be made for `Url`, tags included."""
    try:
        name = provider_name(parameters["url"])
    except ApiError:
        # The operation refuses the URL in its own words; nothing but `*` covers it.
        yield _check(tx, action, parameters, None, None, parameters["url"])
        return
    arn = iam_arn(tx.account, OidcProvider.arn_kind, "/", name)
    yield from _on_future(tx, action, parameters, OidcProvider, arn, None)


on_new_policy = on_new(ManagedPolicy, name="policy_name")


def on_policy(tx: Transaction, action: str, parameters: Parameters) -> Iterator[AccessCheck]:
    """On the managed policy named by `PolicyArn`. AWS's own policies count as the caller's account's."""
    text = parameters["policy_arn"]
    shown = _shown(ManagedPolicy, text)
    try:
        arn = parse_arn(text)
    except InvalidArn:
        # The operation refuses the ARN in its own words; nothing but `*` covers it.
        yield _check(tx, action, parameters, None, None, shown)
        return
    yield _check(tx, action, parameters, arn, find_by_arn(tx, ManagedPolicy, text), shown)


def on_renamed(kind: type[NamedEntity], *, name: str, new_name: str) -> Access:
    """On an entity as it is called and as it will be: AWS wants permission for both (UpdateUser's documentation).

    Parameters: `name` and `new_name`, the parameters that hold the names; `NewPath` holds the path everywhere. What is
    not changed stays as it is stored. The entity keeps its tags, so they count under the new ARN as well.
    """

    def on_both(tx: Transaction, action: str, parameters: Parameters) -> Iterator[AccessCheck]:
        before = _on_named(tx, action, parameters, kind, parameters[name])
        yield before
        entity = tx.world.named(kind, tx.account, parameters[name])
        if entity is None:
            return  # the operation answers that there is none
        path, called = parameters.get("new_path") or entity.path, parameters.get(new_name) or entity.name
        after = iam_arn(tx.account, kind.arn_kind, path, called)
        if after != before.resource:
            shown = _shown(kind, parameters.get(new_name) or parameters[name])
            yield _check(tx, action, parameters, after, entity, shown)

    return on_both


def on_access_key(tx: Transaction, action: str, parameters: Parameters) -> Iterator[AccessCheck]:
    """On the user whose access key `AccessKeyId` names."""
    key = tx.world.get(AccessKey, parameters["access_key_id"])
    user = tx.world.get(User, key.user_id or "") if key is not None and key.account == tx.account else None
    # Keys of root, of other accounts and of nobody look the same to those who may not ask: only `*` covers them.
    shown = f"access key {parameters['access_key_id']}"
    yield _check(tx, action, parameters, user.arn if user is not None else None, user, shown)


def pass_role(tx: Transaction, action: str, parameters: Parameters) -> Iterator[AccessCheck]:  # noqa: ARG001 - an Access
    """`iam:PassRole` on the role named by `RoleName`, for EC2: what an instance profile is for.

    A denial shows an ARN, as AWS does for PassRole, but the one that the caller's own words make.
    """
    name = parameters["role_name"]
    check = _on_named(tx, "iam:PassRole", {}, Role, name)
    yield replace(
        check,
        shown_resource=str(iam_arn(tx.account, Role.arn_kind, "/", name)),
        context={**check.context, "iam:passedtoservice": EC2},
    )


def all_of(*accesses: Access) -> Access:
    """All the permissions that each of `accesses` asks for."""

    def every(tx: Transaction, action: str, parameters: Parameters) -> Iterable[AccessCheck]:
        return (check for access in accesses for check in access(tx, action, parameters))

    return every


def _on_future(
    tx: Transaction, action: str, parameters: Parameters, kind: type[NamedEntity], arn: Arn, shown: str | None
) -> Iterator[AccessCheck]:
    yield _check(tx, action, parameters, arn, None, shown)
    if parameters.get("tags"):
        yield _check(tx, TAG_ACTIONS[kind], parameters, arn, None, shown)


def _on_named(tx: Transaction, action: str, parameters: Parameters, kind: type[NamedEntity], name: str) -> AccessCheck:
    """On an entity as it is stored; on the ARN it would have without a path where there is none of that name."""
    entity = tx.world.named(kind, tx.account, name)
    arn = entity.arn if entity is not None else iam_arn(tx.account, kind.arn_kind, "/", name)
    return _check(tx, action, parameters, arn, entity, _shown(kind, name))


def _shown(kind: type[NamedEntity], name: str) -> str:
    return f"{NOUNS[kind]} {name}"


def _check(
    tx: Transaction,
    action: str,
    parameters: Parameters,
    resource: Arn | None,
    entity: NamedEntity | None,
    shown: str | None = None,
) -> AccessCheck:
    owner = resource.account if resource is not None else ""
    keys = {**_request_keys(parameters), **entity_keys(entity)}
    if "permissions_boundary" in parameters:
        keys["iam:permissionsboundary"] = parameters["permissions_boundary"]
    return AccessCheck(
        action=action,
        resource=resource,
        shown_resource=shown,
        resource_account=resource_account(tx, owner),
        context=supported(action, keys),
    )


def resource_account(tx: Transaction, owner: str) -> AccountId:
    """The account that owns a resource, by its ARN; the caller's own for AWS's managed policies."""
    return AccountId(owner) if is_account_id(owner) else tx.account


def request_tag_keys(tags: Iterable[tuple[str, str]]) -> dict[str, ContextValues]:
    """`aws:RequestTag/…` and `aws:TagKeys` for tags (key, value) that a request carries."""
    pairs = tuple(tags)
    keys: dict[str, ContextValues] = {f"aws:requesttag/{lower_name(key)}": value for key, value in pairs}
    keys["aws:tagkeys"] = tuple(key for key, _ in pairs)
    return keys


def resource_tag_keys(tags: Iterable[Tag]) -> dict[str, ContextValues]:
    """`aws:ResourceTag/…` and `iam:ResourceTag/…` for the tags that a resource has."""
    return {f"{prefix}:resourcetag/{lower_name(tag.key)}": tag.value for tag in tags for prefix in ("aws", "iam")}


def _request_keys(parameters: Parameters) -> dict[str, ContextValues]:
    keys: dict[str, ContextValues] = {}
    if parameters.get("tags"):
        keys.update(request_tag_keys((tag["key"], tag["value"]) for tag in parameters["tags"]))
    if parameters.get("tag_keys"):
        keys["aws:tagkeys"] = tuple(parameters["tag_keys"])
    if "policy_arn" in parameters:
        keys["iam:policyarn"] = parameters["policy_arn"]
    return keys


def entity_keys(entity: NamedEntity | None) -> dict[str, ContextValues]:
    """The condition keys that tell of an entity; those of them that an action has are `supported`."""
    if entity is None:
        return {}
    keys = resource_tag_keys(entity.tags)
    if isinstance(entity, User | Role) and entity.permissions_boundary is not None:
        keys["iam:permissionsboundary"] = entity.permissions_boundary
    return keys


def supported(action: str, keys: Mapping[str, ContextValues]) -> dict[str, ContextValues]:
    """Those of `keys` that AWS offers for `action`."""
    known = find_action(action)
    return {key: value for key, value in keys.items() if known is not None and known.supports(key)}
