"""Doing one step: the provider's call, and what the state says before and after it."""

from __future__ import annotations

from .model import EngineError, Resource, Step
from .provider_host import Provider, ProviderError
from .snapshot import Snapshot
from .state import now
from .values import is_secret, secret


class Steps:
    """Does steps; from several threads.

    Args:
        snapshot: the resources; it saves itself.
        provider: does the work. In a preview it does none.
    """

    def __init__(self, snapshot: Snapshot, provider: Provider) -> None:
        self._snapshot = snapshot
        self._provider = provider

    def do(self, step: Step) -> None:
        """Do a step, and record it.

        Raises:
            ProviderError: the provider failed, or refuses; the state is as it was.
            EngineError: the state could not be saved.
        """
        if step.op == "replace":
            return  # a mark in the record: the steps beside it do the work
        if step.op == "refresh":
            self._refresh(step, step.resource)
        elif step.new is None:
            self._delete(step, step.resource)
        else:
            self._make(step, step.new)

    def _make(self, step: Step, new: Resource) -> None:
        """Bring a resource to what is declared: nothing to do, a creation, or an update."""
        old = step.old if step.op in ("same", "update") else None
        if old:
            new.id = old.id
        if old and step.op == "same":
            new.outputs = old.outputs
        else:
            with self._snapshot.in_flight(step):
                if new.custom and self._snapshot.preview:
                    new.outputs = new.inputs
                elif new.custom and old:
                    self._provider.update(old, new)
                elif new.custom:
                    self._provider.create(new)
            new.modified = now()
            new.created = new.created if old else new.modified
        self._mark_secrets(new)
        self._snapshot.finish(step)

    def _delete(self, step: Step, old: Resource) -> None:
        if step.protected:
            raise ProviderError(
                f'resource "{old.urn}" cannot be deleted\nbecause it is protected. To unprotect the resource, '
                "remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`",
                old,
            )
        with self._snapshot.in_flight(step):
            if old.custom and not (old.retain_on_delete or self._snapshot.preview):
                self._provider.delete(old)
        self._snapshot.finish(step)

    def _refresh(self, step: Step, old: Resource) -> None:
        if not old.custom:
            step.result = "same"
            return
        step.new = new = self._provider.read(old)
        if new is None:
            step.result = "delete"
            return
        self._mark_secrets(new)
        if (new.inputs, new.outputs) != (old.inputs, old.outputs):
            new.modified = now()
        difference = self._provider.diff(new, old.inputs, old.ignore_changes)
        step.result = "same" if difference == "same" else "update"

    def _mark_secrets(self, new: Resource) -> None:
        """Mark the outputs that are secret. Where they cannot be saved, the step stays in flight in the state."""
        names = {*new.additional_secret_outputs, *(key for key, value in new.inputs.items() if is_secret(value))}
        new.outputs = {key: secret(value) if key in names else value for key, value in new.outputs.items()}
        try:
            self._snapshot.require_key(new.outputs)
        except EngineError as error:
            raise ProviderError(str(error), new) from None
