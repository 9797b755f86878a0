"""The account's password policy: the operations on it, and the permission that it gives to every user.

What a policy asks of a password is in `rolecall.iam.passwords`.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from rolecall.decision.policies import AppliedPolicy, PolicySet
from rolecall.decision.principal import IamUser
from rolecall.errors import NoSuchEntity
from rolecall.iam.find import find_account
from rolecall.iam.registry import operation
from rolecall.language.document import PolicyType
from rolecall.language.parser import parse_policy
from rolecall.operations.access import AccessCheck
from rolecall.operations.registry import Access, Answer, Parameters, on_account
from rolecall.operations.transaction import Transaction
from rolecall.state.entities import PasswordPolicy, User

_OWN_PASSWORD = PolicySet(
    PolicyType.RESOURCE,
    [
        AppliedPolicy(
            "account password policy",
            parse_policy(
                '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Resource": "*",'
                ' "Action": ["iam:ChangePassword", "iam:GetAccountPasswordPolicy"]}}',
                PolicyType.RESOURCE,
            ),
        )
    ],
)


def allowed_by_password_policy(access: Access) -> Access:
    """`access`, which the account's password policy may also grant: to every user if it lets users change passwords.

    AWS: that option gives all users `iam:ChangePassword` for only their own user and `iam:GetAccountPasswordPolicy`,
    "applied at the account-level", without a policy attached to anybody (documentation of UpdateAccountPasswordPolicy).
    So an explicit deny still denies. Whether AWS lets it past a permissions boundary is not documented: here it does
    not help a user who has one. Put it around the access of those two actions only, where it is on the caller's own.
    """

    def with_grant(tx: Transaction, action: str, parameters: Parameters) -> Iterator[AccessCheck]:
        grant = _OWN_PASSWORD if _is_granted(tx) else None
        return (msgspec.structs.replace(check, resource_policy=grant) for check in access(tx, action, parameters))

    return with_grant


def _is_granted(tx: Transaction) -> bool:
    if not isinstance(tx.principal, IamUser):
        return False
    policy = find_account(tx).password_policy
    user = tx.world.get(User, tx.principal.user_id)
    return policy is not None and policy.lets_users_change and user is not None and user.permissions_boundary is None


@operation(
    "UpdateAccountPasswordPolicy",
    access=on_account,
    writes=True,
    differs="`HardExpiry` is kept but has no effect: it concerns logging in to the console, and there is none.",
)
def update_account_password_policy(
    tx: Transaction,
    *,
    minimum_password_length: int = 6,
    require_symbols: bool = False,
    require_numbers: bool = False,
    require_uppercase_characters: bool = False,
    require_lowercase_characters: bool = False,
    allow_users_to_change_password: bool = False,
    max_password_age: int = 0,
    password_reuse_prevention: int = 0,
    hard_expiry: bool | None = None,
) -> Answer:
    """Give the account a policy in place of the one it has. What is not said is AWS's default, not what it was."""
    policy = PasswordPolicy(
        minimum_length=minimum_password_length,
        requires_symbols=require_symbols,
        requires_numbers=require_numbers,
        requires_uppercase=require_uppercase_characters,
        requires_lowercase=require_lowercase_characters,
        lets_users_change=allow_users_to_change_password,
        maximum_age=max_password_age,
        reuse_prevention=password_reuse_prevention,
        hard_expiry=hard_expiry,
    )
    tx.put(msgspec.structs.replace(find_account(tx), password_policy=policy))
    return None


@operation("GetAccountPasswordPolicy", access=allowed_by_password_policy(on_account))
def get_account_password_policy(tx: Transaction) -> Answer:
    """Tell the account's policy. Age, reuse and hard expiry show only if they were set (recorded by LocalStack).

    Raises `NoSuchEntity` if AWS's default policy applies.
    """
    policy = find_account(tx).password_policy
    if policy is None:
        raise NoSuchEntity(f"The Password Policy with domain name {tx.account} cannot be found.")
    return {
        "PasswordPolicy": {
            "MinimumPasswordLength": policy.minimum_length,
            "RequireSymbols": policy.requires_symbols,
            "RequireNumbers": policy.requires_numbers,
            "RequireUppercaseCharacters": policy.requires_uppercase,
            "RequireLowercaseCharacters": policy.requires_lowercase,
            "AllowUsersToChangePassword": policy.lets_users_change,
            "ExpirePasswords": policy.maximum_age > 0,
            "MaxPasswordAge": policy.maximum_age or None,
            "PasswordReusePrevention": policy.reuse_prevention or None,
            "HardExpiry": policy.hard_expiry,
        }
    }


@operation("DeleteAccountPasswordPolicy", access=on_account, writes=True)
def delete_account_password_policy(tx: Transaction) -> Answer:
    """Go back to AWS's default policy. Raises `NoSuchEntity` if it applies already (text recorded by LocalStack)."""
    account = find_account(tx)
    if account.password_policy is None:
        raise NoSuchEntity("The account policy with name PasswordPolicy cannot be found.")
    tx.put(msgspec.structs.replace(account, password_policy=None))
    return None
