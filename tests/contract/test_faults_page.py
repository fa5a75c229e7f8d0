"""The page about faults says what the tests try."""

from __future__ import annotations

from faults_page import PAGE, page


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run make tables"
