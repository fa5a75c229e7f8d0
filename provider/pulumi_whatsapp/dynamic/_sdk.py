"""What reaches into private corners of Pulumi's Python SDK, each with its reason. Seen in SDK 3.231 to 3.272."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc
from pulumi.runtime.settings import get_engine, get_monitor


def engine_address() -> str | None:
    """Return the address of the engine that runs this program; None under mocks.

    The SDK keeps only a stub for it, and the stub's calls know where they go.
    """
    target = getattr(getattr(get_engine(), "Log", None), "_target", None)
    return target.decode() if isinstance(target, bytes) else None


def when_ended(around: Callable[[Callable[[], None]], None]) -> None:
    """Have a function called around the SDK's wait for the end of the run.

    When the program has ended, the SDK calls `SignalAndWaitForShutdown`, which returns when every step is done, deletes
    included. What is raised there fails the program after everything else. There is no hook for it, so the method of
    the run's own monitor is replaced.

    Args:
        around: is given the wait, and calls it. With an engine that does not know the call, the wait returns at once.
    """
    monitor: Any = get_monitor()
    wait = monitor.SignalAndWaitForShutdown

    def signal_and_wait(request: Any) -> Any:
        answer: list[Any] = []
        missing: list[grpc.RpcError] = []

        def waiting() -> None:
            try:
                answer.append(wait(request))
            except grpc.RpcError as error:
                missing.append(error)

        around(waiting)
        if missing:
            raise missing[0]  # the SDK knows what to do about it
        return answer[0]

    monitor.SignalAndWaitForShutdown = signal_and_wait
