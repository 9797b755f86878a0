"""What a policy text says, as immutable values.

A `PolicyDocument` exists only if its text obeys the grammar: there is no statement with both `Action` and `NotAction`,
no unknown operator, no unparsed principal. Nothing here parses, checks or evaluates.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from rolecall.language.operators import ConditionOperator
from rolecall.names.arn import AccountId


class Position(msgspec.Struct, frozen=True, order=True):
    """A place in a policy text. `line` and `column` count from 1, `offset` from 0, all in characters."""

    line: int
    column: int
    offset: int


class SourceSpan(msgspec.Struct, frozen=True):
    """From `start` to `end`; `end` is the place just behind the last character."""

    start: Position
    end: Position


class PolicyType(StrEnum):
    """Where a policy is attached, which decides its grammar and its role in a decision."""

    IDENTITY = "identity-based policy"
    RESOURCE = "resource-based policy"
    TRUST = "role trust policy"
    PERMISSIONS_BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    SERVICE_CONTROL = "service control policy"
    RESOURCE_CONTROL = "resource control policy"
    VPC_ENDPOINT = "VPC endpoint policy"


class Version(StrEnum):
    """The language version. Only the newer one knows policy variables."""

    V2008 = "2008-10-17"
    V2012 = "2012-10-17"


class Effect(StrEnum):
    ALLOW = "Allow"
    DENY = "Deny"


class AnyRun(msgspec.Struct, frozen=True, tag=True):
    """The wildcard `*`."""


class AnyOne(msgspec.Struct, frozen=True, tag=True):
    """The wildcard `?`."""


class Variable(msgspec.Struct, frozen=True, tag=True):
    """A policy variable `${key}` or `${key, 'default'}`. `key` is lower-case."""

    key: str
    default: str | None = None


class Text(msgspec.Struct, frozen=True, tag=True):
    """Literal text; `*` and `?` in it are plain characters."""

    text: str


Part = Text | AnyRun | AnyOne | Variable
Template = tuple[Part, ...]
"""A pattern after its variables and wildcards are told apart from its text."""


class Pattern(msgspec.Struct, frozen=True):
    """One string of a policy that may hold wildcards or variables.

    `text` is the source text; `template` its parts. In a value of an operator without wildcards, `*` and `?` are Text;
    in one of an ARN operator, a lone `*` has been completed to six parts.
    """

    text: str
    template: Template
    span: SourceSpan


class Actions(msgspec.Struct, frozen=True):
    """`Action`, or `NotAction` if `negated`. Patterns are matched without regard to case; they hold no variables."""

    patterns: tuple[Pattern, ...]
    negated: bool = False


class ResourcePattern(msgspec.Struct, frozen=True):
    """One entry of `Resource`: `*`, or six ARN parts, each matched by itself.

    `parts` is None for the lone `*`; otherwise five templates: partition, service, region, account, resource (ARNs
    shorter than six parts have been completed with `*`). Only the last may hold variables.
    """

    text: str
    parts: tuple[Template, Template, Template, Template, Template] | None
    span: SourceSpan


class Resources(msgspec.Struct, frozen=True):
    """`Resource`, or `NotResource` if `negated`."""

    patterns: tuple[ResourcePattern, ...]
    negated: bool = False


class AnyPrincipal(msgspec.Struct, frozen=True, tag=True):
    """`"*"` or `{"AWS": "*"}`: everyone, anonymous callers too."""


class AccountPrincipal(msgspec.Struct, frozen=True, tag=True):
    """An account id or its `:root` ARN: every principal of the account."""

    account: AccountId
    partition: str = "aws"


class ArnPrincipal(msgspec.Struct, frozen=True, tag=True):
    """The ARN of a user, a role, a role session or a federated user; compared exactly."""

    arn: str


class UniqueIdPrincipal(msgspec.Struct, frozen=True, tag=True):
    """The unique id of a user or role (`AIDA…`, `AROA…`), as stored trust policies hold it."""

    unique_id: str


class ServicePrincipalName(msgspec.Struct, frozen=True, tag=True):
    """A service such as `ec2.amazonaws.com`."""

    name: str


class FederatedProvider(msgspec.Struct, frozen=True, tag=True):
    """An identity provider: a SAML or OIDC provider ARN, or a well-known name."""

    provider: str


class CanonicalUser(msgspec.Struct, frozen=True, tag=True):
    """An S3 canonical user id; matches no principal of this server."""

    canonical_id: str


PrincipalPattern = (
    AnyPrincipal
    | AccountPrincipal
    | ArnPrincipal
    | UniqueIdPrincipal
    | ServicePrincipalName
    | FederatedProvider
    | CanonicalUser
)


class PrincipalEntry(msgspec.Struct, frozen=True):
    """One value of `Principal`. `kind` and `text` are the source's words, `span` the string's place.

    `kind` is `AWS`, `Service`, `Federated` or `CanonicalUser`; for a bare `"*"`, kind and text are both `*`.
    """

    kind: str
    text: str
    pattern: PrincipalPattern
    span: SourceSpan


class Principals(msgspec.Struct, frozen=True):
    """`Principal`, or `NotPrincipal` if `negated`."""

    entries: tuple[PrincipalEntry, ...]
    negated: bool = False


class Condition(msgspec.Struct, frozen=True):
    """One key under one operator: `{operator: {key: values}}`. `key` is lower-case, `key_text` as written."""

    operator: ConditionOperator
    key: str
    key_text: str
    values: tuple[Pattern, ...]
    span: SourceSpan


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """One statement. `principals` is None in policies that name none; `resources` is None in trust policies."""

    effect: Effect
    actions: Actions
    resources: Resources | None
    principals: Principals | None = None
    conditions: tuple[Condition, ...] = ()
    sid: str = ""
    span: SourceSpan


class PolicyDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A parsed policy. `text` is the source, kept verbatim."""

    type: PolicyType
    version: Version
    statements: tuple[Statement, ...]
    id: str | None = None
    text: str
