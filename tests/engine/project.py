"""A Pulumi project in a folder of its own, run by the real CLI."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

SUMMARIES = (
    "",
    "update failed",
    "preview failed",
    "an unhandled error occurred: program exited with non-zero exit code: 1",
)
_ANSI = re.compile(r"<\{%[^%]*%\}>|\x1b\[[0-9;]*m")
SANDBOX = "is a sandbox: nothing reaches WhatsApp"
"""Said in every run of these tests, so that `Outcome.said` leaves it out."""

_CONTACT_LINE = re.compile(r'^\s*([+~-])\s*"?(\+\d+)"?\s*:', re.MULTILINE)

_OURS = re.compile("^(whatsapp:index:|pulumi-python:dynamic/whatsapp:)")
_STACK_OUTPUTS = re.compile(r"^ {1,4}--outputs:--", re.MULTILINE)


@dataclass(frozen=True)
class CommandOutcome:
    """What a command did.

    Attributes:
        steps: resource name -> what was done to it (``create``, ``update`` …); what stayed the same is left out.
        errors: error messages under Diagnostics, without the engine's own summary.
        said: everything else under Diagnostics, but for `SANDBOX`.
        output: what the user read.
        log: what went to stderr.
    """

    exit: int
    steps: dict[str, list[str]]
    errors: list[str]
    said: list[str]
    output: str
    log: str

    def contact_lines(self) -> list[str]:
        """Return the lines of a ``--diff`` that are about one contact: ``+ +5511…``."""
        resources = _STACK_OUTPUTS.split(self.output)[0]
        return [f"{sign} {contact}" for sign, contact in _CONTACT_LINE.findall(resources)]


class CliProject:
    """One stack.

    Args:
        folder: an empty folder.
        home: the CLI's.
        config: the keys of the namespace ``whatsapp``.
        plugin: the folder of the native plugin; the programs are on the dynamic resources where there is none.
        runtime: the language of the programs.
    """

    def __init__(
        self,
        folder: Path,
        home: Path,
        config: Mapping[str, Any],
        plugin: Path | None = None,
        *,
        runtime: str = "python",
    ) -> None:
        self.folder = folder
        self.plugin = plugin
        self.package = "pulumi_whatsapp.native" if plugin else "pulumi_whatsapp"
        self.environment = {
            "PULUMI_BACKEND_URL": (folder / "backend").as_uri(),
            "PULUMI_HOME": str(home),
            "PULUMI_CONFIG_PASSPHRASE": "correct horse",
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_DEBUG_COMMANDS": "1",
            "PULUMI_PYTHON_CMD": sys.executable,
        }
        (folder / "backend").mkdir()
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "demo", "runtime": runtime, **self.plugins()}))
        self.program("")
        self.cli("stack", "init", "dev")
        self.configure(config)

    def plugins(self) -> dict[str, Any]:
        """Return what ``Pulumi.yaml`` has of the plugin."""
        if self.plugin is None:
            return {}
        return {"plugins": {"providers": [{"name": "whatsapp", "path": str(self.plugin)}]}}

    def program(self, source: str) -> None:
        """Write the program; ``pulumi`` and ``whatsapp`` are imported."""
        head = f"import pulumi\nimport {self.package} as whatsapp\n\n"
        (self.folder / "__main__.py").write_text(head + textwrap.dedent(source))

    def configure(self, config: Mapping[str, Any]) -> None:
        """Write the keys of the namespace ``whatsapp`` in place of the old ones."""
        path = self.folder / "Pulumi.dev.yaml"
        kept = yaml.safe_load(path.read_text()) if path.exists() else {}
        path.write_text(yaml.safe_dump({**kept, "config": {f"whatsapp:{key}": value for key, value in config.items()}}))

    def configure_secret(self, key: str, value: str) -> None:
        """Encrypt a secret into the configuration."""
        self.cli("config", "set", "--secret", "--path", f"whatsapp:{key}", value, "--stack", "dev")

    def cli(self, *arguments: str) -> str:
        """Run a command that must succeed; what it printed."""
        done = self._run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def up(self, *flags: str, **environment: str) -> CommandOutcome:
        """``pulumi up``, without its own preview."""
        return self._command("up", "--yes", "--skip-preview", *flags, **environment)

    def preview(self, *flags: str, **environment: str) -> CommandOutcome:
        """``pulumi preview``."""
        return self._command("preview", *flags, **environment)

    def refresh(self, *flags: str, **environment: str) -> CommandOutcome:
        """``pulumi refresh``."""
        return self._command("refresh", "--yes", "--skip-preview", *flags, **environment)

    def destroy(self, *flags: str, **environment: str) -> CommandOutcome:
        """``pulumi destroy``."""
        return self._command("destroy", "--yes", "--skip-preview", *flags, **environment)

    def resources(self) -> list[dict[str, Any]]:
        """Return this package's resources in the state, what is left behind to be deleted among them."""
        exported = json.loads(self.cli("stack", "export", "--show-secrets", "--stack", "dev"))
        return ours(exported["deployment"])

    def state(self) -> dict[str, dict[str, Any]]:
        """Return this package's resources in the state, by name; without what is left behind to be deleted."""
        return by_name(self.resources())

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs."""
        return dict(json.loads(self.cli("stack", "output", "--json", "--stack", "dev")))

    def written(self) -> bytes:
        """Return every byte that the stack's commands left in the backend."""
        return b"".join(path.read_bytes() for path in sorted((self.folder / "backend").rglob("*")) if path.is_file())

    def _command(self, *arguments: str, **environment: str) -> CommandOutcome:
        log = self.folder / "events.jsonl"
        log.unlink(missing_ok=True)
        done = self._run(*arguments, "--stack", "dev", "--event-log", str(log), **environment)
        events = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        steps: dict[str, list[str]] = {}
        for event in _of(events, "resOutputsEvent" if arguments[0] == "refresh" else "resourcePreEvent"):
            urn, operation = event["metadata"]["urn"], event["metadata"]["op"]
            if _is_resource(urn) and operation not in ("same", "refresh"):
                steps.setdefault(_name(urn), []).append(operation)
        spoken = [
            (event["severity"], _ANSI.sub("", event["message"]).strip())
            for event in _of(events, "diagnosticEvent")
            if not event.get("ephemeral") and event["severity"] != "debug"
        ]
        errors = [text for severity, text in spoken if severity == "error" and text not in SUMMARIES]
        said = [text for severity, text in spoken if severity != "error" and text and SANDBOX not in text]
        return CommandOutcome(done.returncode, steps, errors, said, done.stdout, done.stderr)

    def _run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color", "never"],
            cwd=self.folder,
            env={**os.environ, **self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
        )


def ours(deployment: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return this package's resources of a deployment; neither the stack nor the provider itself is one."""
    return [resource for resource in deployment.get("resources") or [] if _OURS.search(_type(resource["urn"]))]


def by_name(resources: list[dict[str, Any]], *, left: bool = False) -> dict[str, dict[str, Any]]:
    """Return resources by name: those that are kept, or those that are left behind to be deleted."""
    return {_name(resource["urn"]): resource for resource in resources if bool(resource.get("delete")) == left}


def _of(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event[kind] for event in events if kind in event]


def _is_resource(urn: str) -> bool:
    """Return whether a resource is one of ours or another dynamic one of the program."""
    return bool(_OURS.search(_type(urn)) or "pulumi-python:dynamic:" in _type(urn))


def _type(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2]


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]
