"""A project with a stack of its own, whose commands are timed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ENGINES = {"cli": "the Pulumi CLI", "local": "the local engine"}
_STACK = "bench"


def found_engine() -> str:
    """Return ``cli`` where `pulumi` is on PATH, else ``local``."""
    return "cli" if shutil.which("pulumi") else "local"


class Project:
    """A project in a folder and a Pulumi of its own.

    Args:
        folder: where it lies.
        engine: one of `ENGINES`.
    """

    def __init__(self, folder: Path, engine: str) -> None:
        self._folder = folder
        self._command = ["pulumi"] if engine == "cli" else [sys.executable, "-m", "pulumi_whatsapp.local"]
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "WHATSAPP_"))},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": (folder / "backend").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "benchmark",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        }
        (folder / "backend").mkdir()
        if engine == "cli":
            self._call("stack", "init", _STACK)

    def run(self, command: str) -> float:
        """Run preview, up, refresh or destroy; returns its seconds."""
        flags = [] if command == "preview" else ["--yes", "--skip-preview"]
        began = time.perf_counter()
        self._call(command, "--stack", _STACK, *flags)
        return time.perf_counter() - began

    def state_bytes(self) -> int:
        """Return the size of the state as it is exported."""
        return len(self._call(*(["stack"] if self._command == ["pulumi"] else []), "export", "--stack", _STACK))

    def _call(self, *arguments: str) -> str:
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [*self._command, *arguments],
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            )
            output.seek(0)
            text = output.read()
        if done.returncode:
            sys.exit(f"error: {' '.join([*self._command, *arguments])} failed:\n{text}")
        return text
