"""The provider: the SDK's host of dynamic providers, and the calls that a lifecycle makes of it."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any, Literal

import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from .channel import CHANNEL_OPTIONS
from .children import Child, Printed, start_provider_host
from .config import Project
from .model import EngineError, Resource
from .values import Properties, annotate, from_struct, ignored, reveal, to_struct

Difference = Literal["same", "update", "replace", "delete-before-replace"]


class ProviderError(EngineError):
    """A provider call failed; the message is the provider's."""

    def __init__(self, message: str, resource: Resource) -> None:
        super().__init__(message, urn=resource.urn)


class Provider:
    """One configured provider process."""

    def __init__(self, child: Child, address: str, entry: Resource) -> None:
        self.child = child
        self.inputs = entry.inputs
        self._channel = grpc.insecure_channel(address, options=CHANNEL_OPTIONS)
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        self._call("Configure", entry, args=entry.inputs, acceptSecrets=True, acceptResources=True)

    def check(self, new: Resource, olds: Properties, news: Properties) -> tuple[Properties, list[tuple[str, str]]]:
        """Validate and normalise inputs: the inputs, and the failures as (property, reason)."""
        reply = self._call("Check", new, olds=olds, news=news)
        failures = [(failure.property, failure.reason) for failure in reply.failures]
        return annotate(from_struct(reply.inputs), news), failures

    def diff(self, old: Resource, news: Properties, ignore: list[str]) -> Difference:
        """Compare what is with the inputs that shall be."""
        reply = self._call(
            "Diff", old, id=old.id, olds=old.outputs, old_inputs=old.inputs, news=news, ignoreChanges=ignore
        )
        changed = reply.changes == provider_pb2.DiffResponse.DIFF_SOME
        if reply.changes == provider_pb2.DiffResponse.DIFF_UNKNOWN:  # it leaves the comparison to the engine
            changed = reveal(old.inputs) != reveal(ignored(news, old.inputs, ignore))
        if not changed:
            return "same"
        if not reply.replaces:
            return "update"
        return "delete-before-replace" if reply.deleteBeforeReplace else "replace"

    def create(self, new: Resource) -> tuple[str, Properties]:
        """Create; the id and the outputs."""
        reply = self._call("Create", new, properties=new.inputs)
        if not reply.id:
            raise ProviderError(f"plugin returned empty resource.ID from create '{new.urn}'", new)
        return reply.id, annotate(from_struct(reply.properties), new.inputs)

    def read(self, old: Resource) -> Resource | None:
        """Look at what is live; None if it is gone."""
        reply = self._call("Read", old, id=old.id, properties=old.outputs, inputs=old.inputs)
        if not reply.id:
            return None
        inputs = annotate(from_struct(reply.inputs), old.inputs) if reply.HasField("inputs") else old.inputs
        outputs = annotate(from_struct(reply.properties), old.outputs)
        return replace(old, id=reply.id, inputs=inputs, outputs=outputs)

    def update(self, old: Resource, new: Resource) -> Properties:
        """Change in place; the outputs."""
        olds = {"olds": old.outputs, "old_inputs": old.inputs}
        reply = self._call("Update", new, id=old.id, news=new.inputs, ignoreChanges=new.ignore_changes, **olds)
        return annotate(from_struct(reply.properties), new.inputs)

    def delete(self, old: Resource) -> None:
        """Take away."""
        self._call("Delete", old, id=old.id, properties=old.outputs, old_inputs=old.inputs)

    def stop(self) -> None:
        """End the process."""
        self._channel.close()
        self.child.stop()

    def _call(self, method: str, resource: Resource, **fields: Any) -> Any:
        values = {key: to_struct(reveal(value)) if isinstance(value, dict) else value for key, value in fields.items()}
        request = getattr(provider_pb2, f"{method}Request")(
            urn=resource.urn, name=resource.name, type=resource.type, **values
        )
        try:
            return getattr(self._stub, method)(request)
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.UNAVAILABLE:
                raise ProviderError("the provider process ended before it answered", resource) from None
            raise ProviderError((error.details() or str(error)).strip(), resource) from None


class Providers:
    """The provider processes of a run: one for each configuration."""

    def __init__(self, project: Project, engine_address: str, printed: Printed) -> None:
        self._project = project
        self._address = engine_address
        self._printed = printed
        self._running: list[Provider] = []
        self._spare: Child | None = start_provider_host(project, engine_address)
        """Starts while the program does, so that the first call finds it ready."""
        self._lock = threading.Lock()

    def get(self, entry: Resource) -> Provider:
        """The provider for an entry of the state."""
        with self._lock:
            for provider in self._running:
                if provider.inputs == entry.inputs:
                    return provider
            child, self._spare = self._spare or start_provider_host(self._project, self._address), None
            address = f"127.0.0.1:{child.first_line()}"
            child.drain(self._printed)
            self._running.append(Provider(child, address, entry))
            return self._running[-1]

    def stop(self) -> None:
        """End all processes."""
        for provider in self._running:
            provider.stop()
        if self._spare:
            self._spare.stop()
