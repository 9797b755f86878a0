"""What a kind of session may not call, whatever its policies say (evaluation.md §11)."""

from __future__ import annotations

import msgspec
import pytest

from botocore_values import OPERATIONS
from rolecall.decision.principal import RootUser
from rolecall.errors import ApiError
from rolecall.state.caller import Caller
from rolecall.state.session import SessionKind
from rolecall.sts.restrictions import check_restrictions
from sts.sts_values import ACCESS_KEY_ID, ACCOUNT, session

OF_IAM = [each for each in OPERATIONS if each[0] == "iam"]
OF_STS = [each for each in OPERATIONS if each[0] == "sts"]


def refusals(kind: SessionKind | None, *, mfa_at: int | None = None) -> dict[tuple[str, str], str]:
    """The error code of each operation that a session of that kind may not call; None: no session."""
    made = None if kind is None else msgspec.structs.replace(session(kind), mfa_at=mfa_at)
    caller = Caller(principal=RootUser(ACCOUNT), access_key_id=ACCESS_KEY_ID, session=made)
    refused = {}
    for service, operation in OPERATIONS:
        try:
            check_restrictions(caller, service, operation)
        except ApiError as error:
            refused[service, operation] = error.code
    return refused


def test_long_term_keys_and_role_sessions_are_not_restricted():
    assert refusals(None) == refusals(SessionKind.ROLE) == {}


@pytest.mark.parametrize("kind", [SessionKind.USER, SessionKind.ROOT])
def test_a_session_of_get_session_token_reaches_iam_only_with_mfa(kind):
    of_sts = {each: "AccessDenied" for each in OF_STS if each[1] not in {"AssumeRole", "GetCallerIdentity"}}
    assert refusals(kind, mfa_at=1_700_000_000) == of_sts
    assert refusals(kind) == of_sts | dict.fromkeys(OF_IAM, "InvalidClientTokenId")


@pytest.mark.parametrize("mfa_at", [None, 1_700_000_000])
def test_a_federated_user_may_only_ask_who_it_is(mfa_at):
    of_sts = {each: "AccessDenied" for each in OF_STS if each[1] != "GetCallerIdentity"}
    of_iam = dict.fromkeys(OF_IAM, "InvalidClientTokenId")
    assert refusals(SessionKind.FEDERATED_USER, mfa_at=mfa_at) == of_sts | of_iam
