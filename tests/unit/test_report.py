"""How many contacts there are, in words."""

from __future__ import annotations

import pytest

from pulumi_whatsapp.report import count_contacts


@pytest.mark.parametrize(
    ("count", "said"), [(0, "0 contacts"), (1, "1 contact"), (2, "2 contacts"), (64_000, "64,000 contacts")]
)
def test_one_contact_is_no_plural_and_thousands_are_separated(count: int, said: str) -> None:
    assert count_contacts(count) == said
