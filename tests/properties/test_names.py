"""Laws of the names: wildcards, ARNs, ids."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rolecall.errors import InvalidArn
from rolecall.names import arn, ids, wildcard
from rolecall.names.wildcard import Runs, Segments, Wild, compile_tokens, tokens

# Few letters, so that patterns and texts often nearly fit.
letters = st.sampled_from("ab*?é")
patterns = st.text(st.sampled_from("ab*?"), max_size=12)
plain = st.text(st.sampled_from("abc"), max_size=20)


def fits(symbols: Sequence[str | Wild], text: str) -> bool:
    """The definition, read aloud: a table of which beginnings of the pattern fit which beginnings of the text."""
    fitting = {(0, 0)}
    for i in range(len(symbols) + 1):
        for j in range(len(text) + 1):
            if i > 0 and symbols[i - 1] is Wild.ANY_RUN:
                if (i - 1, j) in fitting or (i, j - 1) in fitting:
                    fitting.add((i, j))
            elif (
                i > 0
                and j > 0
                and (i - 1, j - 1) in fitting
                and (symbols[i - 1] is Wild.ANY_ONE or symbols[i - 1] == text[j - 1])
            ):
                fitting.add((i, j))
    return (len(symbols), len(text)) in fitting


def symbols_of(pattern: str) -> list[str | Wild]:
    return [Wild(character) if character in "*?" else character for character in pattern]


class TestWildcards:
    @given(patterns, plain)
    @example("*a*a*a*b", "a" * 20)
    @example("a?*b*", "aab")
    @example("ab*ba", "aba")
    @example("", "")
    def test_a_pattern_fits_what_its_definition_says(self, pattern: str, text: str) -> None:
        assert wildcard.matches(pattern, text) == fits(symbols_of(pattern), text)

    @given(
        st.lists(st.sampled_from([Wild.ANY_RUN, Wild.ANY_ONE]) | st.text(letters, max_size=4), max_size=8), st.data()
    )
    def test_literal_text_may_hold_the_wildcard_characters(self, parts: list[str | Wild], data: st.DataObject) -> None:
        symbols = [symbol for part in parts for symbol in ([part] if isinstance(part, Wild) else part)]
        text = data.draw(st.text(letters, max_size=12) | st.just("".join(str(getattr(s, "value", s)) for s in symbols)))
        assert compile_tokens(parts).matches(text) == fits(symbols, text)

    @given(st.text())
    def test_a_star_alone_fits_everything(self, text: str) -> None:
        assert wildcard.matches("*", text)

    @given(st.text(), st.text())
    def test_text_without_wildcards_fits_itself_alone(self, pattern: str, text: str) -> None:
        literal = pattern.replace("*", "").replace("?", "")
        assert wildcard.matches(literal, literal)
        assert wildcard.matches(literal, text) == (literal == text)

    @given(patterns, st.data())
    def test_filling_in_the_wildcards_gives_a_text_that_fits(self, pattern: str, data: st.DataObject) -> None:
        filling = {"*": plain, "?": st.sampled_from("abc")}
        text = "".join(data.draw(filling[character]) if character in filling else character for character in pattern)
        assert wildcard.matches(pattern, text)

    @given(patterns, plain)
    def test_more_stars_in_a_row_say_no_more(self, pattern: str, text: str) -> None:
        assert wildcard.matches(pattern.replace("*", "***"), text) == wildcard.matches(pattern, text)

    @given(patterns)
    def test_tokens_hold_the_pattern_with_its_runs_of_stars_as_one(self, pattern: str) -> None:
        parts = tokens(pattern)
        joined = "".join(part.value if isinstance(part, Wild) else part for part in parts)
        while "**" in pattern:
            pattern = pattern.replace("**", "*")
        assert joined == pattern
        assert all(isinstance(part, Wild) or not set(part) & set("*?") for part in parts)

    @given(patterns, st.text(st.sampled_from("aAbB"), max_size=12))
    def test_matching_heeds_case(self, pattern: str, text: str) -> None:
        assert wildcard.matches(pattern, text) == fits(symbols_of(pattern), text)


class CountingText(str):
    """A text that counts how it is read."""

    __slots__ = ("characters", "searches")

    def __init__(self, _: str) -> None:
        self.characters = 0
        self.searches: list[tuple[int, int]] = []

    def __iter__(self) -> Iterator[str]:
        for character in super().__iter__():
            self.characters += 1
            yield character

    def find(self, piece: str, start: int, end: int) -> int:  # type: ignore[override]
        found = super().find(piece, start, end)
        self.searches.append((start, end if found < 0 else found + len(piece)))
        return found


class TestWildcardCost:
    """No backtracking: what is read once is not read again. Counted, not timed."""

    @given(st.text(st.sampled_from("ab*?"), max_size=30).filter(lambda pattern: "?" in pattern), plain)
    def test_with_question_marks_each_character_is_read_once_at_most(self, pattern: str, text: str) -> None:
        matcher, counted = wildcard.compile_pattern(pattern), CountingText(text)
        assert isinstance(matcher, Segments)
        matcher.matches(counted)
        assert counted.characters <= len(text)

    @given(st.text(st.sampled_from("ab*"), max_size=30), plain)
    @example("*a*a*a*b", "a" * 1000)
    def test_without_them_no_search_goes_back_before_the_last_find(self, pattern: str, text: str) -> None:
        matcher, counted = wildcard.compile_pattern(pattern), CountingText(text)
        matcher.matches(counted)
        for before, after in zip(counted.searches, counted.searches[1:], strict=False):
            assert before[1] == after[0]

    def test_a_pattern_of_many_stars_answers_for_a_long_text(self) -> None:
        text = "a" * 100_000
        for pattern in ("*a" * 500 + "*b", "?*a" * 500 + "*b", "*" * 10_000 + "b", "a*" * 5_000 + "b*c"):
            assert not wildcard.matches(pattern, text)
            assert wildcard.matches(pattern[:-1] + "*", text + "b" + text)

    def test_the_three_kinds_of_matcher_are_chosen_by_the_pattern(self) -> None:
        assert isinstance(wildcard.compile_pattern("a"), wildcard.Literal)
        assert isinstance(wildcard.compile_pattern("**"), wildcard.Anything)
        assert isinstance(wildcard.compile_pattern("a*b"), Runs)
        assert isinstance(wildcard.compile_pattern("a?b"), Segments)


segments = st.text(st.characters(exclude_characters=":", exclude_categories=["Cs"]), max_size=10)


class TestArns:
    @given(segments.filter(bool), segments.filter(bool), segments, segments, st.text(min_size=1))
    def test_a_rendered_arn_parses_to_itself(
        self, partition: str, service: str, region: str, account: str, resource: str
    ) -> None:
        name = arn.Arn(partition, service, region, account, resource)
        assert arn.parse_arn(str(name)) == name

    @given(st.text(st.sampled_from("arn:*/a"), max_size=30) | st.text())
    def test_what_parses_is_rendered_as_it_was(self, text: str) -> None:
        try:
            name = arn.parse_arn(text)
        except InvalidArn:
            return
        assert str(name) == text

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "arn",
            "arn:aws:iam::123456789012",
            "ARN:aws:iam::123456789012:root",
            "arn::iam::123456789012:root",
            "arn:aws:::123456789012:root",
            "arn:aws:iam::123456789012:",
            " arn:aws:iam::123456789012:root",
        ],
    )
    def test_what_is_no_arn_is_refused(self, text: str) -> None:
        with pytest.raises(InvalidArn):
            arn.parse_arn(text)

    def test_the_resource_part_has_a_type_and_a_name(self) -> None:
        account = arn.AccountId("123456789012")
        role = arn.iam_arn(account, "role", "/team/ops/", "deployer")
        assert str(role) == "arn:aws:iam::123456789012:role/team/ops/deployer"
        assert (role.resource_type, role.resource_path, role.resource_name) == ("role", "/team/ops/", "deployer")
        assert arn.iam_arn(account, "user", "/", "bob").resource_path == "/"
        assert arn.root_arn(account).resource_type == "root"
        session = arn.session_arn(account, "deployer", "s1")
        assert str(session) == "arn:aws:sts::123456789012:assumed-role/deployer/s1"
        federated = arn.federated_user_arn(account, "bob")
        assert str(federated) == "arn:aws:sts::123456789012:federated-user/bob"

    @pytest.mark.parametrize(
        "text", ["12345678901", "1234567890123", "12345678901a", "١٢٣٤٥٦٧٨٩٠١٢", "", "12345678901 "]
    )
    def test_an_account_id_is_twelve_ascii_digits(self, text: str) -> None:
        assert not arn.is_account_id(text)
        assert arn.is_account_id("000000000000")


account_ids = st.integers(0, 10**12 - 1).map(lambda number: arn.AccountId(f"{number:012d}"))
key_prefixes = st.sampled_from([ids.IdPrefix.LONG_TERM_KEY, ids.IdPrefix.TEMPORARY_KEY])
seeds = st.integers(0, 2**64)


class TestIds:
    @given(key_prefixes, account_ids, seeds)
    def test_an_access_key_id_names_its_account(self, prefix: ids.IdPrefix, account: arn.AccountId, seed: int) -> None:
        access_key_id = ids.new_access_key_id(prefix, account, random.Random(seed).getrandbits)
        assert len(access_key_id) == 20
        assert access_key_id.startswith(prefix)
        assert ids.account_of_access_key(access_key_id) == account

    def test_the_account_of_a_published_key(self) -> None:
        # Published with its account in write-ups of how access key ids are built.
        assert ids.account_of_access_key("ASIAY34FZKBOKMUTVV7A") == "609629065308"

    @pytest.mark.parametrize(
        "access_key_id",
        [
            "",
            "AKIA",
            "AKIAIOSFODNN7EXAMPLE",  # of the old kind: names no account
            "ASIAY34FZKBOKMUTVV7",
            "ASIAY34FZKBOKMUTVV7AA",
            "ASIAY34FZKBOKMUTVV7AAAAAAAAA",
            "ASIAY34FZKBOKMUTVV7=",
            "ASIAY34FZKBOKM======",
            "ASIAY34FZKBO========",
            "ASIAy34fzkbokmutvv7a",
            "ASIAY34FZKBOKMUTVV71",
            "ASIAY34FZKBOKMUTVV7é",
            "AROAY34FZKBOKMUTVV7A",
            "asiaY34FZKBOKMUTVV7A",
            "ASIA7777777777777777",  # the number is no account id
        ],
    )
    def test_a_malformed_access_key_id_names_no_account(self, access_key_id: str) -> None:
        assert ids.account_of_access_key(access_key_id) is None

    @given(st.text(max_size=24) | st.text(st.sampled_from(ids.ALPHABET + "=018a"), max_size=20).map("AKIA".__add__))
    def test_no_text_makes_it_raise(self, text: str) -> None:
        account = ids.account_of_access_key(text)
        assert account is None or arn.is_account_id(account)

    @given(st.sampled_from(list(ids.IdPrefix)), seeds)
    def test_a_unique_id_is_its_prefix_and_seventeen_letters(self, prefix: ids.IdPrefix, seed: int) -> None:
        unique_id = ids.new_unique_id(prefix, random.Random(seed).getrandbits)
        assert unique_id.startswith(prefix)
        assert len(unique_id) == 21
        assert set(unique_id[4:]) <= set(ids.ALPHABET)
        assert ids.is_principal_id(unique_id) == (prefix in ids.PRINCIPAL_PREFIXES)

    @given(seeds)
    def test_a_secret_is_forty_letters_of_its_alphabet(self, seed: int) -> None:
        secret = ids.new_secret_access_key(random.Random(seed).getrandbits)
        assert len(secret) == 40
        assert set(secret) <= set(string.ascii_letters + string.digits + "+/")

    def test_every_random_bit_of_an_id_counts(self) -> None:
        account = arn.AccountId("123456789012")
        made = {
            ids.new_unique_id(ids.IdPrefix.USER, lambda count, at=at: 1 << at if at < count else 0) for at in range(86)
        }
        assert len(made) == 86
        keys = {
            ids.new_access_key_id(ids.IdPrefix.LONG_TERM_KEY, account, lambda count, at=at: at % 2**count)
            for at in range(128)
        }
        assert len(keys) == 128

    @pytest.mark.parametrize(
        "text", ["AIDA", "AIDAé23456789012345", "AKIAIOSFODNN7EXAMPLE", "aidaABCDEFGHIJKLMNOPQ", "*", ""]
    )
    def test_what_is_no_principal_id_is_told_apart(self, text: str) -> None:
        assert not ids.is_principal_id(text)
