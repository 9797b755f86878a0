"""Files and folders on the command line, and the text in them. What a test file says is read in `reading`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from rolecall.policy_tests.errors import PolicyTestError

SUFFIXES = frozenset({".yaml", ".yml"})


def find_files(paths: Iterable[Path]) -> Iterator[Path | PolicyTestError]:
    """The test files that `paths` name, each once: files as they are, of a folder every YAML file in it, by name.

    A folder without any gives an error in its place, so that a mistyped one does not look like a success.
    """
    seen: set[Path] = set()
    for path in paths:
        found = [path]
        if path.is_dir():
            found = sorted(each for each in path.iterdir() if each.suffix in SUFFIXES and each.is_file())
            if not found:
                yield PolicyTestError("no *.yaml or *.yml file is in this folder", str(path))
        for file in found:
            if file not in seen:
                seen.add(file)
                yield file


def read_text_file(path: Path, most: int) -> str:
    """The text of a UTF-8 file of at most `most` bytes. Raises `PolicyTestError` if it cannot be read."""
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise PolicyTestError(error.strerror or "cannot be read", str(path)) from None
    if len(content) > most:
        raise PolicyTestError(f"longer than {most} bytes", str(path))
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise PolicyTestError(f"not UTF-8 at byte {error.start}", str(path)) from None
