"""The table of service-linked roles against what AWS's managed policies say of them."""

from __future__ import annotations

import re

import pytest

from rolecall.catalog.managed_policies import aws_managed_policies
from rolecall.catalog.service_linked_roles import LinkedService, Source, find_linked_service, linked_services
from rolecall.wire.model import load_service

ROLE = re.compile(r":role/aws-service-role/([\w.-]+)/([\w+=,.@-]+)\"")
OTHER_ROLES = {
    # Policies that name a role of the parent under the principal of a part.
    ("maintenance.elasticbeanstalk.amazonaws.com", "AWSServiceRoleForElasticBeanstalk"),
    ("managedupdates.elasticbeanstalk.amazonaws.com", "AWSServiceRoleForElasticBeanstalk"),
    ("redshift-data.amazonaws.com", "AWSServiceRoleForRedshift"),
}
EVERY_SERVICE = pytest.mark.parametrize("service", linked_services().values(), ids=lambda service: service.principal)


def roles_in_policies() -> set[tuple[str, str]]:
    """(principal, name) of every role that a policy of AWS names without a wildcard."""
    policies = aws_managed_policies().values()
    return {pair for policy in policies for pair in ROLE.findall(policy.document)} - OTHER_ROLES


def test_the_table_has_every_role_that_a_policy_names() -> None:
    assert {(one.principal, one.role_name) for one in linked_services().values()} >= roles_in_policies()


def test_what_is_said_to_be_in_policies_is_there() -> None:
    said = [one for one in linked_services().values() if one.source is Source.POLICIES]
    assert said
    assert {(one.principal, one.role_name) for one in said} <= roles_in_policies()


@EVERY_SERVICE
def test_a_role_has_a_policy_that_exists_and_that_nothing_else_can_have(service: LinkedService) -> None:
    assert not aws_managed_policies()[service.policy_arn].is_attachable


@EVERY_SERVICE
def test_names_are_as_the_model_wants_them(service: LinkedService) -> None:
    model = load_service("iam").operations
    members = {member.name: member.shape for member in model["CreateServiceLinkedRole"].input.members}
    assert re.fullmatch(r"[a-z0-9.-]+\.amazonaws\.com", service.principal)
    assert len(service.principal) <= members["AWSServiceName"].maximum
    assert re.fullmatch(r"AWSServiceRoleFor[\w-]+", service.role_name)
    assert len(service.role_name) <= 64


def test_no_two_services_share_a_role_name_or_a_policy() -> None:
    services = linked_services().values()
    assert len({service.role_name for service in services}) == len(services)
    assert len({service.policy_arn for service in services}) == len(services)


@pytest.mark.parametrize("principal", ["nothing.amazonaws.com", "AutoScaling.amazonaws.com", "autoscaling", ""])
def test_other_principals_have_no_role(principal: str) -> None:
    assert find_linked_service(principal) is None


def test_a_suffix_is_taken_only_where_it_was_seen() -> None:
    taking = {service.principal for service in linked_services().values() if service.takes_suffix}
    assert taking == {"autoscaling.amazonaws.com", "connect.amazonaws.com", "lexv2.amazonaws.com"}
