"""The provider: the SDK's host of dynamic providers, and the calls that a lifecycle makes of it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import grpc
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from .children import Child, Printed, start_provider_host
from .config import Project
from .model import PROVIDER_TYPE, Resource
from .values import Properties, annotate, from_struct, keep_old, parse_path, reveal, to_struct


class ProviderError(Exception):
    """A provider call failed; the message is the provider's."""


@dataclass
class Difference:
    """What a provider's ``diff`` said."""

    changed: bool
    replaces: list[str] = field(default_factory=list)
    delete_first: bool = False
    keys_known: bool = False
    """The provider left the comparison to the engine, so that the changed keys are known."""


@dataclass
class Live:
    """What a provider's ``read`` found; no id means gone."""

    id: str
    outputs: Properties
    inputs: Properties | None


class Provider:
    """One configured provider process; started at the first call."""

    def __init__(self, child: Child, address: str, entry: Resource) -> None:
        self.child = child
        self.inputs = entry.inputs
        self._channel = grpc.insecure_channel(address, options=_GRPC_CHANNEL_OPTIONS)
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        request = provider_pb2.ConfigureRequest(
            urn=entry.urn,
            name=entry.name,
            type=entry.type,
            id=entry.id,
            args=to_struct(entry.inputs),
            variables={
                f"pulumi-python:config:{key}": str(value)
                for key, value in sorted(from_struct(to_struct(entry.inputs, plain=True)).items())
            },
            acceptSecrets=True,
            acceptResources=True,
            sends_old_inputs=True,
            sends_old_inputs_to_delete=True,
        )
        self._call(self._stub.Configure, request)

    def check(self, new: Resource, olds: Properties, news: Properties) -> tuple[Properties, list[tuple[str, str]]]:
        """Validate and normalise inputs: the inputs, and the failures as (property, reason)."""
        request = provider_pb2.CheckRequest(
            **_names(new), olds=_struct(olds), news=_struct(news), randomSeed=os.urandom(32)
        )
        reply = self._call(self._stub.Check, request)
        failures = [(failure.property, failure.reason) for failure in reply.failures]
        return annotate(from_struct(reply.inputs), news), failures

    def diff(
        self, old: Resource, inputs: Properties, outputs: Properties, news: Properties, ignore: list[str]
    ) -> Difference:
        """Compare what is (``inputs``, ``outputs``) with what shall be."""
        request = provider_pb2.DiffRequest(
            **_names(old),
            id=old.id,
            olds=_struct(outputs),
            old_inputs=_struct(inputs),
            news=_struct(news),
            ignoreChanges=ignore,
        )
        reply = self._call(self._stub.Diff, request)
        changed = reply.changes == provider_pb2.DiffResponse.DIFF_SOME
        unknown = reply.changes == provider_pb2.DiffResponse.DIFF_UNKNOWN
        if unknown:
            changed = reveal(inputs) != reveal(ignored(news, inputs, ignore))
        return Difference(changed, list(reply.replaces) if changed else [], reply.deleteBeforeReplace, unknown)

    def create(self, new: Resource) -> tuple[str, Properties]:
        """Create; the id and the outputs."""
        request = provider_pb2.CreateRequest(
            **_names(new), properties=_struct(new.inputs), timeout=new.custom_timeouts.get("create", 0)
        )
        reply = self._call(self._stub.Create, request)
        if not reply.id:
            raise ProviderError(f"plugin returned empty resource.ID from create '{new.urn}'")
        return reply.id, annotate(from_struct(reply.properties), new.inputs)

    def read(self, old: Resource) -> Live:
        """Look at what is live."""
        request = provider_pb2.ReadRequest(
            **_names(old), id=old.id, properties=_struct(old.outputs), inputs=_struct(old.inputs)
        )
        reply = self._call(self._stub.Read, request)
        inputs = annotate(from_struct(reply.inputs), old.inputs) if reply.HasField("inputs") else None
        return Live(reply.id, annotate(from_struct(reply.properties), old.outputs), inputs)

    def update(self, old: Resource, new: Resource, ignore: list[str]) -> Properties:
        """Change in place; the outputs."""
        request = provider_pb2.UpdateRequest(
            **_names(new),
            id=old.id,
            olds=_struct(old.outputs),
            old_inputs=_struct(old.inputs),
            news=_struct(new.inputs),
            timeout=new.custom_timeouts.get("update", 0),
            ignoreChanges=ignore,
        )
        return annotate(from_struct(self._call(self._stub.Update, request).properties), new.inputs)

    def delete(self, old: Resource) -> None:
        """Take away."""
        request = provider_pb2.DeleteRequest(
            **_names(old),
            id=old.id,
            properties=_struct(old.outputs),
            old_inputs=_struct(old.inputs),
            timeout=old.custom_timeouts.get("delete", 0),
        )
        self._call(self._stub.Delete, request)

    def stop(self) -> None:
        """End the process."""
        self._channel.close()
        self.child.stop()

    @staticmethod
    def _call(method: Callable[[Any], Any], request: Any) -> Any:
        try:
            return method(request)
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.UNAVAILABLE:
                raise ProviderError("the provider process ended before it answered") from None
            raise ProviderError((error.details() or str(error)).strip()) from None


class Providers:
    """The provider processes of a run: one for each configuration."""

    def __init__(self, project: Project, engine_address: str, printed: Printed) -> None:
        self._project = project
        self._address = engine_address
        self._printed = printed
        self._running: list[Provider] = []
        self._spare: Child | None = None
        self._lock = threading.Lock()

    def get(self, entry: Resource) -> Provider:
        """The provider for an entry of the state."""
        assert entry.type == PROVIDER_TYPE
        with self._lock:
            for provider in self._running:
                if provider.inputs == entry.inputs:
                    return provider
            child = self._spare or start_provider_host(self._project, self._address)
            self._spare = None
            address = f"127.0.0.1:{child.first_line()}"
            child.drain(self._printed)
            self._running.append(Provider(child, address, entry))
            return self._running[-1]

    def prepare(self) -> None:
        """Start a process that the first call will find ready."""
        self._spare = start_provider_host(self._project, self._address)

    def stop(self) -> None:
        """End all processes."""
        for provider in self._running:
            provider.stop()
        if self._spare:
            self._spare.stop()


def ignored(news: Properties, olds: Properties, paths: list[str]) -> Properties:
    """The new inputs with every path of ``ignore_changes`` set back to its old value."""
    result: Properties = from_struct(to_struct(news)) if paths else news
    for path in paths:
        keep_old(parse_path(path), olds, result)
    return result


def _struct(properties: Properties) -> Any:
    return to_struct(properties, plain=True)


def _names(resource: Resource) -> dict[str, Any]:
    return {"urn": resource.urn, "name": resource.name, "type": resource.type}
