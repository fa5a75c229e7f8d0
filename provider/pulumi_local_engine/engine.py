"""The engine: preview, up, refresh, destroy and export of one stack of one project."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any, Literal

from .children import Child
from .config import Config, Project
from .deployment import Deployment
from .encryption import passphrase_from
from .model import PARALLEL, Diagnostic, EngineError, ExitCode, Observer, Result
from .monitor import serve
from .state import Pending, StateFile

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
        observer: sees each run while it goes on.

    A Ctrl-C or a termination that arrives during a run lets calls in flight come to their end and be saved, and nothing
    new begins. Then it goes to whoever handles it outside of runs, so that a Ctrl-C is a KeyboardInterrupt.

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
        observer: Observer | None = None,
    ) -> None:
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,100}", stack):
            message = f"invalid stack name {stack!r}: letters, digits, hyphens, underscores and periods only"
            raise EngineError(message, ExitCode.CONFIGURATION)
        self.project = Project.load(Path(project_dir))
        self.stack = stack
        self._passphrase = passphrase_from(os.environ) if passphrase is None else passphrase
        self._observer = observer or Observer()
        self._path = self.project.state_folder / f"{stack}.json"

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
        file = StateFile(self._path, self._passphrase)
        return file.render(*file.load(), show_secrets=show_secrets)

    def _require_stack(self) -> None:
        if not self._path.exists():
            raise self.project.missing(self.stack)

    def _run(self, operation: Operation, *, preview: bool, refresh: bool, forget: bool = False) -> Result:
        if operation != "update":
            self._require_stack()
        result = Result(operation, preview)
        config = Config.load(self.project, self.stack, self._passphrase) if operation == "update" else Config()
        file = StateFile(self._path, self._passphrase, config.salt)
        with file.locked():
            run = Deployment(self.project, self.stack, config, file, result, self._observer)
            result.old_outputs = run.snapshot.outputs
            pending = run.snapshot.pending
            # As in the CLI: what an interrupted update or delete left is in the state, a creation may be lost.
            run.snapshot.pending = [] if forget else [(kind, item) for kind, item in pending if kind == "creating"]
            with _interruptible(run):
                self._observer.begin(result)
                if pending and not (preview or refresh):
                    run.log(Diagnostic("warning", _in_flight(pending)))
                self._deploy(run, config, refresh)
                result.outputs = run.snapshot.outputs
                self._observer.end(result)
        return result

    def _deploy(self, run: Deployment, config: Config, refresh: bool) -> None:
        operation, preview = run.result.operation, run.result.preview
        with serve(run) as address:
            run.provider.start(address, run.printed)
            try:
                if refresh:
                    run.refresh()
                if operation != "refresh" and not run.failed:
                    if operation == "update":
                        self._run_program(run, config, address)
                    run.finish()
            except EngineError as error:
                run.fail(str(error))
            finally:
                run.wait()
                run.provider.stop()
        if run.cancelled:
            run.fail(f"{'preview' if preview else 'update'} canceled")
        if run.failed:
            run.result.exit_code = ExitCode.CANCELLED if run.cancelled else ExitCode.ERROR

    def _run_program(self, run: Deployment, config: Config, address: str) -> None:
        if not (self.project.program / "__main__.py").is_file():
            run.fail(f"unable to find main python program `__main__.py` in `{self.project.program}`")
            return
        settings: dict[str, Any] = {
            "monitor": address,
            "engine": address,
            "project": self.project.name,
            "stack": self.stack,
            "parallel": PARALLEL,
            "dry_run": run.result.preview,
            "organization": "organization",  # as the CLI where the state lies in files
            "root_directory": str(self.project.root),
        }
        environment = {
            "PULUMI_CONFIG": json.dumps(config.values),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(sorted(config.secret_keys)),
        }
        program = Child(self.project, "program", json.dumps(settings), environment)
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
def _interruptible(run: Deployment) -> Iterator[None]:
    """Let the first Ctrl-C or termination cancel the run, and hand it on when the run is over and saved.

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
        run.cancel()

    before = {number: signal.signal(number, interrupted) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for first in caught[:1]:
            signal.raise_signal(first)


def _in_flight(pending: list[Pending]) -> str:
    lines = "".join(f"  * {item.urn}, interrupted while {kind}\n" for kind, item in pending)
    return (
        f"Attempting to deploy or update resources with {len(pending)} pending operations from previous deployment.\n"
        f"{lines}These resources are in an unknown state because an earlier run was interrupted while waiting for "
        "changes to these resources to complete. A refresh takes over what is live; it keeps pending creations unless "
        "it is run with --clear-pending-creates."
    )
