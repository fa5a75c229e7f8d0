"""An update that is killed in the middle, engine and provider."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from ..engine.project import Project
from .world import World

_PATIENCE = 60.0


def killed_up(world: World, program: str, *, on: str, after: int) -> None:
    """Run an update, let so many requests of one kind through, and kill everything while the next one waits."""
    stack = world.stack
    stack.program(program)
    world.account.fault("rate_limit", on=on, after=after, times=None, retry_after=90)
    if isinstance(stack, Project):
        command = ["pulumi", "up", "--yes", "--skip-preview", "--stack", "dev", "--non-interactive"]
        environment = {**os.environ, **stack.environment}
    else:
        command = [sys.executable, "-m", "pulumi_whatsapp.local", "up", "--yes", "--skip-preview", "--stack", "dev"]
        environment = {**os.environ, "PULUMI_CONFIG_PASSPHRASE": "correct horse"}
    with subprocess.Popen(
        command,
        cwd=stack.folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        children: set[int] = set()
        try:
            _wait_until_limited(world, process)
        finally:
            children = _descendants(process.pid)
            for pid in (process.pid, *children):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
    world.account.clear_faults()
    if isinstance(stack, Project):
        stack.cli("cancel", "--yes", "--stack", "dev")


def _wait_until_limited(world: World, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while not any(request.fault == "rate_limit" for request in world.account.requests()):
        assert process.poll() is None, "the update ended before it could be killed"
        assert time.monotonic() < end, "the update never got as far"
        time.sleep(0.02)


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
