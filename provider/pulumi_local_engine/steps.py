"""Doing one step: the provider's call, and what the state says before and after it."""

from __future__ import annotations

from collections.abc import Callable

from .model import EngineError, Resource, Step
from .provider_host import Provider, ProviderError
from .snapshot import Snapshot
from .state import Pending, now
from .values import Properties, is_secret, secret


class Steps:
    """Does steps; from several threads.

    Args:
        snapshot: the resources; it saves itself.
        provider: does the work.
        dry_run: whether this is a preview, which has none done.
        require_key: raises EngineError where properties hold secrets that could not be saved.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        provider: Provider,
        dry_run: bool,
        require_key: Callable[[Properties], None],
    ) -> None:
        self._snapshot = snapshot
        self._dry_run = dry_run
        self._provider = provider
        self._require_key = require_key
        self._work = {
            "same": self._same,
            "create": self._create,
            "create-replacement": self._create,
            "update": self._update,
            "replace": lambda _: None,  # a mark in the record: the steps beside it do the work
            "delete": self._delete,
            "delete-replaced": self._delete,
            "refresh": self._refresh,
        }

    def do(self, step: Step) -> None:
        """Do a step, and record it.

        Raises:
            ProviderError: the provider failed, or refuses; the state is as it was.
            EngineError: the state could not be saved.
        """
        self._work[step.op](step)

    def _call(self, kind: str, resource: Resource, work: Callable[[Provider], object]) -> Pending:
        """Have the provider work on a resource. The operation is pending in the state until somebody finishes it."""
        operation = self._snapshot.begin(kind, resource)
        if resource.custom and not self._dry_run:
            try:
                work(self._provider)
            except ProviderError:
                self._snapshot.finish(operation)
                raise
        return operation

    def _same(self, step: Step) -> None:
        old, new = _both(step)
        new.id, new.outputs = old.id, old.outputs
        self._mark_secrets(new)
        self._snapshot.finish(None, gone=old, new=new, save=False)  # nothing happened: the next save will do

    def _create(self, step: Step) -> None:
        new = step.resource

        def create(provider: Provider) -> None:
            new.id, new.outputs = provider.create(new)

        operation = self._call("creating", new, create)
        if self._dry_run and new.custom:
            new.outputs = new.inputs
        new.created = new.modified = now()
        self._mark_secrets(new)
        self._snapshot.finish(operation, new=new, replaced=step.old)

    def _update(self, step: Step) -> None:
        old, new = _both(step)

        def update(provider: Provider) -> None:
            new.outputs = provider.update(old, new)

        new.id = old.id
        operation = self._call("updating", new, update)
        if self._dry_run and new.custom:
            new.outputs = new.inputs
        new.modified = now()
        self._mark_secrets(new)
        self._snapshot.finish(operation, gone=old, new=new)

    def _delete(self, step: Step) -> None:
        old = step.resource
        if step.protected:
            raise ProviderError(
                f'resource "{old.urn}" cannot be deleted\nbecause it is protected. To unprotect the resource, '
                "remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`",
                old,
            )
        operation = self._call("deleting", old, lambda provider: None if old.retain_on_delete else provider.delete(old))
        self._snapshot.finish(operation, gone=old)

    def _refresh(self, step: Step) -> None:
        old = step.resource
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
        """Mark the outputs that are secret. Where they cannot be saved, the operation is left pending in the state."""
        names = {*new.additional_secret_outputs, *(key for key, value in new.inputs.items() if is_secret(value))}
        new.outputs = {key: secret(value) if key in names else value for key, value in new.outputs.items()}
        try:
            self._require_key(new.outputs)
        except EngineError as error:
            raise ProviderError(str(error), new) from None

    def set_outputs(self, step: Step, outputs: Properties) -> None:
        """Set the outputs of a component or of the stack, whose step was done."""
        new, before = step.resource, step.old.outputs if step.old else None
        self._snapshot.change(lambda: setattr(new, "outputs", outputs), save=before != outputs)


def _both(step: Step) -> tuple[Resource, Resource]:
    assert step.old
    assert step.new
    return step.old, step.new
