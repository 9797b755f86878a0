"""Deletions of service-linked roles that were asked for, as records of the world. What comes of them is said in IAM."""

from __future__ import annotations

from typing import ClassVar

from rolecall.state.entities import Entity


class DeletionTask(Entity, frozen=True, kw_only=True):
    """A deletion that is over.

    Parameters: `id`, `task/aws-service-role/<service>/<role>/<uuid>`; `failure`, why the role was not deleted, empty if
    it was; `used_by`, the ARNs of what still uses it.
    """

    kind: ClassVar[str] = "deletion-task"
    id: str
    ended_at: int
    failure: str = ""
    used_by: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return self.id
