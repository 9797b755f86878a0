"""Laws of pattern sets: a set says what its patterns say one by one, however many texts it is asked for at once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rolecall.names.pattern_sets import FEW, SHORT, any_arn_of, any_of
from rolecall.names.pattern_tree import PatternTree, arn_texts, join_parts, plain_texts
from rolecall.names.positions import MOST_REMEMBERED, SHORT_READ, Positions
from rolecall.names.wildcard import Token, Wild, compile_tokens, tokens

# Few letters, so that patterns and texts often nearly fit. NUL is what texts are laid out with.
patterns = st.text(st.sampled_from("ab*?"), max_size=8).map(tokens) | st.lists(
    st.sampled_from(Wild) | st.text(st.sampled_from("ab*?:é\0"), max_size=3), max_size=5
)
texts = st.text(st.sampled_from("ab:*é\0😀\ud800"), max_size=12)
parts = st.text(st.sampled_from("ab*?"), max_size=3)
arn_patterns = st.tuples(
    st.sampled_from(["arn", "*", "a?n"]), parts, parts, parts, parts, st.text(st.sampled_from("ab:*?"), max_size=5)
).map(lambda split: [tokens(part) for part in split])
arns = st.lists(st.text(st.sampled_from("ab\0"), max_size=2), min_size=4, max_size=7).map(
    lambda rest: ":".join(["arn", *rest])
)

# Patterns that no text of these tests fits; with so many of them all are matched at once.
CROWD = [tokens(f"*{number}?{number + 1}*") for number in range(FEW + 1)]
CROWD_OF_ARNS = [[tokens(part) for part in f"arn:{number}?:?:?:?:*".split(":")] for number in range(FEW + 1)]


def fits_one_of(patterns: Sequence[Sequence[Token]], text: str) -> bool:
    return any(compile_tokens(pattern).matches(text) for pattern in patterns)


def fits_part_by_part(patterns: Sequence[Sequence[Sequence[Token]]], text: str) -> bool:
    split = text.split(":", 5)
    return (
        len(split) == 6
        and split[0] == "arn"
        and any(
            all(compile_tokens(part).matches(of_text) for part, of_text in zip(pattern, split, strict=True))
            for pattern in patterns
        )
    )


@given(st.lists(patterns, max_size=6), st.lists(texts, max_size=5).map(tuple))
@example([["a", Wild.ANY_RUN], ["ab"]], ("abc",))
@example([["", Wild.ANY_RUN]], ("", "b"))
@example([[Wild.ANY_RUN, Wild.ANY_RUN, ""]], ("a",))
@example([[Wild.ANY_RUN, Wild.ANY_ONE]], ("", "a", ""))
@example([[Wild.ANY_RUN, "\0"]], ("a", "a"))
def test_a_set_fits_what_any_of_its_patterns_fits(patterns: list[list[Token]], asked: tuple[str, ...]) -> None:
    expected = [fits_one_of(patterns, text) for text in asked]
    assert [any_of(patterns)(text) for text in asked] == expected
    assert [any_of([*CROWD, *patterns])(text) for text in asked] == expected
    tree = PatternTree(patterns)
    assert tree.some_fit(plain_texts(asked)) is any(expected)
    assert not asked or tree.all_fit(plain_texts(asked)) is all(expected)


@given(st.lists(arn_patterns, max_size=4), st.lists(arns | texts, max_size=4).map(tuple))
@example([[tokens(part) for part in ("arn", *"*****")]], ("arn:a:b:c:d:e:f", "*"))
@example([[tokens(part) for part in ("*", *"*****")]], ("", "arn:a:b:c:d:e:f"))
@example([[tokens(part) for part in ("arn", *"?????")]], ("arn:a:b:c::::",))
def test_a_set_of_arns_fits_part_by_part(patterns: list[list[Sequence[Token]]], asked: tuple[str, ...]) -> None:
    expected = [fits_part_by_part(patterns, text) for text in asked]
    assert [any_arn_of(patterns)(text) for text in asked] == expected
    assert [any_arn_of([*CROWD_OF_ARNS, *patterns])(text) for text in asked] == expected
    tree = PatternTree(map(join_parts, patterns))
    assert tree.some_fit(arn_texts(asked)) is any(expected)
    assert not asked or tree.all_fit(arn_texts(asked)) is all(expected)


@given(st.lists(patterns, max_size=4), texts)
def test_a_long_text_fits_as_its_end_does_if_it_begins_rightly(patterns: list[list[Token]], text: str) -> None:
    long = [["x" * SHORT, *pattern] for pattern in patterns]
    assert any_of(long)("x" * SHORT + text) is fits_one_of(patterns, text)


@given(
    st.lists(st.text(st.sampled_from("ab\0"), max_size=4 * SHORT_READ) | st.integers(0, 90).map("ab".__mul__)),
    st.text(st.sampled_from("ab\0"), max_size=2 * SHORT_READ) | st.integers(0, 90).map("ab".__mul__),
)
@example(["ab", "ab"], "ab" + "\0" * SHORT_READ + "ab")
@example(["ab" * 100], "ab" * 50 + "b")
def test_texts_of_any_length_are_found(asked: list[str], text: str) -> None:
    for within in ([*asked, f"a{text}b"], asked):
        pattern = [Wild.ANY_RUN, text, Wild.ANY_RUN]
        assert PatternTree([pattern]).some_fit(plain_texts(tuple(within))) is any(text in it for it in within)


@given(patterns, texts, st.text(st.sampled_from("ab*?"), max_size=3))
def test_a_gap_is_filled_with_plain_text(pattern: list[Token], text: str, filling: str) -> None:
    tree = PatternTree([(1, *pattern)])
    assert not tree.some_fit(plain_texts((text,)))
    assert tree.some_fit(plain_texts((text,)), {1: filling}.get) is compile_tokens([filling, *pattern]).matches(text)


class Counted(Positions):
    """Texts that count how often a text is looked for in them."""

    __slots__ = ("reads",)

    def __init__(self, *texts: str) -> None:
        super().__init__((text,) for text in texts)
        self.reads = 0

    def after_text(self, places: int, text: str) -> int:
        self.reads += 1
        return super().after_text(places, text)


@pytest.mark.parametrize("number", [1, 10, 100])
def test_each_pattern_is_looked_for_once_in_all_texts(number: int) -> None:
    asked = Counted(*("a" * (size + 1) for size in range(number)))
    assert not PatternTree([tokens(f"*a*a{n}") for n in range(100)]).some_fit(asked)
    assert asked.reads == 1 + 100


def test_what_was_found_in_a_text_is_not_kept_without_bound() -> None:
    texts = plain_texts(("a long text that is kept from one request to the next",))
    many = 2 * MOST_REMEMBERED
    patterns = [[Wild.ANY_RUN, chr(200 + n), str(n) * SHORT_READ, Wild.ANY_RUN] for n in range(many)]
    assert not PatternTree(patterns).some_fit(texts)
    assert not any(PatternTree([[Wild.ANY_RUN, f"{n:{SHORT_READ + 1}}"]]).some_fit(texts) for n in range(many))
    assert len(texts.remembered) <= MOST_REMEMBERED
    assert PatternTree([["a long text that is", Wild.ANY_RUN, "kept from one request", Wild.ANY_RUN]]).some_fit(texts)


def test_what_nothing_begins_with_is_left_at_once() -> None:
    asked = Counted("xb" + "a" * 1_000)
    assert not PatternTree([tokens(f"x{n}?a*") for n in range(100)]).some_fit(asked)
    assert asked.reads == 100


def test_a_set_answers_the_same_again() -> None:
    for patterns in ([tokens("a?*b")], [*CROWD, tokens("a?*b")]):
        fits = any_of(patterns)
        assert [fits(text) for text in ("axb", "ab", "axxb", "b")] == [True, False, True, False]
    for arn_patterns in ([[tokens(part) for part in ("arn", *"*****")]], CROWD_OF_ARNS):
        fits = any_arn_of(arn_patterns)
        assert [fits(text) for text in ("arn:1x:b:c:d:e", "arn:1x:b:c:d", "arn:1x:b:c:d:")] == [True, False, True]
