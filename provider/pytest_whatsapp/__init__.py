"""A pytest plugin for tests of your own programs: the real provider, a sandbox and the local engine, and no network.

Installing the package is enough for pytest to find the fixtures ``whatsapp_sandbox`` and ``whatsapp_stack``:

    def test_chargebacks_are_blocked(whatsapp_stack):
        stack = whatsapp_stack("infrastructure", config={"whatsapp:gateway": "zapi", "whatsapp:instance": "demo"})
        assert stack.up().ok
        assert "+5511987650001" in stack.sandbox.account("zapi", "demo").blocked()
        assert set(stack.preview().changes) == {"same"}

Needs the extra ``cli``. A program runs in a process of its own, as under the Pulumi CLI.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pulumi_local_engine import Engine, Result
    from whatsapp_sandbox import Sandbox

MakeStack = Callable[..., "Stack"]


class Stack:
    """A stack of one program on the local engine, with a sandbox behind every account.

    Args:
        folder: an empty folder for the project and its state.
        program: the folder of the program, or one below a ``Pulumi.yaml``; the name and configuration come from there.
        sandbox: what stands behind every gateway.
        config: configuration on top of that, full key -> value; objects as they are.

    A run that fails writes its errors to standard error, where pytest captures them for the report.

    Raises:
        pulumi_local_engine.EngineError: there is no such folder; from its methods, when a run cannot start.
    """

    def __init__(self, folder: Path, program: str | Path, sandbox: Sandbox, config: Mapping[str, Any]) -> None:
        import yaml

        from pulumi_local_engine import EngineError
        from pulumi_local_engine.config import Project

        __tracebackhide__ = True
        program = Path(program).resolve()
        if not program.is_dir():
            raise EngineError(f"there is no folder {program}, which the program should be in")
        own = {"whatsapp:sandbox": str(sandbox.path), **config}
        settings: dict[str, Any] = {"name": "test"}
        if any((parent / "Pulumi.yaml").is_file() for parent in (program, *program.parents)):
            project = Project.load(program)
            settings = dict(project.settings)
            program = project.program if (program / "Pulumi.yaml").is_file() else program
            own = {**(settings.get("config") or {}), **own}
        values = {
            key: value if isinstance(value, dict) and "value" in value else {"value": value}
            for key, value in own.items()
        }
        settings |= {"runtime": "python", "main": str(program), "config": values}
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        self._folder = folder
        self.sandbox = sandbox
        """The sandbox: who is blocked, what the settings are, the requests so far, faults to come."""

    def preview(self, *, refresh: bool = False) -> Result:
        """Return what `up` would do."""
        return _told(self._engine().preview(refresh=refresh))

    def up(self, *, refresh: bool = False) -> Result:
        """Bring everything to what the program declares; returns its steps, outputs and errors."""
        return _told(self._engine().up(refresh=refresh))

    def refresh(self) -> Result:
        """Take over what is live."""
        return _told(self._engine().refresh())

    def destroy(self) -> Result:
        """Delete everything that the stack owns."""
        return _told(self._engine().destroy())

    def export(self) -> str:
        """Return the state as ``pulumi stack export`` prints it."""
        return self._engine().export()

    def _engine(self) -> Engine:
        from pulumi_local_engine import Engine

        return Engine(self._folder, "test", passphrase="test")


def _told(result: Result) -> Result:
    if not result.ok:
        sys.stderr.write("".join(f"{item.severity}: {item.message.strip()}\n" for item in result.diagnostics))
    return result


@pytest.fixture
def whatsapp_sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox of the test's own."""
    from whatsapp_sandbox import Sandbox

    sandbox = Sandbox(tmp_path / "whatsapp.sqlite")
    yield sandbox
    sandbox.close()


@pytest.fixture
def whatsapp_stack(tmp_path: Path, whatsapp_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> MakeStack:
    """Make a `Stack`: ``whatsapp_stack(program, config={"whatsapp:gateway": "zapi", …})``.

    No configuration of whoever runs the tests gets in.
    """
    for name in [name for name in os.environ if name.startswith("WHATSAPP_")]:
        monkeypatch.delenv(name)

    def make(program: str | Path, config: Mapping[str, Any] | None = None) -> Stack:
        __tracebackhide__ = True
        folder = tmp_path / f"stack-{len(list(tmp_path.glob('stack-*')))}"
        folder.mkdir()
        return Stack(folder, program, whatsapp_sandbox, config or {})

    return make
