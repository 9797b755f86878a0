"""IAM's quotas as one table: how many of a thing there may be, how long a text may be, and AWS's words for too much.

Only the limits that the API model does not state itself (lengths of names, tags in one call). Source: identities.md §4
and policy-language.md §9. All are AWS's defaults.
"""

from __future__ import annotations

import msgspec

from rolecall.errors import LimitExceeded


class Quota(msgspec.Struct, frozen=True):
    """One quota. `name` is AWS's own word for it, which its error texts and nothing else show."""

    name: str
    limit: int

    def check(self, count: int) -> None:
        """Raise `LimitExceeded` if `count`, what there would be after the call, is above the limit."""
        if count > self.limit:
            raise LimitExceeded(f"Cannot exceed quota for {self.name}: {self.limit}")


USERS = Quota("UsersPerAccount", 5000)
GROUPS = Quota("GroupsPerAccount", 300)
ROLES = Quota("RolesPerAccount", 1000)
POLICIES = Quota("PoliciesPerAccount", 1500)
INSTANCE_PROFILES = Quota("InstanceProfilesPerAccount", 1000)
OIDC_PROVIDERS = Quota("OpenIdConnectProvidersPerAccount", 100)
SAML_PROVIDERS = Quota("SAMLProvidersPerAccount", 100)
SERVER_CERTIFICATES = Quota("ServerCertificatesPerAccount", 20)
VIRTUAL_MFA_DEVICES = Quota("MFADevices", 5000)
"""As many as users, says AWS's list of quotas; the name is that of ctyun's IAM, which copies AWS's texts."""

CLIENT_IDS_PER_OIDC_PROVIDER = Quota("ClientIdsPerOpenIdConnectProvider", 100)

GROUPS_PER_USER = Quota("GroupsPerUser", 10)
ACCESS_KEYS_PER_USER = Quota("AccessKeysPerUser", 2)
SIGNING_CERTIFICATES_PER_USER = Quota("CertificatesPerUser", 2)
SSH_PUBLIC_KEYS_PER_USER = Quota("SSHPublicKeysPerUser", 5)
MFA_DEVICES_PER_USER = Quota("MFADevicesPerUser", 8)
SERVICE_CREDENTIALS_PER_USER = Quota("ContextSpecificCredentialsPerUserPerContext", 2)
POLICIES_PER_USER = Quota("PoliciesPerUser", 10)
POLICIES_PER_GROUP = Quota("PoliciesPerGroup", 10)
POLICIES_PER_ROLE = Quota("PoliciesPerRole", 10)
ROLES_PER_INSTANCE_PROFILE = Quota("InstanceSessionsPerInstanceProfile", 1)
TAGS_PER_RESOURCE = 50
"""Has a text of its own, see `rolecall.iam.tags`."""

VERSIONS_PER_POLICY = 5
"""Has a text of its own, see `rolecall.iam.policy_versions`."""

DELEGATION_REQUESTS = Quota("DelegationRequestsPerAccount", 1000)
"""Name and number are ours: AWS documents neither."""

DELEGATION_POLICY_SIZE = Quota("DelegationPolicySize", 2048)
"""The number is AWS's (IAM user guide, "Policy templates"), the name ours."""

MANAGED_POLICY_SIZE = Quota("PolicySize", 6144)
TRUST_POLICY_SIZE = Quota("ACLSizePerRole", 2048)

USER_INLINE_SIZE = 2048
GROUP_INLINE_SIZE = 5120
ROLE_INLINE_SIZE = 10240
"""All inline policies of one holder together; see `rolecall.iam.documents`."""
