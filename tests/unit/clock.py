"""An event loop whose time jumps to the next thing to do, so that waiting takes none."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

Value = TypeVar("Value")


class _Jumping(selectors.SelectSelector):
    """A selector that waits by moving the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self._busy = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready now; else move the clock."""
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("the test waits for something that never happens")
        if not ready and timeout is not None:
            self.now += timeout
        self._busy = 0 if timeout else self._busy + 1
        if self._busy > 10_000:  # a timer that is due but for rounding: a real clock would have moved
            self.now += 1e-6
            self._busy = 0
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop on virtual time, which starts at 0 seconds."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Return the virtual seconds."""
        return self._jumping.now


def run(work: Coroutine[Any, Any, Value]) -> Value:
    """Run a coroutine on a loop of its own, on virtual time."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def now() -> float:
    """Return the running loop's time in seconds."""
    return asyncio.get_running_loop().time()
