"""How a long operation tells the user what it does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

_NAMED: Final = 20
"""How many contacts a message names before it only counts: more would not be read."""


def count_contacts(count: int) -> str:
    """Return ``1 contact`` or ``2,000 contacts``."""
    return "1 contact" if count == 1 else f"{count:,} contacts"


def name_some(contacts: Iterable[str], most: int = _NAMED) -> str:
    """Return the first contacts by name and the number of the others."""
    names = list(contacts)
    rest = len(names) - most
    listed = ", ".join(names[:most])
    return f"{listed} and {rest:,} more" if rest > 0 else listed


class Report(Protocol):
    """Where a lifecycle says what happens while it happens; the engine, or a terminal, shows it."""

    def status(self, text: str) -> None:
        """Show a line for as long as the work runs."""

    def info(self, text: str) -> None:
        """Leave a line for the user."""

    def warning(self, text: str) -> None:
        """Leave a line that the user should act upon."""
