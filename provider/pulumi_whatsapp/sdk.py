"""What reaches into private corners of Pulumi's Python SDK: nowhere else, each with its reason.

Seen in SDK 3.231 to 3.272, and held to the installed one by ``tests/unit/test_sdk.py``. What `pulumi`, `pulumi.dynamic`
and `pulumi.runtime` export is public and used where it is needed; so is the protocol, `pulumi.runtime.proto`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import grpc
from google.protobuf.struct_pb2 import Struct, Value
from pulumi.dynamic import Config
from pulumi.dynamic.dynamic import PROVIDER_KEY
from pulumi.output import Unknown
from pulumi.runtime import _callbacks
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.rpc import UNKNOWN as WIRE_UNKNOWN
from pulumi.runtime.rpc import (
    _special_secret_sig,
    _special_sig_key,
    deserialize_properties,
    wrap_rpc_secret,
)
from pulumi.runtime.settings import get_engine, get_monitor

__all__ = [
    "CHANNEL_OPTIONS",
    "PROVIDER_KEY",
    "WIRE_UNKNOWN",
    "Registration",
    "Unknown",
    "all_values",
    "current_monitor",
    "engine_address",
    "host_engine_address",
    "is_mock",
    "plain",
    "read_properties",
    "take_output",
    "when_ended",
    "when_registered",
    "wrap_rpc_secret",
]
# As they are:
# PROVIDER_KEY            the property under which the SDK sends the serialized provider along with all others
# Unknown                 the type of `pulumi.UNKNOWN`: a value is compared by it, and only the value is exported
# WIRE_UNKNOWN            the text that stands for what is not known on the wire: the SDK exports no way to write it
# wrap_rpc_secret         marks a value as a secret as the wire has it, and none twice: a method of a dynamic provider
#                         cannot return an Output, and the plugin writes its messages itself

CHANNEL_OPTIONS: Final = _GRPC_CHANNEL_OPTIONS
"""How the SDK's own servers are set up: messages of any size, of which a list of 64,000 contacts needs some."""

_FIRST_NAME: Final = re.compile(r"^\W*?(\*|\w+)")
"""The property that a path begins with: ``contacts["+1…"]``, ``["contacts"]``, ``*``."""


def current_monitor() -> Any | None:
    """Return the connection that a program registers its resources with; None outside of a program.

    Each preview, each update and each program of the Automation API has its own, so it tells the runs of one process
    apart. Nothing that the SDK exports does.
    """
    return get_monitor()


def is_mock(monitor: Any) -> bool:
    """Return whether a monitor stands for the mocks of a unit test: then no engine runs, and nothing ever ends.

    There is `pulumi.runtime.set_mocks` to set them, and nothing to ask for them.
    """
    return isinstance(monitor, MockMonitor)


def host_engine_address() -> str:
    """Return the address of the engine that started this provider process; empty where none did.

    It is the first argument of the SDK's host of dynamic providers, which tells a provider nothing of it.
    """
    return sys.argv[1] if len(sys.argv) > 1 and ":" in sys.argv[1] else ""


def all_values(config: Config) -> Mapping[str, Any]:
    """Return everything that the stack configures, full key -> value; nothing where the SDK keeps it elsewhere.

    The SDK's bag gives the value of a key and does not list its keys, so misspelt ones would go unseen.
    """
    return getattr(config, "_props", {})


def plain(value: Any, unknown: Any) -> Any:
    """Return a value that the SDK has read, whatever is in it, with a mark of ours for what is not known.

    Args:
        value: what was read, without secrets.
        unknown: stands for what is not known, which the SDK reads as an `Unknown`.
    """
    if isinstance(value, Unknown):
        return unknown
    if isinstance(value, list):
        return [plain(each, unknown) for each in value]
    if isinstance(value, dict):
        return {key: plain(each, unknown) for key, each in value.items()}
    return value


def read_properties(message: Struct) -> tuple[dict[str, Any], frozenset[str]]:
    """Return a message's properties, and the names of those that are a secret, wholly or in part.

    The SDK has `deserialize_properties` for it, which it does not export. Inside a secret that forgets to keep what is
    not known, and makes it None; both the engine and the SDK send such secrets. So their marks are taken off before.
    """
    mark = _special_secret_sig.encode()
    secret = frozenset(name for name, value in message.fields.items() if mark in value.SerializeToString())
    if secret:
        bare = Struct()
        bare.CopyFrom(message)
        for name in secret:
            bare.fields[name].CopyFrom(_without_secrets(message.fields[name]))
        message = bare
    return deserialize_properties(message, keep_unknowns=True), secret


def _without_secrets(value: Value) -> Value:
    fields = value.struct_value.fields if value.HasField("struct_value") else {}
    if _special_sig_key in fields and fields[_special_sig_key].string_value == _special_secret_sig:
        return _without_secrets(fields["value"])
    found = Value()
    if value.HasField("struct_value"):
        found.struct_value.SetInParent()
        for name, part in fields.items():
            found.struct_value.fields[name].CopyFrom(_without_secrets(part))
        return found
    if value.HasField("list_value"):
        found.list_value.SetInParent()
        found.list_value.values.extend(_without_secrets(part) for part in value.list_value.values)
        return found
    return value


def take_output(resource: Any, name: str) -> Any:
    """Take an output off a resource, so that no user of it sees it.

    The SDK makes an attribute of each property that a resource is registered with, and has no other way to read one.
    """
    return resource.__dict__.pop(name, None)


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


def when_registered(mark: str, tell: Callable[[Registration], None], failed: Callable[[str], None]) -> None:
    """Have a function told of each resource that has a certain input before the engine is, and one of what failed.

    The SDK has no hook that sees the inputs as they are sent, so the method of the run's own monitor is replaced. It is
    called on any thread.

    Args:
        mark: the name of the input.
        tell: is given the resource.
        failed: is given the name of any resource that failed or was skipped, where the run goes on all the same.
    """
    monitor: Any = get_monitor()
    register = monitor.RegisterResource

    def registering(request: Any) -> Any:
        if mark in request.object:
            tell(_registration(request, monitor))
        answer = register(request)
        if answer.result:
            failed(request.name)
        return answer

    monitor.RegisterResource = registering


def _registration(request: Any, monitor: Any) -> Registration:
    inputs, _ = read_properties(request.object)
    ignored = {name for path in request.ignoreChanges for name in _FIRST_NAME.findall(path)}
    return Registration(inputs, frozenset({*ignored, "*"} if _transforms(monitor) else ignored))


def _transforms(monitor: Any) -> bool:
    """Return whether the program has given the engine transforms to call: of a resource, or of the whole stack."""
    return any(
        servicer._monitor is monitor and servicer._transforms for servicer in _callbacks._CallbackServicer._servicers
    )
