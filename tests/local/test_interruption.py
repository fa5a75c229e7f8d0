"""Whatever ends a run, the next one goes on from a state that is whole."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest

from pulumi_local_engine import Engine, ExitCode, Observer, Result, Step
from pulumi_local_engine.model import PARALLEL

from .conftest import ThingsProject, wait_for
from .runners import PASSPHRASE

_CHAIN = 'a = Thing("a", value=1)\nb = Thing("b", value=a.serial)'


def test_interrupt_saves_what_is_in_flight_and_begins_nothing(project: ThingsProject) -> None:
    project.write(_CHAIN)
    project.faults(create_a="hang")
    process = project.start("up", "--yes", "--skip-preview")
    project.hanging()
    process.send_signal(signal.SIGINT)
    project.faults()
    assert process.wait() == 8
    assert project.names() == ["a"]
    assert "pending_operations" not in project.state()
    assert [step.op for step in project.engine.up().steps if step.name == "a"] == ["same"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_ends_cancelled(project: ThingsProject, number: signal.Signals) -> None:
    project.write(_CHAIN)
    project.faults(create_a="hang")
    process = project.start("up", "--yes", "--skip-preview")
    project.hanging()
    process.send_signal(number)
    project.faults()
    output, _ = process.communicate()
    assert process.returncode == 8
    assert "error: update canceled" in output
    assert "Traceback" not in output
    assert project.names() == ["a"]


class _Impatient(Observer):
    """Presses Ctrl-C, or terminates, when ``a`` is about to be created."""

    def __init__(self, number: signal.Signals) -> None:
        self.number: signal.Signals | None = number
        self.ended: list[Result] = []

    def step(self, step: Step) -> None:
        if self.number and step.name == "a" and not step.done:
            os.kill(os.getpid(), self.number)

    def end(self, result: Result) -> None:
        self.ended.append(result)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_goes_on_to_whoever_handles_it_once_the_run_is_saved(
    project: ThingsProject, number: signal.Signals
) -> None:
    project.write(_CHAIN)
    observer = _Impatient(number)
    engine = Engine(project.folder, "dev", passphrase=PASSPHRASE, observer=observer)
    before = signal.signal(number, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            engine.up()
        assert signal.getsignal(number) is signal.default_int_handler
    finally:
        signal.signal(number, before)
    assert [result.exit_code for result in observer.ended] == [ExitCode.CANCELLED]
    assert project.names() in ([], ["a"])
    assert "pending_operations" not in project.state()
    observer.number = None
    assert engine.up().ok
    assert signal.getsignal(number) is before


def test_a_refresh_that_is_cancelled_reads_no_more_and_keeps_what_it_did_not_read(project: ThingsProject) -> None:
    names = ["a", *(f"t{number}" for number in range(3 * PARALLEL))]
    project.write("".join(f'Thing("{name}")\n' for name in names))
    assert project.engine.up().ok

    class Cancelling(_Impatient):
        cancelling = threading.Event()

        def step(self, step: Step) -> None:
            super().step(step)
            # The end of `a` wakes the main thread, which takes no signal that came just before it began to wait.
            assert step.name == "a" or self.cancelling.wait(30)

        def status(self, _urn: str, message: str) -> None:
            assert message.startswith("cancelling: ")
            self.cancelling.set()

    observer = Cancelling(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        Engine(project.folder, "dev", passphrase=PASSPHRASE, observer=observer).refresh()
    [result] = observer.ended
    assert result.exit_code is ExitCode.CANCELLED
    assert len(result.steps) <= PARALLEL + 2
    assert project.names() == sorted(names)


def test_a_termination_ends_a_process_that_does_not_handle_it(project: ThingsProject) -> None:
    project.write(_CHAIN)
    project.faults(create_a="hang")
    process = project.python("-c", "from pulumi_local_engine import Engine; Engine('.', 'dev').up()")
    project.hanging()
    process.terminate()
    project.faults()
    assert process.wait() == -signal.SIGTERM
    assert project.names() == ["a"]
    assert "pending_operations" not in project.state()


def test_a_killed_run_leaves_its_pending_operations(project: ThingsProject) -> None:
    project.write(_CHAIN)
    project.faults(create_a="hang")
    process = project.start("up", "--yes", "--skip-preview")
    provider = project.hanging()
    process.kill()
    process.wait()
    wait_for(lambda: not Path(f"/proc/{provider}").exists() or _zombie(provider))
    [operation] = project.state()["pending_operations"]
    assert (operation["type"], operation["resource"]["urn"].split("::")[-1]) == ("creating", "a")
    project.faults()
    result = project.engine.up()
    assert result.ok
    [warning] = [item.message for item in result.diagnostics if item.severity == "warning"]
    assert "::a, interrupted while creating" in warning
    assert project.names() == ["a", "b"]
    assert "pending_operations" not in project.state()


def test_what_depends_on_nothing_is_made_at_the_same_time(project: ThingsProject) -> None:
    project.write('Thing("a")\nThing("b")')
    project.faults(create_a="hang", create_b="hang")
    process = project.start("up", "--yes", "--skip-preview")
    project.hanging()
    wait_for(lambda: len(project.state().get("pending_operations", ())) == 2)
    project.faults()
    assert process.wait() == 0
    assert project.names() == ["a", "b"]


def _zombie(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().split(")")[-1].split()[0] == "Z"


def test_refresh_keeps_interrupted_creations_until_told_to_forget_them(project: ThingsProject) -> None:
    project.write(_CHAIN)
    project.faults(create_b="hang")
    process = project.start("up", "--yes", "--skip-preview")
    project.hanging()
    process.kill()
    process.wait()
    project.faults()
    assert project.engine.refresh().ok
    assert len(project.state()["pending_operations"]) == 1
    assert project.engine.refresh(clear_pending_creates=True).ok
    assert "pending_operations" not in project.state()


def test_a_second_run_is_kept_out(project: ThingsProject) -> None:
    project.write(_CHAIN)
    project.faults(create_a="hang")
    first = project.start("up", "--yes", "--skip-preview")
    project.hanging()
    second = project.start("up", "--yes", "--skip-preview")
    output, _ = second.communicate()
    assert second.returncode == 1
    assert f"locked by another run (process {first.pid})" in output
    project.faults()
    assert first.wait() == 0


def test_a_killed_program_fails_the_run_and_keeps_what_was_done(project: ThingsProject) -> None:
    project.write(_CHAIN + "\nimport os, signal\nb.serial.apply(lambda _: os.kill(os.getpid(), signal.SIGKILL))")
    result = project.engine.up()
    assert result.exit_code == 1
    assert project.names() == ["a", "b"]


def test_a_program_that_does_not_notice_a_failure_is_ended(
    project: ThingsProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pulumi_local_engine.engine._GRACE", 0.0)
    project.write(
        'import asyncio, threading\na = Thing("a", value="bad")\n'
        "async def main():\n    await asyncio.sleep(0.2)\n    threading.Event().wait()\npulumi.run(main)"
    )
    assert project.engine.preview().errors == [
        "pulumi-python:dynamic/things:Thing resource 'a': property value value {bad} has a problem: bad is refused"
    ]


def test_a_full_disk_keeps_the_old_state(project: ThingsProject) -> None:
    project.write(_CHAIN)
    assert project.engine.up().ok
    before = project.state_file.read_bytes()
    project.write(_CHAIN + '\nThing("more")')
    (project.folder / "world" / "calls.jsonl").unlink()
    limited = project.folder / "limited.py"
    limited.write_text(
        "import resource, sys\nfrom pulumi_local_engine import Engine\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({len(before) + 100}, {len(before) + 100}))\n"
        f"result = Engine('.', 'dev', passphrase={PASSPHRASE!r}).up()\n"
        "print(result.errors)\nsys.exit(result.exit_code)\n"
    )
    process = project.python(str(limited))
    output, _ = process.communicate()
    assert process.returncode == 1
    assert "the state could not be saved" in output
    assert project.state_file.read_bytes() == before
    assert sorted(path.name for path in project.state_file.parent.iterdir()) == [".gitignore", "dev.json", "dev.lock"]


def test_many_failures_at_once_end_one_run(project: ThingsProject) -> None:
    project.write("".join(f'Thing("t{number}")\n' for number in range(8)))
    project.faults(**{f"create_t{number}": "boom" for number in range(8)})
    result = project.engine.up()
    assert result.exit_code == 1
    assert {error.splitlines()[-1] for error in result.errors} == {"ValueError: boom"}
    assert project.names() == []
    assert "pending_operations" not in project.state()


@pytest.mark.parametrize("keep", [0.5, 0.0])
def test_a_damaged_state_is_refused_and_left_as_it_is(project: ThingsProject, keep: float) -> None:
    project.write(_CHAIN)
    assert project.engine.up().ok
    content = project.state_file.read_bytes()
    project.state_file.write_bytes(content[: int(len(content) * keep)])
    damaged = project.state_file.read_bytes()
    for command in ("up", "preview", "refresh", "destroy", "export"):
        with pytest.raises(Exception, match="is damaged"):
            getattr(project.engine, command)()
    assert project.state_file.read_bytes() == damaged
