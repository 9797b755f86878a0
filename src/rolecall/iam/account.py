"""The account as a whole: its alias and its summary."""

from __future__ import annotations

from msgspec.structs import replace

from rolecall.errors import EntityAlreadyExists, NoSuchEntity, ValidationError
from rolecall.iam import quotas
from rolecall.iam.find import find_account
from rolecall.iam.paging import page
from rolecall.iam.policy_lookup import used_policy_arns
from rolecall.iam.registry import operation
from rolecall.names.arn import is_account_id
from rolecall.operations.registry import Answer, on_account
from rolecall.operations.transaction import Transaction
from rolecall.state.credentials import AccessKey, LoginProfile, MfaDevice, SigningCertificate
from rolecall.state.entities import Entity, Group, InstanceProfile, ManagedPolicy, Role, User
from rolecall.state.providers import OidcProvider, SamlProvider, ServerCertificate


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
    devices = tx.world.owned(MfaDevice, tx.account)

    def has_root(credential: type[Entity]) -> int:
        return int(bool(tx.world.of_user(credential, tx.account, None)))

    return {
        "Users": tx.world.count(User, tx.account),
        "Groups": tx.world.count(Group, tx.account),
        "Roles": tx.world.count(Role, tx.account),
        "InstanceProfiles": tx.world.count(InstanceProfile, tx.account),
        "Policies": tx.world.count(ManagedPolicy, tx.account),
        # One version of each policy that is attached or a boundary, AWS's included: the default one (recorded:
        # radkawar/stackd, account_reporting.json).
        "PolicyVersionsInUse": len(used_policy_arns(tx)),
        "AccountAccessKeysPresent": has_root(AccessKey),
        "AccountPasswordPresent": has_root(LoginProfile),
        "AccountMFAEnabled": has_root(MfaDevice),
        "AccountSigningCertificatesPresent": has_root(SigningCertificate),
        "MFADevices": len(devices),
        "MFADevicesInUse": sum(device.enabled_at is not None for device in devices),
        "Providers": tx.world.count(OidcProvider, tx.account) + tx.world.count(SamlProvider, tx.account),
        "ServerCertificates": tx.world.count(ServerCertificate, tx.account),
        "GlobalEndpointTokenVersion": find_account(tx).global_endpoint_token_version,
    }


_QUOTAS = {
    "UsersQuota": quotas.USERS.limit,
    "GroupsQuota": quotas.GROUPS.limit,
    "RolesQuota": quotas.ROLES.limit,
    "PoliciesQuota": quotas.POLICIES.limit,
    "InstanceProfilesQuota": quotas.INSTANCE_PROFILES.limit,
    "ServerCertificatesQuota": quotas.SERVER_CERTIFICATES.limit,
    "GroupsPerUserQuota": quotas.GROUPS_PER_USER.limit,
    "AccessKeysPerUserQuota": quotas.ACCESS_KEYS_PER_USER.limit,
    "SigningCertificatesPerUserQuota": quotas.SIGNING_CERTIFICATES_PER_USER.limit,
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
