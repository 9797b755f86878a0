"""The examples of the guide that its tour does not run pass as they stand."""

from __future__ import annotations

import re
from pathlib import Path

from policy_tests.policy_test_files import outcomes

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "policy-tests.md"


def test_the_yaml_of_the_guide_passes(tmp_path: Path):
    examples = re.findall(r"^```yaml\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert examples
    for number, example in enumerate(examples):
        file = tmp_path / f"{number}.yaml"
        file.write_text(example, encoding="utf-8")
        assert [(outcome.problems, outcome.error) for outcome in outcomes(file)] == [((), None)] * example.count(
            "name:"
        )
