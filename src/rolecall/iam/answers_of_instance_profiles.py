"""What answers show of an instance profile."""

from __future__ import annotations

from rolecall.iam.answers import tag_list
from rolecall.iam.answers_of_roles import role_in_profile
from rolecall.operations.transaction import Transaction
from rolecall.state.entities import InstanceProfile, Role


def listed_instance_profile(tx: Transaction, profile: InstanceProfile) -> dict[str, object]:
    """An instance profile in a list: without tags."""
    role = None if profile.role_id is None else tx.world.get(Role, profile.role_id)
    return {
        "Path": profile.path,
        "InstanceProfileName": profile.name,
        "InstanceProfileId": profile.id,
        "Arn": str(profile.arn),
        "CreateDate": profile.created_at,
        "Roles": [] if role is None else [role_in_profile(tx, role)],
    }


def created_instance_profile(tx: Transaction, profile: InstanceProfile) -> dict[str, object]:
    """A new instance profile: with tags only if it has some (recorded: test_iam_instance_profiles.snapshot.json)."""
    return listed_instance_profile(tx, profile) | {"Tags": tag_list(profile.tags) or None}


def whole_instance_profile(tx: Transaction, profile: InstanceProfile) -> dict[str, object]:
    """An instance profile in GetInstanceProfile."""
    return listed_instance_profile(tx, profile) | {"Tags": tag_list(profile.tags)}
