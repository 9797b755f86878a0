"""The golden policies: what AWS takes, and what it refuses in which words.

A case is a change of its file's `base`: members of the policy (`policy`) or of its statement (`statement`) that are
set, and members that are removed (`remove_policy`, `remove`); or it is a whole `text`. With a `message` the policy is
refused, and that is the message that AWS answers; without, it is taken.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rolecall.errors import PolicyError
from rolecall.language.document import PolicyType
from rolecall.language.findings import Finding
from rolecall.language.parser import parse_policy
from rolecall.language.render import render, without_source

FOLDER = Path(__file__).parent.parent / "cases" / "policies"

# A permissions boundary and a session policy have the grammar of an identity-based policy.
SAME_GRAMMAR = {
    PolicyType.IDENTITY: (PolicyType.IDENTITY, PolicyType.PERMISSIONS_BOUNDARY, PolicyType.SESSION),
}


def text_of(case: dict[str, Any], base: dict[str, Any]) -> str:
    if "text" in case:
        return str(case["text"])
    policy = {**base, **case.get("policy", {})}
    if "Statement" not in case.get("policy", {}):
        statement = {**base["Statement"], **case.get("statement", {})}
        policy["Statement"] = {name: value for name, value in statement.items() if name not in case.get("remove", ())}
    kept = {name: value for name, value in policy.items() if name not in case.get("remove_policy", ())}
    return json.dumps(kept, ensure_ascii=False)


def cases() -> list[Any]:
    found = []
    for path in sorted(FOLDER.glob("*.json")):
        content = json.loads(path.read_text("utf-8"))
        assert content["source"], f"{path.name} names no source"
        policy_type, base = PolicyType(content["type"]), content["base"]
        found += [pytest.param(policy_type, case, base, id=f"{path.stem}: {case['name']}") for case in content["cases"]]
    return found


@pytest.mark.parametrize(("policy_type", "case", "base"), cases())
def test_a_policy_is_taken_or_refused_as_aws_does(
    policy_type: PolicyType, case: dict[str, Any], base: dict[str, Any]
) -> None:
    text = text_of(case, base)
    for each in SAME_GRAMMAR.get(policy_type, (policy_type,)):
        if "message" not in case:
            document = parse_policy(text, each)
            assert document.text == text
            assert without_source(parse_policy(render(document), each)) == without_source(document)
            continue
        with pytest.raises(PolicyError) as refused:
            parse_policy(text, each)
        assert str(refused.value) == case["message"]
        first = refused.value.findings[0]
        assert isinstance(first, Finding)
        assert first.code == case.get("code", "MalformedPolicyDocument")
        assert first.detail
        assert first.span is not None
