"""A stack on the local engine, with the face of `tests.engine.project.CliProject`."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest
import yaml

from pulumi_local_engine import Engine, Result

from ..engine.project import SANDBOX, SUMMARIES, CommandOutcome, by_name, ours

STATE = Path(".pulumi-local") / "dev.json"


class DeployedStack(Protocol):
    """One stack of one program, on either engine; ``environment`` is set for the one command."""

    folder: Path

    def program(self, source: str) -> None: ...
    def configure(self, config: Mapping[str, Any]) -> None: ...
    def up(self, *flags: str, **environment: str) -> CommandOutcome: ...
    def preview(self, *flags: str, **environment: str) -> CommandOutcome: ...
    def refresh(self, *flags: str, **environment: str) -> CommandOutcome: ...
    def destroy(self, *flags: str, **environment: str) -> CommandOutcome: ...
    def resources(self) -> list[dict[str, Any]]: ...
    def state(self) -> dict[str, dict[str, Any]]: ...
    def written(self) -> bytes: ...


class LocalStack:
    """A stack on the local engine. The one flag is ``--refresh``."""

    def __init__(self, folder: Path, config: Mapping[str, Any]) -> None:
        self.folder = folder
        (folder / "Pulumi.yaml").write_text("name: demo\nruntime: python\n")
        self.program("")
        self.configure(config)

    def program(self, source: str) -> None:
        """Write the program; ``pulumi`` and ``whatsapp`` are imported."""
        head = "import pulumi\nimport pulumi_whatsapp as whatsapp\n\n"
        (self.folder / "__main__.py").write_text(head + textwrap.dedent(source))

    def configure(self, config: Mapping[str, Any]) -> None:
        """Write the keys of the namespace ``whatsapp`` in place of the old ones."""
        keys = {f"whatsapp:{key}": value for key, value in config.items()}
        (self.folder / "Pulumi.dev.yaml").write_text(yaml.safe_dump({"config": keys}))

    def up(self, *flags: str, **environment: str) -> CommandOutcome:
        """Bring everything to what the program declares."""
        return self._run("up", *flags, **environment)

    def preview(self, *flags: str, **environment: str) -> CommandOutcome:
        """Say what `up` would do."""
        return self._run("preview", *flags, **environment)

    def refresh(self, *flags: str, **environment: str) -> CommandOutcome:
        """Take over what is live."""
        return self._run("refresh", *flags, **environment)

    def destroy(self, *flags: str, **environment: str) -> CommandOutcome:
        """Delete what the state holds."""
        return self._run("destroy", *flags, **environment)

    def resources(self) -> list[dict[str, Any]]:
        """Return this package's resources in the state, what is left behind to be deleted among them."""
        if not (self.folder / STATE).exists():
            return []
        return ours(json.loads(self._engine().export(show_secrets=True))["deployment"])

    def state(self) -> dict[str, dict[str, Any]]:
        """Return this package's resources in the state, by name; without what is left behind to be deleted."""
        return by_name(self.resources())

    def written(self) -> bytes:
        """Return every byte that the commands left in the state."""
        return (self.folder / STATE).read_bytes()

    def _run(self, command: str, *flags: str, **environment: str) -> CommandOutcome:
        engine = self._engine()
        options = {"refresh": True} if "--refresh" in flags else {}
        assert set(flags) <= {"--refresh"}, flags
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            return _outcome(getattr(engine, command)(**options))

    def _engine(self) -> Engine:
        return Engine(self.folder, "dev", passphrase="correct horse")


def _outcome(result: Result) -> CommandOutcome:
    steps: dict[str, list[str]] = {}
    for step in result.steps:
        operation = step.result if step.op == "refresh" and result.operation == "refresh" else step.op
        if "dynamic" in step.type and operation not in {"same", "refresh", ""}:
            steps.setdefault(step.name, []).append(operation)
    spoken = [(item.severity, item.message.strip()) for item in result.diagnostics if item.severity != "debug"]
    errors = [text for severity, text in spoken if severity == "error" and text not in SUMMARIES]
    said = [text for severity, text in spoken if severity != "error" and text and SANDBOX not in text]
    lines = [line for step in result.steps for line in step.lines]
    return CommandOutcome(int(result.exit_code), steps, errors, said, "\n".join(lines), "")
