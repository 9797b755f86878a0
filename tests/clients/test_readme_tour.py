"""The tours of the documentation: each is pasted, block by block, into one shell beside a fresh server.

A tour stands between `<!-- tour -->` and `<!-- end of the tour -->`. Its `shell` and `python` blocks are run; a `text`
block is what the block before it prints, on either stream, empty lines aside. A block without one prints nothing.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from serving import Server, clean_environment, start_server

ROOT = Path(__file__).parent.parent.parent
TOUR = re.compile(r"^<!-- tour -->$(.*?)^<!-- end of the tour -->$", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```(shell|python|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PATIENCE = 240

Step = tuple[str, str, str]
"""The language of a block, its text, and what it prints."""

pytestmark = [
    pytest.mark.clients,
    pytest.mark.slow,
    pytest.mark.skipif(not (Path(sys.executable).parent / "aws").exists(), reason="the aws CLI is not installed here"),
]


def steps_of(page: str) -> list[Step]:
    """The blocks of a page's tours, each with the output that the page promises."""
    steps: list[Step] = []
    for language, text in BLOCK.findall("".join(TOUR.findall(page))):
        if language == "text":
            before, code, promised = steps.pop()
            assert not promised, "two outputs follow one block"
            steps.append((before, code, text))
        else:
            steps.append((language, text, ""))
    return steps


def tours() -> Iterator[tuple[str, list[Step]]]:
    """The pages with a tour, by their path."""
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        steps = steps_of(path.read_text(encoding="utf-8"))
        if steps:
            yield str(path.relative_to(ROOT)), steps


TOURS = dict(tours())


def script_of(steps: list[Step], folder: Path) -> str:
    """One shell script that runs all blocks and puts what each prints into a file of its own in `folder`."""
    lines: list[str] = []
    for number, (language, text, _) in enumerate(steps):
        if language == "python":
            (folder / f"{number}.py").write_text(text, encoding="utf-8")
            text = f"python {folder / f'{number}.py'}\n"
        lines.append(f"{{\n{text}}} >{folder / f'{number}.out'} 2>&1")
    return "\n".join(lines)


def printed(path: Path) -> list[str]:
    return [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder as `make` leaves it: `.venv` in it, and nothing of the user's own settings."""
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return tmp_path


@pytest.fixture
def server(home: Path) -> Iterator[Server]:
    """What `make serve` starts, on a free port."""
    running = start_server(home / ".rolecall")
    yield running
    assert running.stop() == 0


def test_the_readme_has_a_tour():
    assert "README.md" in TOURS


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("page", TOURS)
def test_a_tour_prints_what_its_page_promises(page: str, home: Path):
    steps = TOURS[page]
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    subprocess.run(
        ["bash", "-c", script_of(steps, home)],
        cwd=home,
        env=clean_environment({"HOME": str(home), "PATH": path}),
        stdin=subprocess.DEVNULL,
        timeout=PATIENCE,
    )
    outputs = [(text, printed(home / f"{number}.out")) for number, (_, text, _) in enumerate(steps)]
    promises = [(text, [line for line in promised.splitlines() if line.strip()]) for _, text, promised in steps]
    assert outputs == promises
