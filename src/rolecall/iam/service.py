"""IAM as a service: its registry, filled. Importing this module is what registers the operations."""

from __future__ import annotations

from rolecall.iam import (  # noqa: F401 - imported for the operations that they register
    access_keys,
    account,
    account_preferences,
    account_properties,
    authorization_details,
    groups,
    identity_policies,
    instance_profiles,
    login_profiles,
    managed_policies,
    mfa_devices,
    organizations_features,
    outbound_federation,
    password_policies,
    permissions_boundaries,
    policy_versions,
    roles,
    server_certificates,
    service_linked_roles,
    service_specific_credentials,
    signing_certificates,
    ssh_public_keys,
    tags,
    users,
    virtual_mfa_devices,
)
from rolecall.iam.delegation import human_readable_summaries, requests  # noqa: F401
from rolecall.iam.identity_providers import oidc_providers, saml_providers  # noqa: F401
from rolecall.iam.registry import IAM
from rolecall.iam.reports import (  # noqa: F401
    credential_reports,
    granting_policies,
    organizations_access_reports,
    service_last_accessed,
)
from rolecall.iam.simulation import context_keys, simulate  # noqa: F401
from rolecall.iam.templates import acquired_roles, role_templates  # noqa: F401

__all__ = ["IAM"]
