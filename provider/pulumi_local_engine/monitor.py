"""The engine's two gRPC services: what a program registers its resources with, and where everybody logs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import contextmanager
from typing import Any, NoReturn

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    resource_pb2,
    resource_pb2_grpc,
)

from .children import CHANNEL_OPTIONS
from .deployment import Deployment
from .model import PARALLEL, Diagnostic, Stopped, Unsupported
from .values import from_struct, to_struct

_FEATURES = (*range(12), 16)
"""The numbers of ``ResourceMonitorFeature`` up to ``ERROR_HOOKS``, and ``STATE_MIGRATIONS``: not every SDK has all the
names. What of them is not done is advertised all the same, so that the engine and not the SDK says so."""
_LEGACY_FEATURES = ("secrets", "resourceReferences", "outputValues", "aliasSpecs", "deletedWith")
"""What an SDK before ``GetDeploymentInfo`` asks for one by one."""
_REFUSED = {
    "Invoke": "invokes",
    "Call": "calls of methods",
    "ReadResource": "reading of resources (`Resource.get`, `StackReference`)",
    "RegisterPackage": "packages",
    "RegisterStackTransform": "transforms",
    "RegisterStackInvokeTransform": "transforms",
    "RegisterResourceHook": "resource hooks",
    "RegisterErrorHook": "error hooks",
}
_SEVERITIES = {1: "info", 2: "warning", 3: "error"}


@contextmanager
def serve(run: Deployment) -> Iterator[str]:
    """Serve both services on a loopback port while the block runs; gives the address."""
    # Each registration blocks a worker; some more take what is logged meanwhile.
    workers = futures.ThreadPoolExecutor(max_workers=PARALLEL + 8)
    server = grpc.server(workers, options=CHANNEL_OPTIONS)
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(_Monitor(run), server)
    engine_pb2_grpc.add_EngineServicer_to_server(_Engine(run), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()
        workers.shutdown()


def _abort(context: Any) -> NoReturn:
    context.abort(grpc.StatusCode.UNAVAILABLE, "stopped")  # raises; the SDK then ends the program
    raise AssertionError


class _Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    def __init__(self, run: Deployment) -> None:
        self._run = run
        for method, what in _REFUSED.items():
            setattr(self, method, self._refuse(what))

    def _refuse(self, what: str) -> Callable[[Any, Any], NoReturn]:
        def refuse(request: Any, context: Any) -> NoReturn:
            token = getattr(request, "tok", "") or getattr(request, "type", "")
            self._run.fail(str(Unsupported(f"{what}{f' ({token})' if token else ''}")))
            _abort(context)

        return refuse

    def GetDeploymentInfo(self, _request: Any, _context: Any) -> resource_pb2.DeploymentInfo:  # noqa: N802
        return resource_pb2.DeploymentInfo(supportedFeatures=_FEATURES)

    def SupportsFeature(self, request: Any, _context: Any) -> resource_pb2.SupportsFeatureResponse:  # noqa: N802
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in _LEGACY_FEATURES)

    def RegisterResource(self, request: Any, context: Any) -> resource_pb2.RegisterResourceResponse:  # noqa: N802
        try:
            made = self._run.register(request)
        except Stopped:
            _abort(context)
        outputs = made.outputs if made.custom else {}
        return resource_pb2.RegisterResourceResponse(urn=made.urn, id=made.id, object=to_struct(outputs))

    def RegisterResourceOutputs(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802
        try:
            self._run.register_outputs(request.urn, from_struct(request.outputs))
        except Stopped:
            _abort(context)
        return empty_pb2.Empty()

    def SignalAndWaitForShutdown(self, _request: Any, _context: Any) -> empty_pb2.Empty:  # noqa: N802
        self._run.finish()
        return empty_pb2.Empty()


class _Engine(engine_pb2_grpc.EngineServicer):
    def __init__(self, run: Deployment) -> None:
        self._run = run

    def Log(self, request: Any, _context: Any) -> empty_pb2.Empty:  # noqa: N802
        if severity := _SEVERITIES.get(request.severity):
            self._run.log(Diagnostic(severity, request.message, request.urn), request.ephemeral)
        return empty_pb2.Empty()

    def RequirePulumiVersion(self, _request: Any, _context: Any) -> engine_pb2.RequirePulumiVersionResponse:  # noqa: N802
        return engine_pb2.RequirePulumiVersionResponse()
