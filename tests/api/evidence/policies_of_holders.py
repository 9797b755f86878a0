"""Evidence for the policies of users, groups and roles: inline, attached, and as permissions boundaries."""

from __future__ import annotations

import json
from typing import Any

from api.evidence.families import Caller, ErrorCase, Family, never
from api.evidence.managed_policies import DOCUMENT, make_policy, missing, not_a_policy
from api.evidence.roles import make_protected_role, make_role

HOLDERS = ("User", "Group", "Role")
BOUNDED = ("User", "Role")
FOR_SERVICES = "arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy"
LONG_DOCUMENT = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::bucket/{'x' * 10240}"}],
    }
)

INLINE: dict[str, dict[str, Any]] = {
    "Put{}Policy": {"PolicyName": "inline", "PolicyDocument": DOCUMENT},
    "Get{}Policy": {"PolicyName": "inline"},
    "List{}Policies": {},
    "Delete{}Policy": {"PolicyName": "inline"},
}
"""Operations on inline policies, in an order in which they succeed, and what they need besides the holder's name."""

ATTACHED = ("Attach{}Policy", "ListAttached{}Policies", "Detach{}Policy")


def make_holder(caller: Caller, noun: str) -> dict[str, str]:
    """A user, group or role called `holder`; the parameter that names it."""
    if noun == "Role":
        make_role(caller, "holder")
    else:
        caller.call(f"Create{noun}", **{f"{noun}Name": "holder"})
    return {f"{noun}Name": "holder"}


def tour(caller: Caller) -> None:
    arn = make_policy(caller)
    for noun in HOLDERS:
        holder = make_holder(caller, noun)
        for name, more in INLINE.items():
            caller.call(name.format(noun), **holder, **more)
        caller.call(f"Attach{noun}Policy", **holder, PolicyArn=arn)
        attached = caller.call(f"ListAttached{noun}Policies", **holder)["AttachedPolicies"]
        assert attached == [{"PolicyName": "reader", "PolicyArn": arn}]
        caller.call(f"Detach{noun}Policy", **holder, PolicyArn=arn)
    for noun in BOUNDED:
        holder = {f"{noun}Name": "holder"}
        caller.call(f"Put{noun}PermissionsBoundary", **holder, PermissionsBoundary=arn)
        shown = caller.call(f"Get{noun}", **holder)[noun]["PermissionsBoundary"]
        assert shown["PermissionsBoundaryArn"] == arn
        caller.call(f"Delete{noun}PermissionsBoundary", **holder)


def without_the_holder(operation: str, noun: str, more: dict[str, Any]) -> ErrorCase:
    """The holder is not there."""
    return ErrorCase(
        operation, "NoSuchEntity", lambda caller: caller.call(operation, **{f"{noun}Name": "none"}, **more)
    )


def with_a_policy(operation: str, code: str, noun: str, arn: Any) -> ErrorCase:
    """The holder is there; the policy is the one that `arn` makes or names."""
    return ErrorCase(
        operation, code, lambda caller: caller.call(operation, **make_holder(caller, noun), PolicyArn=arn(caller))
    )


def on_a_protected_role(operation: str, more: dict[str, Any]) -> ErrorCase:
    """The role belongs to AWS."""

    def provoke(caller: Caller) -> None:
        make_protected_role(caller)
        caller.call(operation, RoleName="protected", **more)

    return ErrorCase(operation, "UnmodifiableEntity", provoke)


def attach_one_too_many(noun: str) -> ErrorCase:
    """Ten policies are attached already."""

    def provoke(caller: Caller) -> None:
        holder = make_holder(caller, noun)
        for number in range(11):
            caller.call(f"Attach{noun}Policy", **holder, PolicyArn=make_policy(caller, f"policy{number}"))

    return ErrorCase(f"Attach{noun}Policy", "LimitExceeded", provoke)


def put(noun: str, code: str, document: str) -> ErrorCase:
    """An inline policy that is refused for its text."""
    return ErrorCase(
        f"Put{noun}Policy",
        code,
        lambda caller: caller.call(
            f"Put{noun}Policy", **make_holder(caller, noun), PolicyName="inline", PolicyDocument=document
        ),
    )


def bound_by_a_missing_policy(noun: str) -> ErrorCase:
    """The boundary is not there."""
    operation = f"Put{noun}PermissionsBoundary"
    return ErrorCase(
        operation,
        "NoSuchEntity",
        lambda caller: caller.call(operation, **make_holder(caller, noun), PermissionsBoundary=missing(caller)),
    )


FAMILY = Family(
    operations=frozenset(
        {name.format(noun) for noun in HOLDERS for name in (*INLINE, *ATTACHED)}
        | {f"{verb}{noun}PermissionsBoundary" for noun in BOUNDED for verb in ("Put", "Delete")}
    ),
    tour=tour,
    errors=(
        *(without_the_holder(name.format(noun), noun, more) for noun in HOLDERS for name, more in INLINE.items()),
        *(put(noun, "MalformedPolicyDocument", "{}") for noun in HOLDERS),
        *(put(noun, "LimitExceeded", LONG_DOCUMENT) for noun in HOLDERS),
        *(without_the_holder(f"ListAttached{noun}Policies", noun, {}) for noun in HOLDERS),
        *(
            with_a_policy(f"{verb}{noun}Policy", code, noun, arn)
            for noun in HOLDERS
            for verb in ("Attach", "Detach")
            for code, arn in (("NoSuchEntity", missing), ("InvalidInput", not_a_policy))
        ),
        *(
            with_a_policy(f"Attach{noun}Policy", "PolicyNotAttachable", noun, lambda _: FOR_SERVICES)
            for noun in HOLDERS
        ),
        *(attach_one_too_many(noun) for noun in HOLDERS),
        *(bound_by_a_missing_policy(noun) for noun in BOUNDED),
        *(without_the_holder(f"Delete{noun}PermissionsBoundary", noun, {}) for noun in BOUNDED),
        on_a_protected_role("PutRolePolicy", INLINE["Put{}Policy"]),
        on_a_protected_role("DeleteRolePolicy", INLINE["Delete{}Policy"]),
        on_a_protected_role("AttachRolePolicy", {"PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
        on_a_protected_role("DetachRolePolicy", {"PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
        on_a_protected_role(
            "PutRolePermissionsBoundary", {"PermissionsBoundary": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
        ),
        on_a_protected_role("DeleteRolePermissionsBoundary", {}),
    ),
    unreachable={
        **never(
            "LimitExceeded",
            "it uses nothing up",
            *(f"{verb}{noun}Policy" for verb in ("Delete", "Detach") for noun in HOLDERS),
        ),
        **never(
            "InvalidInput",
            "a path that the model lets through is a path",
            *(f"ListAttached{noun}Policies" for noun in HOLDERS),
        ),
        **never(
            "InvalidInput",
            "what is no policy's ARN is answered InvalidParameterValue (identities.md §8)",
            *(f"Put{noun}PermissionsBoundary" for noun in BOUNDED),
        ),
        **never(
            "PolicyNotAttachable",
            "AWS's text about boundaries, `does not exist or is not attachable`, comes with NoSuchEntity",
            *(f"Put{noun}PermissionsBoundary" for noun in BOUNDED),
        ),
    },
)
