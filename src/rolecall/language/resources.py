"""`Resource` and `NotResource`. Whether a resource exists is not asked.

The checks and their order are AWS's; source: policy-language.md §3 and §10.
"""

from __future__ import annotations

import re

import msgspec

from rolecall.language import messages
from rolecall.language.document import ResourcePattern, Resources
from rolecall.language.findings import Check
from rolecall.language.grammar import read_strings
from rolecall.language.json_text import JsonString, JsonValue
from rolecall.language.review import Review
from rolecall.language.templates import MalformedVariable, parse_template
from rolecall.names.arn import PARTITIONS

_PARTS = 6
_WILDCARD = re.compile(r"[*?]")

_IAM_PATHS = (
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
    # Not in AWS's message, but in the managed policies that AWS publishes.
    "role-template/",
    # In the ARNs of delegation requests, by the service authorization reference.
    "delegation-request/",
)
_IAM_WHOLE_PATHS = ("*", "root")

_REGIONAL_S3_PATHS = (
    "accesspoint/",
    "access-grants/",
    "async-request/",
    "job/",
    "storage-lens/",
    "storage-lens-group/",
)
"""The resources of S3 that live in a region (S3's resource types in the service authorization reference)."""


class _Fault(msgspec.Struct, frozen=True):
    check: Check
    message: str
    detail: str


def parse_resources(name: str, value: JsonValue, review: Review) -> Resources | None:
    """Read the element called `name` (`Resource` or `NotResource`); None if it was refused.

    A `null` in an array is passed over, as AWS does; an array of nothing else counts as empty, for an empty
    `NotResource` would cover everything.
    """
    strings = read_strings(name, value, review, null_items=True)
    if strings is None:
        return None
    if not strings:
        review.refuse(Check.RESOURCE_PRESENT, value, f"`{name}` names no resource", messages.RESOURCES_MISSING)
        return None
    # Of several bad resources in one element, AWS reports the one that sorts first.
    for string in sorted(strings, key=lambda string: string.text):
        fault = _fault(string.text, review)
        if fault:
            review.refuse(fault.check, string, fault.detail, fault.message)
    patterns = tuple(_pattern(string, review) for string in strings)
    return Resources(patterns, negated=name == "NotResource")


def _complete(text: str) -> list[str]:
    parts = text.split(":", _PARTS - 1)
    return parts + ["*"] * (_PARTS - len(parts))


def _pattern(string: JsonString, review: Review) -> ResourcePattern:
    if string.text == "*":
        return ResourcePattern(string.text, None, review.span(string))
    _, *qualifiers, resource = _complete(string.text)
    partition, service, region, account = (parse_template(part, wildcards=True, variables=False) for part in qualifiers)
    try:
        last = parse_template(resource, wildcards=True, variables=review.has_variables)
    except MalformedVariable as error:
        review.refuse(Check.SYNTAX, string, str(error))
        last = ()
    return ResourcePattern(string.text, (partition, service, region, account, last), review.span(string))


def _fault(text: str, review: Review) -> _Fault | None:
    if text == "*":
        return None
    given = text.split(":", _PARTS - 1)
    prefix, partition, service, region, _, resource = completed = _complete(text)
    return (
        _format_fault(text, given, "arn:" + ":".join(completed[1:]))
        or _prefix_fault(text, prefix)
        or _variable_fault(text, (partition, *given[2:5]), review)
        or _service_fault(text, service, region, resource)
        or _legacy_fault(text, service)
    )


def _format_fault(text: str, given: list[str], completed: str) -> _Fault | None:
    if len(given) == 1:
        detail = f"`{text}` is not an ARN: write `arn:partition:service:region:account:resource`, or `*` for everything"
        return _Fault(Check.RESOURCE_FORMAT, messages.resource_not_arn(text), detail)
    partition = given[1]
    if partition != "*" and partition not in PARTITIONS:
        detail = f"`{partition}` is not a partition: use `aws`, another partition of AWS, or `*`"
        return _Fault(Check.RESOURCE_FORMAT, messages.resource_partition(partition, completed), detail)
    if len(given) == 2 or _WILDCARD.search(given[2]):
        detail = f"`{text}` does not name its service without wildcards"
        return _Fault(Check.RESOURCE_FORMAT, messages.RESOURCE_VENDOR, detail)
    return None


def _prefix_fault(text: str, prefix: str) -> _Fault | None:
    if prefix == "arn":
        return None
    return _Fault(Check.RESOURCE_FORMAT, messages.resource_not_arn(text), f"`{text}` does not begin with `arn:`")


def _variable_fault(text: str, qualifiers: tuple[str, ...], review: Review) -> _Fault | None:
    if review.rules.variables_in_arn or not review.has_variables or not any("${" in part for part in qualifiers):
        return None
    detail = f"policy variables may stand only behind the fifth colon of an ARN, not as in `{text}`"
    return _Fault(Check.LEGACY_PARSING, messages.LEGACY_PARSING, detail)


def _service_fault(text: str, service: str, region: str, resource: str) -> _Fault | None:
    if service == "iam":
        if region:
            detail = f"IAM's resources have no region: leave it empty in `{text}`"
            return _Fault(Check.RESOURCE_FORMAT, messages.iam_resource_region(text), detail)
        if resource not in _IAM_WHOLE_PATHS and not resource.startswith(_IAM_PATHS):
            detail = f"`{text}` does not begin with a kind of IAM resource"
            return _Fault(Check.RESOURCE_FORMAT, messages.IAM_RESOURCE_PATH, detail)
    if service == "s3" and region not in ("", "*") and not resource.startswith(_REGIONAL_S3_PATHS):
        detail = f"buckets and objects have no region: leave it empty in `{text}`"
        return _Fault(Check.RESOURCE_FORMAT, messages.resource_region(text), detail)
    return None


def _legacy_fault(text: str, service: str) -> _Fault | None:
    if not service:
        return _Fault(Check.LEGACY_PARSING, messages.LEGACY_PARSING, f"`{text}` has an empty service part")
    if "::" in text and text.count(":") < _PARTS - 1:
        detail = f"`{text}` has fewer than six parts, and an empty one"
        return _Fault(Check.LEGACY_PARSING, messages.LEGACY_PARSING, detail)
    return None
