"""IAM without wire, server and permissions: operations run one after the other in a world in memory.

Parameters are what the wire would hand over; every answer is rendered once, so that an unknown member is found.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from rolecall.decision.principal import AccountPrincipal, AssumedRole, FederatedUser, IamUser, RootUser
from rolecall.iam.service import IAM
from rolecall.names.arn import AccountId
from rolecall.operations.access import AccessCheck
from rolecall.operations.transaction import Surroundings, Transaction
from rolecall.state.caller import Caller
from rolecall.state.draft import Draft
from rolecall.state.entities import Account, Entity, Role, User
from rolecall.state.log import ActionUse, LastUse
from rolecall.state.seal import Keyring, MasterKey, Sealer
from rolecall.state.token_ring import TokenRing
from rolecall.state.world import World
from rolecall.wire.constraints import validate
from rolecall.wire.model import load_service
from rolecall.wire.xml import render_response

ACCOUNT = AccountId("123456789012")
NOW = 1_700_000_000


class NotedUses:
    """Last uses as a test wants them."""

    def __init__(self) -> None:
        self._uses: dict[tuple[str, str], LastUse] = {}
        self._action_uses: list[ActionUse] = []

    def note(self, kind: type[Entity], key: str, *, at: int, region: str, service: str) -> None:
        self._uses[kind.kind, key] = LastUse(kind=kind.kind, key=key, at=at, region=region, service=service)

    def last_use(self, kind: type[Entity], key: str) -> LastUse | None:
        return self._uses.get((kind.kind, key))

    def note_action(self, principal: str, action: str, *, at: int, region: str, account: str = ACCOUNT) -> None:
        service, _, name = action.partition(":")
        self._action_uses.append(
            ActionUse(account=account, principal=principal, service=service, action=name, at=at, region=region)
        )

    def action_uses(self, account: str) -> tuple[ActionUse, ...]:
        return tuple(use for use in self._action_uses if use.account == account)


class Server:
    """A world with accounts, a clock that stands still unless it is set, and repeatable randomness."""

    def __init__(self) -> None:
        self.world = World()
        self.now = NOW
        self.uses = NotedUses()
        randbits = random.Random(7).getrandbits
        sealer = Sealer(Keyring((MasterKey(bytes(32)),)), randbits)
        self.surroundings = Surroundings(randbits=randbits, sealer=sealer, uses=self.uses, token_ring=TokenRing(sealer))

    def account(self, account: str = ACCOUNT) -> Iam:
        """The root user of an account, which is made if it is not there."""
        if self.world.get(Account, account) is None:
            self.world = self.world.put(Account(account=AccountId(account), created_at=self.now))
        return Iam(self, RootUser(AccountId(account)))


class Iam:
    """IAM as one principal calls it: `iam("GetUser", user_name="bob")` gives the answer."""

    def __init__(self, server: Server, principal: AccountPrincipal) -> None:
        self.server = server
        self.principal = principal

    def __call__(self, name: str, /, **parameters: Any) -> Mapping[str, Any]:
        """Run the operation. What it changed stands if it did not raise."""
        operation = IAM.find(name)
        assert operation is not None, f"nobody wrote {name}"
        model = load_service("iam").operations[name]
        validate(model, parameters)
        prepared = None
        if operation.prepare is not None:
            reading = Draft(self.server.world, writable=False)
            prepared = operation.prepare(self._transaction(reading), **parameters)
        draft = Draft(self.server.world, writable=operation.will_write(parameters))
        answer = operation.run(self._transaction(draft, prepared), **parameters)
        render_response(model, answer, "request")
        self.server.world = draft.world
        return answer or {}

    def checks(self, name: str, /, **parameters: Any) -> tuple[AccessCheck, ...]:
        """Which permissions a call needs."""
        operation = IAM.find(name)
        assert operation is not None, f"nobody wrote {name}"
        draft = Draft(self.server.world, writable=False)
        return tuple(operation.access(self._transaction(draft), IAM.action(operation), parameters))

    def resources(self, name: str, /, **parameters: Any) -> list[str]:
        """The resources of these permissions; `*` for none."""
        return [str(check.resource or "*") for check in self.checks(name, **parameters)]

    def as_user(self, name: str) -> Iam:
        """The user of that name in the same account."""
        user = self.server.world.named(User, self.principal.account, name)
        assert user is not None
        return Iam(self.server, IamUser(account=user.account, user_id=user.id, name=user.name, arn=user.arn))

    def as_role(self, name: str, session_name: str = "session") -> Iam:
        """A session of the role of that name in the same account."""
        role = self.server.world.named(Role, self.principal.account, name)
        assert role is not None
        return Iam(
            self.server,
            AssumedRole(
                account=role.account,
                role_id=role.id,
                role_name=role.name,
                role_arn=role.arn,
                session_name=session_name,
            ),
        )

    def as_federated_user(self, name: str = "visitor") -> Iam:
        """A session that root made by GetFederationToken."""
        account = self.principal.account
        return Iam(self.server, FederatedUser(account=account, name=name, issuer=RootUser(account)))

    def put(self, entity: Entity) -> None:
        """Write an entity that no operation can make."""
        self.server.world = self.server.world.put(entity)

    def _transaction(self, draft: Draft, prepared: object = None) -> Transaction:
        return Transaction(
            draft,
            caller=Caller(principal=self.principal, access_key_id="AKIAIOSFODNN7EXAMPLE"),
            now=self.server.now,
            surroundings=self.server.surroundings,
            prepared=prepared,
        )
