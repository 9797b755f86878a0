"""The text of the generated reference pages. They are made from the code, so they cannot disagree with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import click

from rolecall import errors
from rolecall.server.request_path import REGISTRIES
from rolecall.server.settings import DESCRIPTIONS, ELSEWHERE, FIRST_START, PREFIX, Settings
from rolecall.wire.model import load_service

NOTICE = "<!-- made by `make docs`; do not edit -->\n"


def pages() -> Mapping[str, str]:
    """The pages by file name."""
    return {
        "operations.md": _operations(),
        "settings.md": _settings(),
        "command-line.md": _command_line(),
        "errors.md": _errors(),
    }


def _operations() -> str:
    lines = ["# Operations", "", "Every operation of AWS's models, and whether Rolecall has it.", ""]
    lines += ["An operation that is not here yet answers `NotImplemented` to callers who may call it.", ""]
    for service, registry in REGISTRIES.items():
        model = load_service(service)
        have = registry.names()
        lines += [
            f"## {service.upper()}",
            "",
            f"{len(have)} of {len(model.operations)} operations.",
            "",
            "| operation | implemented |",
            "|---|---|",
        ]
        lines += [f"| {name} | {'yes' if name in have else 'not yet'} |" for name in sorted(model.operations)]
        lines.append("")
    return _page(lines)


def _settings() -> str:
    defaults = {field: getattr(Settings, field, None) for field in Settings.__struct_fields__}
    sample = dict(zip(Settings.__struct_fields__[1:], Settings.__struct_defaults__, strict=True))
    lines = ["# Settings", "", "Each can be given as an environment variable or as the option of `rolecall serve`.", ""]
    lines += [
        "An option wins over a variable; a variable that begins with `ROLECALL_` and is not listed here is an error."
    ]
    lines += ["", "| variable | option | default | meaning |", "|---|---|---|---|"]
    for name, meaning in DESCRIPTIONS.items():
        option = "–" if name == "METRICS_TOKEN" else f"`--{name.lower().replace('_', '-')}`"
        default = sample.get(name.lower(), defaults.get(name.lower()))
        shown = "`.rolecall`" if name == "DATA_DIR" else "–" if default is None else f"`{default}`"
        lines.append(f"| `{PREFIX}{name}` | {option} | {shown} | {meaning} |")
    for title, table in (("Read at the first start only", FIRST_START), ("Read elsewhere", ELSEWHERE)):
        lines += ["", f"## {title}", "", "| variable | meaning |", "|---|---|"]
        lines += [f"| `{PREFIX}{name}` | {meaning} |" for name, meaning in table.items()]
    return _page([*lines, ""])


def _command_line() -> str:
    from rolecall.cli.commands import main

    lines = ["# Command line", ""]
    for path, command in _commands(main, "rolecall"):
        context = click.Context(command, info_name=path, max_content_width=100)
        lines += [f"## {path}", "", "```text", command.get_help(context), "```", ""]
    return _page(lines)


def _commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name, child in sorted(command.commands.items()):
            yield from _commands(child, f"{path} {name}")


def _errors() -> str:
    lines = ["# Error codes", "", "What Rolecall answers, with the HTTP status. Codes and statuses are AWS's."]
    lines += ["", "| code | status | when |", "|---|---|---|"]
    for error in sorted(_api_errors(errors.ApiError), key=lambda each: each.code):
        meaning = (error.__doc__ or "").strip().split("\n")[0]
        lines.append(f"| {error.code} | {error.status} | {meaning} |")
    return _page([*lines, ""])


def _api_errors(parent: type[errors.ApiError]) -> Iterator[type[errors.ApiError]]:
    for child in parent.__subclasses__():
        if "code" in vars(child):
            yield child
        yield from _api_errors(child)


def _page(lines: list[str]) -> str:
    return NOTICE + "\n".join(lines)
