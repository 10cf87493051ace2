"""What docs/security.md promises is shown by tests that exist, and every test of trust stands behind a promise."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENT = (ROOT / "docs" / "security.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)`", DOCUMENT)))


@pytest.mark.parametrize("named", [one for one in NAMED if one != "tests/test_security_document.py"])
def test_each_promise_names_a_test_that_tests_something(named: str) -> None:
    assert re.search(r"^\s*(async )?def test_|^class Test|TestCase$", (ROOT / named).read_text("utf-8"), re.MULTILINE)


def test_every_row_of_promises_and_criteria_names_one() -> None:
    rows = [line for line in DOCUMENT.splitlines() if line.startswith("| ") and "---" not in line]
    promises = rows[rows.index("| promise | shown by |") + 1 :]
    unshown = [row for row in promises if "`tests/" not in row and not row.startswith(("| criterion", "| promise"))]
    assert len(promises) > 35
    assert unshown == []


def test_it_calls_nothing_certified() -> None:
    words = re.findall(r"[^.|]*certifi(?:ed|cation)[^.|]*", DOCUMENT)
    assert [one.split("\n")[-1] for one in words] == ["It is not certified"]
