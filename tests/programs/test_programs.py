"""Every program runs on the sandbox as it is, does what it says, and takes it back."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

import engine as scripts_engine
import languages
from pulumi_local_engine import Engine
from whatsapp_sandbox import Sandbox

from .runners import OTHER_LANGUAGES, ROOT, ProgramOnCli, ProgramOnLocalEngine, ProgramRunner, copy

Blocked = dict[tuple[str, str], set[str]]

META = ("meta", "106540352242922")
DIALOG = ("360dialog", "+551140000000")
FRAUD, THREAT = "+5511987650001", "+447400123456"

BOTH_ACCOUNTS: Blocked = {META: {"+5511987654321", FRAUD, "+5511987650002"}, ("ryzeapi", "quickstart"): set()}
BLOCKED: dict[str, Blocked] = {
    "quickstart": {
        ("zapi", "quickstart"): {"+5511987654321", FRAUD, "+5511987650002", THREAT},
        META: {"+16505551234"},
    },
    "list_from_csv": {("zapi", "list-from-csv"): {FRAUD, "+5521998765432", THREAT}},
    "list_from_yaml": {DIALOG: {FRAUD, "+5511987650002", THREAT}},
    "several_accounts": {("zapi", "office"): {FRAUD, THREAT}, META: {FRAUD, THREAT}, DIALOG: {FRAUD, THREAT}},
    "exclusive_list": {META: {FRAUD, "+16505551234"}},
    "secrets_from_environment": {("zapi", "3A5B7C9D"): {"+5511987654321"}, META: {"+5511987654321"}},
    "quickstart_yaml": BOTH_ACCOUNTS,
    "quickstart_typescript": BOTH_ACCOUNTS,
}
OUTPUTS: dict[str, dict[str, Any]] = {
    "quickstart": {"spammer": "5511987654321", "last_seen": "contact_blacklist on sandbox/zapi/quickstart"},
    "list_from_csv": {
        "contacts": {THREAT: "", FRAUD: "chargeback, order 1881", "+5521998765432": "spam"},
        "count": 3,
    },
    "list_from_yaml": {"abuse": {THREAT: "threats, ticket 77"}},
    "several_accounts": {"support": "sandbox/meta/106540352242922"},
    "exclusive_list": {"blocked_before": []},
    "quickstart_yaml": {"spammer": "5511987654321", "last_seen": "contacts on sandbox/ryzeapi/quickstart"},
    "quickstart_typescript": {"spammer": "5511987654321", "lastSeenIs": "contacts"},
    "secrets_from_environment": {"accounts": ["sandbox/zapi/3A5B7C9D", "sandbox/meta/106540352242922"]},
}
NEEDS_CLI = [
    pytest.mark.engine,
    pytest.mark.skipif(shutil.which("pulumi") is None, reason="the Pulumi CLI is not on PATH"),
]


def marks(program: str, engine: type[ProgramRunner]) -> list[pytest.MarkDecorator]:
    """On the CLI, only the quick start is quick enough for every day."""
    if engine is ProgramOnLocalEngine:
        return []
    return NEEDS_CLI if program == "quickstart" else [*NEEDS_CLI, pytest.mark.slow]


CASES = [
    pytest.param(program, engine, id=f"{program}-{name}", marks=marks(program, engine))
    for program in BLOCKED
    for name, engine in (("local", ProgramOnLocalEngine), ("cli", ProgramOnCli))
    if engine is ProgramOnCli or program not in OTHER_LANGUAGES
]


def live(project: Path) -> Blocked:
    """Who is blocked now, by account."""
    sandbox = Sandbox(project / ".sandbox" / "whatsapp.sqlite")
    try:
        return {(account.gateway, account.identity): account.blocked() for account in sandbox.accounts()}
    finally:
        sandbox.close()


@pytest.mark.parametrize(("program", "engine"), CASES)
def test_a_program(program: str, engine: type[ProgramRunner], tmp_path: Path) -> None:
    project = copy(program, tmp_path / "project")
    if program in OTHER_LANGUAGES:
        cli = scripts_engine.Engine(("pulumi",), True, "")
        try:
            languages.require(cli, project, os.environ)
            languages.install(cli, project, os.environ)
        except languages.LanguageMissing as error:
            pytest.skip(str(error))
    runner = engine(project)  # type: ignore[call-arg]
    declared = runner.changes("preview")
    assert set(declared) == {"create"}
    assert runner.changes("up") == declared
    outputs = runner.outputs()
    assert {name: outputs[name] for name in OUTPUTS[program]} == OUTPUTS[program]
    assert live(project) == BLOCKED[program]
    assert runner.changes("preview") == {"same": declared["create"]}
    runner.changes("destroy")
    assert not any(live(project).values())


@pytest.mark.parametrize(
    ("program", "name", "content", "error"),
    [
        (
            "quickstart",
            "programs/quickstart/chargebacks.csv",
            "Telefone\n",
            "chargebacks.csv, line 1: no column is called",
        ),
        (
            "list_from_csv",
            "blocked.csv",
            "phone\n5.51199E+12\n",
            "blocked.csv, line 2: '5.51199E+12' is not a possible",
        ),
        ("list_from_csv", "blocked.csv", "phone\nbob\neve\n", "blocked.csv has 2 mistakes:\n  line 2: 'bob' is not a"),
        ("list_from_yaml", "blocked.yaml", "", "blocked.yaml: it is empty"),
        ("list_from_yaml", "blocked.yaml", "- +16505551234\n", "blocked.yaml: it has no topics"),
    ],
)
def test_what_is_wrong_in_a_file_is_no_traceback(
    program: str, name: str, content: str, error: str, tmp_path: Path
) -> None:
    project = copy(program, tmp_path / "project")
    (project / name).write_text(content)
    said, exited = Engine(project, "test").preview().errors
    assert said.startswith(error)
    assert "exit code: 1" in exited  # what Pulumi says of every program that stops with an error


def test_what_looks_like_a_number_in_the_yaml_is_text(tmp_path: Path) -> None:
    project = copy("list_from_yaml", tmp_path / "project")
    (project / "blocked.yaml").write_text(f"abuse:\n  {FRAUD}: 1881\n  {THREAT[1:]}:\nnobody:\nlist: [+16505551234]\n")
    runner = ProgramOnLocalEngine(project)
    runner.changes("preview")
    assert runner.outputs() == {"abuse": {FRAUD: "1881", THREAT: ""}, "nobody": {}, "list": {"+16505551234": ""}}


def test_every_program_is_tested() -> None:
    found = {path.name for path in (ROOT / "programs").iterdir()}
    assert found == set(BLOCKED)


def test_the_package_says_that_it_has_no_plugin() -> None:
    """By its name alone, the CLI would look for a plugin ``whatsapp`` and try to download it."""
    path = ROOT / "provider" / "pulumi_whatsapp" / "pulumi-plugin.json"
    assert json.loads(path.read_text()) == {"resource": False}


@pytest.mark.engine
@pytest.mark.skipif(shutil.which("pulumi") is None, reason="the Pulumi CLI is not on PATH")
def test_the_cli_needs_no_plugin_but_its_own(tmp_path: Path) -> None:
    cli = ProgramOnCli(copy("quickstart", tmp_path / "project"))
    plugins = json.loads(cli.run("plugin", "ls", "--project", "--json"))
    assert {plugin["name"] for plugin in plugins} == {"python"}
