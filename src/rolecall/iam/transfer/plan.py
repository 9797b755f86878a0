"""What an import would do: every entity of the file is made or changed on a copy of the world.

The copy costs nothing, so a plan disturbs nobody, however long it takes; `writing` carries it out. An entity
that is refused leaves no trace in the plan, and neither do those that rest on it: nothing is imported in part. How one
entity becomes what the file says is told in `holders` and `policies`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from rolecall.errors import ApiError
from rolecall.iam.protected import RESERVED_PATHS
from rolecall.iam.transfer.details import AccountDetails, AccountFileError, RoleDetail, account_of
from rolecall.iam.transfer.direct_calls import DirectCalls
from rolecall.iam.transfer.holders import import_group, import_role, import_user
from rolecall.iam.transfer.outcomes import Change, ImportPlan, Outcome
from rolecall.iam.transfer.policies import import_instance_profile, import_policy
from rolecall.iam.transfer.texts import Texts, compact
from rolecall.iam.transfer.trust import without_unknown_principals
from rolecall.iam.trust_policies import normal_form, show_principals
from rolecall.names.arn import AccountId
from rolecall.operations.transaction import Surroundings
from rolecall.state.draft import Draft
from rolecall.state.entities import Account, Group, InstanceProfile, ManagedPolicy, NamedEntity, Role, User
from rolecall.state.world import Reference, World

Kind = type[NamedEntity]
RESERVED = "it belongs to AWS; a service makes such a role by itself"


def plan_import(
    world: World,
    details: AccountDetails,
    *,
    account: AccountId,
    now: int,
    surroundings: Surroundings,
    rewrites_account: bool = False,
    drops_unknown_principals: bool = False,
    advance: Callable[[], None] = lambda: None,
) -> ImportPlan:
    """Plan the import of a file into `account` of `world`.

    Parameters
    ----------
    now: the moment of the import, whole seconds since the epoch: the date of what is made.
    surroundings: lent to IAM's operations.
    rewrites_account: whether policy documents shall name `account` where they name the account of the file.
    drops_unknown_principals: whether whoever does not exist here is left out of trust policies, instead of the role.
    advance: called once for each entity, for a progress bar.

    Raises `AccountFileError` if the account does not exist, or the file is of several accounts.
    """
    if world.get(Account, account) is None:
        raise AccountFileError(f"the account `{account}` does not exist here: `rolecall account create` makes one")
    texts = Texts(source=account_of(details), target=account, rewrites_account=rewrites_account)
    planning = _Planning(world, texts, now, surroundings, advance)
    for policy in details.own_policies():
        planning.run(ManagedPolicy, policy.policy_name, partial(import_policy, detail=policy, texts=texts))
    for group in details.group_detail_list:
        planning.run(Group, group.group_name, partial(import_group, detail=group, texts=texts))
    for user in details.user_detail_list:
        planning.run(User, user.user_name, partial(import_user, detail=user, texts=texts))
    planning.run_roles(details.role_detail_list, drops_unknown_principals)
    for profile, role_name in details.instance_profiles():
        name = profile.instance_profile_name
        if role_name is not None and planning.is_skipped(Role, role_name):
            planning.skip(InstanceProfile, name, f"its role {role_name} is skipped")
        else:
            planning.run(InstanceProfile, name, partial(import_instance_profile, detail=profile, role_name=role_name))
    return planning.plan()


class _Planning:
    """A plan that is being made: the world so far, and what came of each entity."""

    def __init__(
        self, world: World, texts: Texts, now: int, surroundings: Surroundings, advance: Callable[[], None]
    ) -> None:
        self._before = self._world = world
        self._texts = texts
        self._now = now
        self._surroundings = surroundings
        self._advance = advance
        self._seen: dict[tuple[Kind, str], None] = {}
        self._failed: dict[tuple[Kind, str], str] = {}
        self._skipped: dict[tuple[Kind, str], str] = {}
        self._notes: dict[tuple[Kind, str], str] = {}
        self._touched: set[Reference] = set()

    def run(self, kind: Kind, name: str, work: Callable[[DirectCalls], None]) -> None:
        """Do the work on one entity; if it is refused, nothing of it stands, and the reason is kept."""
        self._seen[kind, name] = None
        self._try(kind, name, work)
        self._advance()

    def skip(self, kind: Kind, name: str, reason: str) -> None:
        """Leave an entity of the file alone."""
        self._seen[kind, name] = None
        self._skipped[kind, name] = reason
        self._advance()

    def is_skipped(self, kind: Kind, name: str) -> bool:
        """Was the entity left alone?"""
        return (kind, name) in self._skipped

    def run_roles(self, roles: tuple[RoleDetail, ...], drops_unknown_principals: bool) -> None:
        """Import roles: first without trust, then their trust policies, which may name each other.

        A role whose trust policy is refused goes again, and with it those that trust it, until all that is left stands.
        """
        left: list[RoleDetail] = []
        for role in roles:
            if role.path.startswith(tuple(RESERVED_PATHS)):
                self.skip(Role, role.role_name, RESERVED)
                continue
            self.run(Role, role.role_name, partial(import_role, detail=role, texts=self._texts))
            if (Role, role.role_name) not in self._failed:
                left.append(role)
        while refused := [role for role in left if not self._trusts(role, drops_unknown_principals)]:
            for role in refused:
                self._withdraw(role.role_name)
            left = [role for role in left if role not in refused]

    def plan(self) -> ImportPlan:
        """The plan, finished."""
        return ImportPlan(
            before=self._before,
            after=self._world,
            outcomes=tuple(self._outcome(kind, name) for kind, name in self._seen),
            touched=frozenset(self._touched),
        )

    def _try(self, kind: Kind, name: str, work: Callable[[DirectCalls], None]) -> bool:
        draft = Draft(self._world)
        call = DirectCalls(draft, account=self._texts.target, now=self._now, surroundings=self._surroundings)
        try:
            work(call)
        except ApiError as error:
            self._failed[kind, name] = f"{error.code}: {error.message}"
            return False
        except AccountFileError as error:
            self._failed[kind, name] = str(error)
            return False
        self._touched.update((entity.kind, entity.key) for entity, _ in draft.changes)
        self._world = draft.world
        return True

    def _trusts(self, detail: RoleDetail, drops_unknown_principals: bool) -> bool:
        """Give the role the trust policy of the file; False if it is refused."""

        def set_trust_policy(call: DirectCalls) -> None:
            role = call.world.named(Role, call.account, detail.role_name)
            assert role is not None  # it is among those that were imported
            wanted = self._texts.document(detail.assume_role_policy_document)
            if drops_unknown_principals:
                wanted, unknown = without_unknown_principals(call.world, wanted)
                if unknown:
                    self._notes[Role, role.name] = f"its trust policy goes without {', '.join(unknown)}"
            if compact(show_principals(call.world, role.trust_policy)) != compact(normal_form(wanted)):
                call("UpdateAssumeRolePolicy", role_name=role.name, policy_document=wanted)

        return self._try(Role, detail.role_name, set_trust_policy)

    def _withdraw(self, role_name: str) -> None:
        """Put a role back to what it was before the import."""
        account = self._texts.target
        before = self._before.named(Role, account, role_name)
        role = self._world.named(Role, account, role_name)
        assert role is not None  # it is among those that were imported
        self._world = self._world.delete(role) if before is None else self._world.put(before)

    def _outcome(self, kind: Kind, name: str) -> Outcome:
        def outcome(change: Change, detail: str = "") -> Outcome:
            return Outcome(
                kind=kind.arn_kind, name=name, change=change, detail=detail, note=self._notes.get((kind, name), "")
            )

        if (kind, name) in self._failed:
            return outcome(Change.FAIL, self._failed[kind, name])
        if (kind, name) in self._skipped:
            return outcome(Change.SKIP, self._skipped[kind, name])
        before = self._before.named(kind, self._texts.target, name)
        after = self._world.named(kind, self._texts.target, name)
        assert after is not None  # what was neither refused nor skipped stands
        if before is None:
            return outcome(Change.CREATE)
        changed = ", ".join(_changed_fields(before, after))
        return outcome(Change.UPDATE, changed) if changed else outcome(Change.UNCHANGED)


def _changed_fields(before: NamedEntity, after: NamedEntity) -> Iterator[str]:
    for field in before.__struct_fields__:
        if getattr(before, field) != getattr(after, field):
            yield field.replace("_", " ")
