"""The processes of the program and of the provider's host: starting them, and reading what they print."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

from .config import Project

CHANNEL_OPTIONS = [("grpc.max_receive_message_length", 400 * 1024 * 1024)]
"""How they and the engine talk over gRPC: messages of up to 400 MB, as the SDK's own ends of a connection take them.
gRPC's default is 4 MB, and a list of 64,000 contacts is more than that with its state."""
_CHILD = Path(__file__).with_name("_child.py")
Printed = Callable[[str], None]
"""Takes one line."""


class Child:
    """A process of its own session, so that a Ctrl-C in the terminal reaches the engine alone.

    Args:
        project: the project; its folder and its interpreter are the process's.
        kind: ``program``, or ``provider`` for ``pulumi.dynamic``, which prints its port as its first line.
        argument: the settings of the SDK as JSON, or the engine's address.
        environment: what it has beside this process's environment.
    """

    def __init__(self, project: Project, kind: str, argument: str, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [str(project.python or sys.executable), "-u", str(_CHILD), kind, argument],
            cwd=project.program,
            env=_environment(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._readers: list[threading.Thread] = []

    def first_line(self) -> str:
        """The first line that it prints; empty if it ended before."""
        assert self._process.stdout
        return self._process.stdout.readline().strip()

    def drain(self, printed: Printed) -> None:
        """Read both streams to their end, in the background."""
        for stream in (self._process.stdout, self._process.stderr):
            self._readers.append(threading.Thread(target=_read, args=(stream, printed), daemon=True))
            self._readers[-1].start()

    def wait(self) -> int:
        """Wait for its end and for the last of its output; the exit code."""
        with self._process:  # closes the pipes at its end
            code = self._process.wait()
            for reader in self._readers:
                reader.join()
        return code

    def kill(self) -> None:
        """End it; `wait` returns then."""
        self._process.kill()


def _read(stream: IO[str], printed: Printed) -> None:
    for line in stream:
        printed(line.rstrip("\n"))


def _environment(more: dict[str, str]) -> dict[str, str]:
    local = "127.0.0.1,localhost"
    own = {**os.environ, **more}
    # Python takes bytecode for fresh by the second: a program that was just edited could run as it was before.
    own["PYTHONDONTWRITEBYTECODE"] = "1"
    for key in ("no_proxy", "NO_PROXY"):
        own[key] = f"{own[key]},{local}" if own.get(key) else local
    return own
