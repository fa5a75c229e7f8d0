"""A project with a stack of its own, whose commands are measured."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from _memory import ProviderMemory

import pulumi_whatsapp

ENGINES = {"cli": "the Pulumi CLI", "local": "the local engine"}
PYTHON = Path(os.environ.get("BENCH_PYTHON", sys.executable))
"""Runs the programs and the providers of the CLI. What is installed beside the package counts: httpx imports `rich` and
`pygments` where they are, and pydantic reads what every distribution says of itself."""
_STACK = "bench"
_SHOWN = 4_000


def compile_bytecode() -> None:
    """Have the bytecode written that `pip` writes with a package; an editable one may have none."""
    folders = [Path(pulumi_whatsapp.__file__).parent, Path(__file__).parent]
    subprocess.run([PYTHON, "-m", "compileall", "-q", *folders], check=True)


def found_engine() -> str:
    """Return ``cli`` where `pulumi` is on PATH, else ``local``."""
    return "cli" if shutil.which("pulumi") else "local"


@dataclass(frozen=True)
class Measured:
    """What a command took.

    Attributes:
        seconds: from its start to its end.
        megabytes: the most memory that its provider process held, where that is known.
    """

    seconds: float
    megabytes: float | None


class Project:
    """A project in a folder and a Pulumi of its own.

    Args:
        folder: where it lies.
        engine: one of `ENGINES`.
        environment: variables of its commands, beside this process's own.
    """

    def __init__(self, folder: Path, engine: str, environment: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        self._command = ["pulumi"] if engine == "cli" else [sys.executable, "-m", "pulumi_local_engine"]
        self._home = folder / "home"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "WHATSAPP_"))},
            "PATH": f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(Path(__file__).parent),
            "PULUMI_HOME": str(self._home),
            "PULUMI_BACKEND_URL": (folder / "backend").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "benchmark",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            **(environment or {}),
        }
        (folder / "backend").mkdir()
        if engine == "cli":
            self._call("stack", "init", _STACK)

    @classmethod
    def written(
        cls,
        folder: Path,
        engine: str,
        program: str,
        config: Mapping[str, str],
        environment: Mapping[str, str] | None = None,
        plugins: Path | None = None,
    ) -> Project:
        """Write a program, and the configuration of the namespace ``whatsapp``, into a new folder.

        ``plugins`` is a folder with the plugin of the native face.
        """
        folder.mkdir()
        values = {f"whatsapp:{key}": {"value": value} for key, value in config.items()}
        written: dict[str, object] = {"name": "bench", "runtime": "python", "config": values}
        if plugins is not None:
            written["plugins"] = {"providers": [{"name": "whatsapp", "path": str(plugins)}]}
        (folder / "Pulumi.yaml").write_text(json.dumps(written))
        (folder / "__main__.py").write_text(program)
        return cls(folder, engine, environment)

    def run(self, command: str) -> float:
        """Run preview, up, refresh or destroy; returns its seconds."""
        return self.measure(command).seconds

    def measure(self, command: str) -> Measured:
        """Run preview, up, refresh or destroy."""
        flags = [] if command == "preview" else ["--yes", "--skip-preview"]
        with ProviderMemory(self._home) as memory:
            began = time.perf_counter()
            self._call(command, "--stack", _STACK, *flags)
            seconds = time.perf_counter() - began
        return Measured(seconds, memory.peak)

    def declare(self, contacts: list[str]) -> None:
        """Give the program its contacts."""
        (self._folder / "contacts.json").write_text(json.dumps(contacts))

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
            sys.exit(f"error: {' '.join([*self._command, *arguments])} failed:\n{text[-_SHOWN:]}")
        return text
