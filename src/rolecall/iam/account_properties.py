"""Account properties: settings of IAM's features for a whole account. There is one, whether the role manager is on.

Messages and rules are AWS's, as recorded by radkawar/stackd (`testdata/aws/iam/account_properties*.json`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from rolecall.catalog.service_linked_roles import LinkedService, linked_services
from rolecall.errors import InvalidInput
from rolecall.iam.access import supported
from rolecall.iam.find import find_account
from rolecall.iam.registry import operation
from rolecall.iam.service_linked_roles import ROLE_MANAGER, ROLE_MANAGER_PROPERTY, link_check, link_role
from rolecall.operations.access import AccessCheck
from rolecall.operations.registry import Answer, Parameters
from rolecall.operations.transaction import Transaction
from rolecall.state.entities import Role

NAMESPACE = "RoleManager"
DEFAULTS = {ROLE_MANAGER_PROPERTY[0]: "false"}
"""Every property there is, as it stands before it is put."""


def on_namespaces(tx: Transaction, action: str, parameters: Parameters) -> Iterator[AccessCheck]:
    """On `*`, with the namespaces that a call writes; one that reads is about all there are.

    Who turns the role manager on must be allowed to make its role too, even if it is there.
    """
    properties: Mapping[str, str] = parameters.get("properties", DEFAULTS)
    namespaces = tuple(sorted({name.partition("/")[0] for name in properties}))
    context = supported(action, {"iam:accountpropertynamespaces": namespaces})
    yield AccessCheck(action=action, resource=None, resource_account=tx.account, context=context)
    if ROLE_MANAGER_PROPERTY in parameters.get("properties", {}).items():
        service = _role_manager()
        yield link_check(tx, "iam:CreateServiceLinkedRole", service.principal, service.role_name)


@operation("GetAccountProperties", access=on_namespaces)
def get_account_properties(tx: Transaction) -> Answer:
    """Tell every property of the account."""
    return {"Properties": {**DEFAULTS, **dict(find_account(tx).properties)}}


@operation(
    "PutAccountProperties",
    access=on_namespaces,
    writes=True,
    differs="Turning the role manager on makes its service-linked role and has no other effect.",
)
def put_account_properties(tx: Transaction, *, properties: Mapping[str, str]) -> Answer:
    """Turn the role manager on or off. It gets its service-linked role when it is first on, and keeps it.

    Raises `InvalidInput` for properties of no or several namespaces, of one that does not exist, or without `Enabled`.
    Other properties beside it are ignored, as they are at AWS.
    """
    enabled = _check(properties)
    if enabled == "true":
        service = _role_manager()
        role = tx.world.named(Role, tx.account, service.role_name)
        if role is None or role.path != service.path:
            link_role(tx, service)  # it refuses if another role has the name
    tx.put(replace(find_account(tx), properties=((ROLE_MANAGER_PROPERTY[0], enabled),)))
    return {}


def _check(properties: Mapping[str, str]) -> str:
    """The value of `Enabled`, after all that AWS checks, in its order."""
    namespaces: set[str] = set()
    for name in sorted(properties):
        namespace, separator, _ = name.partition("/")
        if not separator:
            raise InvalidInput(f"Property key must be in format Namespace/PropertyName: {name}")
        namespaces.add(namespace)
    if len(namespaces) > 1:
        raise InvalidInput("All properties must belong to the same namespace")
    for namespace in namespaces - {NAMESPACE}:
        raise InvalidInput(f"Unsupported namespace: {namespace}")
    enabled = properties.get(ROLE_MANAGER_PROPERTY[0])
    if enabled is None:
        raise InvalidInput("RoleManager namespace requires Enabled property")
    if enabled not in {"true", "false"}:
        raise InvalidInput("Enabled must be 'true' or 'false'")
    return enabled


def _role_manager() -> LinkedService:
    return linked_services()[ROLE_MANAGER]
