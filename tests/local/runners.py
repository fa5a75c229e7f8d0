"""Runs a scenario on the real CLI or on the local engine, and says what happened in the same terms."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Protocol

import yaml

from pulumi_local_engine import Engine

from .scenarios import Scenario, Turn

SUPPORT = Path(__file__).with_name("support")
PASSPHRASE = "correct horse"
_VOLATILE = ("sourcePosition", "stackTrace")
_REWORDED = {"error reading from server: EOF": "the provider process ended before it answered"}
_RANDOM = re.compile(r"(?<=/blocklist/)[0-9a-z-]+|(?<=\"instance\": \")[0-9a-f]+")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class ScenarioRunner(Protocol):
    """One engine."""

    def run(self, turn: Turn) -> dict[str, Any]:
        """Do one command; its exit code, steps, failures, changes and errors."""

    def export(self) -> dict[str, Any]:
        """The state, secrets shown."""


class ScenarioOnLocalEngine:
    """The local engine."""

    def __init__(self, folder: Path) -> None:
        self._engine = Engine(folder, "dev", passphrase=PASSPHRASE)

    def run(self, turn: Turn) -> dict[str, Any]:
        """Do one command."""
        options: dict[str, Any] = {"refresh": True} if turn.flags else {}
        result = getattr(self._engine, turn.command)(**options)
        return {
            "exit": int(result.exit_code),
            "steps": sorted(
                [step.op, step.urn, step.result if turn.command == "refresh" else ""] for step in result.steps
            ),
            "failed": sorted([step.op, step.urn] for step in result.steps if step.error and not result.preview),
            "changes": result.changes,
            "errors": sorted(
                [item.urn, _essence(item.message)] for item in result.diagnostics if item.severity == "error"
            ),
        }

    def export(self) -> dict[str, Any]:
        """The state."""
        return dict(json.loads(self._engine.export(show_secrets=True)))


class ScenarioOnCli:
    """The real Pulumi CLI with a backend of files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._environment = {
            **os.environ,
            "PULUMI_BACKEND_URL": (folder / "backend").as_uri(),
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "1",
            "PULUMI_DEBUG_COMMANDS": "1",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }
        (folder / "backend").mkdir()
        self._pulumi("stack", "init", "dev")

    def _pulumi(self, *arguments: str) -> tuple[int, str]:
        output = self._folder / "output"
        with output.open("w") as file:  # a pipe would stay open for as long as the CLI's children live
            done = subprocess.run(
                ["pulumi", *arguments, "--non-interactive"],
                cwd=self._folder,
                env=self._environment,
                stdout=file,
                stderr=subprocess.STDOUT if arguments[0] != "stack" else None,
                check=False,
            )
        return done.returncode, output.read_text()

    def run(self, turn: Turn) -> dict[str, Any]:
        """Do one command."""
        log = self._folder / "events.json"
        log.unlink(missing_ok=True)
        yes = () if turn.command == "preview" else ("--yes", "--skip-preview")
        exit_code, _ = self._pulumi(turn.command, *yes, "--event-log", str(log), *turn.flags)
        events = [json.loads(line) for line in log.read_text().splitlines()]

        def of(kind: str) -> list[dict[str, Any]]:
            return [event[kind] for event in events if kind in event]

        results: dict[str, str] = {}
        for event in of("resOutputsEvent"):
            results.setdefault(event["metadata"]["urn"], event["metadata"]["op"])
        steps = []
        for event in of("resourcePreEvent"):
            operation, urn = event["metadata"]["op"], event["metadata"]["urn"]
            steps.append([operation, urn, results.get(urn, "") if turn.command == "refresh" else ""])
        return {
            "exit": exit_code,
            "steps": sorted(steps),
            "failed": sorted([event["metadata"]["op"], event["metadata"]["urn"]] for event in of("resOpFailedEvent")),
            "changes": next((event["resourceChanges"] or {} for event in of("summaryEvent")), {}),
            "errors": sorted(
                [event.get("urn", ""), _essence(event["message"])]
                for event in of("diagnosticEvent")
                if event["severity"] == "error" and event["message"].strip() not in ("update failed", "preview failed")
            ),
        }

    def export(self) -> dict[str, Any]:
        """The state."""
        return dict(json.loads(self._pulumi("stack", "export", "--show-secrets")[1]))

    @staticmethod
    def version() -> str:
        """The CLI's version."""
        done = subprocess.run(["pulumi", "version"], capture_output=True, text=True, check=True)
        return done.stdout.strip().removeprefix("v")


def play(scenario: Scenario, folder: Path, engine: type[ScenarioRunner]) -> list[dict[str, Any]]:
    """Put an engine through a scenario; one record for each turn."""
    (folder / "world").mkdir(parents=True)
    (folder / "Pulumi.yaml").write_text(
        "name: demo\nruntime: python\nconfig:\n  own: base\n  things:greeting:\n    value: hello\n"
    )
    (folder / "__main__.py").write_text("")
    runner = engine(folder)  # type: ignore[call-arg]
    records = []
    for turn in scenario.turns:
        _prepare(folder, turn)
        record = {"command": " ".join((turn.command, *turn.flags)), **runner.run(turn)}
        record["calls"] = _calls(folder / "world" / "calls.jsonl", scenario.ordered)
        record["state"] = normalised(runner.export()) if turn.command != "preview" else None
        records.append(json.loads(json.dumps(record)))
    return records


def _prepare(folder: Path, turn: Turn) -> None:
    if turn.source is not None:
        (folder / "__main__.py").write_text(turn.source)
        # Python knows a changed file by its size and the second of its change; turns are quicker than that.
        shutil.rmtree(folder / "__pycache__", ignore_errors=True)
    if turn.config is not None:
        path = folder / "Pulumi.dev.yaml"
        kept = yaml.safe_load(path.read_text()) if path.exists() else {}
        path.write_text(yaml.safe_dump({**kept, "config": turn.config}))
    world = folder / "world"
    (world / "faults.json").write_text(json.dumps(turn.faults))
    (world / "calls.jsonl").write_text("")
    if turn.world:
        things = json.loads((world / "world.json").read_text())
        for key, change in turn.world.items():
            if change is None:
                del things[key]
            else:
                things[key].update(change)
        (world / "world.json").write_text(json.dumps(things))


def _calls(path: Path, ordered: bool) -> list[Any]:
    calls = [json.loads(line) for line in path.read_text().splitlines()]
    unordered = sorted(calls, key=lambda call: json.dumps(call, sort_keys=True))
    if not ordered:
        return unordered
    writes = [f"{call['call']} {call['name']}" for call in calls if call["call"] in ("create", "update", "delete")]
    return [*unordered, writes]


def normalised(export: dict[str, Any]) -> dict[str, Any]:
    """A state without what two runs of one engine would write differently."""
    deployment = export["deployment"]
    resources = [_resource(item) for item in deployment.get("resources") or []]
    pending = deployment.get("pending_operations") or []
    return {
        "resources": sorted(resources, key=lambda item: (item["urn"], item.get("delete", False), item.get("id", ""))),
        "pending": sorted([item["type"], item["resource"]["urn"]] for item in pending),
    }


def _resource(entry: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in entry.items() if key not in _VOLATILE}
    for key in ("created", "modified"):
        if key in kept:
            kept[key] = True
    kept["dependencies"] = sorted(kept.get("dependencies") or [])
    kept["propertyDependencies"] = {key: sorted(urns) for key, urns in (kept.get("propertyDependencies") or {}).items()}
    return dict(json.loads(_RANDOM.sub("RANDOM", _UUID.sub("UUID", json.dumps(kept)))))


def _essence(message: str) -> str:
    """A message without a traceback's frames and without line breaks."""
    for theirs, ours in _REWORDED.items():
        message = message.replace(theirs, ours)
    lines = message.strip().splitlines()
    return lines[-1] if "Traceback" in message else " ".join(lines).partition(" To unprotect")[0]
