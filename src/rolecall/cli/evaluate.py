"""`rolecall evaluate`: decisions in bulk, a JSON question a line in, a JSON answer a line out.

Reading, deciding and writing are done by the rooms below; here is only the stream.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BufferedReader

import click
import msgspec

from rolecall.decision.evaluate import evaluate as decide
from rolecall.questions.answers import Answer, answer_of, explanation_of
from rolecall.questions.question_error import QuestionError
from rolecall.questions.reading import read_question_text

LONGEST_LINE = 4 * 1024 * 1024
"""Bytes."""
_CHUNK = 256 * 1024


@click.command()
@click.argument("source", metavar="[FILE]", type=click.File("rb"), default="-")
@click.option(
    "--explain", "is_explained", is_flag=True, help="Tell in each answer why: what nearly matched, and a text."
)
@click.pass_context
def evaluate(context: click.Context, source: BufferedReader, is_explained: bool) -> None:
    """Decide questions in bulk: a JSON object a line in, from FILE or standard input; an answer a line out, in order.

    A line that cannot be decided is answered with {"error": {"message": …}, "line": …}, and the rest go on.

    Exit status: 0 if every line was decided, 2 if any was not.
    """
    output = sys.stdout.buffer
    done = errors = 0
    for lines in _batches(source):
        for line in lines:
            done += 1
            try:
                answer = _answer(line, is_explained=is_explained)
            except QuestionError as error:
                answer = _refusal(error, done)
                errors += 1
            output.write(msgspec.json.encode(answer) + b"\n")
        output.flush()
    context.exit(2 if errors else 0)


def _batches(source: BufferedReader) -> Iterator[list[bytes]]:
    """The lines, as many at a time as have come in: a program at the other end of a pipe gets its answers at once.

    Of a line that is too long just enough is kept to see that it is.
    """
    rest = b""
    while chunk := source.read1(_CHUNK):
        *lines, rest = (rest + chunk).split(b"\n")
        rest = rest[: LONGEST_LINE + 1]
        yield lines
    if rest:
        yield [rest]


def _answer(line: bytes, *, is_explained: bool) -> Answer:
    if len(line) > LONGEST_LINE:
        raise QuestionError(f"the line is longer than {LONGEST_LINE} bytes")
    question = read_question_text(line)
    result = decide(question.request, question.policies, traced=is_explained)
    return explanation_of(question.request, result) if is_explained else answer_of(result)


def _refusal(error: QuestionError, number: int) -> Answer:
    code = {} if error.code is None else {"code": error.code}
    return {"error": {**code, "message": error.message}, "line": number}
