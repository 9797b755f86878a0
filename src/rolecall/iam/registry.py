"""The table of IAM's operations. Each module of this room fills in its own; `rolecall.iam.service` loads them."""

from __future__ import annotations

from rolecall.operations.registry import Registry

IAM = Registry("iam")
operation = IAM.operation
