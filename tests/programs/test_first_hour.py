"""A new user's way, from an empty folder to nobody blocked: as README, the template and docs/ci.md tell it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pulumi_local_engine import Engine
from whatsapp_sandbox import Sandbox, SandboxAccount

from .new_project import NAME, cli_environment, copied, pulumi_new

DECLARED = {
    *("+5511987654321", "+5511987654322", "+5511987654323", "+5511987654324", "+5521998765432"),
    *("+447400123456", "+16505551234"),
}
NEEDS_CLI = pytest.mark.skipif(shutil.which("pulumi") is None, reason="the Pulumi CLI is not on PATH")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder."""
    made = tmp_path / "first"
    made.mkdir()
    return made


def account(folder: Path) -> Iterator[SandboxAccount]:
    """Give the account of the template's sandbox."""
    sandbox = Sandbox(folder / ".sandbox" / "whatsapp.sqlite")
    yield sandbox.account("meta", "106540352242922")
    sandbox.close()


def blocked(folder: Path) -> set[str]:
    """Return who is blocked now."""
    [found] = [each.blocked() for each in account(folder)]
    return found


def unblock(folder: Path, contact: str) -> None:
    """Unblock somebody as if on the phone."""
    for each in account(folder):
        each.unblock(contact)


def drop(folder: Path, contact: str) -> None:
    """Take a line out of the file."""
    file = folder / "contacts.csv"
    kept = [line for line in file.read_text().splitlines() if contact not in line]
    file.write_text("\n".join(kept) + "\n")


def test_the_way_on_the_local_engine(folder: Path) -> None:
    copied(folder)
    engine = Engine(folder, "dev")
    first = engine.preview()
    assert first.ok, first.errors
    assert any("Blocklist 'spam': blocks 7: " in line.message for line in first.diagnostics)
    assert not any(blocked(folder))
    assert engine.up().ok
    assert blocked(folder) == DECLARED
    assert set(engine.preview().changes) == {"same"}
    unblock(folder, "+447400123456")
    assert engine.refresh().changes["update"] == 1
    after = engine.preview()
    assert any(line.message == "Blocklist 'spam': blocks 1: +447400123456" for line in after.diagnostics)
    drop(folder, "650-555")
    going = engine.preview()
    said = "Blocklist 'spam': blocks 1: +447400123456; unblocks 1: +16505551234"
    assert any(line.message == said for line in going.diagnostics)
    assert engine.up().ok
    assert blocked(folder) == DECLARED - {"+16505551234"}
    assert engine.destroy().ok
    assert not any(blocked(folder))


@pytest.mark.parametrize("region", ["BR", "US", "DE"])
def test_the_file_means_the_same_in_every_country(folder: Path, region: str) -> None:
    copied(folder, defaultRegion=region)
    assert Engine(folder, "dev").up().ok
    assert blocked(folder) == DECLARED


@pytest.mark.engine
@pytest.mark.slow
@NEEDS_CLI
def test_the_way_on_the_cli(folder: Path, tmp_path: Path) -> None:
    environment = {**cli_environment(tmp_path / "home"), "PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true"}

    def run(*command: str, status: int = 0) -> str:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout

    def summary(*command: str, status: int) -> dict[str, Any]:
        (folder / "run.json").write_text(run(*command, "--json"))
        printed = run("venv/bin/pulumi-whatsapp", "summary", "--exit-code", "--json", "run.json", status=status)
        [found] = json.loads(printed)["accounts"] or [{}]
        return {
            verb: {entry["contact"] for entry in entries}
            for verb, entries in found.items()
            if verb.endswith(("blocks", "_outside")) and entries
        }

    assert f"Created project '{NAME}'" in pulumi_new(folder, environment)
    assert "is a sandbox: nothing reaches WhatsApp" in run("pulumi", "preview")
    assert "sandbox/meta/106540352242922" in run("venv/bin/pulumi-whatsapp", "doctor")
    assert summary("pulumi", "preview", status=2) == {"blocks": DECLARED}
    run("pulumi", "up", "--yes")
    assert blocked(folder) == DECLARED
    assert summary("pulumi", "preview", status=0) == {}
    unblock(folder, "+447400123456")
    assert summary("pulumi", "refresh", "--preview-only", status=2) == {"unblocked_outside": {"+447400123456"}}
    run("pulumi", "refresh", "--yes")
    drop(folder, "650-555")
    expected = {"blocks": {"+447400123456"}, "unblocks": {"+16505551234"}}
    assert summary("pulumi", "preview", status=3) == expected
    run("pulumi", "up", "--yes")
    assert blocked(folder) == DECLARED - {"+16505551234"}
    run("pulumi", "destroy", "--yes")
    assert not any(blocked(folder))
