"""The engine: preview, up, refresh, destroy and export of one stack of one project."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any, Literal

from pulumi.runtime.proto import resource_pb2

from .children import start_program
from .config import Config, Project
from .deployment import Deployment
from .encryption import passphrase_from
from .model import (
    Diagnostic,
    EngineError,
    ExitCode,
    Observer,
    Resource,
    Result,
)
from .monitor import serve
from .provider import Providers
from .snapshot import Snapshot
from .stacks import missing
from .state import FOLDER, Pending, StateFile, stack_outputs
from .values import Properties, secret

SHOWN = 32
"""The program's exit code after an exception that it has reported itself."""
_GRACE = 5.0
"""Seconds that the program gets to notice that the run has failed."""
Operation = Literal["update", "refresh", "destroy"]


class Engine:
    """Runs a Pulumi Python program without the Pulumi CLI.

    The state is ``<project>/.pulumi-local/<stack>.json``, in the format of ``pulumi stack export``.

    Args:
        project_dir: the folder of ``Pulumi.yaml`` or one below it.
        stack: the stack's name.
        passphrase: for secrets; by default ``PULUMI_CONFIG_PASSPHRASE`` or ``PULUMI_CONFIG_PASSPHRASE_FILE``.
        parallel: how many operations run at once.
        observer: sees each run while it goes on.
        state: the state file, if it shall lie elsewhere.

    A Ctrl-C or a termination that arrives during a run ends it as `cancel` does. Then it goes to whoever handles it
    outside of runs, so that a Ctrl-C is a KeyboardInterrupt.

    Raises:
        EngineError: there is no project, or its configuration cannot be read.
        Unsupported: the project is not a Python one.
    """

    def __init__(
        self,
        project_dir: str | Path = ".",
        stack: str = "dev",
        *,
        passphrase: str | None = None,
        parallel: int | None = None,
        observer: Observer | None = None,
        state: str | Path | None = None,
    ) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,100}", stack):
            message = f"invalid stack name {stack!r}: letters, digits, hyphens, underscores and periods only"
            raise EngineError(message, ExitCode.CONFIGURATION)
        self.project = Project.load(Path(project_dir))
        self.stack = stack
        self._passphrase = passphrase_from(os.environ) if passphrase is None else passphrase
        self._parallel = parallel or min(16, 4 * (os.cpu_count() or 4))
        self._observer = observer or Observer()
        self._path = Path(state) if state else self.project.root / FOLDER / f"{stack}.json"
        self._running: Deployment | None = None
        self._cancelled = False

    def preview(self, *, refresh: bool = False) -> Result:
        """What `up` would do. Nothing is changed or saved."""
        return self._run("update", preview=True, refresh=refresh)

    def up(self, *, refresh: bool = False) -> Result:
        """Bring everything to what the program declares, and save after every step."""
        return self._run("update", preview=False, refresh=refresh)

    def refresh(self, *, preview: bool = False, clear_pending_creates: bool = False) -> Result:
        """Take over into the state what is live; the program does not run.

        Args:
            preview: only say what would change.
            clear_pending_creates: forget creations that an earlier run was interrupted in.
        """
        return self._run("refresh", preview=preview, refresh=True, forget=clear_pending_creates)

    def destroy(self, *, preview: bool = False, refresh: bool = False) -> Result:
        """Delete everything in the state; the program does not run."""
        return self._run("destroy", preview=preview, refresh=refresh)

    def export(self, *, show_secrets: bool = False) -> str:
        """The state as JSON text that ``pulumi stack import`` takes."""
        self._require_stack()
        file = StateFile(self._path, self._passphrase, None, self.stack)
        return file.render(*file.load(), show_secrets=show_secrets)

    def cancel(self) -> None:
        """Stop the run: calls in flight come to their end and are saved, nothing new is begun."""
        self._cancelled = True
        if self._running:
            self._observer.status("", "cancelling: waiting for what is in flight; press ^C again to end at once")
            self._running.stop()

    def _require_stack(self) -> None:
        if not self._path.exists():
            raise missing(self.project, self.stack)

    def _run(self, operation: Operation, *, preview: bool, refresh: bool, forget: bool = False) -> Result:
        if operation != "update":
            self._require_stack()
        result = Result(operation, preview)
        began = time.monotonic()
        config = Config.load(self.project, self.stack, self._passphrase) if operation == "update" else Config()
        file = StateFile(self._path, self._passphrase, config.salt, self.stack)
        with self._interruptible(), file.locked():
            resources, pending = file.load()
            result.old_outputs = stack_outputs(resources)
            snapshot = Snapshot(resources, [] if forget else pending, None if preview else file)
            self._observer.begin(result)
            self._deploy(operation, config, snapshot, result, pending, refresh, lambda: file.encryption.unlock())
            if operation != "update":
                result.outputs = stack_outputs(snapshot.resources)
            result.seconds = time.monotonic() - began
            self._observer.end(result)
        return result

    def _deploy(
        self,
        operation: Operation,
        config: Config,
        snapshot: Snapshot,
        result: Result,
        pending: list[Pending],
        refresh: bool,
        unlock: Callable[[], None],
    ) -> None:
        values: Properties = {
            key: secret(value) if key in config.secret_keys else value for key, value in sorted(config.values.items())
        }
        run = Deployment(
            self.stack, self.project.name, values, snapshot, result, self._observer, self._parallel, unlock
        )
        self._running = run
        info = resource_pb2.DeploymentInfo(
            project=self.project.name,
            stack=self.stack,
            organization="organization",
            config=config.values,
            configSecretKeys=sorted(config.secret_keys),
            dryRun=result.preview,
            parallel=self._parallel,
        )
        with serve(run, info, self._parallel) as address:
            run.providers = Providers(self.project, address, run.printed)
            try:
                if self._cancelled:
                    run.stop()
                if refresh:
                    run.start()
                    run.refresh()
                elif pending and not result.preview:
                    run.log(Diagnostic("warning", _in_flight(pending)))
                if operation != "refresh" and not run.failed:
                    run.start()
                    if operation == "update":
                        self._run_program(run, config, result, address)
                    run.finish()
            except EngineError as error:
                run.fail(str(error))
            finally:
                run.wait()
                run.providers.stop()
                self._running = None
        kind = "preview" if result.preview else "update"
        cancelled, self._cancelled = self._cancelled, False
        if cancelled:
            run.fail(f"{kind} canceled")
            result.exit_code = ExitCode.CANCELLED
        elif run.failed:
            result.exit_code = ExitCode.ERROR

    def _run_program(self, run: Deployment, config: Config, result: Result, address: str) -> None:
        settings: dict[str, Any] = {
            "monitor": address,
            "engine": address,
            "project": self.project.name,
            "stack": self.stack,
            "parallel": self._parallel,
            "dry_run": result.preview,
            "organization": "organization",
            "root_directory": str(self.project.root),
        }
        if not (self.project.program / "__main__.py").is_file():
            run.fail(f"unable to find main python program `__main__.py` in `{self.project.program}`")
            return
        run.providers.prepare()
        program = start_program(self.project, config, settings)
        program.drain(run.printed)
        overdue = threading.Timer(_GRACE, program.kill)
        run.stopped = overdue.start
        code = program.wait()
        run.stopped = lambda: None
        overdue.cancel()
        if code == SHOWN:
            run.stop()
        elif code and not run.stopping.is_set():
            run.fail(f"an unhandled error occurred: program exited with non-zero exit code: {code}")

    @contextlib.contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Turn the first Ctrl-C or termination into `cancel`, and hand it on when the run is over and saved.

        Whoever handled it before gets it then: by default, Python raises KeyboardInterrupt for a Ctrl-C, and a
        termination ends the process. A second one, during the run, ends the process at once.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        caught: list[int] = []

        def interrupted(number: int, _frame: FrameType | None) -> None:
            signal.signal(number, signal.SIG_DFL)
            caught.append(number)
            self.cancel()

        before = {number: signal.signal(number, interrupted) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            for first in caught[:1]:
                signal.raise_signal(first)


def _in_flight(pending: list[tuple[str, Resource]]) -> str:
    lines = "".join(f"  * {item.urn}, interrupted while {kind}\n" for kind, item in pending)
    return (
        f"Attempting to deploy or update resources with {len(pending)} pending operations from previous deployment.\n"
        f"{lines}These resources are in an unknown state because an earlier run was interrupted while waiting for "
        "changes to these resources to complete. A refresh takes over what is live; it keeps pending creations unless "
        "it is run with --clear-pending-creates."
    )
