"""How a long operation tells the user what it does."""

from __future__ import annotations

from typing import Protocol


def count_contacts(count: int) -> str:
    """Return ``1 contact`` or ``2,000 contacts``."""
    return "1 contact" if count == 1 else f"{count:,} contacts"


class Report(Protocol):
    """Where a lifecycle says what happens while it happens; the engine, or a terminal, shows it."""

    def status(self, text: str) -> None:
        """Show a line for as long as the work runs."""

    def info(self, text: str) -> None:
        """Leave a line for the user."""

    def warning(self, text: str) -> None:
        """Leave a line that the user should act upon."""
