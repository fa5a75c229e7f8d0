"""What is wrong in a file is said at once, line by line."""

from __future__ import annotations

import re

from .contact_files import A, B, Write, said_of


def test_all_mistakes_are_said_at_once(write: Write) -> None:
    rows = [f"{A},a", "bob,", ",spam", f"{B},", f"{A},b", "1,,,,"]
    message = said_of(write("a.csv", "\n".join(["phone,reason", *rows])))
    assert message.splitlines()[0] == "a.csv has 4 mistakes:"
    assert re.findall(r"^  line (\d+): ", message, re.MULTILINE) == ["3", "4", "6", "7"]


def test_of_many_mistakes_twenty_are_shown(write: Write) -> None:
    message = said_of(write("a.txt", "bob\n" * 2_000))
    assert len(message.splitlines()) == 22
    assert message.startswith("a.txt has 2000 mistakes:\n  line 1: 'bob'")
    assert message.endswith("\n  and 1980 more")
