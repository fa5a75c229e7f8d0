"""The commands of the ready workflows, taken out of their files and run in a project made of the template."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from whatsapp_sandbox import Sandbox

from .new_project import TEMPLATE, cli_environment, pulumi_new
from .runners import ROOT

GITHUB = TEMPLATE / ".github" / "workflows" / "whatsapp.yml"
GITLAB = ROOT / "docs" / "ci" / "gitlab-ci.yml"
STRANGER, GONE = "+447400123456", "+16505551234"
_EXPRESSION = re.compile(r"\$\{\{.*?\}\}")
_INSTALLS = "pulumi install"
"""It asks the index for what is new; the project has it all."""


@dataclass
class Job:
    """What a job's commands did."""

    status: int
    output: str
    summary: str
    comment: str


def jobs(file: Path) -> dict[str, tuple[dict[str, str], list[str]]]:
    """Return job -> its variables and its commands, without the installation."""
    workflow = yaml.safe_load(file.read_text())
    found = {}
    if file == GITHUB:
        for name, job in workflow["jobs"].items():
            steps = [step for step in job["steps"] if step.get("run") not in (None, _INSTALLS)]
            assert len(steps) < len(job["steps"])
            variables = {
                **workflow["env"],
                **{key: value for step in steps for key, value in step.get("env", {}).items()},
            }
            found[name] = (variables, [step["run"] for step in steps])
    else:
        shared = workflow[".whatsapp"]
        assert shared["before_script"] == [_INSTALLS]
        for name, job in workflow.items():
            if isinstance(job, dict) and "script" in job:
                assert job["extends"] == (".whatsapp" if name == "preview" else ".alone")
                variables = {**workflow["variables"], **job.get("variables", {})}
                found[name] = (variables, ["\n".join(job["script"])])
    return found


class Pipeline:
    """A repository made of the template, and what its pipeline's commands do there."""

    def __init__(self, file: Path, root: Path, **config: str) -> None:
        self.folder = root / "repository"
        self.folder.mkdir()
        self._environment = cli_environment(root / "home")
        self._jobs = jobs(file)
        self._tools = root / "tools"
        self._tools.mkdir()
        for tool in ("gh", "curl"):  # what posts the comment
            (self._tools / tool).write_text('#!/bin/sh\necho "$@" >> "$COMMENTS"\ncat summary.md >> "$COMMENTS"\n')
            (self._tools / tool).chmod(0o755)
        pulumi_new(self.folder, self._environment, **config)

    def run(self, job: str) -> Job:
        """Run the commands of a job, as its runner does: each step in a shell that stops at the first failure."""
        files = {name: self._tools.parent / f"{job}.{name}" for name in ("STEP_SUMMARY", "OUTPUT", "COMMENTS")}
        for file in files.values():
            file.write_text("")
        variables, commands = self._jobs[job]
        environment = {
            **self._environment,
            **{name: value for name, value in variables.items() if not _EXPRESSION.search(str(value))},
            "PATH": f"{self._tools}{os.pathsep}{self._environment['PATH']}",
            "PULUMI_STACK": "dev",
            "GITHUB_STEP_SUMMARY": str(files["STEP_SUMMARY"]),
            "GITHUB_OUTPUT": str(files["OUTPUT"]),
            "COMMENTS": str(files["COMMENTS"]),
            "NUMBER": "7",
        }
        printed = ""
        for command in commands:
            done = subprocess.run(
                ["bash", "-e", "-o", "pipefail", "-c", command],
                cwd=self.folder,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            printed += done.stdout + done.stderr
            environment["STATUS"] = files["OUTPUT"].read_text().strip().removeprefix("status=")
            if done.returncode:
                break
        return Job(done.returncode, printed, files["STEP_SUMMARY"].read_text(), files["COMMENTS"].read_text())

    def by_hand(self) -> Any:
        """Return the account, to do something by hand; close its sandbox afterwards."""
        sandbox = Sandbox(self.folder / ".sandbox" / "whatsapp.sqlite")
        return sandbox.account("meta", "106540352242922")


@pytest.mark.engine
@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pulumi") is None, reason="the Pulumi CLI is not on PATH")
@pytest.mark.parametrize("file", [GITHUB, GITLAB], ids=["github", "gitlab"])
def test_the_commands_of_the_workflow(file: Path, tmp_path: Path) -> None:
    pipeline = Pipeline(file, tmp_path)
    account = pipeline.by_hand()
    account.contact(GONE, messaged_recently=False)

    first = pipeline.run("preview")
    assert first.status == 0, first.output
    assert "Blocks 7." in first.comment

    up = pipeline.run("up")
    assert up.status == 0, up.output
    assert GONE not in account.blocked()
    assert len(account.blocked()) == 6

    account.unblock(STRANGER)
    drift = pipeline.run("drift")
    assert drift.status == 2
    assert f"| **unblocked by hand** | {STRANGER} | threats |" in drift.output

    account.contact(GONE, messaged_recently=True)
    retry = pipeline.run("retry")
    assert retry.status == 0, retry.output
    assert GONE in account.blocked()

    contacts = pipeline.folder / "contacts.csv"
    lines = contacts.read_text().splitlines()
    contacts.write_text("\n".join(lines[:-1]))
    changed = pipeline.run("preview")
    assert changed.status == 0, changed.output
    assert f"| **unblocks** | {GONE} |" in changed.comment

    contacts.write_text("phone\nnobody\n")
    broken = pipeline.run("preview")
    assert broken.status == 1
    assert "'nobody' is not a possible" in broken.comment
    broken_up = pipeline.run("up")
    assert broken_up.status == 1
    assert STRANGER not in account.blocked()
    assert GONE in account.blocked()


def test_each_workflow_has_the_same_jobs() -> None:
    assert set(jobs(GITHUB)) == set(jobs(GITLAB)) == {"preview", "up", "drift", "retry"}


def test_no_expression_of_the_pipeline_stands_in_a_command() -> None:
    """A branch or a title would be run by the shell."""
    for _, commands in jobs(GITHUB).values():
        assert [command for command in commands if "${{" in command] == []
