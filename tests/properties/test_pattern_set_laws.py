"""Laws of pattern sets: a set says what its patterns say one by one, and looks at a text once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rolecall.names.pattern_sets import AnyArnOf, AnyOf, Automaton
from rolecall.names.wildcard import Matcher, Token, Wild, compile_tokens, tokens

# Few letters, so that patterns and texts often nearly fit.
patterns = st.text(st.sampled_from("ab*?"), max_size=8).map(tokens) | st.lists(
    st.sampled_from(Wild) | st.text(st.sampled_from("ab*?:é"), max_size=3), max_size=5
)
texts = st.text(st.sampled_from("ab:*é"), max_size=12)
parts = st.text(st.sampled_from("ab*?"), max_size=3)
arn_patterns = st.tuples(
    st.sampled_from(["arn", "*", "a?n"]), parts, parts, parts, parts, st.text(st.sampled_from("ab:*?"), max_size=5)
).map(lambda split: [tokens(part) for part in split])
arns = st.lists(st.text(st.sampled_from("ab"), max_size=2), min_size=4, max_size=7).map(
    lambda rest: ":".join(["arn", *rest])
)

# Patterns that no text of these tests fits; enough of them make the automaton worth its while.
CROWD = [tokens(f"*{number}?{number + 1}*") for number in range(100)]
CROWD_OF_ARNS = [[tokens(part) for part in f"arn:{number}?:?:?:?:*".split(":")] for number in range(100)]


def fit_one_by_one(patterns: Sequence[Sequence[Token]], text: str) -> bool:
    return any(compile_tokens(pattern).matches(text) for pattern in patterns)


def fit_part_by_part(patterns: Sequence[Sequence[Sequence[Token]]], text: str) -> bool:
    split = text.split(":", 5)
    return (
        len(split) == 6
        and split[0] == "arn"
        and any(
            all(compile_tokens(part).matches(of_text) for part, of_text in zip(pattern, split, strict=True))
            for pattern in patterns
        )
    )


@given(st.lists(patterns, max_size=6), texts)
@example([["a", Wild.ANY_RUN], ["ab"]], "abc")
@example([["", Wild.ANY_RUN]], "")
@example([[Wild.ANY_RUN, Wild.ANY_RUN, ""]], "a")
def test_a_set_fits_what_any_of_its_patterns_fits(patterns: list[list[Token]], text: str) -> None:
    expected = fit_one_by_one(patterns, text)
    assert Automaton(patterns).matches(text) is expected
    assert AnyOf(patterns).matches(text) is expected
    assert AnyOf([*CROWD, *patterns]).matches(text) is expected


@given(st.lists(arn_patterns, max_size=4), arns | texts)
@example([[tokens(part) for part in ("arn", *"*****")]], "arn:a:b:c:d:e:f")
@example([[tokens(part) for part in ("arn", *"?????")]], "arn:a:b:c::::")
def test_a_set_of_arns_fits_part_by_part(patterns: list[list[Sequence[Token]]], text: str) -> None:
    expected = fit_part_by_part(patterns, text)
    assert AnyArnOf(patterns).matches(text) is expected
    assert AnyArnOf([*CROWD_OF_ARNS, *patterns]).matches(text) is expected


class Walked(str):
    """A text that counts the characters which are read of it, and cannot be searched."""

    __slots__ = ("steps",)

    def __iter__(self) -> Iterator[str]:
        self.steps = 0
        for character in super().__iter__():
            self.steps += 1
            yield character

    def find(self, *_: object) -> int:  # type: ignore[override]
        raise AssertionError("searched")


@pytest.mark.parametrize("matcher", [AnyOf([tokens(f"*a*a?{n}*") for n in range(5_000)])])
@pytest.mark.parametrize("size", [10, 100, 1_000])
def test_many_patterns_cost_one_walk_over_the_text(matcher: Matcher, size: int) -> None:
    text = Walked("a" * size)
    assert not matcher.matches(text)
    assert text.steps == size


def test_a_walk_ends_where_no_pattern_is_left() -> None:
    text = Walked("xb" + "a" * 1_000)
    assert not Automaton([tokens(f"x{n}?a*") for n in range(100)]).matches(text)
    assert text.steps == 2


def test_a_few_patterns_are_tried_one_by_one() -> None:
    few = [tokens(f"*{n}*") for n in range(10)]
    assert not AnyOf(few).matches(Uncounted("a" * 1_000))
    assert AnyOf(few).matches("a7")


def test_a_set_answers_the_same_again() -> None:
    for patterns in ([tokens("a?*b")], [*CROWD, tokens("a?*b")]):
        matcher = AnyOf(patterns)
        assert [matcher.matches(text) for text in ("axb", "ab", "axxb", "b")] == [True, False, True, False]
    for arn_patterns in ([[tokens(part) for part in ("arn", *"*****")]], CROWD_OF_ARNS):
        of_arns = AnyArnOf(arn_patterns)
        asked = [of_arns.matches(text) for text in ("arn:1x:b:c:d:e", "arn:1x:b:c:d", "arn:1x:b:c:d:")]
        assert asked == [True, False, True]


class Uncounted(str):
    """A text that cannot be walked over."""

    __slots__ = ()

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("walked over")
