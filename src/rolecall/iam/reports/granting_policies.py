"""ListPoliciesGrantingServiceAccess: which policies of a user, group or role let it use a service.

What a policy lets be used is decided in `service_permissions`. Source: AWS's answers recorded in September 2026
(radkawar/stackd, testdata/aws/iam/last_access.json).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rolecall.catalog.services import is_service
from rolecall.errors import InvalidInput
from rolecall.iam.paging import page
from rolecall.iam.registry import operation
from rolecall.iam.reports.service_permissions import grants_service
from rolecall.iam.reports.sources import PermissionsPolicy, find_holder, on_report_source, policies_of
from rolecall.operations.registry import Answer
from rolecall.operations.transaction import Transaction


@operation("ListPoliciesGrantingServiceAccess", access=on_report_source, is_slow=True)
def list_policies_granting_service_access(
    tx: Transaction, *, arn: str, service_namespaces: Sequence[str], marker: str | None = None
) -> Answer:
    """List for each service the policies that let some of its actions be used, in the order that was asked for.

    A user's groups are looked at too, permissions boundaries never. Raises `InvalidInput` for a namespace that neither
    AWS has nor anybody of the account has used here.
    """
    holder = find_holder(tx, arn)
    _check_namespaces(tx, service_namespaces)
    policies = tuple(policies_of(tx.world, holder))
    asked = {namespace: number for number, namespace in enumerate(dict.fromkeys(service_namespaces))}
    return page(
        asked,
        order=lambda namespace: f"{asked[namespace]:03d}",
        member="PoliciesGrantingServiceAccess",
        render=lambda namespace: {"ServiceNamespace": namespace, "Policies": _granting(policies, namespace)},
        marker=marker,
    )


def _granting(policies: Iterable[PermissionsPolicy], namespace: str) -> list[dict[str, object]]:
    """The model's list: a managed policy once, however many ways lead to it."""
    found: dict[object, dict[str, object]] = {}
    for policy in sorted(policies, key=lambda policy: (policy.name, policy.arn or "", policy.holder.id)):
        key = policy.arn or (policy.holder.id, policy.name)
        if key not in found and grants_service(policy.document, namespace):
            found[key] = _policy_element(policy)
    return list(found.values())


def _policy_element(policy: PermissionsPolicy) -> dict[str, object]:
    if policy.arn is not None:
        return {"PolicyName": policy.name, "PolicyType": "MANAGED", "PolicyArn": policy.arn}
    return {
        "PolicyName": policy.name,
        "PolicyType": "INLINE",
        "EntityType": policy.holder.kind.upper(),
        "EntityName": policy.holder.name,
    }


def _check_namespaces(tx: Transaction, namespaces: Iterable[str]) -> None:
    unknown = [namespace for namespace in dict.fromkeys(namespaces) if not is_service(namespace)]
    if unknown:
        used = {use.service for use in tx.surroundings.uses.action_uses(tx.account)}
        unknown = [namespace for namespace in unknown if namespace not in used]
    if unknown:
        raise InvalidInput(f"Invalid service namespace: [{', '.join(unknown)}]")
