"""What keeps an entity from being deleted, where several kinds share it. Messages: identities.md §6."""

from __future__ import annotations

from rolecall.errors import DeleteConflict
from rolecall.state.entities import PolicyHolder


def check_without_policies(holder: PolicyHolder) -> None:
    """Raise `DeleteConflict` if the user, group or role still has policies, attached or inline."""
    if holder.attached_policies:
        raise DeleteConflict("Cannot delete entity, must detach all policies first.")
    if holder.inline_policies:
        raise DeleteConflict("Cannot delete entity, must delete policies first.")
