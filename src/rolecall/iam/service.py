"""IAM as a service: its registry, filled. Importing this module is what registers the operations."""

from __future__ import annotations

from rolecall.iam import (  # noqa: F401 - imported for the operations that they register
    access_keys,
    account,
    account_preferences,
    account_properties,
    acquired_roles,
    authorization_details,
    context_keys,
    credential_reports,
    delegation_requests,
    granting_policies,
    groups,
    human_readable_summaries,
    identity_policies,
    instance_profiles,
    login_profiles,
    managed_policies,
    mfa_devices,
    oidc_providers,
    organizations_access_reports,
    organizations_features,
    outbound_federation,
    password_policies,
    permissions_boundaries,
    policy_versions,
    role_templates,
    roles,
    saml_providers,
    server_certificates,
    service_last_accessed,
    service_linked_roles,
    service_specific_credentials,
    signing_certificates,
    simulation,
    ssh_public_keys,
    tags,
    users,
    virtual_mfa_devices,
)
from rolecall.iam.registry import IAM

__all__ = ["IAM"]
