"""A program of the repository, copied into a folder of its own and run by the real CLI or by the local engine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Protocol

from pulumi_local_engine import Engine

ROOT = Path(__file__).resolve().parents[2]
OTHER_LANGUAGES = ("quickstart_yaml", "quickstart_typescript")
"""Programs in other languages than Python, which the local engine does not run."""


def copy(program: str, folder: Path) -> Path:
    """Copy a program, the quick start with the root's ``Pulumi.yaml``; returns the project's folder."""
    ignored = shutil.ignore_patterns("__pycache__", ".sandbox", ".pulumi-local", "Pulumi.*.yaml", "node_modules", "sdk")
    if program == "quickstart":
        shutil.copytree(ROOT / "programs" / program, folder / "programs" / program, ignore=ignored)
        shutil.copy(ROOT / "Pulumi.yaml", folder)
    elif program in OTHER_LANGUAGES:  # these name the plugin relative to themselves
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".venv").symlink_to(Path(sys.prefix))
        shutil.copytree(ROOT / "programs" / program, folder / "programs" / program, ignore=ignored)
        return folder / "programs" / program
    else:
        shutil.copytree(ROOT / "programs" / program, folder, ignore=ignored)
    return folder


class ProgramRunner(Protocol):
    """An engine with one stack of a project."""

    def changes(self, command: str) -> dict[str, int]:
        """Run ``preview``, ``up`` or ``destroy``; returns operation -> number of resources, the stack included."""

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs."""


class ProgramOnLocalEngine:
    """The local engine."""

    def __init__(self, project: Path) -> None:
        self._engine = Engine(project, "test", passphrase="test")
        self._outputs: dict[str, Any] = {}

    def changes(self, command: str) -> dict[str, int]:
        """Run a command."""
        result = getattr(self._engine, command)()
        assert result.ok, result.errors
        self._outputs = result.outputs
        return dict(result.changes)

    def outputs(self) -> dict[str, Any]:
        """The outputs of the last command."""
        return self._outputs


class ProgramOnCli:
    """The Pulumi CLI on PATH, with a home and a backend of its own."""

    def __init__(self, project: Path) -> None:
        self._project = project
        home = project / "home"
        (home / "backend").mkdir(parents=True)
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_HOME": str(home),
            "PULUMI_BACKEND_URL": (home / "backend").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DEBUG_COMMANDS": "true",  # for --event-log
        }
        self.run("stack", "init", "test")

    def run(self, *arguments: str) -> str:
        """Run a command of the CLI; returns what it printed."""
        done = subprocess.run(
            ["pulumi", *arguments, "--non-interactive"],
            cwd=self._project,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def changes(self, command: str) -> dict[str, int]:
        """Run a command."""
        log = self._project / "events.json"
        log.unlink(missing_ok=True)
        self.run(command, *([] if command == "preview" else ["--yes", "--skip-preview"]), "--event-log", str(log))
        events = [json.loads(line) for line in log.read_text().splitlines()]
        return dict(next(event["summaryEvent"]["resourceChanges"] or {} for event in events if "summaryEvent" in event))

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs."""
        return dict(json.loads(self.run("stack", "output", "--json")))
