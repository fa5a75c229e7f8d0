"""The provider: the SDK's host of dynamic providers, and the calls that a lifecycle makes of it."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any, Literal

import grpc
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from .children import CHANNEL_OPTIONS, Child, Printed
from .config import Project
from .model import EngineError, Resource
from .snapshot import Snapshot
from .values import Properties, annotate, from_struct, ignored, reveal, to_struct

Difference = Literal["same", "update", "replace", "delete-before-replace"]


class Provider:
    """The host of the dynamic providers: one process, which is configured at the first call.

    Args:
        project: the project.
        snapshot: has the default provider's entry, with the configuration. Once that changes, which it does between two
            calls, the next call is of a new process: a provider is told its configuration once.
    """

    def __init__(self, project: Project, snapshot: Snapshot) -> None:
        self._project = project
        self._snapshot = snapshot
        self._channel: grpc.Channel | None = None
        self._configuration: Properties | None = None
        self._lock = threading.Lock()

    def start(self, engine_address: str, printed: Printed) -> None:
        """Start the process: it gets ready while the program does.

        Args:
            engine_address: where it logs.
            printed: takes what it prints.
        """
        self._engine_address = engine_address
        self._printed = printed
        self._child = Child(self._project, "provider", engine_address, {"PULUMI_PROJECT": self._project.name})

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

    def create(self, new: Resource) -> None:
        """Create; gives the resource its id and its outputs."""
        reply = self._call("Create", new, properties=new.inputs)
        if not reply.id:
            raise EngineError(f"plugin returned empty resource.ID from create '{new.urn}'", urn=new.urn)
        new.id, new.outputs = reply.id, annotate(from_struct(reply.properties), new.inputs)

    def read(self, old: Resource) -> Resource | None:
        """Look at what is live; None if it is gone."""
        reply = self._call("Read", old, id=old.id, properties=old.outputs, inputs=old.inputs)
        if not reply.id:
            return None
        inputs = annotate(from_struct(reply.inputs), old.inputs) if reply.HasField("inputs") else old.inputs
        outputs = annotate(from_struct(reply.properties), old.outputs)
        return replace(old, id=reply.id, inputs=inputs, outputs=outputs)

    def update(self, old: Resource, new: Resource) -> None:
        """Change in place; gives the resource its outputs."""
        olds = {"olds": old.outputs, "old_inputs": old.inputs}
        reply = self._call("Update", new, id=old.id, news=new.inputs, ignoreChanges=new.ignore_changes, **olds)
        new.outputs = annotate(from_struct(reply.properties), new.inputs)

    def delete(self, old: Resource) -> None:
        """Take away."""
        self._call("Delete", old, id=old.id, properties=old.outputs, old_inputs=old.inputs)

    def stop(self) -> None:
        """End the process."""
        if self._channel:
            self._channel.close()
        self._child.kill()
        self._child.wait()

    def _call(self, method: str, resource: Resource, **fields: Any) -> Any:
        entry = self._snapshot.provider
        if entry is None or entry.reference != resource.provider:
            raise EngineError(f"unknown provider '{resource.provider}' for resource '{resource.urn}'", urn=resource.urn)
        with self._lock:
            if self._configuration != entry.inputs:
                self._configure(entry)
        return self._answer(method, resource, **fields)

    def _configure(self, entry: Resource) -> None:
        if self._channel:
            self.stop()
            self.start(self._engine_address, self._printed)
        self._channel = grpc.insecure_channel(f"127.0.0.1:{self._child.first_line()}", options=CHANNEL_OPTIONS)
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)
        self._child.drain(self._printed)
        self._answer("Configure", entry, args=entry.inputs, acceptSecrets=True, acceptResources=True)
        self._configuration = entry.inputs

    def _answer(self, method: str, resource: Resource, **fields: Any) -> Any:
        values = {key: to_struct(reveal(value)) if isinstance(value, dict) else value for key, value in fields.items()}
        request = getattr(provider_pb2, f"{method}Request")(
            urn=resource.urn, name=resource.name, type=resource.type, **values
        )
        try:
            return getattr(self._stub, method)(request)
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.UNAVAILABLE:
                raise EngineError("the provider process ended before it answered", urn=resource.urn) from None
            raise EngineError((error.details() or str(error)).strip(), urn=resource.urn) from None
