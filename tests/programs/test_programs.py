"""Every program runs on the sandbox as it is, does what it says, and takes it back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from pulumi_local_engine import Engine
from pulumi_whatsapp.sandbox import Sandbox

from .runners import ROOT, Cli, Local, Runner, copy

Blocked = dict[tuple[str, str], set[str]]

META = ("meta", "106540352242922")
DIALOG = ("360dialog", "+551140000000")
FRAUD, THREAT = "+5511987650001", "+447400123456"

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
    "secrets_from_environment": {"accounts": ["sandbox/zapi/3A5B7C9D", "sandbox/meta/106540352242922"]},
}
NEEDS_CLI = [
    pytest.mark.engine,
    pytest.mark.skipif(shutil.which("pulumi") is None, reason="the Pulumi CLI is not on PATH"),
]


def marks(program: str, engine: type[Runner]) -> list[pytest.MarkDecorator]:
    """On the CLI, only the quick start is quick enough for every day."""
    if engine is Local:
        return []
    return NEEDS_CLI if program == "quickstart" else [*NEEDS_CLI, pytest.mark.slow]


CASES = [
    pytest.param(program, engine, id=f"{program}-{engine.__name__.lower()}", marks=marks(program, engine))
    for program in BLOCKED
    for engine in (Local, Cli)
]


def live(project: Path) -> Blocked:
    """Who is blocked now, by account."""
    sandbox = Sandbox(project / ".sandbox" / "whatsapp.sqlite")
    try:
        return {(account.gateway, account.identity): account.blocked() for account in sandbox.accounts()}
    finally:
        sandbox.close()


@pytest.mark.parametrize(("program", "engine"), CASES)
def test_a_program(program: str, engine: type[Runner], tmp_path: Path) -> None:
    project = copy(program, tmp_path / "project")
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


def test_files_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    for program, name in (("quickstart", "programs/quickstart/chargebacks.csv"), ("list_from_csv", "blocked.csv")):
        file = copy(program, tmp_path / program) / name
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
        assert Engine(tmp_path / program, "test").preview().ok


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("phone;reason\n+5511987650001;spam\n", "1: must name the columns phone and reason, in small"),
        ("Phone,Reason\n+5511987650001,spam\n", "1: must name the columns phone and reason, in small"),
        ("", "1: must name the columns phone and reason"),
        ("phone,reason\n+5511987650001,spam\n+5511987650002,fraude não\n".encode("latin-1"), "3: not UTF-8; save"),
        ('phone,reason\n+5511987650001,"a\nb"\n+5511987650002,spam, twice\n', "4: more columns than in line 1"),
        ("reason,phone\nspam\n", "2: '' is no phone number"),
        ("phone,reason\n5.51199E+12,spam\n", "2: '5.51199E+12' is no phone number"),
        ("phone,reason\n\n,spam\n", "3: '' is no phone number"),
        ("phone,reason\n+5511987650001,a\n+5511987650001,b\n", "3: +5511987650001 stands further up with another"),
    ],
    ids=["semicolons", "capitals", "empty", "latin-1", "comma", "short", "scientific", "no-phone", "two-reasons"],
)
def test_a_wrong_line_of_the_csv_is_named(content: str | bytes, error: str, tmp_path: Path) -> None:
    project = copy("list_from_csv", tmp_path / "project")
    (project / "blocked.csv").write_bytes(content.encode() if isinstance(content, str) else content)
    said, exited = Engine(project, "test").preview().errors
    assert said.startswith(f"blocked.csv, line {error}")
    assert "\n" not in said
    assert "exit code: 1" in exited  # what Pulumi says of every program that stops with an error


@pytest.mark.parametrize(
    ("program", "name"), [("quickstart", "programs/quickstart/chargebacks.csv"), ("list_from_csv", "blocked.csv")]
)
def test_a_row_of_a_csv_needs_no_reason(program: str, name: str, tmp_path: Path) -> None:
    project = copy(program, tmp_path / "project")
    (project / name).write_text(f"phone,reason\n{FRAUD}\n{THREAT},spam\n")
    runner = Local(project)
    runner.changes("preview")
    contacts = runner.outputs()["chargebacks" if program == "quickstart" else "contacts"]
    assert contacts == {FRAUD: "", THREAT: "spam"}


def test_other_headings_of_the_quick_start_are_one_line(tmp_path: Path) -> None:
    project = copy("quickstart", tmp_path / "project")
    (project / "programs" / "quickstart" / "chargebacks.csv").write_text(f"Phone,Reason\n{FRAUD},spam\n")
    said, _ = Engine(project, "test").preview().errors
    assert said == "chargebacks.csv: the first line must be: phone,reason"


def test_what_looks_like_a_number_in_the_yaml_is_text(tmp_path: Path) -> None:
    project = copy("list_from_yaml", tmp_path / "project")
    (project / "blocked.yaml").write_text(f"abuse:\n  {FRAUD}: 1881\n  {THREAT[1:]}:\nnobody:\nlist: [+16505551234]\n")
    runner = Local(project)
    runner.changes("preview")
    assert runner.outputs() == {"abuse": {FRAUD: "1881", THREAT: ""}, "nobody": {}, "list": {"+16505551234": ""}}


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("", "blocked.yaml must have topics"),
        ("- abuse\n", "blocked.yaml must have topics"),
        ("abuse: {\n", "blocked.yaml: while parsing a flow"),
    ],
)
def test_a_wrong_yaml_is_one_line(content: str, error: str, tmp_path: Path) -> None:
    project = copy("list_from_yaml", tmp_path / "project")
    (project / "blocked.yaml").write_text(content)
    said, _ = Engine(project, "test").preview().errors
    assert said.startswith(error)
    assert "\n" not in said


def test_every_program_is_tested() -> None:
    found = {path.parent.name for path in (ROOT / "programs").glob("*/__main__.py")}
    assert found == set(BLOCKED)


def test_the_package_says_that_it_has_no_plugin() -> None:
    """By its name alone, the CLI would look for a plugin ``whatsapp`` and try to download it."""
    path = ROOT / "provider" / "pulumi_whatsapp" / "pulumi-plugin.json"
    assert json.loads(path.read_text()) == {"resource": False}


@pytest.mark.engine
@pytest.mark.skipif(shutil.which("pulumi") is None, reason="the Pulumi CLI is not on PATH")
def test_the_cli_needs_no_plugin_but_its_own(tmp_path: Path) -> None:
    cli = Cli(copy("quickstart", tmp_path / "project"))
    plugins = json.loads(cli.run("plugin", "ls", "--project", "--json"))
    assert {plugin["name"] for plugin in plugins} == {"python"}
