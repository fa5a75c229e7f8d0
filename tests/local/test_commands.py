"""The command line: what it draws, when it asks, how it exits."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console
from typer.testing import CliRunner

from pulumi_whatsapp.local import Engine
from pulumi_whatsapp.local.cli import app
from pulumi_whatsapp.local.display import Display

from .conftest import Project
from .runners import PASSPHRASE

_ONE = """
a = Thing("a", value={"+551": "spam", "+552": ""})
b = Thing("b", Opts(parent=a), value=a.serial)
pulumi.export("count", 2)
print("said by the program")
"""
_TWO = 'a = Thing("a", value={"+551": "scam", "+553": ""})\npulumi.export("count", 3)'


def _run(project: Project, *arguments: str) -> tuple[int, str]:
    process = project.start(*arguments)
    output, _ = process.communicate()
    return process.returncode, output


def test_a_life(project: Project) -> None:
    project.write(_ONE)
    code, output = _run(project, "preview", "--diff")
    assert code == 0
    for line in (
        "Previewing update (dev):",
        " +  pulumi-python:dynamic/things:Thing a create",
        '            +552: ""',
        "    said by the program",
        "  + count: 2",
        "    + 3 to create",
    ):
        assert line in output.splitlines() or f"{line} " in output.splitlines()
    assert not project.state_file.exists()
    code, output = _run(project, "up", "--yes")
    assert code == 0
    assert "Previewing update (dev):" in output
    assert "    + 3 created" in output.splitlines()
    project.write(_TWO)
    code, output = _run(project, "up", "--yes", "--skip-preview", "--diff")
    lines = output.splitlines()
    for line in (
        '      ~     +551: "spam" => "scam"',
        '      -     +552: ""',
        '      +     +553: ""',
        "  ~ count: 2 => 3",
        "    - 1 deleted",
        "    ~ 1 updated",
        "    2 changes. 1 unchanged",
    ):
        assert line in lines, output
    code, output = _run(project, "export")
    assert json.loads(output)["version"] == 3
    code, output = _run(project, "destroy", "--yes")
    assert code == 0
    assert "    - 2 deleted" in output.splitlines()
    assert project.names() == []


def test_without_a_terminal_nothing_is_done_unasked(project: Project) -> None:
    project.write(_ONE)
    for command in ("up", "destroy", "refresh"):
        result = CliRunner().invoke(app, [command, "--cwd", str(project.folder)])
        assert result.exit_code == 2
        assert "--yes or --skip-preview must be passed in" in result.output
    assert not project.state_file.exists()


def test_a_failure_names_the_resource_and_exits_with_one(project: Project) -> None:
    project.write('a = Thing("a")\nThing("b", value=a.serial)')
    project.faults(create_a="the gateway said no")
    code, output = _run(project, "up", "--yes", "--skip-preview")
    assert code == 1
    assert "a **creating failed**" in output
    assert "ValueError: the gateway said no" in output
    assert "    1 errored" in output.splitlines()


def test_an_error_before_the_run_is_one_line(project: Project) -> None:
    (project.folder / "Pulumi.yaml").write_text("name: demo\nruntime: go\n")
    code, output = _run(project, "preview")
    assert code == 1
    assert output == "error: the local engine does not do the runtime 'go': run the program with the Pulumi CLI\n"


@pytest.mark.parametrize("preview", [True, False])
def test_the_tree_on_a_terminal(project: Project, preview: bool) -> None:
    project.write(_ONE)
    console = Console(file=io.StringIO(), force_terminal=True, width=120, color_system=None, legacy_windows=False)
    engine = Engine(project.folder, "dev", passphrase=PASSPHRASE, observer=Display(console, "dev", diff=True))
    assert (engine.preview() if preview else engine.up()).ok
    assert isinstance(console.file, io.StringIO)
    drawn = console.file.getvalue()
    tree = drawn[drawn.rindex("Type") :]
    rows = [line.split() for line in tree.splitlines()]
    word = "create" if preview else "created"
    expected = [
        ["+", "pulumi:pulumi:Stack", "demo-dev", word],
        ["+", "└─", "pulumi-python:dynamic/things:Thing", "a", word],
        ["+", "└─", "pulumi-python:dynamic/things:Thing", "b", word],
    ]
    assert [row for row in rows if row in expected] == expected
