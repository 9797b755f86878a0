"""Delegation requests and templates, as records of the world. Rules live with the operations."""

from __future__ import annotations
