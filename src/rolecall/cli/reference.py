"""The text of the generated reference pages. They are made from the code, so they cannot disagree with it.

Pages that people write are not here, nor is anything that depends on the machine: `tests/house/test_docs.py` compares.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import click

from rolecall.cli.serve import serve
from rolecall.errors import ApiError
from rolecall.server.request_path import REGISTRIES
from rolecall.server.settings import DESCRIPTIONS, ELSEWHERE, FIRST_START, PREFIX, Settings
from rolecall.wire.model import load_service

NOTICE = "<!-- made by `make docs`; do not edit -->\n"
HELP_WIDTH = 100


def pages() -> Mapping[str, str]:
    """The pages by file name."""
    return {
        "operations.md": _operations(),
        "settings.md": _settings(),
        "command-line.md": _command_line(),
        "errors.md": _errors(),
    }


def _operations() -> str:
    lines = ["# Operations", "", "Every operation of AWS's models, and whether Rolecall has it."]
    lines += ["", "One that is not here yet answers `NotImplemented` (400) to callers who may call it."]
    for service, registry in REGISTRIES.items():
        model = load_service(service)
        have = registry.names()
        lines += ["", f"## {service.upper()}", "", f"{len(have)} of {len(model.operations)} operations.", ""]
        found = ((name, registry.find(name)) for name in sorted(model.operations))
        rows = ((name, "yes" if one else "not yet", one.differs if one else "") for name, one in found)
        lines += _table(("operation", "implemented", "how a self-hosted server differs"), rows)
    return _page(lines)


def _settings() -> str:
    lines = ["# Settings", "", "Each is an environment variable, and most are also an option of `rolecall serve`."]
    lines += [
        "An option wins over a variable. A variable that begins with `ROLECALL_` and is not here is an error.",
        "",
    ]
    options = {parameter.name: parameter.opts[0] for parameter in serve.params}
    rows = (
        (f"`{PREFIX}{name}`", _code(options.get(name.lower())), _code(_default(name)), meaning)
        for name, meaning in DESCRIPTIONS.items()
    )
    lines += _table(("variable", "option", "default", "meaning"), rows)
    for title, table in (("Read at the first start only", FIRST_START), ("Read elsewhere", ELSEWHERE)):
        lines += ["", f"## {title}", ""]
        lines += _table(("variable", "meaning"), ((f"`{PREFIX}{name}`", meaning) for name, meaning in table.items()))
    return _page(lines)


def _default(name: str) -> object:
    optional = Settings.__struct_fields__[-len(Settings.__struct_defaults__) :]
    defaults = dict(zip(optional, Settings.__struct_defaults__, strict=True))
    return defaults.get(name.lower()) if name.lower() in defaults else _option_default(name)


def _option_default(name: str) -> object:
    """The default that the command line has for a setting without one of its own: the data directory."""
    return next(parameter.default for parameter in serve.params if parameter.name == name.lower())


def _command_line() -> str:
    from rolecall.cli.commands import main

    root = click.Context(main, info_name="rolecall", terminal_width=HELP_WIDTH, max_content_width=HELP_WIDTH)
    root.help_option_names = main.context_settings["help_option_names"]
    lines = ["# Command line"]
    for context in _contexts(root):
        lines += ["", f"## {context.command_path}", "", "```text", context.get_help(), "```"]
    return _page(lines)


def _contexts(context: click.Context) -> Iterator[click.Context]:
    """The context of a command and those of the commands below it."""
    yield context
    if isinstance(context.command, click.Group):
        for name, command in sorted(context.command.commands.items()):
            yield from _contexts(click.Context(command, parent=context, info_name=name))


def _errors() -> str:
    lines = ["# Error codes", "", "What Rolecall answers. Codes and statuses are AWS's, and so are the messages"]
    lines += ["where they are known. `NotImplemented` and its status are ours.", ""]
    every = sorted(_api_errors(ApiError), key=lambda error: error.code)
    rows = ((f"`{error.code}`", str(error.status), _first_line(error)) for error in every)
    return _page([*lines, *_table(("code", "status", "when"), rows)])


def _api_errors(parent: type[ApiError]) -> Iterator[type[ApiError]]:
    for child in parent.__subclasses__():
        if "code" in vars(child) and child.__module__ == ApiError.__module__:
            yield child
        yield from _api_errors(child)


def _first_line(documented: type[object]) -> str:
    return (documented.__doc__ or "").strip().partition("\n")[0]


def _table(titles: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(titles)} |"
    yield "|---" * len(titles) + "|"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _code(value: object) -> str:
    return "–" if value is None else f"`{value}`"


def _page(lines: list[str]) -> str:
    return NOTICE + "\n".join(lines) + "\n"
