"""What is known of the stack while a run changes it: what was, what is new, what is in flight."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import replace

from .model import PROVIDER_TYPE, STACK_TYPE, EngineError, Resource, Step, urn_of
from .state import Pending, StateFile
from .values import SECRET, Properties, contains


class Snapshot:
    """The resources of the last run merged with those of this one, saved after every change.

    Saves that wait while one is being written are written together; a call returns when its own change is on disk.

    Args:
        file: where the resources are, and where they are saved.
        preview: whether nothing is saved.

    Raises:
        EngineError: the file cannot be read.
    """

    def __init__(self, file: StateFile, preview: bool) -> None:
        resources, pending = file.load()
        self.preview = preview
        self.provider = next((item for item in resources if item.type == PROVIDER_TYPE), None)
        """The default provider's entry. Nobody declares it; it stands in the state for as long as anything does."""
        self.base = [item for item in resources if item is not self.provider]
        """The resources of the last run, in their order."""
        self.pending = [item for item in pending if item[1].type != PROVIDER_TYPE]
        """The operations that an earlier run was interrupted in."""
        self._news: list[Resource] = []
        self._in_flight: dict[Step, Pending] = {}
        self._file = file
        self._gone: set[Resource] = set()
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._changed = self._saved = 0

    def require_key(self, properties: Properties) -> None:
        """Make sure that properties can be saved.

        Raises:
            EngineError: they hold secrets, and there is no passphrase or it is the wrong one.
        """
        if contains(properties, SECRET):
            self._file.encryption.unlock()

    @contextlib.contextmanager
    def in_flight(self, step: Step) -> Iterator[None]:
        """Record that a step is in flight, on its resource as it is now, until it is finished or the block fails."""
        kind = "deleting" if step.new is None else "updating" if step.op == "update" else "creating"
        with self._change():
            self._in_flight[step] = (kind, replace(step.resource))
        try:
            yield
        except EngineError:
            with self._change():
                del self._in_flight[step]
            raise

    def finish(self, step: Step) -> None:
        """Record that a step was done. Of one that did nothing the next save tells."""
        old, new = step.old, step.new
        with self._change(save=step.op != "same"):
            self._in_flight.pop(step, None)
            if old and step.op == "create-replacement":
                old.delete = True
            elif old:
                self._gone.add(old)
                if new and new.urn != old.urn:
                    self._rename(old.urn, new.urn)
            if new:
                self._news.append(new)
                self.pending = [
                    (kind, item) for kind, item in self.pending if (kind, item.urn) != ("creating", new.urn)
                ]

    def set_outputs(self, resource: Resource, outputs: Properties) -> None:
        """Set the outputs of a component or of the stack, whose step was done."""
        with self._change(save=resource.outputs != outputs):
            resource.outputs = outputs

    def rebase(self, resources: list[Resource]) -> None:
        """Replace the resources of the last run, after a refresh."""
        with self._change():
            self.base = resources

    def flush(self) -> None:
        """Save what was not worth a save of its own."""
        self._save(self._changed)

    @contextlib.contextmanager
    def _change(self, save: bool = True) -> Iterator[None]:
        """Change it in the block; then it is saved, before the block's end or with the next save."""
        with self._lock:
            yield
            self._changed += 1
            number = self._changed
        if save:
            self._save(number)

    def _save(self, number: int) -> None:
        """Save so many changes at least."""
        if self.preview:
            return
        with self._writing:
            if self._saved >= number:
                return
            with self._lock:
                upto = self._changed
                text = self._file.render(self._merged(), [*self.pending, *self._in_flight.values()])
            self._file.write(text)
            self._saved = upto

    def _rename(self, former: str, urn: str) -> None:
        """Let what was made in the last run refer to a resource by its new URN. The types in it stand in a child's."""
        for item in self.base:
            if former not in item.needs():
                continue
            item.dependencies = [urn if needed == former else needed for needed in item.dependencies]
            item.property_dependencies = {
                key: [urn if needed == former else needed for needed in urns]
                for key, urns in item.property_dependencies.items()
            }
            if item.parent == former:
                own, item.parent = item.urn, urn
                item.urn = urn_of("::".join(urn.split("::")[:2]), urn, item.type, item.name)
                if item.urn != own:
                    self._rename(own, item.urn)

    @property
    def outputs(self) -> Properties:
        """The stack's outputs."""
        with self._lock:
            stacks = [item for item in self._merged() if item.type == STACK_TYPE and not item.delete]
        return stacks[0].outputs if stacks else {}

    def _merged(self) -> list[Resource]:
        kept = [item for item in (*self._news, *self.base) if item not in self._gone]
        return [self.provider, *kept] if self.provider and kept else kept
