"""Reports that were asked for, as records of the world. How they are made is said with the operations."""

from __future__ import annotations
