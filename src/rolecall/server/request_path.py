"""The request path, as one visible list: find the operation, authenticate, read the parameters, gather, authorize, run.

Each step is a small function over one exchange. A step that refuses raises an `ApiError`; `answers` renders it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from rolecall.errors import InvalidAction, MethodNotAllowed, MissingAction, OperationNotImplemented, ValidationError
from rolecall.iam.service import IAM
from rolecall.operations.registry import Answer, Operation, Registry, on_account
from rolecall.operations.transaction import Surroundings, Transaction
from rolecall.server.activity import note_attempt
from rolecall.server.authentication import Authenticator
from rolecall.server.enforcement import authorize_call, request_keys
from rolecall.server.exchange import Exchange
from rolecall.server.slow_work import SlowWork
from rolecall.state.caller import Caller, check_not_expired, still_calling
from rolecall.state.credentials import AccessKey
from rolecall.state.draft import Draft
from rolecall.state.store import Store
from rolecall.state.world import World
from rolecall.sts.restrictions import check_restrictions
from rolecall.sts.service import STS
from rolecall.wire.constraints import validate
from rolecall.wire.decode import decode
from rolecall.wire.form import parse_form
from rolecall.wire.model import OperationModel, ServiceModel, load_service
from rolecall.wire.sigv4 import scope_of

T = TypeVar("T")

REGISTRIES: Mapping[str, Registry] = {"iam": IAM, "sts": STS}
DEMANDED_REVISION = "x-rolecall-minimum-revision"


class RequestPath:
    """Answers requests out of a store. Parameters: `store`; `surroundings`, lent to operations; `authenticator`."""

    def __init__(self, store: Store, surroundings: Surroundings, authenticator: Authenticator) -> None:
        self._store = store
        self._surroundings = surroundings
        self._authenticator = authenticator
        self._services = tuple(load_service(name) for name in ("iam", "sts"))
        self._slow = SlowWork()

    async def answer(self, exchange: Exchange) -> tuple[Answer, int]:
        """The operation's answer and the revision of the world that it rests on."""
        self._find_operation(exchange)
        self._authenticate(exchange)
        self._read_parameters(exchange)
        return await self._perform(exchange)

    def _find_operation(self, exchange: Exchange) -> None:
        """The service by the credential scope, else by version and action; then the operation."""
        if exchange.request.method not in {"GET", "POST"}:
            raise MethodNotAllowed(f"`{exchange.request.method}` is not supported: use POST or GET")
        exchange.form = parse_form(
            b"&".join(filter(None, (exchange.request.raw_query.encode("latin-1"), exchange.request.body)))
        )
        action, version = exchange.form.get("Action"), exchange.form.get("Version")
        exchange.service = self._find_service(exchange, action, version)
        if exchange.service is None:
            if not action:
                raise MissingAction("Missing Action")
            raise InvalidAction(f"Could not find operation {action} for version {version or 'NO_VERSION_SPECIFIED'}")
        exchange.operation = exchange.service.find(action, version)

    def _find_service(self, exchange: Exchange, action: str | None, version: str | None) -> ServiceModel | None:
        scope = scope_of(exchange.request)
        for service in self._services:
            if scope is not None and scope.service == service.signing_name:
                return service
        for service in self._services:
            if version == service.api_version and action in service.operations:
                return service
        return None

    def _authenticate(self, exchange: Exchange) -> None:
        service, operation = _found(exchange)
        exchange.world = self._store.view()
        exchange.caller, exchange.region = self._authenticator.authenticate(
            exchange.world, exchange.request, service.signing_name, exchange.now
        )
        self._note_use(exchange.caller, exchange, service, operation)
        check_restrictions(exchange.caller, service.name, operation.name)

    def _note_use(self, caller: Caller, exchange: Exchange, service: ServiceModel, operation: OperationModel) -> None:
        at, region, uses = int(exchange.now), exchange.region, self._store.uses
        if caller.session is None:
            uses.record(AccessKey, caller.access_key_id, at=at, region=region, service=service.name)
        note_attempt(uses, caller, service.name, operation.name, at=at, region=region)

    def _read_parameters(self, exchange: Exchange) -> None:
        service, operation = _found(exchange)
        if REGISTRIES[service.name].find(operation.name) is None:
            return  # whatever they say, the answer is the same: not allowed, or not implemented
        exchange.parameters = decode(operation, exchange.form)
        validate(operation, exchange.parameters)

    async def _perform(self, exchange: Exchange) -> tuple[Answer, int]:
        """Gather, authorize, run: a read in the world that its caller was found in, a write inside the writer's turn.

        So a write rests on the newest world, whatever was committed while it waited.
        """
        service, model = _found(exchange)
        registry = REGISTRIES[service.name]
        operation = registry.find(model.name) or _not_implemented(model)
        action = registry.action(operation)
        world, caller = _authenticated(exchange)
        account, reading = caller.principal.account, Draft(world, writable=False)
        if operation.will_write(exchange.parameters):
            prepared = None
            if operation.prepare is not None:
                prepare = self._runner(exchange, operation, action, operation.prepare)
                began = time.monotonic()
                prepared = await self._slow.run(account, partial(prepare, reading))
                check_not_expired(caller, exchange.now + time.monotonic() - began)
            run = self._runner(exchange, operation, action, operation.run, prepared)
            written = await asyncio.wrap_future(self._store.write(run))
            return written.value, written.revision
        _check_revision(exchange, world.revision)
        run = self._runner(exchange, operation, action, operation.run)
        # What is slow may take its time beside others: the world never changes under a reader.
        answer = await self._slow.run(account, partial(run, reading)) if operation.is_slow else run(reading)
        return answer, world.revision

    def _runner(
        self,
        exchange: Exchange,
        operation: Operation,
        action: str,
        function: Callable[..., T],
        prepared: object = None,
    ) -> Callable[[Draft], T]:
        """Runs `function`, the operation's own or its `prepare`, for who is allowed the operation."""
        world, caller = _authenticated(exchange)
        keys = request_keys(exchange)

        def run(draft: Draft) -> T:
            tx = Transaction(
                draft,
                caller=caller if draft.world is world else still_calling(draft.world, caller),
                now=int(exchange.now),
                region=exchange.region,
                surroundings=self._surroundings,
                prepared=prepared,
            )
            authorize_call(tx, operation, action, exchange.parameters, keys)
            return function(tx, **exchange.parameters)

        return run


def _found(exchange: Exchange) -> tuple[ServiceModel, OperationModel]:
    if exchange.service is None or exchange.operation is None:
        raise LookupError("the operation has not been found yet")
    return exchange.service, exchange.operation


def _authenticated(exchange: Exchange) -> tuple[World, Caller]:
    if exchange.world is None or exchange.caller is None:
        raise LookupError("an operation is run for nobody")
    return exchange.world, exchange.caller


def _not_implemented(model: OperationModel) -> Operation:
    """Stands in for an operation of AWS's that nobody wrote: permission first, then the plain truth."""

    def refuse(_: Transaction, **parameters: object) -> Answer:  # noqa: ARG001 - takes what every operation takes
        raise OperationNotImplemented(f"{model.service}:{model.name} is not implemented by this server")

    return Operation(name=model.name, run=refuse, access=on_account, writes=False)


def _check_revision(exchange: Exchange, revision: int) -> None:
    """A client may demand what it has seen: refuse to answer from an older world."""
    demanded = exchange.header(DEMANDED_REVISION)
    if demanded is None:
        return
    if not (demanded.isascii() and demanded.isdigit() and len(demanded) < 20):
        raise ValidationError(f"{DEMANDED_REVISION} must be a revision number")
    if int(demanded) > revision:
        # The world read for this call is the newest there is: no later revision exists that waiting would bring.
        raise ValidationError(f"revision {demanded} does not exist yet: the newest is {revision}")
