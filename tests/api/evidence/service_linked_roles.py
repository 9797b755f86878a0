"""Evidence for service-linked roles."""

from __future__ import annotations

from api.evidence.families import Caller, ErrorCase, Family

TASK = "task/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS/00000000-0000-4000-8000-000000000000"


def tour(caller: Caller) -> None:
    role = caller.iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")["Role"]
    task = caller.iam.delete_service_linked_role(RoleName=role["RoleName"])["DeletionTaskId"]
    assert caller.iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"


def make_a_role_twice(caller: Caller) -> None:
    caller.iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")
    caller.iam.create_service_linked_role(AWSServiceName="ecs.amazonaws.com")


FAMILY = Family(
    operations=frozenset(
        {"CreateServiceLinkedRole", "DeleteServiceLinkedRole", "GetServiceLinkedRoleDeletionStatus"},
    ),
    tour=tour,
    errors=(
        ErrorCase("CreateServiceLinkedRole", "InvalidInput", make_a_role_twice),
        ErrorCase(
            "DeleteServiceLinkedRole",
            "NoSuchEntity",
            lambda caller: caller.iam.delete_service_linked_role(RoleName="none"),
        ),
        ErrorCase(
            "GetServiceLinkedRoleDeletionStatus",
            "NoSuchEntity",
            lambda caller: caller.iam.get_service_linked_role_deletion_status(DeletionTaskId=TASK),
        ),
        ErrorCase(
            "GetServiceLinkedRoleDeletionStatus",
            "InvalidInput",
            lambda caller: caller.iam.get_service_linked_role_deletion_status(DeletionTaskId="task"),
        ),
    ),
    unreachable={
        ("CreateServiceLinkedRole", "LimitExceeded"): "service-linked roles may exceed the quota of roles",
        ("CreateServiceLinkedRole", "NoSuchEntity"): "AWS answers AccessDenied for a service without such a role",
        ("DeleteServiceLinkedRole", "LimitExceeded"): "deletions end at once, so that none of them waits",
    },
)
