"""The documentation agrees with the code: generated pages, links, commands, settings, paths, policies.

Tours are run by `tests/clients/test_readme_tour.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from rolecall.cli.commands import main
from rolecall.cli.reference import NOTICE, pages
from rolecall.language.document import PolicyType
from rolecall.language.parser import parse_policy
from rolecall.server.settings import DESCRIPTIONS, ELSEWHERE, FIRST_START, PREFIX

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md")))
EVERY_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))

FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]\n]*(?:\n[^\]\n]*)?\]\(([^()\s]+)\)")
HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)
COMMAND = re.compile(r"(?:^|[\s(=])(?:[\w./-]*/)?rolecall((?: +[^\s()|;<>\"'`]+)*)(?=[\s()|;<>\"'`]|$)", re.MULTILINE)
MAKE = re.compile(r"(?:^|\$ )make((?: +[a-z]+)+)", re.MULTILINE)
SOURCE_PATH = re.compile(r"[\w.-]+/[\w./-]*\.(?:py|json|txt|toml)")
PLACEHOLDER = "…"


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path, *languages: str) -> list[str]:
    return [text for language, text in FENCE.findall(text_of(page)) if not languages or language in languages]


def spans(page: Path) -> list[str]:
    """The inline code of a page."""
    return SPAN.findall(FENCE.sub("", text_of(page)))


def commands(page: Path) -> Iterator[list[str]]:
    """The words after `rolecall` of every command that a page shows."""
    for code in (*blocks(page, "console", "shell", "ini"), *spans(page)):
        for words in COMMAND.findall(code.replace("\\\n", " ")):
            yield words.split()


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = HEADING.findall(FENCE.sub("", text_of(page)))
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """The relative links of a page: the file, and the anchor or nothing."""
    for link in LINK.findall(FENCE.sub("", text_of(page))):
        if not re.match(r"[a-z]+:", link):
            path, _, anchor = link.partition("#")
            yield (page.parent / path).resolve() if path else page, anchor


@pytest.mark.parametrize("name", pages())
def test_a_generated_page_is_what_the_code_says(name: str):
    assert text_of(DOCS / "reference" / name) == pages()[name], "run `make docs`"


def test_only_generated_pages_say_that_they_are():
    marked = {page.name for page in PAGES if text_of(page).startswith(NOTICE)}
    assert marked == set(pages())


def test_every_error_code_says_when_it_is_answered():
    rows = [line.split("|") for line in pages()["errors.md"].splitlines() if line.startswith("| `")]
    assert rows
    assert [code for _, code, _, meaning, _ in rows if not meaning.strip()] == []


@EVERY_PAGE
def test_every_relative_link_leads_somewhere(page: Path):
    for path, anchor in links(page):
        assert path.exists(), path
        assert not anchor or anchor in anchors(path), f"{path.name} has no heading `{anchor}`"


def test_every_page_can_be_reached_from_the_readme():
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached:
            reached.add(page)
            waiting += [path for path, _ in links(page) if path.suffix == ".md"]
    assert set(PAGES) - reached == set()


@EVERY_PAGE
def test_every_command_shown_exists_with_its_options(page: Path):
    for words in commands(page):
        check_command(words)


def check_command(words: list[str]) -> None:
    """Fail unless `rolecall` followed by `words` names a command, and options that it has."""
    command: click.Command = main
    for word in words:
        option = word.partition("=")[0]
        if word == PLACEHOLDER:
            return
        if option.startswith("-"):
            known = {opt for parameter in command.params for opt in parameter.opts} | {"-h", "--help"}
            assert option in known, f"`{command.name}` has no option `{option}`: {words}"
        elif isinstance(command, click.Group):
            assert word in command.commands, f"`rolecall {' '.join(words)}` does not exist"
            command = command.commands[word]


def test_commands_are_found_in_pages_and_wrong_ones_are_noticed():
    shown = {words[0] for page in PAGES for words in commands(page) if words}
    assert shown >= {"serve", "env", "account", "backup", "restore", "master-key"}
    for wrong in (["server"], ["serve", "--prot", "1"], ["account", "delete"]):
        with pytest.raises(AssertionError):
            check_command(wrong)


@EVERY_PAGE
def test_every_make_target_shown_exists(page: Path):
    targets = set(re.findall(r"^([a-z]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    for code in (*blocks(page, "console", "shell"), *spans(page)):
        for named in MAKE.findall(code):
            assert set(named.split()) <= targets


@EVERY_PAGE
def test_every_setting_named_exists(page: Path):
    named = set(re.findall(rf"\b{PREFIX}(\w+)", text_of(page)))
    assert named <= {*DESCRIPTIONS, *FIRST_START, *ELSEWHERE}


@EVERY_PAGE
def test_every_source_file_named_exists(page: Path):
    named = [span for span in spans(page) if SOURCE_PATH.fullmatch(span)]
    assert [span for span in named if not ((ROOT / span).exists() or (ROOT / "src" / "rolecall" / span).exists())] == []


@EVERY_PAGE
def test_every_policy_shown_is_one_that_rolecall_takes(page: Path):
    for text in blocks(page, "json"):
        policy = json.loads(text)
        if "Statement" in policy:
            kind = PolicyType.TRUST if "Principal" in text else PolicyType.IDENTITY
            assert parse_policy(text, kind).statements


@EVERY_PAGE
def test_no_page_shows_where_it_was_written(page: Path):
    assert not re.search(r"/(?:home|root|Users|work)/|localhost:\d", text_of(page))
