"""A project's folder, and the command line run in this process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pulumi_whatsapp.cli.app import run

PROJECT = """
name: demo
runtime: python
config:
  whatsapp:sandbox: whatsapp.sandbox
  whatsapp:gateway: zapi
  whatsapp:instance: 3A5B
  whatsapp:accounts:
    value:
      support:
        gateway: meta
        phoneNumberId: "106540352242922"
"""


@dataclass(frozen=True)
class Finished:
    """What a command did: its exit status, and what it wrote."""

    status: int
    out: str
    err: str


Command = Callable[..., Finished]


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Pulumi CLI's home, in which no stack is selected yet."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def _no_stack_of_the_user(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    for name in ("STACK", "BACKEND_URL", "CONFIG_PASSPHRASE", "CONFIG_PASSPHRASE_FILE"):
        monkeypatch.delenv(f"PULUMI_{name}", raising=False)
    monkeypatch.setenv("PULUMI_HOME", str(home))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two accounts on the sandbox of the fixture `sandbox`; the working directory."""
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Run ``pulumi-whatsapp`` with these arguments."""

    def call(*arguments: str) -> Finished:
        status = run(arguments)
        written = capsys.readouterr()
        return Finished(status, written.out, written.err)

    return call
