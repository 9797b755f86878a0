"""The URLs of OpenID Connect providers, as CreateOpenIDConnectProvider takes them. Nothing here contacts anybody."""

from __future__ import annotations

import re

from rolecall.errors import InvalidInput, ValidationError

SCHEME = "https"
DEFAULT_PORT = ":443"

_AUTHORITY = re.compile(r"[^/?#]*")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
_PATH = re.compile(r"(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*)*")
"""RFC 3986 §3.3."""


def provider_name(url: str) -> str:
    """The provider's name, as in its ARN: `url` without the scheme and the default port.

    Case and a slash at the end stay as they are. AWS takes no other port, no query and no fragment. That it drops the
    port 443, tells a URL with a slash at its end from one without, and answers `Unknown` was recorded at AWS
    (radkawar/stackd, oidc.json), the first error too (localstack, test_iam_oidc.snapshot.json); the others are what
    versitygw expects, not confirmed.

    Raises `ValidationError` if it is not a URL with a host, `InvalidInput` if it is one that is not accepted.
    """
    scheme, separator, rest = url.partition("://")
    authority = _matched(_AUTHORITY, rest)
    if not separator or not authority:
        raise ValidationError("Invalid Open ID Connect Provider URL")
    if scheme.lower() != SCHEME:
        raise InvalidInput("Invalid Open ID Connect Provider URL. The URL must begin with https://.")
    if "?" in rest or "#" in rest:
        raise InvalidInput("Unknown")
    host, path = authority.removesuffix(DEFAULT_PORT), rest[len(authority) :]
    if not _HOST.fullmatch(host) or not _PATH.fullmatch(path):
        raise InvalidInput("Invalid Open ID Connect Provider URL.")
    return host + path


def _matched(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.match(text)
    return match[0] if match is not None else ""
