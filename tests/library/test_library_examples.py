"""The examples of the library run: those in docstrings, and the guide's code blocks, in order, in one namespace.

In the guide a `text` block behind a `python` block is what that prints.
"""

from __future__ import annotations

import doctest
import re
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from types import ModuleType

import pytest

import rolecall
from rolecall.questions import library

GUIDE = Path(__file__).parent.parent.parent / "docs" / "guides" / "library.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$(?:\n+^```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("module", [rolecall, library], ids=lambda module: module.__name__)
def test_the_examples_in_docstrings_are_true(module: ModuleType):
    result = doctest.testmod(module)
    assert result.attempted > 0
    assert result.failed == 0


def test_the_code_of_the_guide_prints_what_the_guide_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    blocks = BLOCK.findall(GUIDE.read_text(encoding="utf-8"))
    assert len(blocks) >= 5
    namespace: dict[str, object] = {}
    for code, promised in blocks:
        with redirect_stdout(StringIO()) as printed:
            exec(compile(code, str(GUIDE), "exec"), namespace)
        assert printed.getvalue().splitlines() == promised.splitlines(), code
