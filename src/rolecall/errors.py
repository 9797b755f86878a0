"""The error tree of Rolecall.

    RolecallError
    ├── PolicyError              a policy text that is refused; holds every finding, not just the first
    ├── StoreError               the data directory cannot be used as it is
    ├── SettingsError            a setting is unknown, missing or malformed
    └── ApiError                 an answer to a caller, in AWS's words
        ├── AuthenticationError  the request does not prove who sends it
        ├── AccessDenied         the policies do not allow it
        └── NoSuchEntity, …      one class per AWS error code

An exception that is not in this tree is a bug; the server answers it with a 500 and a request id. Codes and statuses
are AWS's: `tests/house` compares those that the service models know with the models. No message is composed here.
"""

from __future__ import annotations

from typing import ClassVar


class RolecallError(Exception):
    """Anything that Rolecall raises on purpose."""


class StoreError(RolecallError):
    """The data directory cannot be used: wrong schema, wrong master key, broken file."""


class SettingsError(RolecallError):
    """A setting is unknown, missing or malformed; the message names it and says what to do."""


class PolicyError(RolecallError):
    """A policy text that AWS would refuse.

    Parameters: `findings`, one or more `rolecall.language.findings.Finding` (code, message, span), in the order in
    which AWS checks. `str(error)` is the first message: the one AWS reports.
    """

    def __init__(self, findings: tuple[object, ...]) -> None:
        if not findings:
            raise ValueError("a PolicyError needs a finding")
        self.findings = findings
        super().__init__(str(getattr(findings[0], "message", findings[0])))


class ApiError(RolecallError):
    """An error answer: AWS's code and message, an HTTP status.

    Class attributes `code` and `status` are those of the AWS error; an instance carries the message.
    """

    code: ClassVar[str] = "InternalFailure"
    status: ClassVar[int] = 500

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)

    @property
    def fault(self) -> str:
        """`Sender` for a 4xx, `Receiver` for a 5xx: the `Type` element of an error answer."""
        return "Sender" if self.status < 500 else "Receiver"


class AuthenticationError(ApiError):
    """The request does not prove who sends it."""

    status = 403


class MissingAuthenticationToken(AuthenticationError):
    code = "MissingAuthenticationToken"


class IncompleteSignature(AuthenticationError):
    code, status = "IncompleteSignature", 400


class SignatureDoesNotMatch(AuthenticationError):
    code = "SignatureDoesNotMatch"


class InvalidClientTokenId(AuthenticationError):
    code = "InvalidClientTokenId"


class ExpiredToken(AuthenticationError):
    code = "ExpiredToken"


class RequestExpired(AuthenticationError):
    code, status = "RequestExpired", 400


class AccessDenied(ApiError):
    code, status = "AccessDenied", 403


class InvalidAction(ApiError):
    code, status = "InvalidAction", 400


class MissingAction(ApiError):
    code, status = "MissingAction", 400


class MalformedQueryString(ApiError):
    code, status = "MalformedQueryString", 400


class MalformedInput(ApiError):
    """The body cannot be read as the query protocol's form."""

    code, status = "MalformedInput", 400


class RequestEntityTooLarge(ApiError):
    code, status = "RequestEntityTooLarge", 413


class MethodNotAllowed(ApiError):
    code, status = "MethodNotAllowed", 405


class ValidationError(ApiError):
    code, status = "ValidationError", 400


class InvalidParameterValue(ApiError):
    code, status = "InvalidParameterValue", 400


class InvalidParameterCombination(ApiError):
    code, status = "InvalidParameterCombination", 400


class Throttling(ApiError):
    code, status = "Throttling", 400


class ServiceUnavailable(ApiError):
    code, status = "ServiceUnavailable", 503


class OperationNotImplemented(ApiError):
    """An operation of AWS's model that Rolecall does not have yet."""

    code, status = "NotImplemented", 400


class NoSuchEntity(ApiError):
    code, status = "NoSuchEntity", 404


class EntityAlreadyExists(ApiError):
    code, status = "EntityAlreadyExists", 409


class DeleteConflict(ApiError):
    code, status = "DeleteConflict", 409


class LimitExceeded(ApiError):
    code, status = "LimitExceeded", 409


class ConcurrentModification(ApiError):
    code, status = "ConcurrentModification", 409


class InvalidInput(ApiError):
    code, status = "InvalidInput", 400


class MalformedPolicyDocument(ApiError):
    code, status = "MalformedPolicyDocument", 400


class PackedPolicyTooLarge(ApiError):
    code, status = "PackedPolicyTooLarge", 400


class UnmodifiableEntity(ApiError):
    code, status = "UnmodifiableEntity", 400


class PolicyNotAttachable(ApiError):
    code, status = "PolicyNotAttachable", 400
