"""The command line as a whole."""

from __future__ import annotations

import json
import re
import socket
import sys
from contextlib import closing
from pathlib import Path

import pytest

from pulumi_whatsapp import cli
from pulumi_whatsapp.gateways.registry import GATEWAYS
from pulumi_whatsapp.privacy_settings import VALUES
from whatsapp_sandbox import Sandbox

from .conftest import Command


def test_capabilities_name_every_gateway_and_setting(command: Command) -> None:
    lines = command("capabilities", "--markdown").out.splitlines()
    head, *body = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert head[1:] == [gateway.title for gateway in GATEWAYS.values()]
    assert {len(cells) for cells in body} == {len(head)}
    assert {f"`{name}`" for name in VALUES} <= {cells[0] for cells in body}
    column = head.index("Z-API")
    cells = {cells[0]: cells[column] for cells in body}
    assert (cells["`call_add`"], cells["`last_seen`"], cells["list who is blocked"]) == ("-", "yes, exceptions", "-")


def test_capabilities_for_people(command: Command) -> None:
    ran = command("capabilities")
    assert ran.status == 0
    assert [gateway.title for gateway in GATEWAYS.values() if f" {gateway.title} " not in ran.out] == []


@pytest.mark.parametrize("width", [60, 80])
def test_the_table_cuts_no_word_on_a_narrow_terminal(
    command: Command, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    shown = command("capabilities").out
    assert "…" not in shown
    assert max(map(len, shown.splitlines())) <= width
    assert {name for name in VALUES if f" {name} " not in shown} == set()
    assert [gateway.title for gateway in GATEWAYS.values() if f" {gateway.title} " not in shown] == []
    assert shown.count("64,000") == sum(gateway.capabilities.max_blocked == 64_000 for gateway in GATEWAYS.values())


def test_the_local_engine_is_a_command(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = command("local", "preview")
    assert ran.status == 1
    assert "no Pulumi.yaml project file found" in ran.err


def subcommands(command: Command, *parents: str) -> set[str]:
    """Return the commands that the help names."""
    table = command(*parents, "--help").out.partition("Commands")[2]
    return set(re.findall(r"^│ (\w+) ", table, re.MULTILINE))


def test_every_help_has_an_example_that_is_a_command(command: Command) -> None:
    every = [(name,) for name in subcommands(command)] + [("local", name) for name in subcommands(command, "local")]
    assert len(every) > 10
    for names in every:
        long, short = command(*names, "--help"), command(*names, "-h")
        assert (short.status, short.out) == (long.status, long.out) == (0, long.out)
        example = " ".join(long.out.partition("Example: ")[2].split())
        assert f"pulumi-whatsapp {' '.join(names)}" in example, names
        given = example.partition(f"pulumi-whatsapp {' '.join(names)}")[2].partition(">")[0].split()
        assert {option for option in given if option.startswith("--")} <= set(re.findall(r"--[\w-]+", long.out))


def test_a_folder_before_the_command_and_after_it(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "Pulumi.yaml").write_text("name: demo\nruntime: nodejs\n")
    (tmp_path / "here" / "run.json").write_text('{"steps": []}')
    monkeypatch.chdir(tmp_path)
    for names in (("doctor",), ("local", "preview"), ("summary", "run.json")):
        after = command(*names, "-C", "here")
        monkeypatch.chdir(tmp_path)
        before = command("-C", "here", *names)
        monkeypatch.chdir(tmp_path)
        assert (before.status, before.out, before.err) == (after.status, after.out, after.err)
        assert "no Pulumi.yaml" not in before.out + before.err
        assert "cannot be read" not in before.err
    nowhere = command("-C", "nowhere", "doctor")
    assert (nowhere.status, nowhere.err) == (1, "error: there is no folder nowhere\n")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_completes_commands(command: Command, monkeypatch: pytest.MonkeyPatch, shell: str) -> None:
    monkeypatch.setenv("_PULUMI_WHATSAPP_COMPLETE", f"complete_{shell}")
    monkeypatch.setenv("COMP_WORDS", "pulumi-whatsapp su")
    monkeypatch.setenv("COMP_CWORD", "1")
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", "pulumi-whatsapp su")
    monkeypatch.setenv("_TYPER_COMPLETE_FISH_ACTION", "get-args")
    assert "summary" in command().out


def test_capabilities_as_json(command: Command) -> None:
    found = json.loads(command("capabilities", "--json").out)
    assert set(found) == set(GATEWAYS)
    zapi, meta = found["zapi"], found["meta"]
    assert (zapi["title"], zapi["lists_blocked"], zapi["takes_lid"]) == ("Z-API", False, True)
    assert (meta["batch_size"], meta["max_blocked"], meta["needs_recent_message"]) == (1000, 64_000, True)
    assert zapi["privacy"]["last_seen"] == list(VALUES["last_seen"])
    assert "last_seen" in zapi["exceptions"]
    assert zapi["credentials"] == ["token", "clientToken"]
    assert command("capabilities", "--json", "--markdown").status == 2


def test_the_version_is_a_line(command: Command) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*\n", command("--version").out)


def test_a_sandbox_in_the_home_of_nobody(command: Command) -> None:
    ran = command("sandbox", "~nouser/wa.sqlite")
    assert ran.status == 1
    assert ran.err.startswith("error: ~nouser/wa.sqlite is no path here: no user of this machine is called")
    assert ran.err.count("\n") == 1


def test_a_file_that_is_no_sandbox(command: Command, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a sandbox")
    ran = command("sandbox", str(tmp_path / "notes.txt"), "--port", "0")
    assert ran.status == 1
    assert ran.err.startswith("error: ")
    assert ran.err.count("\n") == 1


def test_a_port_that_is_taken(command: Command, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        ran = command("sandbox", str(tmp_path / "new" / "a.sandbox"), "--port", str(port))
    assert (ran.status, ran.out) == (1, "")
    assert ran.err == f"error: port {port} is taken; use --port 0 for a free one\n"
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_sandbox_is_told_before_a_port_that_is_taken(command: Command, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a sandbox")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ran = command("sandbox", str(tmp_path / "notes.txt"), "--port", str(listener.getsockname()[1]))
    assert ran.err == f"error: {tmp_path / 'notes.txt'} is not a sandbox file; choose another path\n"


def test_the_start_says_where_the_page_is_and_what_to_paste(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("uvicorn.Server.run", lambda *_, **__: None)
    file = tmp_path / "typing" / "error" / "a.sandbox"
    made, where, *what, gateway, instance, base_url, token, client_token = command(
        "sandbox", str(file), "--port", "0"
    ).out.splitlines()
    assert made == f"Made the sandbox {file}"
    address = where.removeprefix(f"Sandbox {file} on ").removesuffix(" (Ctrl-C stops it)")
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", address)
    assert " ".join(what).endswith("its Pulumi project; the page has it for every gateway:")
    assert [gateway, instance, base_url, token, client_token] == [
        "  pulumi config set whatsapp:gateway zapi",
        "  pulumi config set whatsapp:instance demo",
        f"  pulumi config set whatsapp:baseUrl {address}",
        "  pulumi config set --secret whatsapp:token sandbox-credential",
        "  pulumi config set --secret whatsapp:clientToken sandbox-credential",
    ]
    with closing(Sandbox(file)) as sandbox:
        sandbox.account("360dialog", "+5511900000000")
    where, _, _, *lines = command("sandbox", str(file), "--port", "0").out.splitlines()
    assert where.startswith(f"Sandbox {file} on ")
    assert lines[0] == "  pulumi config set whatsapp:gateway 360dialog"
    assert "/360dialog/+5511900000000" in lines[2]


def test_an_unknown_format(command: Command) -> None:
    ran = command("export", "--format", "xml")
    assert ran.status == 2
    assert "'xml' is not one of csv, yaml, program" in " ".join(ran.err.replace("│", " ").split())
    assert "Value error" not in ran.err


@pytest.mark.parametrize("arguments", [("list",), ("export",), ("doctor",)])
def test_a_folder_without_a_project(command: Command, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    ran = command(*arguments, "--cwd", str(tmp_path))
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.startswith(f"error: no Pulumi.yaml project file found in {tmp_path} or above it; ")
    assert ran.err.count("\n") == 1
    nowhere = command(*arguments, "--cwd", str(tmp_path / "nowhere"))
    assert (nowhere.status, nowhere.out) == (1, "")
    assert nowhere.err == f"error: there is no folder {tmp_path / 'nowhere'}\n"


def test_a_fault_of_our_own_is_one_line(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> str:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("pulumi_whatsapp.cli.capabilities.markdown", broken)
    ran = command("capabilities", "--markdown")
    assert ran.status == 1
    assert ran.err.startswith("error: ZeroDivisionError: division by zero; this is a fault of pulumi-whatsapp")
    assert ran.err.count("\n") == 1


def test_without_the_extra_the_command_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typer", None)
    monkeypatch.delitem(sys.modules, "pulumi_whatsapp.cli.app")
    with pytest.raises(SystemExit, match=r"error: the command line needs typer: pip install 'pulumi-whatsapp\[cli\]'"):
        cli.main()
