"""One request and what has become known of it: filled in step by step along the request path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rolecall.state.caller import Caller
from rolecall.state.world import World
from rolecall.wire.model import OperationModel, ServiceModel
from rolecall.wire.sigv4 import HttpRequest


@dataclass(slots=True, kw_only=True)
class Exchange:
    """One request.

    Attributes, in the order in which they become known: `request_id`; `now`, seconds since the epoch; `client_ip`, of
    the connection's peer; `is_secure`, whether it came over TLS; `request`; `service` and `operation`, of the model;
    `form`; `world`, that the caller was found in; `caller`; `region`, of the credential scope; `parameters`.
    """

    request_id: str
    now: float
    client_ip: str
    is_secure: bool
    request: HttpRequest
    service: ServiceModel | None = None
    operation: OperationModel | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    world: World | None = None
    caller: Caller | None = None
    region: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    _headers: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        # Of a header that is sent twice the first counts, so it is put in last.
        self._headers = dict(reversed(self.request.headers))

    def header(self, name: str) -> str | None:
        """The first header of that lower-case name, or None."""
        return self._headers.get(name)

    @property
    def wants_json(self) -> bool:
        """Does the client ask for JSON rather than XML?"""
        accept = self.header("accept")
        return accept is not None and accept.split(",")[0].split(";")[0].strip() == "application/json"
