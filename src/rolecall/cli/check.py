"""`rolecall check` and `rolecall explain`: may a principal do this, and why? Asked of a data directory or a server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click
from click.core import ParameterSource

from rolecall.cli.options import data_dir_option, json_option
from rolecall.cli.verdicts import NO, YES, AskedOnCommandLine, TextType, Verdict, answer_errors, context_option
from rolecall.decision.request import ContextValues
from rolecall.names.case import lower_name

Command = Callable[..., None]

_PARAMETERS: tuple[Callable[[Command], Command], ...] = (
    click.argument("principal", type=TextType()),
    click.argument("action", type=TextType()),
    click.argument("resource", type=TextType()),
    context_option,
    click.option(
        "--without",
        metavar="KEY",
        type=TextType(),
        multiple=True,
        help="A condition key that the request is not to have.",
    ),
    data_dir_option,
    click.option("--endpoint-url", type=TextType(), help="Ask the server at this address instead of a data directory."),
    json_option,
)


def _command(show: Command) -> click.Command:
    """A command that puts a question and hands the answer to `show`."""

    @answer_errors
    def put(
        principal: str,
        action: str,
        resource: str,
        context: dict[str, ContextValues],
        without: tuple[str, ...],
        data_dir: Path,
        endpoint_url: str | None,
        as_json: bool,
    ) -> None:
        question = AskedOnCommandLine(
            principal=principal,
            action=action,
            resource=resource,
            context=context,
            without=frozenset(map(lower_name, without)),
        )
        verdict = _verdict(question, data_dir, endpoint_url)
        show(verdict, as_json)
        click.get_current_context().exit(YES if verdict.is_allowed else NO)

    command: Command = put
    for parameter in reversed(_PARAMETERS):
        command = parameter(command)
    return click.command(name=show.__name__, help=show.__doc__)(command)


@_command
def check(verdict: Verdict, as_json: bool) -> None:
    """May PRINCIPAL do ACTION on RESOURCE? The exit status is 0 for yes, 1 for no, 2 if there is no answer.

    PRINCIPAL is the ARN of a user, a role, a role session or root, or an account id; RESOURCE is an ARN or `*`.
    """
    click.echo(json.dumps(verdict.answer) if as_json else verdict.line)


@_command
def explain(verdict: Verdict, as_json: bool) -> None:
    """Tell why PRINCIPAL may or may not do ACTION on RESOURCE. Takes what `check` takes, exits as it does."""
    click.echo(json.dumps(verdict.explanation) if as_json else verdict.text)


def _verdict(question: AskedOnCommandLine, data_dir: Path, endpoint_url: str | None) -> Verdict:
    if endpoint_url is None:
        from rolecall.cli.data_verdicts import ask_data_directory  # here, so that `--help` loads no world

        return ask_data_directory(question, data_dir)
    if click.get_current_context().get_parameter_source("data_dir") is ParameterSource.COMMANDLINE:
        raise click.UsageError("give --data-dir or --endpoint-url, not both")
    from rolecall.cli.server_verdicts import ask_server  # here, since botocore's client takes long to load

    return ask_server(question, endpoint_url)
