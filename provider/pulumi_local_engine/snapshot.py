"""What is known of the stack while a run changes it: what was, what is new, what is in flight."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from .model import PROVIDER_TYPE, Resource, urn_of
from .state import Pending, StateFile


class Snapshot:
    """The resources of the last run merged with those of this one, saved after every change.

    Saves that wait while one is being written are written together; a call returns when its own change is on disk.

    Args:
        file: where to save, or None in a preview.
    """

    def __init__(self, resources: list[Resource], pending: list[Pending], file: StateFile | None) -> None:
        self.provider = next((item for item in resources if item.type == PROVIDER_TYPE), None)
        """The default provider's entry. Nobody declares it; it stands in the state for as long as anything does."""
        self.base = [item for item in resources if item is not self.provider]
        """The resources of the last run, in their order."""
        self.news: list[Resource] = []
        self.pending = [item for item in pending if item[1].type != PROVIDER_TYPE]
        self._file = file
        self._gone: set[int] = set()
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._asked = self._written = 0

    def begin(self, kind: str, resource: Resource) -> Pending:
        """Record that an operation is in flight, on the resource as it is now."""
        operation = (kind, replace(resource))
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
                replaced.delete = True
            if new:
                self.news.append(new)
                self.pending = [item for item in self.pending if (item[0], item[1].urn) != ("creating", new.urn)]
            if gone and new and gone.urn != new.urn:
                self._rename(gone.urn, new.urn)

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
    def resources(self) -> list[Resource]:
        """The resources as a save would write them now."""
        with self._lock:
            return self._merged()

    def _merged(self) -> list[Resource]:
        kept = [item for item in (*self.news, *self.base) if id(item) not in self._gone]
        return [self.provider, *kept] if self.provider and kept else kept
