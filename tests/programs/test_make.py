"""What `make up` and its kin do, and what of the user's they leave alone."""

from __future__ import annotations

import shutil
import socket
import sys
from pathlib import Path

import pytest

import engine
import program
from whatsapp_sandbox import Sandbox

from .runners import ROOT, copy

CLI = shutil.which("pulumi")  # before a fixture takes it off PATH


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the quick start; no `pulumi` on PATH, and an installer that cannot be reached."""
    copied = copy("quickstart", tmp_path / "repository")
    for module in (engine, program):
        monkeypatch.setattr(module, "ROOT", copied)
        monkeypatch.setattr(module, "HOME", copied / ".pulumi-home")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setattr(engine, "_install", lambda *_: "no network")
    return copied


def fake_cli(folder: Path, script: str) -> None:
    folder.mkdir(parents=True)
    (folder / "pulumi").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "pulumi").chmod(0o755)


def make(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["program.py", *arguments])
    return program.main()


def blocked(root: Path) -> set[str]:
    sandbox = Sandbox(root / ".sandbox" / "whatsapp.sqlite")
    try:
        return sandbox.account("zapi", "quickstart").blocked()
    finally:
        sandbox.close()


def test_the_users_pulumi_and_accounts_stay_out(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    for name in ("PULUMI_ACCESS_TOKEN", "PULUMI_BACKEND_URL", "PULUMI_STACK", "WHATSAPP_TOKEN", "WHATSAPP_GATEWAY"):
        monkeypatch.setenv(name, "the user's")
    env = engine.environment()
    assert "the user's" not in env.values()
    assert env["PULUMI_HOME"] == str(root / ".pulumi-home")
    assert env["PULUMI_BACKEND_URL"] == (root / ".pulumi-home" / "backend").as_uri()
    assert env["PATH"].endswith(":/usr/bin:/bin")


def test_a_cli_on_path_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, root: Path) -> None:
    fake_cli(tmp_path / "bin", "echo v3.999.0")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    chosen = engine.choose(root, engine.environment())
    assert chosen.is_cli
    assert "Pulumi CLI v3.999.0, found on PATH" in chosen.why


def test_a_cli_that_was_installed_here_comes_next(root: Path) -> None:
    fake_cli(root / ".pulumi-home" / "cli" / "bin", "echo v3.999.0")
    assert engine.choose(root, engine.environment()).is_cli


def test_a_cli_that_does_not_run_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, root: Path) -> None:
    fake_cli(tmp_path / "bin", "exit 127")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    chosen = engine.choose(root, engine.environment())
    assert not chosen.is_cli
    assert chosen.why.endswith("the official installer failed (no network)")


@pytest.fixture
def no_installer(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installer that must not be tried."""

    def must_not_run(*_: object) -> str:
        raise AssertionError("the installer was tried")

    monkeypatch.setattr(engine, "_install", must_not_run)


@pytest.mark.usefixtures("no_installer")
def test_who_made_the_stack_goes_on_with_it(root: Path) -> None:
    state = engine.local_state(root)
    state.parent.mkdir()
    state.touch()
    assert not engine.choose(root, engine.environment()).is_cli


@pytest.mark.usefixtures("no_installer")
@pytest.mark.parametrize("action", ["preview", "up", "refresh", "down"])
def test_a_stack_of_the_cli_is_not_forgotten_without_it(
    action: str, monkeypatch: pytest.MonkeyPatch, root: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    state = engine.cli_state(root)
    assert state.relative_to(root).parts[-3:] == ("stacks", "pulumi-whatsapp-quickstart", "sandbox.json")
    state.parent.mkdir(parents=True)
    state.touch()
    assert make(monkeypatch, action) == 1
    assert capfd.readouterr() == ("", "error: this stack was made by the Pulumi CLI, which is not on PATH\n")


@pytest.mark.usefixtures("no_installer")
@pytest.mark.parametrize("action", ["refresh", "down"])
def test_what_needs_a_stack_looks_for_one_first(
    action: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert make(monkeypatch, action) == 1
    assert capfd.readouterr() == ("", "error: nothing is up; start with `make up`\n")


def test_an_installer_without_a_network_is_one_short_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        proxy = f"http://127.0.0.1:{nobody_listens.getsockname()[1]}"
        assert engine._install(tmp_path, {"https_proxy": proxy}) == "get.pulumi.com cannot be reached"


def test_an_installer_that_fails_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(engine, "_INSTALL", "raise SystemExit('no route to host')")
    assert engine._install(tmp_path, {}) == "no route to host"


def test_an_installer_that_hangs_is_stopped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(engine, "_INSTALL", "import time; time.sleep(60)")
    monkeypatch.setattr(engine, "_INSTALL_SECONDS", 0.1)
    assert engine._install(tmp_path, {}) == "not done after 0.1 seconds"


def test_up_and_down(monkeypatch: pytest.MonkeyPatch, root: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert make(monkeypatch, "preview") == 0
    assert capfd.readouterr().out.endswith("Nothing was changed. `make up` does it.\n")
    assert make(monkeypatch, "up") == 0
    printed = capfd.readouterr().out
    assert printed.count("Engine: the package's local engine, because no pulumi is on PATH") == 1
    assert "What to try next" in printed
    assert "`make up PROGRAM=several_accounts` runs another program" in printed
    assert len(blocked(root)) == 4
    assert make(monkeypatch, "preview") == 0
    assert capfd.readouterr().out.endswith("    6 unchanged\n\nThere is nothing to change.\n")
    assert make(monkeypatch, "up") == 0
    assert_nothing_changed(capfd.readouterr().out)
    let_one_go(root)
    assert make(monkeypatch, "preview", "quickstart") == 0
    assert capfd.readouterr().out.endswith(WOULD_CHANGE)
    assert len(blocked(root)) == 4
    assert make(monkeypatch, "up") == 0
    assert len(blocked(root)) == 3
    assert make(monkeypatch, "down") == 0
    assert not blocked(root)
    assert not engine.local_state(root).exists()
    assert not (root / "Pulumi.sandbox.yaml").exists()


def assert_nothing_changed(printed: str) -> None:
    assert printed.endswith("\nThere was nothing to change. `make down` takes back what the program declares.\n")


WOULD_CHANGE = "Nothing was changed. `make up` does it.\n"


def let_one_go(root: Path) -> None:
    """Remove a contact from the quick start."""
    contacts = root / "programs" / "quickstart" / "chargebacks.csv"
    contacts.write_text("".join(line for line in contacts.read_text().splitlines(True) if "0002" not in line))


def test_a_stack_of_the_users_own_is_left_alone(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    (root / "Pulumi.dev.yaml").touch()
    assert make(monkeypatch, "up") == 0
    assert make(monkeypatch, "down") == 0
    assert (root / "Pulumi.dev.yaml").exists()


def test_the_other_program_is_another_one(tmp_path: Path) -> None:
    local = engine.Engine((), False, "")
    assert program._names(local, tmp_path / "repository", "several_accounts")["another"] == "list_from_csv"
    assert program._names(local, tmp_path / "repository", "list_from_csv")["another"] == "several_accounts"


def test_changes_by_hand_are_suggested_where_a_refresh_sees_them() -> None:
    assert program._by_hand(ROOT, "").startswith("on the Meta account, as if on the phone, then `make refresh`")
    assert program._by_hand(ROOT / "programs" / "list_from_csv", "").startswith("by hand (a refresh does not see it")


@pytest.mark.engine
@pytest.mark.skipif(CLI is None, reason="the Pulumi CLI is not on PATH")
def test_a_cli_takes_over_what_the_local_engine_left(
    monkeypatch: pytest.MonkeyPatch, root: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert make(monkeypatch, "up") == 0
    monkeypatch.setenv("PATH", f"{Path(CLI or '').parent}:/usr/bin:/bin")
    capfd.readouterr()
    assert make(monkeypatch, "preview") == 0
    printed = capfd.readouterr().out
    assert "taken over with `pulumi stack import`" in printed
    assert "6 unchanged" in printed
    assert printed.endswith("There is nothing to change.\n")
    assert engine.cli_state(root).exists()
    assert make(monkeypatch, "up") == 0
    assert_nothing_changed(capfd.readouterr().out)
    let_one_go(root)
    assert make(monkeypatch, "preview") == 0
    printed = capfd.readouterr().out
    assert "+-1 to replace\n    5 unchanged\n" in printed
    assert printed.endswith(WOULD_CHANGE)
    assert make(monkeypatch, "up") == 0
    assert len(blocked(root)) == 3
    assert make(monkeypatch, "down") == 0
    assert not blocked(root)
    assert not engine.cli_state(root).exists()


@pytest.mark.parametrize(("language", "title"), [("yaml", "YAML"), ("typescript", "TypeScript")])
def test_another_language_without_the_cli_is_one_line(
    language: str, title: str, monkeypatch: pytest.MonkeyPatch, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "programs" / f"quickstart_{language}", root / "programs" / f"quickstart_{language}")

    assert make(monkeypatch, "up", f"quickstart_{language}") == 1

    error = capsys.readouterr().err
    assert error.startswith(f"error: a program in {title} needs the Pulumi CLI, and there is only the package's local")
    assert error.count("\n") == 1


def test_another_language_without_what_runs_it_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "programs" / "quickstart_typescript", root / "programs" / "quickstart_typescript")
    fake_cli(tmp_path / "bin", "echo v3.999.0")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/bin-that-is-not-there")

    assert make(monkeypatch, "up", "quickstart_typescript") == 1

    error = capsys.readouterr().err
    assert error == ("error: a program in TypeScript needs what is not on PATH: pulumi-language-nodejs, node, npm\n")


def test_an_unknown_program(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(program, "ROOT", ROOT)
    assert make(monkeypatch, "up", "quickstrt") == 1
    assert capsys.readouterr().err.startswith("error: there is no program 'quickstrt'; there is: exclusive_list, ")
