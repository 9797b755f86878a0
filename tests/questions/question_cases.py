"""The golden cases of `tests/cases/questions`, put together to whole questions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Json = dict[str, Any]

FOLDER = Path(__file__).parent.parent / "cases" / "questions"


def cases_in(name: str) -> dict[str, Json]:
    """The cases of a file by their names. `asked` is the question, or the bytes of a line."""
    file = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    assert file["source"], f"{name} names no source"
    cases = {case["name"]: {**case, "asked": _asked(case, file)} for case in file["cases"]}
    assert len(cases) == len(file["cases"]), f"two cases of {name} have one name"
    return cases


def _asked(case: Json, file: Json) -> Json | bytes:
    if "text" in case:
        return case["text"].encode()
    library = file.get("policies", {})
    request = {**file.get("given", {}), **case.get("request", {})}
    members = {name: _with_policies(value, library) for name, value in case.get("question", {}).items()}
    return {"request": request, **members}


def _with_policies(value: Any, library: Json) -> Any:
    """`value`, with the policies of the file in place of their names."""
    if isinstance(value, list):
        return [_with_policies(item, library) for item in value]
    return library.get(value, value) if isinstance(value, str) else value
