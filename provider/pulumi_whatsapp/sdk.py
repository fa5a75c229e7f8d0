"""What reaches into private corners of Pulumi's Python SDK, each with its reason. Seen in SDK 3.231 to 3.272."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import grpc
from pulumi.runtime import _callbacks
from pulumi.runtime.rpc import deserialize_properties_unwrap_secrets
from pulumi.runtime.settings import get_engine, get_monitor

from .dynamic._message import MESSAGE

_FIRST_NAME: Final = re.compile(r"^\W*?(\*|\w+)")
"""The property that a path begins with: ``contacts["+1…"]``, ``["contacts"]``, ``*``."""


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


@dataclass(frozen=True)
class Registration:
    """A resource as the SDK sends it to the engine, with the program's transformations applied.

    Attributes:
        inputs: by their names on the wire, secrets as plain values; what is not known is `pulumi.output.Unknown`.
        not_final: the names of inputs that the engine replaces by the state's; ``*`` stands for all, also where the
            engine calls transforms of the program and nothing is final.
    """

    inputs: Mapping[str, Any]
    not_final: frozenset[str]


def when_registered(tell: Callable[[Registration], None]) -> None:
    """Have a function told of each resource that has an input of this package before the engine is.

    The SDK has no hook that sees the inputs as they are sent, so the method of the run's own monitor is replaced. It is
    called on any thread.
    """
    monitor: Any = get_monitor()
    register = monitor.RegisterResource

    def registering(request: Any) -> Any:
        if MESSAGE in request.object:
            tell(_registration(request, monitor))
        return register(request)

    monitor.RegisterResource = registering


def _registration(request: Any, monitor: Any) -> Registration:
    inputs, _ = deserialize_properties_unwrap_secrets(request.object, keep_unknowns=True)
    ignored = {name for path in request.ignoreChanges for name in _FIRST_NAME.findall(path)}
    return Registration(inputs, frozenset({*ignored, "*"} if _transforms(monitor) else ignored))


def _transforms(monitor: Any) -> bool:
    """Return whether the program has given the engine transforms to call: of a resource, or of the whole stack."""
    return any(
        servicer._monitor is monitor and servicer._transforms for servicer in _callbacks._CallbackServicer._servicers
    )
