"""Evidence for the account as a whole: alias and summary."""

from __future__ import annotations

from api.evidence.families import Caller, ErrorCase, Family


def tour(caller: Caller) -> None:
    alias = f"tour-{caller.account_id}"
    caller.iam.create_account_alias(AccountAlias=alias)
    assert caller.iam.list_account_aliases()["AccountAliases"] == [alias]
    caller.iam.delete_account_alias(AccountAlias=alias)
    assert caller.iam.get_account_summary()["SummaryMap"]["Users"] == 0


def take_an_alias_twice(caller: Caller) -> None:
    alias = f"twice-{caller.account_id}"
    caller.iam.create_account_alias(AccountAlias=alias)
    caller.iam.create_account_alias(AccountAlias=alias)


FAMILY = Family(
    operations=frozenset({"CreateAccountAlias", "DeleteAccountAlias", "ListAccountAliases", "GetAccountSummary"}),
    tour=tour,
    errors=(
        ErrorCase("CreateAccountAlias", "EntityAlreadyExists", take_an_alias_twice),
        ErrorCase(
            "DeleteAccountAlias", "NoSuchEntity", lambda caller: caller.iam.delete_account_alias(AccountAlias="no-such")
        ),
    ),
    unreachable={
        ("CreateAccountAlias", "LimitExceeded"): "a new alias replaces the one that an account has",
        ("DeleteAccountAlias", "LimitExceeded"): "deleting uses nothing up",
    },
)
