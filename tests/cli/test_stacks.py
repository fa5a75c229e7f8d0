"""Which stack a command is about: the one that is named, that the Pulumi CLI selected, or the only one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from hashlib import sha1
from pathlib import Path

import pytest

from .conftest import Command

NUMBERS = {"dev": "1111", "prod": "2222"}


@pytest.fixture
def stacks(project: Path) -> Path:
    """A project with the stacks dev and prod."""
    for stack, number in NUMBERS.items():
        accounts = f"whatsapp:accounts: {{support: {{gateway: meta, phoneNumberId: '{number}'}}}}"
        (project / f"Pulumi.{stack}.yaml").write_text(f"config:\n  {accounts}\n")
    return project


def listed(command: Command, *arguments: str) -> str:
    """Return the account that ``list`` has read."""
    ran = command("list", "--account", "support", "--json", *arguments)
    assert ran.status == 0, ran.err
    return str(json.loads(ran.out)["account_id"])


def select(home: Path, folder: Path, noted: object) -> None:
    """Select a stack as the Pulumi CLI does."""
    digest = sha1(str(folder / "Pulumi.yaml").encode(), usedforsecurity=False).hexdigest()
    (home / "workspaces").mkdir(exist_ok=True)
    (home / "workspaces" / f"demo-{digest}-workspace.json").write_text(json.dumps(noted))


def test_several_stacks_need_a_choice(command: Command, stacks: Path) -> None:
    ran = command("list", "--account", "support")
    says = f"error: {stacks} has the stacks dev, prod; choose one with --stack or `pulumi stack select`\n"
    assert (ran.status, ran.err) == (1, says)
    assert listed(command, "--stack", "prod") == "sandbox/meta/2222"
    assert listed(command, "--stack", "organization/demo/prod") == "sandbox/meta/2222"


@pytest.mark.parametrize("runtime", ["nodejs", "yaml", "go"])
def test_a_program_may_be_of_any_language(command: Command, stacks: Path, runtime: str) -> None:
    (stacks / "Pulumi.yaml").write_text(f"name: demo\nruntime: {runtime}\nconfig: {{whatsapp:sandbox: a.sandbox}}\n")
    assert listed(command, "--stack", "prod") == "sandbox/meta/2222"


@pytest.mark.parametrize(
    "noted", [{"stack": "prod"}, {"stacks": {"file:///a": "organization/demo/prod"}}, {"stacks": {"x": "me/demo/prod"}}]
)
def test_the_selected_stack_is_used(command: Command, stacks: Path, home: Path, noted: object) -> None:
    select(home, stacks, noted)
    assert listed(command) == "sandbox/meta/2222"
    assert listed(command, "--stack", "dev") == "sandbox/meta/1111"


def test_the_selection_of_another_backend_does_not_count(
    command: Command, stacks: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    select(home, stacks, {"stacks": {"file:///a": "organization/demo/dev", "file:///b": "organization/demo/prod"}})
    assert "choose one" in command("list").err
    monkeypatch.setenv("PULUMI_BACKEND_URL", "file:///b")
    assert listed(command) == "sandbox/meta/2222"


@pytest.mark.parametrize("noted", ["prod", {"stacks": ["prod"]}, {"stacks": {}}, None])
def test_a_note_in_another_form_selects_nothing(command: Command, stacks: Path, home: Path, noted: object) -> None:
    select(home, stacks, noted)
    assert "choose one" in command("list").err


def test_a_project_that_is_reached_through_a_link(
    command: Command, stacks: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = home / "link"
    link.symlink_to(stacks)
    monkeypatch.setenv("PWD", str(link))
    select(home, link, {"stack": "prod"})
    assert listed(command) == "sandbox/meta/2222"


@pytest.mark.parametrize("arguments", [("list", "--account", "support"), ("doctor",)])
def test_a_stack_that_does_not_exist(command: Command, stacks: Path, arguments: tuple[str, ...]) -> None:
    ran = command(*arguments, "--stack", "nope")
    assert ran.status != 0
    assert (ran.out, ran.err) == ("", f"error: there is no Pulumi.nope.yaml in {stacks}; there is dev, prod\n")


@pytest.mark.usefixtures("project")
def test_a_stack_that_may_not_exist(command: Command) -> None:
    says = "there is no Pulumi.nope.yaml; Pulumi.yaml and the environment alone count"
    assert says in command("doctor", "--stack", "nope").out
    assert says in command("list", "--account", "support", "--stack", "nope").err


def test_a_selected_stack_needs_no_file(command: Command, stacks: Path, home: Path) -> None:
    select(home, stacks, {"stack": "staging"})
    for arguments in ((), ("--stack", "staging")):
        ran = command("list", "--account", "support", *arguments)
        assert (ran.status, ran.err) == (0, "")


@pytest.mark.engine
@pytest.mark.skipif(shutil.which("pulumi") is None, reason="needs the Pulumi CLI")
def test_the_pulumi_cli_s_own_selection(
    command: Command, stacks: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_BACKEND_URL", f"file://{home}")
    environment = {**os.environ, "PULUMI_CONFIG_PASSPHRASE": "x", "PULUMI_SKIP_UPDATE_CHECK": "1"}
    subprocess.run(["pulumi", "stack", "init", "prod"], cwd=stacks, env=environment, check=True, capture_output=True)
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "x")
    assert listed(command) == "sandbox/meta/2222"
