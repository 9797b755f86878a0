"""IAM as a service: its registry, filled. Importing this module is what registers the operations."""

from __future__ import annotations

from rolecall.iam import (  # noqa: F401 - imported for the operations that they register
    access_keys,
    account,
    authorization_details,
    context_keys,
    groups,
    identity_policies,
    instance_profiles,
    managed_policies,
    permissions_boundaries,
    policy_versions,
    roles,
    simulation,
    tags,
    users,
)
from rolecall.iam.registry import IAM

__all__ = ["IAM"]
