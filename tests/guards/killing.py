"""An update that is killed or interrupted in the middle."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ..engine.project import CliProject
from ..preloaded import OF_ITS_OWN
from .world import DeployedWorld

_PATIENCE = 60.0
_LOG = "cut-short.log"


def killed_up(world: DeployedWorld, program: str, *, on: str, after: int, provider_only: bool = False) -> None:
    """Run an update, let so many requests of one kind through, and kill everything while the next one waits."""
    with _limited_up(world, program, on=on, after=after, seconds=90) as process:
        children = _descendants(process.pid)
        for pid in filter(_serves_resources, children) if provider_only else (process.pid, *children):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait(_PATIENCE)
    if isinstance(world.stack, CliProject) and not provider_only:
        world.stack.cli("cancel", "--yes", "--stack", "dev")


def interrupted_up(world: DeployedWorld, program: str, *, on: str, after: int) -> None:
    """Run an update, and press Ctrl-C while a request waits; the rest of its step then goes through."""
    with _limited_up(world, program, on=on, after=after, seconds=1) as process:
        os.killpg(process.pid, signal.SIGINT)
        _wait_until(lambda: _noticed(process.pid) or b"cancelling" in (world.stack.folder / _LOG).read_bytes())
        world.account.clear_faults()
        assert process.wait(_PATIENCE) != 0


@contextlib.contextmanager
def _limited_up(
    world: DeployedWorld, program: str, *, on: str, after: int, seconds: float
) -> Iterator[subprocess.Popen[bytes]]:
    """Run an update in a process group of its own until the gateway tells it to wait so many seconds."""
    stack = world.stack
    stack.program(program)
    world.account.clear_requests()
    world.account.fault("rate_limit", on=on, after=after, times=None, retry_after=seconds)
    if isinstance(stack, CliProject):
        command = ["pulumi", "up", "--yes", "--skip-preview", "--stack", "dev", "--non-interactive"]
        environment = {**os.environ, **stack.environment}
    else:
        command = [sys.executable, "-m", "pulumi_local_engine", "up", "--yes", "--skip-preview", "--stack", "dev"]
        environment = {**os.environ, "PULUMI_CONFIG_PASSPHRASE": "correct horse", **OF_ITS_OWN}
    with (
        (stack.folder / _LOG).open("wb") as log,
        subprocess.Popen(
            command, cwd=stack.folder, env=environment, stdout=log, stderr=log, start_new_session=True
        ) as process,
    ):
        try:
            _wait_until(lambda: process.poll() is not None or _limited(world))
            assert process.poll() is None, "the update ended before it could be stopped"
            yield process
        finally:
            for pid in (process.pid, *_descendants(process.pid)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
    world.account.clear_faults()


def _limited(world: DeployedWorld) -> bool:
    return any(request.fault == "rate_limit" for request in world.account.requests())


def _wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < end, "the update never got as far"
        time.sleep(0.02)


def _noticed(pid: int) -> bool:
    """Return whether the local engine has had its Ctrl-C: it leaves the next one to the system."""
    caught = re.search(r"^SigCgt:\s*([0-9a-f]+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return caught is not None and not int(caught[1], 16) >> (signal.SIGINT - 1) & 1


def _serves_resources(pid: int) -> bool:
    """Return whether a process is a provider's: that of dynamic resources on either engine, or the native plugin."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return not {b"pulumi.dynamic", b"pulumi_whatsapp.native", b"provider"}.isdisjoint(command)


def _descendants(root: int) -> set[int]:
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rpartition(")")[2].split()
            parents[int(stat.parent.name)] = int(fields[1])
    found: set[int] = set()
    wanted = {root}
    while wanted:
        wanted = {pid for pid, parent in parents.items() if parent in wanted} - found
        found |= wanted
    return found
