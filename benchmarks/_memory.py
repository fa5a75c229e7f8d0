"""The most memory that the provider process of a command ever holds. Linux only: elsewhere it is not known."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from types import TracebackType

_PROC = Path("/proc")
_PROVIDERS = (b"pulumi.dynamic", b"_child.py\0provider")  # started by the CLI, by the local engine
_SECONDS_BETWEEN_LOOKS = 0.02


class ProviderMemory:
    """Watches the provider process while a command runs.

    Args:
        home: stands in the environment of the command, and of no other one.
    """

    def __init__(self, home: Path) -> None:
        self._home = f"PULUMI_HOME={home}\0".encode()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.peak: float | None = None
        """Megabytes of resident memory."""

    def __enter__(self) -> ProviderMemory:
        """Start to look."""
        if _PROC.is_dir():
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop."""
        self._ended.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _watch(self) -> None:
        process: Path | None = None
        while not self._ended.wait(_SECONDS_BETWEEN_LOOKS):
            process = process or self._find()
            if process is not None:
                peak = _peak(process)
                if peak is None:
                    process = None
                else:
                    self.peak = max(self.peak or 0.0, peak)

    def _find(self) -> Path | None:
        for process in _PROC.glob("[0-9]*"):
            try:
                command = (process / "cmdline").read_bytes()
                if any(name in command for name in _PROVIDERS) and self._home in (process / "environ").read_bytes():
                    return process
            except OSError:
                continue
        return None


def _peak(process: Path) -> float | None:
    try:
        found = re.search(r"VmHWM:\s*(\d+) kB", (process / "status").read_text())
    except OSError:
        return None
    return int(found[1]) / 1024 if found else None
