"""Commands whose exit status is an answer: 0 for yes, 1 for no, 2 if there is none. What such commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import ParamSpec, TypeVar

import click
import msgspec

from rolecall.cli.options import command_errors
from rolecall.decision.request import ContextValues
from rolecall.names.case import lower_name

P = ParamSpec("P")
R = TypeVar("R")

YES, NO, UNANSWERED = 0, 1, 2


class AskedOnCommandLine(msgspec.Struct, frozen=True, kw_only=True):
    """A question as typed. `context` and `without` hold condition keys in lower case."""

    principal: str
    action: str
    resource: str
    context: Mapping[str, ContextValues]
    without: frozenset[str]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one question.

    Parameters
    ----------
    is_allowed: yes or no.
    line: yes or no, and in a few words why not.
    text: the whole explanation, for people.
    answer: the answer as JSON; `explanation`: the same with all that `text` tells.
    """

    is_allowed: bool
    line: str
    text: str
    answer: Mapping[str, object]
    explanation: Mapping[str, object]


class Unanswered(click.ClickException):
    """There is no answer, so the exit status must not look like one."""

    exit_code = UNANSWERED


class TextType(click.ParamType[str]):
    """An argument that is text: the bytes of a shell that are no UTF-8 could neither be compared nor printed."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            value.encode()
        except UnicodeEncodeError:
            self.fail("this is not UTF-8", param, ctx)
        return value


context_option = click.option(
    "-c",
    "--context",
    "context",
    type=TextType(),
    metavar="KEY=VALUE",
    multiple=True,
    callback=lambda _context, _parameter, pairs: read_context(pairs),
    help="A condition key of the request; several times for one key make it multivalued.",
)


def answer_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Let a command end with one plain line, and status 2, when something of ours refuses."""
    guarded = command_errors(command)

    @functools.wraps(command)
    def answering(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return guarded(*args, **kwargs)
        except click.ClickException as error:
            if isinstance(error, click.UsageError):
                raise
            raise Unanswered(error.message) from error

    return answering


def read_context(pairs: Iterable[str]) -> dict[str, ContextValues]:
    """The condition keys that `KEY=VALUE` pairs give, names in lower case. Raises a usage error for anything else."""
    values: dict[str, list[str]] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not key or not equals:
            raise click.BadParameter(f"`{pair}` is not KEY=VALUE")
        values.setdefault(lower_name(key), []).append(value)
    return {key: given[0] if len(given) == 1 else tuple(given) for key, given in values.items()}
