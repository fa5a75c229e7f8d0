"""One run: it takes the program's registrations, does the steps, and records each of them."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from .model import (
    PROVIDER_TYPE,
    STACK_TYPE,
    Diagnostic,
    EngineError,
    Observer,
    Resource,
    Result,
    Step,
)
from .monitor import Goal, Stopped
from .planner import Failed, Planner
from .provider import Provider, ProviderError, Providers
from .schedule import layers, mend, needed_by
from .snapshot import Snapshot
from .state import now
from .values import SECRET, Properties, contains, is_secret, secret

_CONSEQUENCES = ("Resource monitor has terminated", "Program failed with an unhandled exception")
"""What a program says when its registrations are cut off; the cause has been reported."""
_SAVED_WITH_SAME = (
    "urn",
    "type",
    "custom",
    "custom_timeouts",
    "retain_on_delete",
    "provider",
    "parent",
    "deleted_with",
    "protect",
    "inputs",
    "outputs",
)


class Deployment:
    """The middle of a preview, an update, a refresh or a destroy.

    Args:
        stack: the stack's name.
        project: the project's name.
        configuration: the provider's configuration, secrets marked.
        snapshot: the resources; it saves itself.
        result: filled while the run goes on.
        observer: sees it happen.
        parallel: how many steps may run at once.
        unlock: raises EngineError where secrets could not be saved.
    """

    def __init__(
        self,
        stack: str,
        project: str,
        configuration: Properties,
        snapshot: Snapshot,
        result: Result,
        observer: Observer,
        parallel: int,
        unlock: Callable[[], None],
    ) -> None:
        self.providers: Providers
        """Set before the first step."""
        self.stopping = threading.Event()
        self.stopped: Callable[[], None] = lambda: None
        """Called once, when the run is stopped."""
        self._names = (stack, project)
        self._configuration = configuration
        self._snapshot = snapshot
        self._result = result
        self._observer = observer
        self._parallel = parallel
        self._unlock = unlock
        self._dry_run = result.preview
        self._failed = False
        self._planning = threading.Lock()
        self._finishing = threading.Lock()
        self._finished = False
        self._slots = threading.BoundedSemaphore(parallel)
        self._busy = 0
        self._idle = threading.Condition()
        self._registered: dict[str, Step] = {}
        self._stack_outputs: tuple[str, Properties] | None = None
        self._entry: Resource | None = None
        self._entries = {f"{item.urn}::{item.id}": item for item in snapshot.base if item.internal}
        self._planner: Planner

    @property
    def failed(self) -> bool:
        """Whether anything went wrong so far."""
        return self._failed

    def fail(self, message: str, urn: str = "") -> None:
        """Report an error and stop."""
        self.log(Diagnostic("error", message, urn))
        self.stop()

    def stop(self) -> None:
        """End the run as failed: what is in flight comes to its end, nothing new is begun."""
        self._failed = True
        with self._idle:
            first = not self.stopping.is_set()
            self.stopping.set()
        if first:
            self.stopped()

    def log(self, diagnostic: Diagnostic, ephemeral: bool = False) -> None:
        """Take a message of the engine, the program or the provider."""
        if ephemeral:
            self._observer.status(diagnostic.urn, diagnostic.message)
        elif not (self.stopping.is_set() and diagnostic.message.startswith(_CONSEQUENCES)):
            self._result.diagnostics.append(diagnostic)
            self._observer.diagnostic(diagnostic)

    def printed(self, _stream: str, line: str) -> None:
        """Take a line that the program or the provider printed."""
        if line and not self.stopping.is_set():
            self.log(Diagnostic("info", line))

    def start(self) -> None:
        """Take registrations, from here on."""
        self._planner = Planner(*self._names, self._snapshot.base, self._dry_run, self._provider_of, self._error)

    def register(self, goal: Goal) -> Resource:
        """Plan and do the steps for one resource.

        Raises:
            Stopped: the run has failed, here or elsewhere.
        """
        with self._idle:
            self._busy += 1
        try:
            with self._planning:
                self._go_on()
                entry = self._default_provider() if goal.custom else None
                steps = self._planner.plan(goal, entry)
                if any(contains(step.new.inputs, SECRET) for step in steps if step.new):
                    self._require_encryption()
            with self._slots:
                for step in steps:
                    self._go_on()
                    self._do(step)
            made = steps[-1].new or steps[0].new
            assert made is not None
            return made
        except EngineError as error:
            self.fail(str(error))
            raise Stopped from None
        except Failed:
            self.stop()
            raise Stopped from None
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()

    def register_outputs(self, urn: str, outputs: Properties) -> None:
        """Set a component's outputs; those of the stack are kept for the end."""
        if contains(outputs, SECRET):
            self._require_encryption()
        if f"::{STACK_TYPE}::" in urn:
            self._stack_outputs = (urn, outputs)
            return
        self._set_outputs(self._registered[urn], outputs)

    def _require_encryption(self) -> None:
        """Stop before anything is done of which the result could not be saved."""
        try:
            self._unlock()
        except EngineError as error:
            self.fail(str(error))
            raise Stopped from None

    def shut_down(self) -> None:
        """Finish while the program, which has ended well, waits for it: it may have more to say after the deletes."""
        self.stopped = lambda: None  # nobody hurries a program that waits for us
        self.finish()

    def finish(self) -> None:
        """Wait for what is in flight; after a success, delete what is left; then write the stack's outputs. Once."""
        with self._finishing:
            if not self._finished:
                self._finished = True
                self._finish()

    def _finish(self) -> None:
        self.wait()
        if not self.stopping.is_set():
            self.delete(self._planner.remaining())
        if self._stack_outputs and (step := self._registered.get(self._stack_outputs[0])):
            before = step.old.outputs if step.old else {}
            outputs = {**before, **self._stack_outputs[1]} if self._failed else self._stack_outputs[1]
            self._set_outputs(step, outputs)
            self._result.outputs = outputs
        self._snapshot.flush()

    def wait(self) -> None:
        """Wait until no call is in flight."""
        with self._idle:
            self._idle.wait_for(lambda: self._busy == 0)

    def delete(self, steps: list[Step]) -> None:
        """Delete in reverse layers of dependencies, in parallel within a layer."""
        resources = self._snapshot.base
        spared: set[int] = set()
        for layer in layers(steps, resources):
            self._in_parallel(self._do, [step for step in layer if id(step.old) not in spared])
            for step in layer:
                if step.error and step.old:
                    spared |= needed_by(step.old, resources)

    def refresh(self) -> None:
        """Read every resource; then mend what depended on those that are gone."""
        steps = [Step("refresh", item, item) for item in self._snapshot.base]
        self._in_parallel(self._do, steps, go_on=True)
        self._snapshot.rebase(mend([step.new for step in steps if step.new]))
        self._snapshot.pending = [item for item in self._snapshot.pending if item[0] == "creating"]
        self._snapshot.change(lambda: None)

    def _in_parallel(self, work: Callable[[Step], None], steps: Iterable[Step], go_on: bool = False) -> None:
        def one(step: Step) -> None:
            if self.stopping.is_set() and not go_on:
                return
            try:
                work(step)
            except EngineError as error:
                self.fail(str(error), step.urn)
            except Failed:
                self._failed = True
                if not go_on and not _protected(step):
                    self.stop()

        with ThreadPoolExecutor(self._parallel) as pool:
            list(pool.map(one, steps))

    def _error(self, urn: str, message: str) -> None:
        self._failed = True
        self.log(Diagnostic("error", message, urn))

    def _go_on(self) -> None:
        if self.stopping.is_set():
            raise Stopped

    def _default_provider(self) -> Resource:
        if self._entry is None:
            urn = f"urn:pulumi:{self._names[0]}::{self._names[1]}::{PROVIDER_TYPE}::default"
            old = self._planner.old(urn)
            new = Resource(urn, PROVIDER_TYPE, custom=True, inputs=self._configuration, outputs=self._configuration)
            new.id = old.id if old else str(uuid.uuid4())
            new.unknown_keys = old.unknown_keys if old else {}
            self._planner.keep(new)
            op = "create" if old is None else "same" if old.inputs == new.inputs else "update"
            self._do(Step(op, old, new))
            self._entry = new
            self._entries[f"{new.urn}::{new.id}"] = new
        return self._entry

    def _provider_of(self, resource: Resource) -> Provider:
        entry = self._entries.get(resource.provider)
        if entry is None:
            raise ProviderError(f"unknown provider '{resource.provider}' for resource '{resource.urn}'")
        return self.providers.get(entry)

    def _do(self, step: Step) -> None:
        """Do one step and record it; a failing provider call is reported here."""
        self._result.steps.append(step)
        self._observer.step(step)
        try:
            getattr(self, f"_{step.op.replace('-', '_')}")(step)
        except ProviderError as error:
            step.error = str(error)
            self._observer.step(step)
            self._error(step.urn, f"Preview failed: {step.error}" if self._dry_run else step.error)
            raise Failed from None
        step.done = True
        if step.new and step.op in ("same", "create", "update", "create-replacement"):
            self._registered[step.urn] = step
            self._planner.news[step.urn] = step.new
        self._observer.step(step)

    def _same(self, step: Step) -> None:
        old, new = step.old, step.new
        assert old
        assert new
        if not new.internal:
            new.id, new.outputs = old.id, old.outputs
        new.created, new.modified = old.created, old.modified
        self._mark_secrets(new)
        moved = any(getattr(old, key) != getattr(new, key) for key in _SAVED_WITH_SAME)
        moved = moved or sorted(old.dependencies) != sorted(new.dependencies)
        self._snapshot.finish(None, gone=old, new=new, save=moved)

    def _create(self, step: Step) -> None:
        new, old = step.new, step.old
        assert new
        calls = new.custom and not new.internal
        operation = self._snapshot.begin("creating", new)
        try:
            if calls and self._dry_run:
                new.outputs = new.inputs
            elif calls:
                new.id, new.outputs = self._provider_of(new).create(new)
        except ProviderError:
            self._snapshot.finish(operation)
            raise
        new.created = new.modified = now()
        self._mark_secrets(new)
        gone = old if old and old.pending_replacement else None
        if old and step.pends_delete:
            self._snapshot.change(lambda: _set(old, delete=True), save=False)
        self._snapshot.finish(operation, gone=gone, new=new)

    _create_replacement = _create

    def _replace(self, step: Step) -> None:
        """A mark in the record: the work is done by its neighbours."""

    def _update(self, step: Step) -> None:
        old, new = step.old, step.new
        assert old
        assert new
        new.id, new.created, new.modified = old.id, old.created, old.modified
        operation = self._snapshot.begin("updating", new)
        try:
            if new.custom and not new.internal:
                new.outputs = new.inputs
                if not self._dry_run:
                    new.outputs = self._provider_of(new).update(old, new, step.ignore_changes)
                new.modified = now()
        except ProviderError:
            self._snapshot.finish(operation)
            raise
        self._mark_secrets(new)
        self._snapshot.finish(operation, gone=old, new=new)

    def _delete(self, step: Step) -> None:
        old = step.old
        assert old
        if _protected(step):
            raise ProviderError(
                f'resource "{old.urn}" cannot be deleted\nbecause it is protected. To unprotect the resource, '
                "remove the `protect` flag from the resource in your Pulumi program and run `pulumi up`"
            )
        operation = self._snapshot.begin("deleting", old)
        gone_with = old.deleted_with in self._planner.deletes
        try:
            if old.custom and not (old.internal or self._dry_run or old.retain_on_delete or gone_with):
                self._provider_of(old).delete(old)
        except ProviderError:
            self._snapshot.finish(operation)
            raise
        if step.keeps_place:
            self._snapshot.change(lambda: _set(old, pending_replacement=True), save=False)
        self._snapshot.finish(operation, gone=None if old.pending_replacement else old)

    _delete_replaced = _delete

    def _remove_pending_replace(self, step: Step) -> None:
        self._snapshot.finish(None, gone=step.old)

    def _refresh(self, step: Step) -> None:
        old = step.old
        assert old
        if not old.custom or old.internal or old.pending_replacement:
            step.result = "same"
            return
        provider = self._provider_of(old)
        live = provider.read(old)
        if not live.id:
            step.new, step.result = None, "delete"
            return
        inputs = old.inputs if live.inputs is None else live.inputs
        step.new = new = replace(old, id=live.id, inputs=inputs, outputs=live.outputs, init_errors=[], text=None)
        self._mark_secrets(new)
        if (new.inputs, new.outputs) != (old.inputs, old.outputs):
            new.modified = now()
        changed = provider.diff(new, new.inputs, new.outputs, old.inputs, old.ignore_changes).changed
        step.result = "update" if changed else "same"

    def _mark_secrets(self, new: Resource) -> None:
        """Mark the outputs that are secret. Where they cannot be saved, the operation is left pending in the state."""
        names = {*new.additional_secret_outputs, *(key for key, value in new.inputs.items() if is_secret(value))}
        for key in names & set(new.outputs):
            new.outputs = {**new.outputs, key: secret(new.outputs[key])}
        if contains(new.outputs, SECRET):
            try:
                self._unlock()
            except EngineError as error:
                raise ProviderError(str(error)) from None

    def _set_outputs(self, step: Step, outputs: Properties) -> None:
        new = step.new
        assert new
        before = step.old.outputs if step.old else None
        self._snapshot.change(lambda: _set(new, outputs=outputs), save=before != outputs)


def _set(resource: Resource, **attributes: object) -> None:
    for name, value in attributes.items():
        setattr(resource, name, value)
    resource.text = None


def _protected(step: Step) -> bool:
    return bool(step.op == "delete" and step.old and step.old.protect)
