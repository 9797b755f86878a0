"""The error tree of Rolecall.

    RolecallError
    ├── PolicyError              a policy text that is refused; holds every finding, not just the first
    ├── StoreError               the data directory cannot be used as it is
    ├── SettingsError            a setting is unknown, missing or malformed
    ├── InvalidArn               a text is not an ARN
    ├── QuestionError            a JSON question breaks the format (`rolecall.questions.question_error`)
    ├── PolicyTestError          a file of policy tests cannot be used (`rolecall.policy_tests.errors`)
    ├── AccountFileError         the file of an account cannot be imported (`rolecall.iam.transfer.details`)
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


class InvalidArn(RolecallError):
    """A text is not an ARN. Whoever asked turns it into an answer."""


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
    """The request is not signed at all."""

    code = "MissingAuthenticationToken"


class IncompleteSignature(AuthenticationError):
    """A part of the signature is missing, malformed, or there twice."""

    code, status = "IncompleteSignature", 400


class SignatureDoesNotMatch(AuthenticationError):
    """The signature is wrong, too old, not yet valid, or made for another service or region."""

    code = "SignatureDoesNotMatch"


class InvalidClientTokenId(AuthenticationError):
    """The access key or session token is unknown, inactive, or its user or role is gone."""

    code = "InvalidClientTokenId"


class ExpiredToken(AuthenticationError):
    """The session is over."""

    code = "ExpiredToken"


class RequestExpired(AuthenticationError):
    """A presigned request is past its own expiry."""

    code, status = "RequestExpired", 400


class AccessDenied(ApiError):
    """The policies do not allow the call; the message says which kind of policy is why."""

    code, status = "AccessDenied", 403


class InvalidAction(ApiError):
    """No service has an operation of that name and version."""

    code, status = "InvalidAction", 400


class MissingAction(ApiError):
    """The request names no operation."""

    code, status = "MissingAction", 400


class MalformedQueryString(ApiError):
    """The parameters cannot be read: bad escapes, bad UTF-8, a name given twice."""

    code, status = "MalformedQueryString", 400


class MalformedInput(ApiError):
    """The body cannot be read as the query protocol's form."""

    code, status = "MalformedInput", 400


class RequestEntityTooLarge(ApiError):
    """The body is larger than 1 MiB."""

    code, status = "RequestEntityTooLarge", 413


class RequestHeaderSectionTooLarge(ApiError):
    """The request's target and headers are larger than 64 KiB together."""

    code, status = "RequestHeaderSectionTooLarge", 400


class MethodNotAllowed(ApiError):
    """The HTTP method is neither POST nor GET."""

    code, status = "MethodNotAllowed", 405


class ValidationError(ApiError):
    """Parameters break the constraints of the API model; all violations are listed."""

    code, status = "ValidationError", 400


class InvalidParameterValue(ApiError):
    """A parameter's value makes no sense here."""

    code, status = "InvalidParameterValue", 400


class Throttling(ApiError):
    """Too many slow calls of the account wait already."""

    code, status = "Throttling", 400


class InternalFailure(ApiError):
    """A bug: the caller learns the request id, the log the rest."""

    code, status = "InternalFailure", 500


class ServiceUnavailable(ApiError):
    """The log cannot be read or written at the moment."""

    code, status = "ServiceUnavailable", 503


class OperationNotImplemented(ApiError):
    """An operation of AWS's model that Rolecall does not have yet."""

    code, status = "NotImplemented", 400


class NoSuchEntity(ApiError):
    """What the call is about does not exist."""

    code, status = "NoSuchEntity", 404


class EntityAlreadyExists(ApiError):
    """There is one of that name already."""

    code, status = "EntityAlreadyExists", 409


class DeleteConflict(ApiError):
    """Something still hangs on what is to be deleted."""

    code, status = "DeleteConflict", 409


class LimitExceeded(ApiError):
    """A quota is used up."""

    code, status = "LimitExceeded", 409


class InvalidInput(ApiError):
    """A parameter is well-formed but not acceptable."""

    code, status = "InvalidInput", 400


class MalformedPolicyDocument(ApiError):
    """The policy text breaks the grammar, or names a principal that does not exist."""

    code, status = "MalformedPolicyDocument", 400


class PackedPolicyTooLarge(ApiError):
    """The session policies and tags take more room than a session has."""

    code, status = "PackedPolicyTooLarge", 400


class UnmodifiableEntity(ApiError):
    """The role belongs to AWS and only AWS changes it."""

    code, status = "UnmodifiableEntity", 400


class PolicyNotAttachable(ApiError):
    """The policy is for service-linked roles only."""

    code, status = "PolicyNotAttachable", 400


class ConcurrentModification(ApiError):
    """Somebody else changed the same thing at the same time."""

    code, status = "ConcurrentModification", 409


class EntityTemporarilyUnmodifiable(ApiError):
    """It was changed a moment ago, while this call was at work on it."""

    code, status = "EntityTemporarilyUnmodifiable", 409


class ReportExpired(ApiError):
    """The newest credential report is too old."""

    code, status = "ReportExpired", 410


class ReportNotPresent(ApiError):
    """No credential report was asked for."""

    code, status = "ReportNotPresent", 410


class ReportInProgress(ApiError):
    """The credential report is not ready yet."""

    code, status = "ReportInProgress", 404


class ReportGenerationLimitExceeded(ApiError):
    """Too many access reports were asked for at once."""

    code, status = "ReportGenerationLimitExceeded", 409


class DuplicateCertificate(ApiError):
    """The certificate is known already."""

    code, status = "DuplicateCertificate", 409


class InvalidCertificate(ApiError):
    """The certificate can be read but not used."""

    code, status = "InvalidCertificate", 400


class MalformedCertificate(ApiError):
    """The certificate, its chain or its key cannot be read."""

    code, status = "MalformedCertificate", 400


class KeyPairMismatch(ApiError):
    """The private key is not the certificate's."""

    code, status = "KeyPairMismatch", 400


class DuplicateSshPublicKey(ApiError):
    """The user has that SSH public key already."""

    code, status = "DuplicateSSHPublicKey", 400


class InvalidPublicKey(ApiError):
    """The public key is malformed or of a kind that is not supported."""

    code, status = "InvalidPublicKey", 400


class UnrecognizedPublicKeyEncoding(ApiError):
    """The public key is neither in SSH nor in PEM form."""

    code, status = "UnrecognizedPublicKeyEncoding", 400


class FeatureDisabled(ApiError):
    """The feature is off."""

    code, status = "FeatureDisabled", 404


class FeatureEnabled(ApiError):
    """The feature is on already."""

    code, status = "FeatureEnabled", 409


class InvalidAuthenticationCode(ApiError):
    """The codes are not those of the MFA device."""

    code, status = "InvalidAuthenticationCode", 403


class InvalidUserType(ApiError):
    """Only a user can do this, with its own credentials."""

    code, status = "InvalidUserType", 400


class PasswordPolicyViolation(ApiError):
    """The password breaks the account's password policy."""

    code, status = "PasswordPolicyViolation", 400


class NameConflict(ApiError):
    """A role of that name exists and came from elsewhere."""

    code, status = "NameConflict", 409


class RoleModified(ApiError):
    """The role is no longer what its template made."""

    code, status = "RoleModified", 409


class RoleTemplateDisabled(ApiError):
    """The role template or its version is switched off."""

    code, status = "RoleTemplateDisabled", 400


class OpenIdIdpCommunicationError(ApiError):
    """The identity provider could not be reached."""

    code, status = "OpenIdIdpCommunicationError", 400


class NotSupportedService(ApiError):
    """No such credentials exist for that service."""

    code, status = "NotSupportedService", 404


class AccountNotManagementOrDelegatedAdministrator(ApiError):
    """Only the management account or a delegated administrator may do this."""

    code, status = "AccountNotManagementOrDelegatedAdministratorException", 400


class CallerIsNotManagementAccount(ApiError):
    """Only the management account may do this."""

    code, status = "CallerIsNotManagementAccountException", 400


class OrganizationNotFound(ApiError):
    """The account belongs to no organization."""

    code, status = "OrganizationNotFoundException", 400


class OrganizationNotInAllFeaturesMode(ApiError):
    """The organization has not all features enabled."""

    code, status = "OrganizationNotInAllFeaturesModeException", 400


class ServiceAccessNotEnabled(ApiError):
    """The organization does not let IAM act for it."""

    code, status = "ServiceAccessNotEnabledException", 400
