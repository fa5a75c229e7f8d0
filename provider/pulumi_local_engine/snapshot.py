"""What is known of the stack while a run changes it: what was, what is new, what is in flight."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable

from .model import STACK_TYPE, Resource
from .state import Pending, StateFile


class Snapshot:
    """The resources of the last run merged with those of this one, saved after every change.

    Saves that wait while one is being written are written together; a call returns when its own change is on disk.

    Args:
        file: where to save, or None in a preview.
    """

    def __init__(self, base: list[Resource], pending: list[Pending], file: StateFile | None) -> None:
        self.base = base
        self.news: list[Resource] = []
        self.pending = list(pending)
        self._file = file
        self._gone: set[int] = set()
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._asked = self._written = 0

    def begin(self, kind: str, resource: Resource) -> Pending:
        """Record that an operation is in flight."""
        operation = (kind, resource)
        self.change(lambda: self.pending.append(operation))
        return operation

    def finish(
        self,
        operation: Pending | None,
        *,
        gone: Resource | None = None,
        new: Resource | None = None,
        replaced: Resource | None = None,
        save: bool = True,
    ) -> None:
        """Record that an operation is over.

        Args:
            operation: what `begin` gave; None where nothing was in flight.
            gone: what it took away.
            new: what it made.
            replaced: what is deleted, now that there is something new.
            save: False leaves it to the next save.
        """

        def apply() -> None:
            if operation in self.pending:
                self.pending.remove(operation)
            if gone:
                self._gone.add(id(gone))
            if replaced:
                replaced.delete, replaced.text = True, None
            if new:
                new.text = None
                self.news.append(new)
                self.pending = [item for item in self.pending if (item[0], item[1].urn) != ("creating", new.urn)]

        self.change(apply, save)

    def change(self, mutate: Callable[[], object], save: bool = True) -> None:
        """Apply a change under the lock, then save."""
        with self._lock:
            mutate()
            self._asked += 1
            mine = self._asked
        if not save or self._file is None:
            return
        with self._writing:
            if self._written >= mine:
                return
            with self._lock:
                upto, text = self._asked, self._file.render(self._merged(), self.pending)
            self._file.write(text)
            self._written = upto

    def flush(self) -> None:
        """Save what was not worth a save of its own."""
        if self._written < self._asked:
            self.change(lambda: None)

    def rebase(self, resources: list[Resource]) -> None:
        """Replace the resources of the last run, after a refresh, and save."""
        self.base = resources
        self.change(lambda: None)

    @property
    def resources(self) -> list[Resource]:
        """The resources as a save would write them now."""
        with self._lock:
            return self._merged()

    def _merged(self) -> list[Resource]:
        kept = [item for item in (*self.news, *self.base) if id(item) not in self._gone]
        renamed = {alias: item.urn for item in kept for alias in item.aliases}
        if not renamed:
            return kept
        return [_renamed(item, renamed) for item in kept]


def _renamed(resource: Resource, urns: dict[str, str]) -> Resource:
    parent = urns.get(resource.parent, resource.parent)
    urn = urns.get(resource.urn, resource.urn)
    if urn == resource.urn and parent != resource.parent and f"::{STACK_TYPE}::" not in parent:
        prefix, _, rest = urn.partition("::")
        project = rest.partition("::")[0]
        urn = f"{prefix}::{project}::{parent.split('::')[2]}${resource.type}::{resource.name}"
        urns[resource.urn] = urn
    provider, _, uuid = resource.provider.rpartition("::")
    return dataclasses.replace(
        resource,
        urn=urn,
        parent=parent,
        dependencies=[urns.get(item, item) for item in resource.dependencies],
        property_dependencies={
            key: [urns.get(item, item) for item in items] for key, items in resource.property_dependencies.items()
        },
        deleted_with=urns.get(resource.deleted_with, resource.deleted_with),
        provider=f"{urns.get(provider, provider)}::{uuid}" if provider else "",
        text=None,
    )
