"""Service-linked roles: made for a service of AWS, with the name, trust and policy that it wants; deleted by task.

What may be changed of one is in `protected`; which services have one is the catalog's. Nothing on a self-hosted server
works with such a role but what `_USES` names, so a deletion is over before it is answered. Its task stays readable.

Answers and messages are AWS's as recorded by radkawar/stackd (in `internal/services/iam/testdata`, the files
`service_linked_*_aws.json`) unless marked as a guess. Source of the rest: identities.md §9.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

import msgspec

from rolecall.catalog.service_linked_roles import PATH, LinkedService, find_linked_service
from rolecall.errors import AccessDenied, InvalidInput, NoSuchEntity
from rolecall.iam.access import entity_keys, on_role, supported
from rolecall.iam.answers_of_roles import role_in_profile
from rolecall.iam.documents import encode_document
from rolecall.iam.find import find_account, find_role
from rolecall.iam.protected import is_service_linked
from rolecall.iam.registry import operation
from rolecall.names.arn import Arn, iam_arn
from rolecall.names.ids import IdPrefix
from rolecall.operations.access import AccessCheck
from rolecall.operations.registry import Answer, Parameters
from rolecall.operations.transaction import Transaction
from rolecall.state.deletion_tasks import DeletionTask
from rolecall.state.entities import Role

ROLE_MANAGER = "role-manager.iam.amazonaws.com"
ROLE_MANAGER_PROPERTY = ("RoleManager/Enabled", "true")
"""The account property under which the role manager works with its role (`rolecall.iam.account_properties`)."""

ORGANIZATIONS = "organizations.amazonaws.com"

KEPT_FOR = 30 * 24 * 60 * 60
"""For how many seconds the status of a deletion can be read. Our choice: AWS does not say."""

MOST_KEPT = 1000
"""Of how many deletions an account can read the status at most."""

LONGEST_NAME = 64
"""Letters of a role's name, as the API model has it."""

_TASK_ID = re.compile(
    r"task/aws-service-role/([\w.-]+)/([\w+=,.@-]+)/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    re.ASCII,
)


class _Use(msgspec.Struct, frozen=True):
    """Why a role cannot be deleted: a sentence, and the ARNs of what uses it."""

    reason: str
    used_by: tuple[str, ...] = ()


def create_access(tx: Transaction, action: str, parameters: Parameters) -> tuple[AccessCheck]:
    """The permission to make a service's role: on the role as it will be, with `iam:AWSServiceName`.

    A service without such a role has none to be on: what is asked for then is the folder that it would stand in.
    """
    principal = parameters["aws_service_name"]
    service = find_linked_service(principal)
    name = _role_name(service, parameters.get("custom_suffix")) if service is not None else ""
    return (link_check(tx, action, principal, name),)


def link_check(tx: Transaction, action: str, principal: str, role_name: str) -> AccessCheck:
    """The permission to make the service-linked role `role_name` of the service `principal`."""
    return AccessCheck(
        action=action,
        resource=iam_arn(tx.account, Role.arn_kind, f"{PATH}{principal}/", role_name),
        resource_account=tx.account,
        context=supported(action, {"iam:awsservicename": principal}),
    )


def on_task(tx: Transaction, action: str, parameters: Parameters) -> Iterator[AccessCheck]:
    """On the role that a deletion task names, be it there or not. A malformed task id is covered by `*` alone."""
    arn = _role_arn(tx, parameters["deletion_task_id"])
    role = tx.world.named(Role, tx.account, arn.resource_name) if arn is not None else None
    yield AccessCheck(
        action=action,
        resource=arn,
        shown_resource=parameters["deletion_task_id"] if arn is None else None,
        resource_account=tx.account,
        context=supported(action, entity_keys(role if role is not None and role.arn == arn else None)),
    )


@operation(
    "CreateServiceLinkedRole",
    access=create_access,
    writes=True,
    differs="The services are those of a table; nobody assumes the role, for the service does not exist here.",
)
def create_service_linked_role(
    tx: Transaction, *, aws_service_name: str, description: str = "", custom_suffix: str | None = None
) -> Answer:
    """Make the role of a service.

    Raises `InvalidInput` for a suffix that the service does not take and for a name that is taken, and `AccessDenied`
    for a service that has no such role (AWS's surprising code for it, quoted in two public repositories).
    """
    service = find_linked_service(aws_service_name)
    if service is None:
        raise AccessDenied(f"Cannot find Service Linked Role template for {aws_service_name}")
    if custom_suffix is not None and not service.takes_suffix:
        raise InvalidInput(f"Custom suffix is not allowed for {aws_service_name}")
    return {"Role": _created(tx, link_role(tx, service, description=description, suffix=custom_suffix))}


def link_role(tx: Transaction, service: LinkedService, *, description: str = "", suffix: str | None = None) -> Role:
    """Make the role of `service` and give it. It may exceed the quota of roles (IAM user guide, "Create a
    service-linked role"), and counts towards it.

    Raises `InvalidInput` if the name is taken or too long.
    """
    name = _role_name(service, suffix)
    if len(name) > LONGEST_NAME:
        # A guess: no other operation could name such a role.
        raise InvalidInput(f"Service role name {name} is too long, please try a shorter suffix.")
    if tx.world.named(Role, tx.account, name) is not None:
        raise InvalidInput(f"Service role name {name} has been taken in this account, please try a different suffix.")
    role = Role(
        account=tx.account,
        id=tx.new_id(IdPrefix.ROLE),
        name=name,
        path=service.path,
        created_at=tx.now,
        attached_policies=(service.policy_arn,),
        trust_policy=_trust(service.principal, "sts:AssumeRole"),
        description=description,
    )
    tx.put(role)
    return role


@operation(
    "DeleteServiceLinkedRole",
    access=on_role,
    writes=True,
    differs="The deletion is over when the call is answered; no service is asked whether it still needs the role.",
)
def delete_service_linked_role(tx: Transaction, *, role_name: str) -> Answer:
    """Delete a service-linked role, unless something uses it; the task tells which. Its sessions end.

    Raises `NoSuchEntity` for any other role.
    """
    role = find_role(tx, role_name)
    if not is_service_linked(role):
        raise NoSuchEntity(f"{role_name} exists but is not a service role.")
    principal = role.path.removeprefix(PATH).removesuffix("/")
    use = _USES[principal](tx) if principal in _USES else None
    if use is None:
        tx.delete(role)
    _forget_old_tasks(tx)
    unique = uuid.UUID(int=tx.surroundings.randbits(128), version=4)
    task = DeletionTask(
        account=tx.account,
        id=f"task{role.path}{role.name}/{unique}",
        ended_at=tx.now,
        failure=use.reason if use is not None else "",
        used_by=use.used_by if use is not None else (),
    )
    tx.put(task)
    return {"DeletionTaskId": task.id}


@operation("GetServiceLinkedRoleDeletionStatus", access=on_task)
def get_service_linked_role_deletion_status(tx: Transaction, *, deletion_task_id: str) -> Answer:
    """Tell how a deletion ended.

    Raises `InvalidInput` for what is no task id, `NoSuchEntity` for one that is no task of this account.
    """
    if _role_arn(tx, deletion_task_id) is None:
        raise InvalidInput("Invalid task id")
    task = tx.world.get(DeletionTask, deletion_task_id)
    if task is None or task.account != tx.account or _is_old(tx, task):
        raise NoSuchEntity("Cannot find deletion status for given id.")
    if not task.failure:
        return {"Status": "SUCCEEDED"}
    usage = [{"Region": tx.region, "Resources": list(task.used_by)}] if task.used_by else []
    return {"Status": "FAILED", "Reason": {"Reason": task.failure, "RoleUsageList": usage}}


def _role_name(service: LinkedService, suffix: str | None) -> str:
    return service.role_name if suffix is None else f"{service.role_name}_{suffix}"


def _trust(principal: object, action: object) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": principal}, "Action": action}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, separators=(",", ":"))


def _created(tx: Transaction, role: Role) -> Mapping[str, object]:
    """A role as CreateServiceLinkedRole shows it: without its description, and with lists in its trust policy where
    every later answer has single values (AWS does so)."""
    principal = role.path.removeprefix(PATH).removesuffix("/")
    document = encode_document(_trust([principal], ["sts:AssumeRole"]))
    return {**role_in_profile(tx, role), "AssumeRolePolicyDocument": document}


def _role_arn(tx: Transaction, task_id: str) -> Arn | None:
    """The ARN of the role that a task is about; None if the task id is malformed."""
    match = _TASK_ID.fullmatch(task_id)
    return iam_arn(tx.account, Role.arn_kind, f"{PATH}{match[1]}/", match[2]) if match is not None else None


def _is_old(tx: Transaction, task: DeletionTask) -> bool:
    return tx.now - task.ended_at > KEPT_FOR


def _forget_old_tasks(tx: Transaction) -> None:
    """Make room for one more: forget the tasks that nobody can read any more, and the oldest where there are many."""
    tasks = sorted(tx.world.owned(DeletionTask, tx.account), key=lambda task: task.ended_at, reverse=True)
    for number, task in enumerate(tasks, 2):
        if number > MOST_KEPT or _is_old(tx, task):
            tx.delete(task)


def _use_by_role_manager(tx: Transaction) -> _Use | None:
    # The words are a guess; that the role manager holds on to its role while it is on is one too.
    if ROLE_MANAGER_PROPERTY not in find_account(tx).properties:
        return None
    return _Use("The role manager is enabled in this account. Disable it before you delete its role.")


def _use_by_organization(tx: Transaction) -> _Use | None:
    # That the role stays as long as the account is in an organization is AWS's rule (Organizations user guide, "Using
    # service-linked roles"); the words are a guess.
    organization = tx.world.organization_of(tx.account)
    if organization is None:
        return None
    return _Use("The account belongs to an organization, which uses the role.", (str(organization.arn),))


_USES: Mapping[str, Callable[[Transaction], _Use | None]] = MappingProxyType(
    {ROLE_MANAGER: _use_by_role_manager, ORGANIZATIONS: _use_by_organization}
)
"""Which services still need their role, and how to find that out."""
