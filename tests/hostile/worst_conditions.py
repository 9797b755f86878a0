"""The worst conditions: see `worst_documents`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count, islice, product, repeat
from random import Random
from typing import Any

from hostile.document_parts import (
    ALPHABET,
    BUCKET,
    LARGEST_DOCUMENT,
    NOTHING,
    SPELLED,
    Context,
    Worst,
    document_of,
    filled,
    fitting,
    long_value,
    many_conditions,
    of_conditions,
    some_at_a_time,
    spellings,
    words,
)
from rolecall.decision.limits import LARGEST_CONTEXT, LONGEST_SET, LONGEST_VALUE, MOST_KEYS, MOST_VALUES
from rolecall.language.document import PolicyType

# Conditions: long values, or many, against as many policy values as there is room for


def _conditions(
    name: str,
    policy_type: PolicyType,
    operator: str,
    values: Iterator[str],
    context: str | tuple[str, ...],
    others: Context = NOTHING,
) -> Worst:
    room = LARGEST_DOCUMENT[policy_type] - 250
    statement = {"Condition": {operator: {"a:key": fitting(values, room)}}}
    text = document_of(policy_type, statement)
    found = {"a:key": context, **others}
    return of_conditions(name, policy_type, text, found, applies="Not" in operator)


def _set_of(repeated: str) -> tuple[str, ...]:
    """As many values as there may be, all different, together as long as they may be."""
    length = LONGEST_SET // MOST_VALUES
    return tuple(f"{(repeated * length)[: length - 2]}{at:02}" for at in range(MOST_VALUES))


def _short_set() -> tuple[str, ...]:
    return tuple(f"{at:02}" for at in range(MOST_VALUES))


def _one_pattern_of_stars(policy_type: PolicyType) -> Worst:
    room = LARGEST_DOCUMENT[policy_type] - 300
    pattern = "*a" * (room // 2) + "*b*"
    return _conditions("StringLike of stars", policy_type, "StringLike", iter([pattern]), long_value("a"))


def _one_pattern_of_question_marks(policy_type: PolicyType) -> Worst:
    room = min(LARGEST_DOCUMENT[policy_type] - 300, LONGEST_VALUE)
    pattern = "*" + "a?" * (room // 2 - 2) + "b*"
    return _conditions("StringLike of question marks", policy_type, "StringLike", iter([pattern]), long_value("a"))


def _many_patterns_within(policy_type: PolicyType) -> Worst:
    patterns = (f"*{word}*" for word in words("ab") if "b" in word)
    return _conditions("StringLike, many *word*", policy_type, "StringLike", patterns, long_value("a"))


def _many_patterns_of_two_pieces(policy_type: PolicyType) -> Worst:
    patterns = (f"*{word[0]}*{word[1:]}*" for word in words("ab") if len(word) > 1 and "b" in word)
    return _conditions("StringNotLike, many *a*b*", policy_type, "StringNotLike", patterns, long_value("a"))


def _many_patterns_with_question_marks(policy_type: PolicyType) -> Worst:
    patterns = (f"*{word[0]}?{word[1:]}*" for word in words("ab") if len(word) > 1 and "b" in word)
    return _conditions("StringLike, many *a?b*", policy_type, "StringLike", patterns, long_value("a"))


def _sets_of_patterns(policy_type: PolicyType) -> Worst:
    patterns = (f"*{word}*" for word in words("abc") if "c" in word)
    operator = "ForAllValues:StringNotLike"
    return _conditions("a set, many *word*", policy_type, operator, patterns, _set_of("ab"))


def _short_sets_of_patterns(policy_type: PolicyType) -> Worst:
    patterns = (f"?{word}*" for word in words("abcde"))
    operator = "ForAllValues:StringNotLike"
    return _conditions("a set of short values, many ?word*", policy_type, operator, patterns, _short_set())


def _sets_of_question_marks(policy_type: PolicyType) -> Worst:
    patterns = (f"*{word[0]}?{word[1:]}*" for word in words("abc") if len(word) > 1 and "c" in word)
    operator = "ForAllValues:StringNotLike"
    return _conditions("a set, many *a?b*", policy_type, operator, patterns, _set_of("ab"))


def _sets_of_variables(policy_type: PolicyType) -> Worst:
    patterns = (f"*${{a:b}}*{word}" for word in words("xyz"))
    operator = "ForAllValues:StringNotLike"
    return _conditions("a set, variables", policy_type, operator, patterns, _set_of("ab"), {"a:b": "a"})


def _sets_of_equal_variables(policy_type: PolicyType) -> Worst:
    patterns = (f"${{a:b}}{word}" for word in words("xyz"))
    operator = "ForAllValues:StringNotEqualsIgnoreCase"
    return _conditions("a set, equal variables", policy_type, operator, patterns, _set_of("ab"), {"a:b": "a" * 4_000})


def _sets_of_arns(policy_type: PolicyType) -> Worst:
    patterns = (f"arn:*:*:*:*:*{word}*" for word in words("xyz"))
    values = tuple(f"{BUCKET}{value}" for value in _short_set())
    return _conditions("a set of ARNs", policy_type, "ForAllValues:ArnNotLike", patterns, values)


def _sets_of_arns_with_variables(policy_type: PolicyType) -> Worst:
    patterns = (f"arn:*:*:*:*:*${{a:b}}{word}" for word in words("xyz"))
    values = tuple(f"{BUCKET}{value}" for value in _short_set())
    operator = "ForAllValues:ArnNotLike"
    return _conditions("a set of ARNs, variables", policy_type, operator, patterns, values, {"a:b": "a"})


def _sets_of_networks(policy_type: PolicyType) -> Worst:
    networks = (f"{a}.{b}.0.0/{length}" for length in range(17, 32) for a in range(1, 250) for b in range(9))
    values = tuple(f"2001:db8:ffff:ffff:ffff:ffff:ffff:{at:x}" for at in range(MOST_VALUES))
    return _conditions("a set of addresses", policy_type, "ForAllValues:NotIpAddress", networks, values)


def _sets_of_numbers(policy_type: PolicyType) -> Worst:
    numbers = (f"{at}e{exponent}" for exponent in (999_999, -999_999) for at in count(1))
    values = tuple(f"{at}{'9' * (LONGEST_SET // MOST_VALUES - 12)}e999999" for at in range(100, 100 + MOST_VALUES))
    return _conditions("a set of numbers", policy_type, "ForAllValues:NumericNotEquals", numbers, values)


def _long_numbers(policy_type: PolicyType) -> Worst:
    room = LARGEST_DOCUMENT[policy_type] - 300
    value = "9" * (LONGEST_VALUE - 7) + "e999999"
    return _conditions("long numbers", policy_type, "NumericNotEquals", iter(["9" * (room - 10) + "e999999"]), value)


def _sets_of_dates(policy_type: PolicyType) -> Worst:
    dates = (f"-{year}" for year in count(1000))
    values = tuple(f"20{at % 90 + 10}-01-01T00:00:{at % 60:02}.123456789Z" for at in range(MOST_VALUES))
    return _conditions("a set of dates", policy_type, "ForAllValues:DateNotEquals", dates, values)


def _sets_of_binaries(policy_type: PolicyType) -> Worst:
    binaries = ("".join(word) for word in product(ALPHABET, repeat=4))
    values = tuple("AAAA" * 15 + f"{at:04}" for at in range(MOST_VALUES))
    return _conditions("a set of binaries", policy_type, "ForAnyValue:BinaryEquals", binaries, values)


def _many_keys(policy_type: PolicyType) -> Worst:
    """Each key under an operator with its own patterns, and all of them present that may be."""
    patterns = [f"*{word}*" for word in islice((word for word in words("ab") if "b" in word), 20)]
    keys = [f"a:k{at}" for at in range(LARGEST_CONTEXT // LONGEST_VALUE)]
    text = many_conditions(policy_type, "StringNotLike", keys, repeat(patterns))
    return of_conditions("many keys", policy_type, text, filled(keys, long_value("a")), applies=True)


# Conditions: one key in many spellings, each of which is a condition of its own


def _one_key(name: str, policy_type: PolicyType, operator: str, values: Iterator[list[str]], found: Any) -> Worst:
    """`values` are those of each condition. All of them hold, so that each is tested."""
    text = many_conditions(policy_type, operator, spellings(SPELLED), values)
    name = f"one key in many conditions, {name}"
    return of_conditions(name, policy_type, text, {SPELLED: found, "a:b": "a" * 400}, applies=True)


def _spelled_words(policy_type: PolicyType) -> Worst:
    patterns = some_at_a_time((f"*{word}*" for word in words("ab") if "b" in word), 16)
    return _one_key("*word*", policy_type, "StringNotLike", patterns, long_value("a"))


def _spelled_words_in_short(policy_type: PolicyType) -> Worst:
    patterns = repeat(["*aab*", "*ab*", "*aaab*"] * 5)
    return _one_key("*word* of a short value", policy_type, "StringNotLike", patterns, "a" * 512)


def _spelled_words_in_sets(policy_type: PolicyType) -> Worst:
    patterns = some_at_a_time((f"*{word}*" for word in words("abc") if "c" in word), 16)
    return _one_key("*word* of a set", policy_type, "ForAllValues:StringNotLike", patterns, _set_of("ab"))


def _spelled_words_in_a_few(policy_type: PolicyType) -> Worst:
    patterns = some_at_a_time((f"*{word}*" for word in words("abc") if "c" in word), 16)
    return _one_key("*word* of a few", policy_type, "ForAllValues:StringNotLike", patterns, ("ab" * 60,) * 4)


def _spelled_variables(policy_type: PolicyType) -> Worst:
    return _one_key("*${variable}*", policy_type, "StringNotLike", repeat(["*${a:b}b*"]), long_value("a"))


def _spelled_variables_of_short(policy_type: PolicyType) -> Worst:
    return _one_key("*${variable}* of a short value", policy_type, "StringNotLike", repeat(["*${a:b}b*"]), "a" * 500)


def _spelled_variables_ignoring_case(policy_type: PolicyType) -> Worst:
    operator = "StringNotEqualsIgnoreCase"
    return _one_key("${variable} in any case", policy_type, operator, repeat(["${a:b}b"]), long_value("a"))


def _spelled_texts(policy_type: PolicyType) -> Worst:
    texts = some_at_a_time(words("abc"), 1)
    return _one_key("texts of a set", policy_type, "ForAllValues:StringNotEquals", texts, _set_of("ab"))


def _spelled_texts_ignoring_case(policy_type: PolicyType) -> Worst:
    texts = some_at_a_time(words("abc"), 1)
    return _one_key("texts in any case", policy_type, "ForAllValues:StringNotEqualsIgnoreCase", texts, _set_of("ab"))


def _spelled_truths(policy_type: PolicyType) -> Worst:
    return _one_key("Bool", policy_type, "ForAllValues:Bool", repeat(["true"]), ("TRUE",) * MOST_VALUES)


def _spelled_binaries(policy_type: PolicyType) -> Worst:
    return _one_key("binaries", policy_type, "ForAllValues:BinaryEquals", repeat(["AAAA"]), ("AAAA",) * MOST_VALUES)


def _spelled_networks(policy_type: PolicyType) -> Worst:
    networks = repeat(["0.0.0.0/1", "128.0.0.0/2", "192.0.0.0/2"])
    addresses = tuple(f"{at + 99}.0.0.1" for at in range(MOST_VALUES))
    return _one_key("addresses", policy_type, "ForAllValues:IpAddress", networks, addresses)


def _spelled_numbers(policy_type: PolicyType) -> Worst:
    numbers = ([str(at + 1_000)] for at in count())
    values = tuple(f"{at}.{'9' * 60}" for at in range(MOST_VALUES))
    return _one_key("numbers", policy_type, "ForAllValues:NumericLessThan", numbers, values)


def _spelled_arns(policy_type: PolicyType) -> Worst:
    arns = tuple(f"{BUCKET}{'x' * 48}{at}" for at in range(MOST_VALUES))
    return _one_key("ARNs of a set", policy_type, "ForAllValues:ArnNotLike", repeat(["arn:*:*:*:*:*a"]), arns)


def _spelled_arns_with_variables(policy_type: PolicyType) -> Worst:
    patterns = repeat(["arn:*:*:*:*:*a${a:b}"])
    return _one_key("ARN, variable", policy_type, "ArnNotLike", patterns, BUCKET + "a" * 400)


def _stars_of_a_set(policy_type: PolicyType) -> Worst:
    """Two patterns that go on to the end of the longest values."""
    room = (LARGEST_DOCUMENT[policy_type] - 300) // 10
    patterns = iter(["*a" * min(room * 2, 4_000) + "*b*", "*a?" * min(room * 2, 2_000) + "*b*"])
    values = (long_value("a"), "a" * (LONGEST_SET - LONGEST_VALUE))
    return _conditions("stars of a set", policy_type, "ForAllValues:StringNotLike", patterns, values)


def _variables_that_are_found(policy_type: PolicyType) -> Worst:
    """As many keys as there may be, whose values all stand somewhere in a long set."""
    choose = Random(1)
    text = "".join(choose.choice("ab") for _ in range(1_000)) * 9
    size = (LARGEST_CONTEXT - LONGEST_SET) // MOST_KEYS - 20
    found = {f"a:v{at}": text[at * 7 : at * 7 + size] for at in range(MOST_KEYS - 1)}
    values = (text[:LONGEST_VALUE], text[: LONGEST_SET - LONGEST_VALUE])
    patterns = (f"*${{{key}}}c*" for key in found)
    operator = "ForAllValues:StringNotLike"
    return _conditions("variables that are found", policy_type, operator, patterns, values, found)


OF_CONDITIONS: tuple[Callable[[PolicyType], Worst], ...] = (
    _one_pattern_of_stars,
    _one_pattern_of_question_marks,
    _many_patterns_within,
    _many_patterns_of_two_pieces,
    _many_patterns_with_question_marks,
    _sets_of_patterns,
    _short_sets_of_patterns,
    _sets_of_question_marks,
    _sets_of_variables,
    _sets_of_equal_variables,
    _sets_of_arns,
    _sets_of_arns_with_variables,
    _sets_of_networks,
    _sets_of_numbers,
    _long_numbers,
    _sets_of_dates,
    _sets_of_binaries,
    _many_keys,
    _stars_of_a_set,
    _variables_that_are_found,
    _spelled_words,
    _spelled_words_in_short,
    _spelled_words_in_sets,
    _spelled_words_in_a_few,
    _spelled_variables,
    _spelled_variables_of_short,
    _spelled_variables_ignoring_case,
    _spelled_texts,
    _spelled_texts_ignoring_case,
    _spelled_truths,
    _spelled_binaries,
    _spelled_networks,
    _spelled_numbers,
    _spelled_arns,
    _spelled_arns_with_variables,
)
