"""Session tags: one value for a key whatever its capitals, and transitive ones stay for the whole chain (sts.md §3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rolecall.errors import ApiError, InvalidParameterValue, ValidationError
from rolecall.state.entities import Tag
from rolecall.sts.session_tags import MOST_TAGS, check_session_tags, inherited_tags
from sts.sts_values import session, tag_keys

requests = st.lists(st.fixed_dictionaries({"key": tag_keys, "value": st.text(max_size=3)}), max_size=4)
transitive = st.lists(tag_keys, max_size=2)


def wire(*keys: str) -> list[dict[str, str]]:
    return [{"key": key, "value": "x"} for key in keys]


@given(st.lists(st.tuples(requests, transitive), min_size=1, max_size=4))
def test_a_chain_of_sessions_keeps_the_laws_of_tags(chain):
    calling, kept = None, {}
    for asked, marked in chain:
        try:
            given_tags = check_session_tags(calling, asked, marked)
        except ApiError:
            continue
        keys = [tag.key.lower() for tag in given_tags.all]
        assert len(set(keys)) == len(keys), "no key comes twice"
        assert set(given_tags.transitive) <= set(keys), "only tags are transitive"
        now = {tag.key.lower(): tag.value for tag in given_tags.all}
        assert kept.items() <= now.items(), "a transitive tag stays, unchanged"
        assert {tag["key"].lower(): tag["value"] for tag in asked}.items() <= now.items(), "what is asked is given"
        assert set(given_tags.transitive) == kept.keys() | {key.lower() for key in marked}
        kept = {key: now[key] for key in given_tags.transitive}
        calling = session(tags=given_tags.all, transitive=given_tags.transitive)
        assert {tag.key.lower(): tag.value for tag in inherited_tags(calling)} == kept


def test_tags_that_are_not_transitive_end_with_their_session():
    calling = session(tags=(Tag("Project", "alpha"), Tag("site", "north")), transitive=("project",))
    assert inherited_tags(calling) == (Tag("Project", "alpha"),)
    assert inherited_tags(None) == ()


def test_long_term_keys_hand_on_nothing():
    given_tags = check_session_tags(None, wire("Team"), ["TEAM"])
    assert given_tags.all == (Tag("Team", "x"),)
    assert given_tags.transitive == ("team",)


@pytest.mark.parametrize(
    ("asked", "marked", "error"),
    [
        (["team", "TEAM"], [], InvalidParameterValue),
        (["Ä", "ä"], [], InvalidParameterValue),
        (["team"], ["site"], InvalidParameterValue),
        ([], ["team"], InvalidParameterValue),
        (["project"], [], InvalidParameterValue),
        (["PROJECT"], ["PROJECT"], InvalidParameterValue),
        (["aws:team"], [], ValidationError),
        (["Aws:team"], [], ValidationError),
    ],
)
def test_tags_that_clash_or_are_reserved_are_refused(asked, marked, error):
    calling = session(tags=(Tag("Project", "alpha"),), transitive=("project",))
    with pytest.raises(error):
        check_session_tags(calling, wire(*asked), marked)


def test_inherited_tags_count_towards_the_most():
    calling = session(tags=(Tag("project", "alpha"),), transitive=("project",))
    most = [f"key-{number}" for number in range(MOST_TAGS)]
    assert len(check_session_tags(None, wire(*most), []).all) == MOST_TAGS
    assert len(check_session_tags(calling, wire(*most[1:]), []).all) == MOST_TAGS
    with pytest.raises(ValidationError):
        check_session_tags(calling, wire(*most), [])
