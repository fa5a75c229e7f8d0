"""What a file holds, before it is known whether each line is a contact."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from ..errors import InvalidInput

_SHOWN: Final = 20
"""Wrong lines that a message shows: a screenful."""


@dataclass(frozen=True)
class Names:
    """What the columns, or the keys of a record, are called; neither capitals nor spaces around them count."""

    phone: str = "phone"
    reason: str = "reason"


@dataclass(frozen=True)
class Entry:
    """A contact and its reason, as written.

    Attributes:
        line: where it stands, from 1.
        contact: not empty.
        reason: why; empty where none is given.
    """

    line: int
    contact: str
    reason: str = ""


@dataclass
class Content:
    """What one file holds, and what is wrong with it.

    Attributes:
        entries: those under no topic.
        topics: topic -> those under it; None where the file has none.
        wrong: line -> what is wrong there; the line 0 is the file as a whole.
    """

    entries: list[Entry] = field(default_factory=list)
    topics: dict[str, list[Entry]] | None = None
    wrong: list[tuple[int, str]] = field(default_factory=list)

    def fail(self, line: int, what: str) -> None:
        """Note what is wrong in a line."""
        self.wrong.append((line, what))


def invalid(path: str, wrong: Iterable[tuple[int, str]]) -> InvalidInput:
    """Return the one error that names every wrong line of a file, the first 20 in words."""
    sentences = [f"line {line}: {what}" if line else what for line, what in sorted(set(wrong))]
    if len(sentences) == 1:
        return InvalidInput("", f"{path}{', ' if sentences[0].startswith('line ') else ': '}{sentences[0]}")
    more = len(sentences) - _SHOWN
    shown = [*sentences[:_SHOWN], *([f"and {more} more"] if more > 0 else [])]
    return InvalidInput("", f"{path} has {len(sentences)} mistakes:" + "".join(f"\n  {line}" for line in shown))
