"""Build hook: turn the AWS managed policies of a pinned package into package data.

moto ships the documents of all AWS managed policies as one JSON text. It is read here, at build time, as data: moto is
never imported and is no run-time dependency. The result lands in `src/rolecall/catalog/data/` and is not committed.
"""

from __future__ import annotations

import ast
import gzip
import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

DATA = Path("src/rolecall/catalog/data/managed_policies.json.gz")
SOURCE_MODULE = "aws_managed_policies.py"
SOURCE_NAME = "aws_managed_policies_data"


def managed_policies_text() -> str:
    """The JSON text that moto's module assigns to `aws_managed_policies_data`, read without importing moto."""
    spec = importlib.util.find_spec("moto")
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError("moto is missing from the build environment: it carries the AWS managed policies")
    module = Path(next(iter(spec.submodule_search_locations))) / "iam" / SOURCE_MODULE
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == SOURCE_NAME for t in node.targets):
            return str(ast.literal_eval(node.value))
    raise RuntimeError(f"`{SOURCE_NAME}` not found in {module.name}: the pinned moto has another layout")


class ManagedPolicies(BuildHookInterface[Any]):
    """Writes the catalog data before a wheel or an editable install is made."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        target = Path(self.root) / DATA
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(gzip.compress(managed_policies_text().strip().encode(), mtime=0))
