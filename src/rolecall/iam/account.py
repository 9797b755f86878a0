"""The account as a whole: its alias and its summary."""

from __future__ import annotations

from msgspec.structs import replace

from rolecall.errors import EntityAlreadyExists, NoSuchEntity, ValidationError
from rolecall.iam import quotas
from rolecall.iam.find import find_account
from rolecall.iam.paging import page
from rolecall.iam.registry import operation
from rolecall.names.arn import is_account_id
from rolecall.operations.registry import Answer, on_account
from rolecall.operations.transaction import Transaction
from rolecall.state.entities import Group, InstanceProfile, ManagedPolicy, Role, User


@operation("CreateAccountAlias", access=on_account, writes=True)
def create_account_alias(tx: Transaction, *, account_alias: str) -> Answer:
    """Give the account an alias, in place of the one it has. An alias is unique among all accounts.

    Raises `EntityAlreadyExists` if the alias is taken, be it by this account (observed at AWS, floci-io/floci pull
    request 2103), and `ValidationError` for one that looks like an account id.
    """
    if is_account_id(account_alias):
        raise ValidationError(f"an account alias cannot be twelve digits like an account id: `{account_alias}`")
    if tx.world.account_of_alias(account_alias) is not None:
        raise EntityAlreadyExists(f"The account alias {account_alias} already exists.")
    tx.put(replace(find_account(tx), alias=account_alias))
    return None


@operation("DeleteAccountAlias", access=on_account, writes=True)
def delete_account_alias(tx: Transaction, *, account_alias: str) -> Answer:
    """Take the alias from the account. Raises `NoSuchEntity` if it has another one or none."""
    account = find_account(tx)
    if account.alias != account_alias:
        raise NoSuchEntity(f"The account alias {account_alias} cannot be found.")
    tx.put(replace(account, alias=None))
    return None


@operation("ListAccountAliases", access=on_account)
def list_account_aliases(tx: Transaction, *, marker: str | None = None, max_items: int | None = None) -> Answer:
    """List the alias of the account, if it has one."""
    alias = find_account(tx).alias
    return page(
        () if alias is None else (alias,),
        order=str,
        member="AccountAliases",
        render=str,
        marker=marker,
        max_items=max_items,
    )


@operation("GetAccountSummary", access=on_account)
def get_account_summary(tx: Transaction) -> Answer:
    """Count what the account has and tell what it may have."""
    return {"SummaryMap": {**_counts(tx), **_QUOTAS}}


def _counts(tx: Transaction) -> dict[str, int]:
    policies = tx.world.owned(ManagedPolicy, tx.account)
    return {
        "Users": tx.world.count(User, tx.account),
        "Groups": tx.world.count(Group, tx.account),
        "Roles": tx.world.count(Role, tx.account),
        "InstanceProfiles": tx.world.count(InstanceProfile, tx.account),
        "Policies": len(policies),
        "PolicyVersionsInUse": sum(len(policy.versions) for policy in policies),
        "AccountAccessKeysPresent": int(bool(tx.world.access_keys(tx.account, None))),
        # What this server does not have: passwords of root, MFA devices, providers and certificates.
        "AccountPasswordPresent": 0,
        "AccountMFAEnabled": 0,
        "AccountSigningCertificatesPresent": 0,
        "MFADevices": 0,
        "MFADevicesInUse": 0,
        "Providers": 0,
        "ServerCertificates": 0,
        # Session tokens of this server are valid in every region, which AWS calls version 2.
        "GlobalEndpointTokenVersion": 2,
    }


_QUOTAS = {
    "UsersQuota": quotas.USERS.limit,
    "GroupsQuota": quotas.GROUPS.limit,
    "RolesQuota": quotas.ROLES.limit,
    "PoliciesQuota": quotas.POLICIES.limit,
    "InstanceProfilesQuota": quotas.INSTANCE_PROFILES.limit,
    "ServerCertificatesQuota": 20,
    "GroupsPerUserQuota": quotas.GROUPS_PER_USER.limit,
    "AccessKeysPerUserQuota": quotas.ACCESS_KEYS_PER_USER.limit,
    "SigningCertificatesPerUserQuota": 2,
    "AttachedPoliciesPerUserQuota": quotas.POLICIES_PER_USER.limit,
    "AttachedPoliciesPerGroupQuota": quotas.POLICIES_PER_GROUP.limit,
    "AttachedPoliciesPerRoleQuota": quotas.POLICIES_PER_ROLE.limit,
    "PolicySizeQuota": quotas.MANAGED_POLICY_SIZE.limit,
    "UserPolicySizeQuota": quotas.USER_INLINE_SIZE,
    "GroupPolicySizeQuota": quotas.GROUP_INLINE_SIZE,
    "RolePolicySizeQuota": quotas.ROLE_INLINE_SIZE,
    "AssumeRolePolicySizeQuota": quotas.TRUST_POLICY_SIZE.limit,
    "VersionsPerPolicyQuota": quotas.VERSIONS_PER_POLICY,
    "PolicyVersionsInUseQuota": 10_000,
}
