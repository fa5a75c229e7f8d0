"""The page of guarantees names tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_promise_names_its_test() -> None:
    section = (ROOT / "docs" / "guarantees.md").read_text().partition("## The promises")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(test_\w+)`", section))
    found = {
        name
        for path in Path(__file__).parent.glob("test_*.py")
        for name in re.findall(r"def (test_\w+)", path.read_text())
    }
    assert named
    assert named <= found
