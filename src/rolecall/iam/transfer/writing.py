"""Carrying out the plan of an import: one write, on the account as the plan knows it, or none.

A plan may take seconds, a write must not, since others wait for it. So the plan is made beside the writer's turn, and
in the turn it is only looked at whether the account is still the same.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from rolecall.iam.transfer.details import AccountFileError
from rolecall.iam.transfer.outcomes import ImportPlan
from rolecall.names.arn import AccountId
from rolecall.state.draft import Draft
from rolecall.state.entities import Entity, Group, InstanceProfile, ManagedPolicy, NamedEntity, Role, User
from rolecall.state.store import Store
from rolecall.state.world import Reference, World

ATTEMPTS = 5
"""How often a plan is made because the account changed under the one before."""

_PLANNED_KINDS: tuple[type[NamedEntity], ...] = (User, Group, Role, ManagedPolicy, InstanceProfile)


class AccountChanged(Exception):
    """The account is no longer what the plan rests on."""


def write_import(
    store: Store, make_plan: Callable[[], ImportPlan], *, account: AccountId, keeps_going: bool
) -> ImportPlan:
    """Plan and write until a plan could be written as it was made; gives that plan.

    Parameters
    ----------
    make_plan: makes a plan on the newest world of `store`.
    keeps_going: whether a plan in which something is refused is written as well; without, it is only given back.

    Raises `AccountFileError` if the account does not rest long enough, and what `make_plan` and writing raise.
    """
    for _ in range(ATTEMPTS):
        plan = make_plan()
        if plan.failures and not keeps_going:
            return plan
        try:
            store.write(partial(carry_out, plan=plan, account=account)).result()
        except AccountChanged:
            continue
        return plan
    raise AccountFileError(f"the account `{account}` keeps changing: nothing was written; try again later")


def carry_out(draft: Draft, plan: ImportPlan, account: AccountId) -> None:
    """Write what `plan` says, all of it. Raises `AccountChanged` if the account has changed since it was made.

    Other accounts may have changed. The plan rests on them only where a trust policy names somebody of theirs, and an
    id whose owner has gone since lets nobody in.
    """
    if _holdings(draft.world, account) != _holdings(plan.before, account):
        raise AccountChanged
    for entity in plan.entities():
        draft.put(entity)


def _holdings(world: World, account: AccountId) -> dict[Reference, Entity]:
    return {(entity.kind, entity.key): entity for kind in _PLANNED_KINDS for entity in world.owned(kind, account)}
