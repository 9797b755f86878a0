"""Deletions of service-linked roles that were asked for, as records of the world."""

from __future__ import annotations
