"""A project in a temporary folder, with the provider of ``support/things.py``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pulumi_local_engine import Engine

from .runners import PASSPHRASE, SUPPORT
from .scenarios import Turn

_PROJECT = "name: demo\nruntime: python\n"


@dataclass
class ThingsProject:
    """A program, its stack and its live world."""

    folder: Path
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def write(self, program: str) -> None:
        """Set the program, after the imports that every one has."""
        source = Turn("up", program).source
        assert source is not None
        (self.folder / "__main__.py").write_text(source)

    def faults(self, **faults: str) -> None:
        """Set the provider's faults, written ``create_a="boom"``."""
        content = json.dumps({key.replace("_", " "): message for key, message in faults.items()})
        fresh = self.folder / "world" / "faults.new"
        fresh.write_text(content)
        fresh.replace(self.folder / "world" / "faults.json")

    @property
    def engine(self) -> Engine:
        """A new engine."""
        return Engine(self.folder, "dev", passphrase=PASSPHRASE)

    @property
    def state_file(self) -> Path:
        """Where the state lies."""
        return self.folder / ".pulumi-local" / "dev.json"

    def state(self) -> dict[str, Any]:
        """The deployment on disk."""
        return dict(json.loads(self.state_file.read_text())["deployment"])

    def names(self) -> list[str]:
        """The names of the things in the state."""
        return sorted(item["urn"].split("::")[-1] for item in self.state()["resources"] if "things:" in item["type"])

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Run the command line in its own process."""
        return self.python("-m", "pulumi_local_engine", *arguments)

    def python(self, *arguments: str) -> subprocess.Popen[str]:
        """Run Python in its own process."""
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={**os.environ, "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.started.append(process)
        return process

    def hanging(self) -> int:
        """Wait until a provider call hangs; the provider's process id."""
        path = self.folder / "world" / "hanging"
        wait_for(lambda: path.exists() and path.read_text() != "")
        return int(path.read_text())


def wait_for(condition: Any, seconds: float = 30.0) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ThingsProject]:
    """A project named ``demo`` with an empty program."""
    monkeypatch.setenv("PYTHONPATH", str(SUPPORT), prepend=os.pathsep)
    folder = tmp_path / "demo"
    (folder / "world").mkdir(parents=True)
    (folder / "Pulumi.yaml").write_text(_PROJECT)
    made = ThingsProject(folder)
    made.write("")
    yield made
    for process in made.started:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
