"""The command line: ``pulumi-whatsapp …``. Needs the extra ``cli``."""

from __future__ import annotations

import sys

_NEEDED = frozenset({"cryptography", "rich", "typer", "uvicorn", "yaml"})


def main() -> None:
    """Run the command line and exit with its status."""
    try:
        from .app import run
    except ModuleNotFoundError as error:
        if error.name not in _NEEDED:
            raise
        sys.exit(f"error: the command line needs {error.name}: pip install 'pulumi-whatsapp[cli]'")
    sys.exit(run())
