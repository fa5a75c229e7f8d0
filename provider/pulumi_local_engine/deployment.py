"""One run: it takes the program's registrations, has their steps done, and ends well or stops."""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from .config import Config, Project
from .goal import read
from .model import (
    PARALLEL,
    PROVIDER_TYPE,
    STACK_TYPE,
    Diagnostic,
    EngineError,
    Observer,
    Resource,
    Result,
    Step,
    Stopped,
)
from .provider_host import Provider
from .schedule import layers, mend
from .snapshot import Snapshot
from .state import StateFile, now
from .steps import Steps
from .values import Properties

_CONSEQUENCES = ("Resource monitor has terminated", "Program failed with an unhandled exception")
"""What a program says when its registrations are cut off; the cause has been reported."""


class Deployment:
    """The middle of a preview, an update, a refresh or a destroy.

    Args:
        project: the project.
        stack: the stack's name.
        config: the configuration for the provider.
        file: where the resources are, and where they are saved.
        result: filled while the run goes on.
        observer: sees it happen.

    Raises:
        EngineError: the state cannot be read.
    """

    def __init__(
        self, project: Project, stack: str, config: Config, file: StateFile, result: Result, observer: Observer
    ) -> None:
        self.result = result
        self.snapshot = Snapshot(file, result.preview)
        self.provider = Provider(project, self.snapshot)
        self.failed = False
        """Whether anything went wrong so far."""
        self.cancelled = False
        self.stopping = threading.Event()
        self.stopped: Callable[[], None] = lambda: None
        """Called once, when the run is stopped."""
        self._prefix = f"urn:pulumi:{stack}::{project.name}"
        self._configuration = config.marked()
        self._observer = observer
        self._planning = threading.Lock()
        self._finishing = threading.Lock()
        self._finished = False
        self._busy = 0
        self._idle = threading.Condition()
        self._stack_outputs: tuple[str, Properties] | None = None
        self._steps = Steps(self.snapshot, self.provider, self._error)

    def fail(self, message: str, urn: str = "") -> None:
        """Report an error and stop."""
        self.log(Diagnostic("error", message, urn))
        self.stop()

    def stop(self) -> None:
        """End the run as failed: what is in flight comes to its end, nothing new is begun."""
        self.failed = True
        with self._idle:
            first = not self.stopping.is_set()
            self.stopping.set()
        if first:
            self.stopped()

    def cancel(self) -> None:
        """Stop because the user wants it."""
        self.cancelled = True
        self.stop()
        self._observer.status("", "cancelling: waiting for what is in flight; press ^C again to end at once")

    def log(self, diagnostic: Diagnostic, ephemeral: bool = False) -> None:
        """Take a message of the engine, the program or the provider."""
        if ephemeral:
            self._observer.status(diagnostic.urn, diagnostic.message)
        elif not (self.stopping.is_set() and diagnostic.message.startswith(_CONSEQUENCES)):
            self.result.diagnostics.append(diagnostic)

    def printed(self, line: str) -> None:
        """Take a line that the program or the provider printed."""
        if line and not self.stopping.is_set():
            self.log(Diagnostic("info", line))

    def register(self, request: Any) -> Resource:
        """Plan and do the steps for one resource, given as a ``RegisterResourceRequest``.

        Raises:
            Stopped: the run has failed, here or elsewhere.
        """
        with self._registration():
            new = read(request, self._prefix, self._steps.registered.get(request.parent))
            with self._planning:
                self._go_on()
                if new.custom:
                    new.provider = self._configured().reference
                steps = self._steps.plan(new)
                self.snapshot.require_key(new.inputs)
            for step in steps:
                self._do(step)
            return new

    def register_outputs(self, urn: str, outputs: Properties) -> None:
        """Set a component's outputs; those of the stack are kept for the end.

        Raises:
            Stopped: they hold secrets that could not be saved.
        """
        with self._registration():
            self.snapshot.require_key(outputs)
            if f"::{STACK_TYPE}::" in urn:
                self._stack_outputs = (urn, outputs)
            else:
                self.snapshot.set_outputs(self._steps.registered[urn], outputs)

    @contextlib.contextmanager
    def _registration(self) -> Iterator[None]:
        """Keep `wait` waiting while the block runs; if it fails, the run is stopped before that is over."""
        with self._idle:
            self._busy += 1
        try:
            yield
        except EngineError as error:
            self.fail(str(error), error.urn)
            raise Stopped from None
        except Stopped:
            self.stop()
            raise
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()

    def finish(self) -> None:
        """Wait for what is in flight; after a success, delete what is left; then write the stack's outputs. Once.

        The program may wait for it: it may have more to say after the deletes, and nobody hurries it meanwhile.
        """
        self.stopped = lambda: None
        with self._finishing:
            if not self._finished:
                self._finished = True
                self._finish()

    def _finish(self) -> None:
        self.wait()
        if not self.stopping.is_set():
            for layer in layers(self._steps.remaining(), self.snapshot.base):
                self._in_parallel(layer)
        if self._stack_outputs:
            urn, outputs = self._stack_outputs
            stack = self._steps.registered[urn]
            self.snapshot.set_outputs(stack, {**stack.outputs, **outputs} if self.failed else outputs)
        self.snapshot.flush()

    def wait(self) -> None:
        """Wait until no call is in flight."""
        with self._idle:
            self._idle.wait_for(lambda: self._busy == 0)

    def refresh(self) -> None:
        """Read every resource; then mend what depended on those that are gone."""
        steps = [Step("refresh", item, item) for item in self.snapshot.base]
        self._in_parallel(steps, after_errors=True)
        self.snapshot.rebase(mend([step.new for step in steps if step.new]))

    def _in_parallel(self, steps: Iterable[Step], after_errors: bool = False) -> None:
        def one(step: Step) -> None:
            try:
                self._do(step)
            except Stopped:
                if not after_errors and not step.protected:
                    self.stop()

        with ThreadPoolExecutor(PARALLEL) as pool:
            list(pool.map(one, steps))

    def _error(self, urn: str, message: str) -> None:
        self.failed = True
        self.log(Diagnostic("error", message, urn))

    def _go_on(self) -> None:
        if self.stopping.is_set():
            raise Stopped

    def _configured(self) -> Resource:
        """The default provider's entry, which has the configuration of this run from its first resource on."""
        entry = self.snapshot.provider
        if entry is None:
            urn = f"{self._prefix}::{PROVIDER_TYPE}::default"
            entry = Resource(urn, PROVIDER_TYPE, custom=True, id=str(uuid.uuid4()), created=now())
        elif entry.inputs == self._configuration:
            return entry
        entry = replace(entry, inputs=self._configuration, outputs=self._configuration, modified=now())
        self.snapshot.provider = entry
        return entry

    def _do(self, step: Step) -> None:
        """Do one step and record it; what goes wrong is reported here. Nothing is begun in a run that has stopped."""
        self._go_on()
        self.result.steps.append(step)
        self._observer.step(step)
        try:
            self._steps.do(step)
        except EngineError as error:
            step.error = str(error)
            self._observer.step(step)
            self._error(step.urn, f"Preview failed: {step.error}" if self.result.preview else step.error)
            raise Stopped from None
        step.done = True
        self._observer.step(step)
