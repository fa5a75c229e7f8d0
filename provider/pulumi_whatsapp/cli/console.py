"""What goes on, on standard error: only for somebody who watches."""

from __future__ import annotations

from rich.console import Console


class ConsoleReport:
    """Shows progress on a terminal, and warnings always; see `pulumi_whatsapp.report.Report`."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, soft_wrap=True, highlight=False)

    def status(self, text: str) -> None:
        """Show a line of progress."""
        if self._console.is_terminal:
            self._console.print(text, style="dim", markup=False)

    def info(self, text: str) -> None:
        """Show a line."""
        self._console.print(text, markup=False)

    def warning(self, text: str) -> None:
        """Show a warning."""
        self._console.print(f"warning: {text}", style="yellow", markup=False)
