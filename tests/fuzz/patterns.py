"""Patterns that cover a given text, or just miss it. Knows texts, actions and ARNs; not where a pattern stands."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import Any

from fuzz.vocabulary import pick

_OTHER_ACTIONS = ("s3:PutObject", "sqs:*", "iam:Get*", "sts:TagSession", "ec2:?un*", "kms:Decrypt", "nosuch:Action")
_OTHER_RESOURCES = (
    "arn:aws:s3:::other/*",
    "arn:aws:sqs:us-east-1:111111111111:other",
    "arn:aws:iam::111111111111:role/other",
    "arn:aws:kms:eu-west-1:222222222222:key/*",
    "arn:aws:ec2:*:*:instance/other",
)
_DEFAULTED = "${made:up-absent, '%s'}"
_UNRESOLVED = "${made:up-absent}"


def covering(rng: Random, text: str) -> str:
    """A pattern that `text` fits."""
    at = int(rng.random() * (len(text) + 1))
    to = at + int(rng.random() * (len(text) - at + 1))
    match int(rng.random() * 7):
        case 0:
            return text[:at] + "*"
        case 1:
            return "*" + text[at:]
        case 2:
            return text[:at] + "*" + text[to:]
        case 3:
            return text[:at] + "?" * (to - at) + text[to:]
        case 4:
            return text[:at] + "*?" * (to - at > 0) + text[to:]
        case _:
            return text


def missing(rng: Random, text: str) -> str:
    """A pattern that `text` hardly fails to fit, if it fails at all."""
    at = int(rng.random() * (len(text) + 1))
    match int(rng.random() * 6):
        case 0:
            return text + "x"
        case 1:
            return text[:-1]
        case 2:
            return text.swapcase()
        case 3:
            return text[:at] + "?" + text[at:]
        case 4:
            return text[:at] + "?*?" + text[at + 1 :]
        case _:
            return text[:at] + "x" + text[at:]


def action_pattern(rng: Random, action: str, *, hit: bool) -> str:
    """A pattern for `service:Name`."""
    if not hit and rng.random() < 0.5:
        return pick(rng, _OTHER_ACTIONS)
    service, _, name = action.partition(":")
    name = covering(rng, name) if hit else missing(rng, name)
    if rng.random() < 0.2:
        name = pick(rng, (name.lower(), name.upper(), name.swapcase()))
    if rng.random() < 0.05:
        service = service.upper()
    return f"{service}:{name}"


def resource_pattern(rng: Random, arn: str, context: Mapping[str, Any], *, hit: bool) -> str:
    """A pattern for an ARN, that keeps to the grammar of `Resource`; variables of `context` may stand in it."""
    if not hit and rng.random() < 0.4:
        return pick(rng, _OTHER_RESOURCES)
    chance = rng.random()
    _, partition, service, region, account, resource = arn.split(":", 5)
    if hit and chance < 0.05 and service != "iam":
        return f"arn:{pick(rng, (partition, '*'))}:{service}" + pick(rng, ("", ":*"))
    if chance < 0.15:
        partition = "*"
    if region and chance < 0.4:
        region = covering(rng, region)
    elif not region and chance < 0.1:
        region = "" if service == "iam" else "*"
    if account and 0.2 < chance < 0.4:
        account = covering(rng, account)
    resource = _resource_part(rng, service, region, resource, context, hit=hit)
    return f"arn:{partition}:{service}:{region}:{account}:{resource}"


def arn_pattern(rng: Random, arn: str, *, hit: bool) -> str:
    """A pattern for an ARN in a condition, where any part may hold wildcards."""
    parts = arn.split(":", 5)
    at = 1 + int(rng.random() * (len(parts) - 1))
    parts[at] = covering(rng, parts[at]) if hit else missing(rng, parts[at])
    return ":".join(parts)


def with_variable(rng: Random, text: str, context: Mapping[str, Any]) -> str:
    """The text with a policy variable in the place of what the variable stands for, if `context` has such a one."""
    for key, value in context.items():
        if isinstance(value, str) and value and value in text:
            default = pick(rng, ("", "", ", 'fallback'"))
            return text.replace(value, f"${{{key}{default}}}", 1)
    match int(rng.random() * 4):
        case 0:
            return _DEFAULTED % text
        case 1:
            return text + _UNRESOLVED
        case 2:
            return text.replace("*", "${*}").replace("?", "${?}")
        case _:
            return text + "${$}"


def _resource_part(rng: Random, service: str, region: str, text: str, context: Mapping[str, Any], *, hit: bool) -> str:
    # A resource of IAM must begin with its kind in plain letters, or be `*` as a whole; so must those of S3 in regions.
    kind, slash, name = text.partition("/") if service == "iam" or (service == "s3" and region) else ("", "", text)
    if hit and rng.random() < 0.2 and not (service == "s3" and region):
        return "*"
    if service == "iam" and not slash:
        return text
    if rng.random() < 0.12:
        return kind + slash + with_variable(rng, name, context)
    return kind + slash + (covering(rng, name) if hit else missing(rng, name))
