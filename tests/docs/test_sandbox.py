"""What docs/sandbox.md says is so: every block is run, and every table is what the code has."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from whatsapp_sandbox import Sandbox, SandboxAccount
from whatsapp_sandbox.hand import ACTIONS
from whatsapp_sandbox.server import PORT, running

TEXT = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
PROGRAM = (
    'import pulumi_whatsapp as whatsapp\n\nwhatsapp.Blocklist("spam", contacts=["+5511987650001", "+5511987650002"])\n'
)
STATED = f"http://127.0.0.1:{PORT}"


def blocks(language: str) -> list[str]:
    return [text for each, text in BLOCKS if each == language]


def run(*command: str, folder: Path) -> str:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment = {**os.environ, "PATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_block_is_of_a_kind_that_is_run() -> None:
    assert {language for language, _ in BLOCKS} == {"sh", "json", "python"}


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """The sandbox as the page starts it, but on a free port; what it says is checked on the way."""
    start = blocks("sh")[0].strip()
    assert shlex.split(start)[0] == "pulumi-whatsapp"
    entry = "from pulumi_whatsapp.cli import main; main()"
    command = [sys.executable, "-c", entry, *shlex.split(start)[1:], "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            made, where = server.stdout.readline(), server.stdout.readline()
            assert made == f"Made the sandbox {tmp_path / '.sandbox' / 'whatsapp.sqlite'}\n"
            yield where.split(" on ")[1].split()[0]
        finally:
            server.send_signal(signal.SIGINT)


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on PATH")
def test_the_commands_answer_what_the_page_says(url: str, tmp_path: Path) -> None:
    commands = blocks("sh")[1:]
    answers = blocks("json")
    assert len(commands) == len(answers)
    for command, answer in zip(commands, answers, strict=True):
        assert STATED in command
        told = run("sh", "-c", command.replace(STATED, url), folder=tmp_path)
        assert json.loads(told) == json.loads(answer), command
    with_faults = Sandbox(tmp_path / ".sandbox" / "whatsapp.sqlite")
    (fault,) = with_faults.account("zapi", "demo").faults()
    with_faults.close()
    assert (fault.kind, fault.on, fault.times) == ("outage", "unblock", 3)


@pytest.mark.parametrize("block", blocks("python"), ids=["script", "stack", "client"])
def test_the_python_runs(block: str, tmp_path: Path) -> None:
    (tmp_path / "infrastructure").mkdir()
    (tmp_path / "infrastructure" / "__main__.py").write_text(PROGRAM)
    if "def test_" in block:
        (tmp_path / "pytest.ini").write_text("[pytest]\n")
        (tmp_path / "test_own.py").write_text(block)
        told = run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_own.py", folder=tmp_path)
        assert "1 passed" in told
    else:
        run(sys.executable, "-c", block, folder=tmp_path)


def rows(section: str) -> list[list[str]]:
    part = TEXT.partition(f"## {section}\n")[2].partition("\n## ")[0]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in part.splitlines() if line[:3] == "| `"]
    assert cells
    return cells


def test_every_action_is_in_the_table_and_is_a_method() -> None:
    named = {name for row in rows("What can be done") for name in re.findall(r"`(\w+)`", row[0])}
    assert named == {"create", *ACTIONS}
    assert [name for name in ACTIONS if not callable(getattr(SandboxAccount, name, None))] == []


def test_every_method_is_on_the_page() -> None:
    public = {name for name in vars(SandboxAccount) if not name.startswith("_")}
    assert {name for name in public if f"`{name}" not in TEXT} == set()


def test_the_state_has_the_keys_of_its_table(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path / "whatsapp.sqlite")
    account = sandbox.account("ryzeapi", "demo")
    account.block("+5511987654321")
    account.fault("outage", on="list")
    with running(sandbox.path) as url:
        httpx.post(f"{url}/api/chat/block/demo", json={}, headers={"token": "t"}, trust_env=False)
        state = httpx.get(f"{url}/_sandbox/state?account=ryzeapi/demo", trust_env=False).json()
    sandbox.close()
    assert set(state) == {"file", "accounts", "gateways", "account"}
    inside: dict[str, Any] = state["account"]
    keys = [row for row in rows("Drive it over HTTP") if not row[0].startswith("`/_")]
    assert {name for row in keys for name in re.findall(r"`(\w+)`", row[0])} == set(inside)
    for key, found in (
        ("blocked", inside["blocked"][0]),
        ("faults", inside["faults"][0]),
        ("requests", inside["requests"][0]),
    ):
        (said,) = (row[1] for row in keys if row[0] == f"`{key}`")
        assert set(re.findall(r"`(\w+)`", said)) - {"shown"} == set(found)
