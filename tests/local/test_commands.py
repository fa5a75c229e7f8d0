"""The command line: what it draws, when it asks, how it exits."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from pulumi_local_engine import Engine
from pulumi_local_engine.cli import app
from pulumi_local_engine.display import Display

from .conftest import ThingsProject, wait_for
from .runners import PASSPHRASE

_ONE = """
a = Thing("a", value={"+551": "spam", "+552": ""})
b = Thing("b", Opts(parent=a), value=a.serial)
pulumi.export("count", 2)
print("said by the program")
"""
_TWO = 'a = Thing("a", value={"+551": "scam", "+553": ""})\npulumi.export("count", 3)'


def _run(project: ThingsProject, *arguments: str) -> tuple[int, str]:
    process = project.start(*arguments)
    output, _ = process.communicate()
    return process.returncode, output


def _invoke(project: ThingsProject, *arguments: str) -> tuple[int, str]:
    result = CliRunner(env={"PULUMI_CONFIG_PASSPHRASE": PASSPHRASE}).invoke(
        app, [*arguments, "--cwd", str(project.folder)]
    )
    return result.exit_code, result.output


def test_what_a_stack_goes_through_from_preview_to_destroy_is_drawn(project: ThingsProject) -> None:
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


def test_a_replacement_is_one_line_with_what_changes(project: ThingsProject) -> None:
    project.write('Thing("a", kind="x", value=1)')
    assert _run(project, "up", "--yes")[0] == 0
    project.write('Thing("a", kind="y", value=1)')
    for command, done, count in (("preview", "replace", "to replace"), ("up", "replaced", "replaced")):
        flags = ["--yes", "--skip-preview"] if command == "up" else []
        _, output = _run(project, command, "--diff", *flags)
        told = [line.rstrip() for line in output.splitlines() if "dynamic/things" in line or "kind" in line]
        assert told == [
            f" +- pulumi-python:dynamic/things:Thing a {done} [diff: ~kind]",
            '      ~ kind: "x" => "y"',
        ]
        assert f"    +-1 {count}" in output.splitlines()


def test_what_is_said_of_a_step_stays_together(project: ThingsProject) -> None:
    """Several are deleted at the same time."""
    project.write("".join(f'Thing("t{number}", value={number})\n' for number in range(8)))
    assert project.engine.up().ok
    prints = []

    class Screen(Console):
        def print(self, *objects: Any, **_: Any) -> None:
            prints.append(str(objects[0]))

    display = Display(Screen(file=io.StringIO()), "dev", diff=True)
    assert Engine(project.folder, passphrase=PASSPHRASE, observer=display).destroy(preview=True).ok
    told = [text.split("\n") for text in prints if "things:Thing" in text]
    assert sorted(told) == [
        [f" -  pulumi-python:dynamic/things:Thing t{n} delete ", f'        label: "t{n}"', f"        value: {n}"]
        for n in range(8)
    ]


def test_without_a_terminal_nothing_is_done_unasked(project: ThingsProject) -> None:
    project.write(_ONE)
    for command in ("up", "destroy", "refresh"):
        result = CliRunner().invoke(app, [command, "--cwd", str(project.folder)])
        assert result.exit_code == 2
        assert "--yes or --skip-preview must be passed in" in result.output
    assert not project.state_file.exists()


def _state(project: ThingsProject, *stacks: str) -> None:
    for stack in stacks:
        assert Engine(project.folder, stack, passphrase=PASSPHRASE).up().ok


def test_the_first_stack_may_have_any_name(project: ThingsProject) -> None:
    assert "Previewing update (dev):" in _invoke(project, "preview")[1]
    assert "Previewing update (prod):" in _invoke(project, "preview", "--stack", "prod")[1]


def test_the_only_stack_is_the_default(project: ThingsProject) -> None:
    _state(project, "sandbox")
    assert "Previewing update (sandbox):" in _invoke(project, "preview")[1]
    assert json.loads(_invoke(project, "export")[1])["version"] == 3


def test_a_stack_with_a_configuration_file_alone_is_one(project: ThingsProject) -> None:
    (project.folder / "Pulumi.prod.yaml").touch()
    assert "Previewing update (prod):" in _invoke(project, "preview")[1]


def test_of_several_stacks_one_has_to_be_named(project: ThingsProject) -> None:
    _state(project, "dev", "prod")
    for command in (("preview",), ("up", "--yes"), ("destroy", "--yes"), ("export",)):
        assert _invoke(project, *command) == (1, "error: no stack selected: choose one with --stack (dev, prod)\n")


def test_an_unknown_stack_beside_others_is_not_made(project: ThingsProject) -> None:
    _state(project, "dev")
    own = project.folder.resolve() / "Pulumi.nope.yaml"
    advice = f"choose one with --stack (dev), or make a new one with an empty file {own}"
    for command in (("preview",), ("up", "--yes"), ("refresh", "--yes"), ("export",)):
        expected = f"error: no stack named 'nope' found: {advice}\n"
        assert _invoke(project, *command, "--stack", "nope") == (6, expected)
    own.touch()
    code, output = _invoke(project, "preview", "--stack", "nope")
    assert (code, output.splitlines()[0]) == (0, "Previewing update (nope):")


@pytest.mark.parametrize("command", [("export",), ("destroy", "--yes"), ("refresh", "--yes")])
def test_a_stack_that_is_not_up_yet_says_how_to_make_it(project: ThingsProject, command: tuple[str, ...]) -> None:
    expected = "error: no stack named 'dev' found: make it with `pulumi-whatsapp local up --stack dev`\n"
    assert _invoke(project, *command) == (6, expected)


def test_a_failure_names_the_resource_and_exits_with_one(project: ThingsProject) -> None:
    project.write('a = Thing("a")\nThing("b", value=a.serial)')
    project.faults(create_a="the gateway said no")
    code, output = _run(project, "up", "--yes", "--skip-preview")
    assert code == 1
    assert "a **create failed**" in output
    assert "ValueError: the gateway said no" in output
    assert "    1 errored" in output.splitlines()


def test_an_error_before_the_run_is_one_line(project: ThingsProject) -> None:
    (project.folder / "Pulumi.yaml").write_text("name: demo\nruntime: go\n")
    code, output = _run(project, "preview")
    assert code == 1
    assert output == "error: the local engine does not do the runtime 'go': run the program with the Pulumi CLI\n"


def test_a_program_that_is_not_there_is_one_line(project: ThingsProject) -> None:
    (project.folder / "__main__.py").unlink()
    code, output = _run(project, "preview")
    assert code == 1
    assert f"error: unable to find main python program `__main__.py` in `{project.folder.resolve()}`\n" in output
    assert "Traceback" not in output


def test_an_error_that_ends_the_program_is_told_alone(project: ThingsProject) -> None:
    project.write('raise pulumi.RunError("the list is empty")')
    assert [line for line in _run(project, "preview")[1].splitlines() if "error" in line] == [
        "    error: the list is empty",
        "    1 errored",
    ]
    project.write("import sys\nsys.exit(3)")
    assert (
        "error: an unhandled error occurred: program exited with non-zero exit code: 3" in _run(project, "preview")[1]
    )


def test_unknown_values_in_a_list_are_no_texts(project: ThingsProject) -> None:
    project.write('a = Thing("a")\npulumi.export("both", ["x", a.serial, {"k": a.serial}])')
    assert '  + both: ["x", [unknown], {"k": [unknown]}]' in _run(project, "preview")[1].splitlines()


def test_on_a_terminal_progress_is_shown_and_does_not_stay(project: ThingsProject) -> None:
    project.write('Thing("a", says="blocking 3/10")')
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=120, color_system=None, legacy_windows=False)

    class Waiting(Display):
        def status(self, urn: str, message: str) -> None:
            assert "Updating (dev)" in screen.getvalue()
            super().status(urn, message)
            wait_for(lambda: screen.getvalue().endswith(" blocking 3/10"))

    assert Engine(project.folder, passphrase=PASSPHRASE, observer=Waiting(console, "dev")).up().ok
    kept = [part.split("\x1b[2K")[-1] for part in screen.getvalue().split("\n")]
    assert [line for line in kept if "Thing a created" in line]
    assert [line for line in kept if "blocking" in line] == ["    blocking 3/10"]  # as the diagnostic that it is too
