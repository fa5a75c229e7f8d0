"""The engine as a library: typed results, and everything that a run tells its observer."""

from __future__ import annotations

import json
import threading

import pytest

from pulumi_local_engine import Engine, EngineError, ExitCode, Observer, Result, Step
from pulumi_local_engine.values import ignored, property_lines, secret

from .conftest import ThingsProject
from .runners import PASSPHRASE


class Witness(Observer):
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def begin(self, result: Result) -> None:
        self.told.append(("begin", result.operation))

    def step(self, step: Step) -> None:
        if step.name == "a":
            self.told.append(("done" if step.done else "step", step.op))

    def status(self, urn: str, message: str) -> None:
        self.told.append(("status", f"{urn}{message}"))

    def end(self, result: Result) -> None:
        self.told.append(("end", str(result.ok)))


def test_an_observer_sees_the_run(project: ThingsProject) -> None:
    project.write('Thing("a", says="blocking 3/10")')
    witness = Witness()
    assert Engine(project.folder, "dev", passphrase=PASSPHRASE, observer=witness).up().ok
    assert witness.told == [
        ("begin", "update"),
        ("step", "create"),
        ("status", "blocking 3/10"),
        ("done", "create"),
        ("end", "True"),
    ]


def test_results_are_typed(project: ThingsProject) -> None:
    project.write('a = Thing("a", value=1)\npulumi.export("serial", a.serial)\npulumi.log.warn("careful", a)')
    result = project.engine.up()
    [step] = [step for step in result.steps if step.name == "a"]
    assert (step.op, step.id, step.type, step.done) == ("create", "a-1", "pulumi-python:dynamic/things:Thing", True)
    assert step.lines == ['  label: "a"', "  value: 1"]
    assert result.outputs == {"serial": 1}
    assert [(item.severity, item.message, item.urn) for item in result.diagnostics] == [
        ("warning", "careful", step.urn)
    ]
    project.write('a = Thing("a", value=2)')
    [step] = [step for step in project.engine.preview().steps if step.op == "update"]
    assert (step.changed, step.lines) == (["value"], ["~ value: 1 => 2"])


def test_runs_of_different_stacks_do_not_meet(project: ThingsProject) -> None:
    project.write("Thing(pulumi.get_stack(), value=1)")
    results: dict[str, Result] = {}

    def run(stack: str) -> None:
        results[stack] = Engine(project.folder, stack, passphrase=PASSPHRASE).up()

    threads = [threading.Thread(target=run, args=(stack,)) for stack in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {stack: [step.name for step in result.steps][-1] for stack, result in results.items()} == {
        "one": "one",
        "two": "two",
    }


def test_the_program_runs_in_its_folder_with_its_project(project: ThingsProject) -> None:
    program = project.folder / "program"
    program.mkdir()
    (project.folder / "Pulumi.yaml").write_text("name: demo\nruntime: python\nmain: program/\n")
    (program / "__main__.py").write_text(
        "import os, pulumi\nfrom helper import value\n"
        "pulumi.export('facts', [os.path.basename(os.getcwd()), pulumi.get_project(), pulumi.get_stack(),"
        " pulumi.get_organization(), os.path.basename(pulumi.get_root_directory()), value])"
    )
    (program / "helper.py").write_text("value = __name__")
    assert Engine(program, "dev", passphrase="").up().outputs == {
        "facts": ["program", "demo", "dev", "organization", "demo", "helper"]
    }


@pytest.mark.parametrize("error", ["pulumi.RunError", "ValueError"])
def test_the_wait_for_the_end_returns_after_the_deletes_and_an_error_after_it_fails_the_run(
    project: ThingsProject, error: str
) -> None:
    project.write('Thing("a", kind="x")\nThing("b")\nThing("c")')
    assert project.engine.up().ok
    project.write(
        f"""
        from pulumi.runtime.settings import get_monitor

        monitor = get_monitor()
        wait = monitor.SignalAndWaitForShutdown

        def waited(request):
            before = live()
            wait(request)
            raise {error}(f"before {{before}}, after {{live()}}")

        monitor.SignalAndWaitForShutdown = waited
        Thing("a", kind="y")
        Thing("c", Opts(retain_on_delete=True))
        pulumi.export("said", "yes")
        """
    )
    result = project.engine.up()
    assert result.exit_code is ExitCode.ERROR
    assert result.errors[0].strip().endswith("before ['a-1', 'a-2', 'b-1', 'c-1'], after ['a-2', 'c-1']")
    assert {step.op for step in result.steps if step.done} > {"delete", "delete-replaced", "create-replacement"}
    assert result.outputs == {"said": "yes"}
    assert project.names() == ["a", "c"]
    resources = {item["urn"].split("::")[-1]: item for item in project.state()["resources"]}
    assert (resources["a"]["id"], resources["a"].get("delete")) == ("a-2", None)
    assert resources["c"]["retainOnDelete"]
    assert resources["demo-dev"]["outputs"] == {"said": "yes"}
    assert project.state().get("pending_operations") in (None, [])


def test_a_program_that_has_failed_before_its_end_is_not_waited_for_and_nothing_is_deleted(
    project: ThingsProject,
) -> None:
    project.write('Thing("a", kind="x")\nThing("b")')
    assert project.engine.up().ok
    project.write('Thing("a", kind="y")\nat_the_end("never")\nraise ValueError("half way")')
    result = project.engine.up()
    assert result.exit_code is ExitCode.ERROR
    assert [error.splitlines()[-1] for error in result.errors] == ["ValueError: half way"]
    assert project.names() == ["a", "a", "b"]
    assert sorted(json.loads((project.folder / "world" / "world.json").read_text())) == ["a-1", "a-2", "b-1"]


def test_stack_names_stay_in_their_folder(project: ThingsProject) -> None:
    with pytest.raises(EngineError, match="invalid stack name"):
        Engine(project.folder, "../dev")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a"], {"a": secret(1), "b": 4}),
        (["b"], {"a": 3}),
        (["a", "b", "c"], {"a": secret(1)}),
        (["*"], {"a": secret(1)}),
        ([], {"a": 3, "b": 4}),
    ],
)
def test_ignored_inputs_are_as_they_were(names: list[str], expected: object) -> None:
    assert ignored({"a": 3, "b": 4}, {"a": secret(1)}, names) == expected


def test_property_lines_are_one_per_entry_and_hide_secrets() -> None:
    old = {"contacts": {"+551": "", "+552": "x", "+553": "y"}, "token": secret("a"), "same": 1, "list": [1]}
    new = {"contacts": {"+551": "", "+553": "z", "+554": ""}, "token": secret("b"), "same": 1, "list": [secret("c")]}
    assert property_lines(old, new) == [
        "~ contacts:",
        '-     +552: "x"',
        '~     +553: "y" => "z"',
        '+     +554: ""',
        "~ list: [1] => [[secret]]",
        "~ token: [secret] => [secret]",
    ]


def test_a_result_is_shown_in_one_line_with_what_went_wrong(project: ThingsProject) -> None:
    project.write('a = Thing("a")\nThing("b", value=a.serial)')
    assert repr(project.engine.preview()) == "<update preview ok, 3 create>"
    project.faults(create_b="the gateway\nsaid no")
    assert repr(project.engine.up()) == "<update failed, 2 create; error in b: said no>"
    project.faults()
    project.write('a = Thing("a")\npulumi.log.error("mind\\n  the gap", a)')
    assert repr(project.engine.up()) == "<update ok, 2 same; error in a: mind the gap>"
    project.write('for number in range(4):\n    pulumi.log.warn(f"{number}")\nraise ValueError("no")')
    assert repr(project.engine.up()) == "<update failed, 1 same; error: ValueError: no>"


def test_what_is_in_a_component_of_another_type_is_found_again(project: ThingsProject) -> None:
    inside = 'h = Group("h", Opts(parent=g))\na = Thing("a", Opts(parent=h))\nThing("b", Opts(depends_on=[a]))\n'
    project.write('g = Group("g")\n' + inside)
    assert project.engine.up().ok
    other = (
        "class Other(pulumi.ComponentResource):\n"
        "    def __init__(self, name, opts):\n"
        '        super().__init__("demo:index:Other", name, {}, opts)\n'
        'g = Other("g", Opts(aliases=[Alias(type_="demo:index:Group")]))\n'
    )
    project.write(other + 'raise ValueError("half way")')
    assert not project.engine.up().ok
    urns = {entry["urn"] for entry in project.state()["resources"]}
    assert "urn:pulumi:dev::demo::demo:index:Other$demo:index:Group$pulumi-python:dynamic/things:Thing::a" in urns
    assert {urn for entry in project.state()["resources"] for urn in entry.get("dependencies", ())} <= urns
    project.write(other + inside)
    assert project.engine.up().changes == {"same": 5}


def test_the_state_has_the_configuration_of_the_last_run_that_used_it(project: ThingsProject) -> None:
    def configure(greeting: str) -> None:
        (project.folder / "Pulumi.dev.yaml").write_text(f"config:\n  things:greeting: {greeting}\n")

    configure("hello")
    project.write('Thing("a")')
    assert project.engine.up().ok
    configure("wrong")
    project.write('Group("g")\nraise ValueError("before the first thing")')
    assert not project.engine.up().ok
    [entry] = [entry for entry in project.state()["resources"] if "providers:" in entry["type"]]
    assert entry["inputs"] == {"things:greeting": "hello"}


def test_values_may_be_larger_than_grpc_takes_by_default(project: ThingsProject) -> None:
    project.write('a = Thing("a", value="x" * 5_000_000)\npulumi.export("value", a.value)')
    assert project.engine.up().ok
    assert len(project.engine.preview().outputs["value"]) == 5_000_000


def test_a_refresh_has_the_configuration_of_the_state_and_the_update_after_it_its_own(project: ThingsProject) -> None:
    def configure(greeting: str) -> None:
        (project.folder / "Pulumi.dev.yaml").write_text(f"config:\n  things:greeting: {greeting}\n")

    configure("hello")
    project.write('Thing("a")')
    assert project.engine.up().ok
    calls = project.folder / "world" / "calls.jsonl"
    calls.unlink()
    configure("bye")
    project.write('Thing("a", value=1)')
    assert project.engine.up(refresh=True).changes == {"same": 1, "update": 1}
    done = [json.loads(line) for line in calls.read_text().splitlines()]
    assert [call.get("greeting", call["call"]) for call in done] == [
        *("hello", "read", "diff"),
        *("bye", "check", "diff", "update"),
    ]
