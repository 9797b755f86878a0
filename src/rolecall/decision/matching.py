"""Does an action or a caller fit what a statement says about it? Each prepared once for each statement.

Resources are in `resources`, conditions in `conditions`; what a match is worth is decided in `evaluate`.
Source: policy-language.md §3; for principals evaluation.md §4 and §5.
"""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from typing import assert_never

import msgspec

from rolecall.decision.principal import (
    Anonymous,
    AssumedRole,
    FederatedUser,
    IamUser,
    Principal,
    RootUser,
    ServicePrincipal,
    WebIdentity,
)
from rolecall.language.document import (
    AccountPrincipal,
    Actions,
    AnyPrincipal,
    ArnPrincipal,
    Effect,
    FederatedProvider,
    PrincipalPattern,
    Principals,
    ServicePrincipalName,
    UniqueIdPrincipal,
)
from rolecall.names.arn import AccountId
from rolecall.names.wildcard import Matcher, Wild, compile_pattern


class CompiledActions(msgspec.Struct, frozen=True):
    """`Action` or `NotAction`, in lower case: plain names, and patterns with wildcards."""

    names: frozenset[str]
    patterns: tuple[tuple[str, Matcher], ...]
    negated: bool

    def match(self, action: str) -> bool:
        """Is `action`, in lower case, covered?"""
        return (action in self.names or self._fits(action)) is not self.negated

    def match_by_pattern_only(self, action: str) -> bool:
        """Does `action`, in lower case, fit a pattern without being listed by its plain name?"""
        return action not in self.names and self._fits(action)

    def _fits(self, action: str) -> bool:
        return any(matcher.matches(action) for _text, matcher in self.patterns)


def compile_actions(actions: Actions) -> CompiledActions:
    """Prepare the actions of a statement."""
    texts = frozenset(pattern.text.lower() for pattern in actions.patterns)
    names = frozenset(text for text in texts if not any(wild.value in text for wild in Wild))
    patterns = tuple((text, compile_pattern(text)) for text in sorted(texts - names))
    return CompiledActions(names, patterns, actions.negated)


class PrincipalMatch(IntEnum):
    """How a policy names its caller; a stronger form has the greater value (the table of evaluation.md §4)."""

    NONE = 0
    ACCOUNT = 1
    """By its account: delegation to the account's own policies."""
    ENTITY = 2
    """By the role or user behind a session: a grant, within permissions boundary and session policies."""
    DIRECT = 3
    """By itself, or as everyone: a grant to the caller as it stands."""


CallerNames = tuple[tuple[PrincipalMatch, frozenset[PrincipalPattern]], ...]
"""What a caller can be called, strongest form first; the names of one form are synonyms."""


@lru_cache(maxsize=4096)
def names_of(principal: Principal) -> CallerNames:
    """Every name by which a policy can mean `principal`, but for `*`."""
    match principal:
        case RootUser():
            return ((PrincipalMatch.DIRECT, _account(principal.account)),)
        case IamUser():
            return (
                (PrincipalMatch.DIRECT, _user(principal)),
                (PrincipalMatch.ACCOUNT, _account(principal.account)),
            )
        case AssumedRole():
            role = (ArnPrincipal(str(principal.role_arn)), UniqueIdPrincipal(principal.role_id))
            return (
                (PrincipalMatch.DIRECT, _names(ArnPrincipal(str(principal.arn)))),
                (PrincipalMatch.ENTITY, _names(*role)),
                (PrincipalMatch.ACCOUNT, _account(principal.account)),
            )
        case FederatedUser():
            issuer = principal.issuer
            return (
                (PrincipalMatch.DIRECT, _names(ArnPrincipal(str(principal.arn)))),
                *([(PrincipalMatch.ENTITY, _user(issuer))] if isinstance(issuer, IamUser) else []),
                (PrincipalMatch.ACCOUNT, _account(principal.account)),
            )
        case ServicePrincipal():
            return ((PrincipalMatch.DIRECT, _names(ServicePrincipalName(principal.name))),)
        case WebIdentity():
            return ((PrincipalMatch.DIRECT, _names(FederatedProvider(principal.provider))),)
        case Anonymous():
            return ()
        case _:  # pragma: no cover - mypy proves that nothing gets here
            assert_never(principal)


def _user(user: IamUser) -> frozenset[PrincipalPattern]:
    return _names(ArnPrincipal(str(user.arn)), UniqueIdPrincipal(user.user_id))


def _account(account: AccountId) -> frozenset[PrincipalPattern]:
    return _names(AccountPrincipal(account))


def _names(*names: PrincipalPattern) -> frozenset[PrincipalPattern]:
    return frozenset(names)


class CompiledPrincipals(msgspec.Struct, frozen=True):
    """`Principal` or `NotPrincipal`: whether everyone is named, and the names."""

    everyone: bool
    names: frozenset[PrincipalPattern]
    negated: bool

    def match(self, caller: CallerNames, effect: Effect, is_bounded: bool) -> PrincipalMatch:
        """How the element names the caller. `is_bounded` tells whether the caller has a permissions boundary."""
        if self.negated:
            return self._match_all_but(caller, effect, is_bounded)
        if self.everyone:
            return PrincipalMatch.DIRECT
        return next((form for form, names in caller if not names.isdisjoint(self.names)), PrincipalMatch.NONE)

    def _match_all_but(self, caller: CallerNames, effect: Effect, is_bounded: bool) -> PrincipalMatch:
        """`NotPrincipal`.

        A Deny spares only a caller that is listed in each of its forms (account, role and session), as AWS may test
        each; and never one with a permissions boundary. An Allow grants only to a caller listed in none of them.
        """
        listed = [not names.isdisjoint(self.names) for _form, names in caller]
        if effect is Effect.DENY:
            is_spared = self.everyone or (bool(listed) and all(listed))
            return PrincipalMatch.NONE if is_spared and not is_bounded else PrincipalMatch.DIRECT
        return PrincipalMatch.NONE if self.everyone or any(listed) else PrincipalMatch.ENTITY


def compile_principals(principals: Principals) -> CompiledPrincipals:
    """Prepare the principals of a statement."""
    patterns = [entry.pattern for entry in principals.entries]
    return CompiledPrincipals(
        everyone=any(isinstance(pattern, AnyPrincipal) for pattern in patterns),
        names=frozenset(_without_partition(pattern) for pattern in patterns),
        negated=principals.negated,
    )


def _without_partition(pattern: PrincipalPattern) -> PrincipalPattern:
    # An account id is unique over all partitions; a bare one does not even tell its partition.
    return AccountPrincipal(pattern.account) if isinstance(pattern, AccountPrincipal) else pattern
