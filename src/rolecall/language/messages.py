"""AWS's messages about policies, word for word. No rules here.

Source: policy-language.md §10, which says for each who recorded it; those it lacks are marked here.
"""

from __future__ import annotations

CODE = "MalformedPolicyDocument"
SYNTAX = "Syntax errors in policy."
INVALID_JSON = "This policy contains invalid Json"
VERSION = "Policy document must be version 2012-10-17 or greater."
LEGACY_PARSING = "The policy failed legacy parsing"
# Quoted from a CloudTrail record of CreatePolicy.
SID_TEXT = (
    "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
)
SID_UNIQUE = "Statement IDs (SID) in a single policy must be unique."
PRINCIPAL_FORBIDDEN = "Policy document should not specify a principal."
ACTIONS_MISSING = "Policy statement must contain actions."
RESOURCES_MISSING = "Policy statement must contain resources."
ACTION_WITHOUT_VENDOR = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
ACTION_COLONS = "Actions/Condition can contain only one colon."
RESOURCE_VENDOR = "Resource vendor must be fully qualified and cannot contain regexes."
TRUST_ACTION = "AssumeRole policy may only specify STS AssumeRole actions."
NO_PRINCIPALS = (
    "Invalid principal in policy: com.amazon.balsa.error.InvalidPolicyException: "
    "The passed in policy has a statement with no principals!"
)
# Recorded from UpdateAssumeRolePolicy in a public repository (badmintoncryer/cdk-preflight, 2026-09-07).
TRUST_STAR = 'AssumeRolepolicy contained an invalid principal: "STAR":"*".'
# The one text that AWS Organizations has for every fault of a policy.
ORGANIZATIONS = "The provided policy document does not meet the requirements of the specified policy type."
ORGANIZATIONS_CODE = "MalformedPolicyDocumentException"

_IAM_RESOURCE_PATHS = (
    "user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, "
    "saml-provider/, oidc-provider/, report/, access-report/"
)
IAM_RESOURCE_PATH = f'IAM resource path must either be "*" or start with {_IAM_RESOURCE_PATHS}.'


def resource_not_arn(resource: str) -> str:
    return f'Resource {resource} must be in ARN format or "*".'


def resource_partition(partition: str, completed: str) -> str:
    """`completed` is the ARN as AWS shows it: at least six parts, those that were missing as `*`."""
    return f'Partition "{partition}" is not valid for resource "{completed}".'


def iam_resource_region(resource: str) -> str:
    return f"IAM resource {resource} cannot contain region information."


def resource_region(resource: str) -> str:
    return f"Resource {resource} can not contain region information."


def action_vendor(vendor: str) -> str:
    return f"Vendor {vendor} is not valid"


def unknown_field(name: str) -> str:
    return f"Unknown field {name}"


def missing_field(name: str) -> str:
    return f"Missing required field {name}"


def prohibited_field(name: str) -> str:
    return f"Has prohibited field {name}"


def invalid_principal(kind: str, text: str) -> str:
    """`kind` is AWS's word in capitals: `AWS`, `SERVICE`, `FEDERATED`, or `STAR` for a bare `*`."""
    return f'Invalid principal in policy: "{kind}":"{text}"'


def shared_provider(provider: str, keys: tuple[str, ...]) -> str:
    """A trust policy that lets in every user of an identity provider that many organizations share."""
    return (
        f"Trust policy with trusted principal {provider} must evaluate, using StringEquals, StringLike or "
        f"StringEqualsIgnoreCase, {' or '.join(keys)} which is not scoped to all."
    )
