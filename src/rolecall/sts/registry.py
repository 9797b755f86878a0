"""The table of STS's operations. Each module of this room fills in its own; `rolecall.sts.service` loads them."""

from __future__ import annotations

from rolecall.operations.registry import Registry

STS = Registry("sts")
operation = STS.operation
