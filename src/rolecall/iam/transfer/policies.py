"""Managed policies and instance profiles of a file, made or changed to what it says by IAM's own operations."""

from __future__ import annotations

import re
from typing import Any

from msgspec import UNSET
from msgspec.structs import replace

from rolecall.iam.transfer.details import (
    AccountFileError,
    InstanceProfileDetail,
    ManagedPolicyDetail,
)
from rolecall.iam.transfer.direct_calls import DirectCalls
from rolecall.iam.transfer.holders import check_path, existing, set_tags, tag_parameters
from rolecall.iam.transfer.texts import Texts, compact
from rolecall.state.entities import InstanceProfile, ManagedPolicy, Role

VERSION_ID = re.compile(r"v[1-9][0-9]{0,8}")

Versions = tuple[tuple[str, str], ...]
"""The versions that a file wants of a policy: (id, document), oldest first."""


def import_policy(call: DirectCalls, detail: ManagedPolicyDetail, texts: Texts) -> None:
    """Make the policy what the file says: its versions, and which of them is the default.

    A new policy gets the version ids of the file. For one that is there, versions are told by their documents, and new
    ones get new ids, since an id is never used for two documents.
    """
    versions, default_id = _versions(detail, texts)
    policy = existing(call, ManagedPolicy, detail.policy_name)
    if policy is None:
        policy = _create(call, detail, versions, default_id)
    else:
        check_path(policy, detail.path)
        if detail.description not in (UNSET, policy.description):
            raise AccountFileError("the account has it with another description, and no operation changes that")
        _set_versions(call, policy, versions, default_id)
    if detail.tags is not UNSET:
        set_tags(call, "Policy", {"policy_arn": str(policy.arn)}, policy.tags, detail.tags)


def import_instance_profile(call: DirectCalls, detail: InstanceProfileDetail, role_name: str | None) -> None:
    """Make the instance profile what the file says. Parameters: `role_name`, the role in it."""
    name = {"instance_profile_name": detail.instance_profile_name}
    profile = existing(call, InstanceProfile, detail.instance_profile_name)
    role = None if profile is None or profile.role_id is None else call.world.get(Role, profile.role_id)
    if profile is None:
        tags = {"tags": tag_parameters(detail.tags)} if detail.tags else {}
        call("CreateInstanceProfile", **name, path=detail.path, **tags)
    else:
        check_path(profile, detail.path)
        if detail.tags is not UNSET:
            set_tags(call, "InstanceProfile", name, profile.tags, detail.tags)
        if role is not None and role.name != role_name:
            call("RemoveRoleFromInstanceProfile", **name, role_name=role.name)
    if role_name is not None and (role is None or role.name != role_name):
        call("AddRoleToInstanceProfile", **name, role_name=role_name)


def _versions(detail: ManagedPolicyDetail, texts: Texts) -> tuple[Versions, str]:
    """The versions of a policy and the id of the default one. Raises `AccountFileError` if they are not sound."""
    listed = detail.policy_version_list
    ids = [version.version_id for version in listed]
    defaults = [version.version_id for version in listed if version.is_default_version]
    if not all(VERSION_ID.fullmatch(version_id) for version_id in ids) or len(set(ids)) < len(ids):
        raise AccountFileError("its versions must have ids like `v1`, each another one")
    if len(defaults) != 1 or detail.default_version_id not in (UNSET, defaults[0]):
        raise AccountFileError("exactly one of its versions must be the default version")
    oldest_first = sorted(listed, key=lambda version: int(version.version_id[1:]))
    return tuple((version.version_id, texts.document(version.document)) for version in oldest_first), defaults[0]


def _create(call: DirectCalls, detail: ManagedPolicyDetail, versions: Versions, default_id: str) -> ManagedPolicy:
    optional: dict[str, Any] = {}
    if detail.description is not UNSET:
        optional["description"] = detail.description
    if detail.tags:
        optional["tags"] = tag_parameters(detail.tags)
    (_, first), *others = versions
    call("CreatePolicy", policy_name=detail.policy_name, path=detail.path, policy_document=first, **optional)
    made = _found(call, detail.policy_name)
    for _, document in others:
        call("CreatePolicyVersion", policy_arn=str(made.arn), policy_document=document)
    made = _found(call, detail.policy_name)
    renamed = replace(
        made,
        versions=tuple(
            replace(version, id=version_id) for version, (version_id, _) in zip(made.versions, versions, strict=True)
        ),
        default_version_id=default_id,
        next_version=int(versions[-1][0][1:]) + 1,
    )
    if renamed != made:
        call.put(renamed)
    return renamed


def _set_versions(call: DirectCalls, policy: ManagedPolicy, versions: Versions, default_id: str) -> None:
    """Take away the versions whose documents the file does not have, add those that are missing, set the default."""
    arn = {"policy_arn": str(policy.arn)}
    missing = [(compact(document), document) for _, document in versions]
    wanted_default = compact(dict(versions)[default_id])
    kept: list[str] = []
    extra: list[str] = []
    for version in policy.versions:
        matching = next((pair for pair in missing if pair[0] == compact(version.document)), None)
        if matching is not None:
            missing.remove(matching)
        (extra if matching is None else kept).append(version.id)
    added = [document for _, document in missing]
    # A default version cannot go, and there is room for five: so the others go first, then one takes its place.
    for version_id in extra:
        if version_id != policy.default_version_id:
            call("DeletePolicyVersion", **arn, version_id=version_id)
    if policy.default_version_id in extra:
        if kept:
            call("SetDefaultPolicyVersion", **arn, version_id=kept[0])
        else:
            call("CreatePolicyVersion", **arn, policy_document=added.pop(0), set_as_default=True)
        call("DeletePolicyVersion", **arn, version_id=policy.default_version_id)
    for document in added:
        call("CreatePolicyVersion", **arn, policy_document=document)
    now = _found(call, policy.name)
    if compact(now.default_version.document) != wanted_default:
        wanted = next(version for version in now.versions if compact(version.document) == wanted_default)
        call("SetDefaultPolicyVersion", **arn, version_id=wanted.id)


def _found(call: DirectCalls, name: str) -> ManagedPolicy:
    policy = call.world.named(ManagedPolicy, call.account, name)
    assert policy is not None  # it was made just now, if it was not there
    return policy
