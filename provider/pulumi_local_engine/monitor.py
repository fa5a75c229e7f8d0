"""The engine's two gRPC services: what a program registers its resources with, and where everybody logs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn, Protocol

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    resource_pb2,
    resource_pb2_grpc,
)

from .model import Diagnostic, EngineError, Resource, Unsupported
from .values import ARCHIVE, ASSET, Properties, contains, from_struct, to_struct

_DONE = ("SECRETS", "RESOURCE_REFERENCES", "OUTPUT_VALUES", "ALIAS_SPECS", "DELETED_WITH")
_REFUSED = (
    "REPLACEMENT_TRIGGER",
    "REPLACE_WITH",
    "TRANSFORMS",
    "INVOKE_TRANSFORMS",
    "PARAMETERIZATION",
    "RESOURCE_HOOKS",
    "ERROR_HOOKS",
    "STATE_MIGRATIONS",
)
"""Advertised all the same, so that the engine and not the SDK says what is not done."""
_FEATURES = [
    resource_pb2.ResourceMonitorFeature.Value(f"RESOURCE_MONITOR_FEATURE_{name}") for name in (*_DONE, *_REFUSED)
]
_SEVERITIES = {1: "info", 2: "warning", 3: "error"}
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0}


@dataclass
class Goal:
    """What a program asks for with one registration."""

    type: str
    name: str
    custom: bool
    parent: str
    inputs: Properties
    protect: bool | None = None
    retain_on_delete: bool | None = None
    deleted_with: str = ""
    delete_first: bool | None = None
    dependencies: list[str] = field(default_factory=list)
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    ignore_changes: list[str] = field(default_factory=list)
    replace_on_changes: list[str] = field(default_factory=list)
    secret_outputs: list[str] = field(default_factory=list)
    timeouts: dict[str, float] = field(default_factory=dict)
    aliases: list[Any] = field(default_factory=list)


class Stopped(Exception):
    """The run is stopping: nothing more is registered."""


class Host(Protocol):
    """What the services hand their calls to."""

    def register(self, goal: Goal) -> Resource:
        """Bring a resource to its goal, and give its new state."""

    def register_outputs(self, urn: str, outputs: Properties) -> None:
        """Set the outputs of a component or of the stack."""

    def shut_down(self) -> None:
        """Do what is left when the program has ended well; it waits for that."""

    def log(self, diagnostic: Diagnostic, ephemeral: bool) -> None:
        """Take a message."""

    def fail(self, message: str, urn: str = "") -> None:
        """End the run with an error."""


@contextmanager
def serve(host: Host, info: resource_pb2.DeploymentInfo, parallel: int) -> Iterator[str]:
    """Serve both services on a loopback port while the block runs; gives the address."""
    workers = futures.ThreadPoolExecutor(max_workers=parallel * 4 + 8)
    server = grpc.server(workers, options=_GRPC_CHANNEL_OPTIONS)
    info.supportedFeatures.extend(_FEATURES)
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(_Monitor(host, info), server)
    engine_pb2_grpc.add_EngineServicer_to_server(_Engine(host), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()
        workers.shutdown()


class _Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    def __init__(self, host: Host, info: resource_pb2.DeploymentInfo) -> None:
        self._host = host
        self._info = info
        for method, what in (
            ("Invoke", "invokes"),
            ("Call", "calls of methods"),
            ("ReadResource", "reading of resources (`Resource.get`, `StackReference`)"),
            ("RegisterPackage", "packages"),
            ("RegisterStackTransform", "transforms"),
            ("RegisterStackInvokeTransform", "transforms"),
            ("RegisterResourceHook", "resource hooks"),
            ("RegisterErrorHook", "error hooks"),
        ):
            setattr(self, method, self._refuse(what))

    def _refuse(self, what: str) -> Callable[[Any, grpc.ServicerContext], NoReturn]:
        def refuse(request: Any, context: grpc.ServicerContext) -> NoReturn:
            token = getattr(request, "tok", "") or getattr(request, "type", "")
            self._host.fail(str(Unsupported(f"{what}{f' ({token})' if token else ''}")))
            context.abort(grpc.StatusCode.UNAVAILABLE, "stopped")
            raise AssertionError

        return refuse

    def GetDeploymentInfo(self, _request: Any, _context: Any) -> resource_pb2.DeploymentInfo:  # noqa: N802
        return self._info

    def SupportsFeature(self, request: Any, _context: Any) -> resource_pb2.SupportsFeatureResponse:  # noqa: N802
        known = ("secrets", "resourceReferences", "outputValues", "aliasSpecs", "deletedWith")
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in known)

    def RegisterResource(self, request: Any, context: Any) -> resource_pb2.RegisterResourceResponse:  # noqa: N802
        try:
            made = self._host.register(_goal(request))
        except EngineError as error:
            self._host.fail(str(error))
            context.abort(grpc.StatusCode.UNAVAILABLE, "stopped")
        except Stopped:
            context.abort(grpc.StatusCode.UNAVAILABLE, "stopped")
        outputs = made.outputs if made.custom else {}
        return resource_pb2.RegisterResourceResponse(urn=made.urn, id=made.id, object=to_struct(outputs))

    def RegisterResourceOutputs(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802
        try:
            self._host.register_outputs(request.urn, from_struct(request.outputs))
        except Stopped:
            context.abort(grpc.StatusCode.UNAVAILABLE, "stopped")
        return empty_pb2.Empty()

    def SignalAndWaitForShutdown(self, _request: Any, _context: Any) -> empty_pb2.Empty:  # noqa: N802
        self._host.shut_down()
        return empty_pb2.Empty()


class _Engine(engine_pb2_grpc.EngineServicer):
    def __init__(self, host: Host) -> None:
        self._host = host

    def Log(self, request: Any, _context: Any) -> empty_pb2.Empty:  # noqa: N802
        if severity := _SEVERITIES.get(request.severity):
            self._host.log(Diagnostic(severity, request.message, request.urn), request.ephemeral)
        return empty_pb2.Empty()

    def RequirePulumiVersion(self, _request: Any, _context: Any) -> engine_pb2.RequirePulumiVersionResponse:  # noqa: N802
        return engine_pb2.RequirePulumiVersionResponse()


def _goal(request: Any) -> Goal:
    name = f"{request.type} {request.name!r}"
    dynamic = request.type.startswith("pulumi-python:")
    for refused, what in (
        (request.custom and not dynamic, f"resources other than Python's dynamic ones ({name})"),
        (request.remote, f"remote components ({name})"),
        (request.provider or request.providers, f"explicit providers ({name})"),
        (request.packageRef or request.pluginDownloadURL, f"packages ({name})"),
        (request.importId, f"`import_` ({name})"),
        (request.transforms, f"transforms ({name})"),
        (request.HasField("hooks") and request.hooks.ByteSize(), f"resource hooks ({name})"),
        (request.state_migrations, f"state migrations ({name})"),
        (request.replace_with or request.HasField("replacement_trigger"), f"replacement triggers ({name})"),
    ):
        if refused:
            raise Unsupported(what)
    inputs = from_struct(request.object)
    if contains(inputs, ASSET) or contains(inputs, ARCHIVE):
        raise Unsupported(f"assets and archives ({name})")
    given = request.propertyDependencies
    every = sorted(request.dependencies)
    timeouts = request.customTimeouts
    return Goal(
        type=request.type,
        name=request.name,
        custom=request.custom,
        parent=request.parent,
        inputs=inputs,
        protect=request.protect if request.HasField("protect") else None,
        retain_on_delete=request.retainOnDelete if request.HasField("retainOnDelete") else None,
        deleted_with=request.deletedWith,
        delete_first=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        dependencies=every,
        property_dependencies={key: sorted(given[key].urns) if given else every for key in sorted(given or inputs)},
        ignore_changes=list(request.ignoreChanges),
        replace_on_changes=list(request.replaceOnChanges),
        secret_outputs=list(request.additionalSecretOutputs),
        timeouts={
            key: _seconds(getattr(timeouts, key)) for key in ("create", "update", "delete") if getattr(timeouts, key)
        },
        aliases=list(request.aliases),
    )


def _seconds(duration: str) -> float:
    """Read a duration such as ``1h30m``, in seconds."""
    total, number = 0.0, ""
    for letter in duration:
        if letter in _UNITS:
            total, number = total + float(number) * _UNITS[letter], ""
        else:
            number += letter
    return int(total) if total.is_integer() else total
