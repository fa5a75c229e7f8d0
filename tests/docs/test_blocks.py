"""Every block of the README and the pages is run or checked."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from pulumi_local_engine import Engine, Result
from pulumi_whatsapp.cli.app import app
from pulumi_whatsapp.config import ACCOUNT_KEYS
from pulumi_whatsapp.config.environment import variable
from pulumi_whatsapp.engine.failing import failures
from pulumi_whatsapp.native.schema import text as published
from whatsapp_sandbox import Sandbox

from .blocks import BLOCKS, PAGES, ROOT, Block, blocks_in, blocks_of, commands

CONFIG: dict[str, Any] = {
    "whatsapp:sandbox": ".sandbox/whatsapp.sqlite",
    "whatsapp:gateway": "zapi",
    "whatsapp:instance": "demo",
}
"""What the pages' programs run on: the default account, and those that they call by name."""
ACCOUNTS = {
    "support": {"gateway": "meta", "phoneNumberId": "106540352242922"},
    "sales": {"gateway": "360dialog", "phoneNumber": "+55 11 4000-0000"},
}
FILES = {
    "chargebacks.csv": "phone,reason\n+5511987650001,order 1881\n+5511987650002,\n",
    "blocked.yaml": 'fraud:\n  "+5511987650003": case 31\nthreats: ["+447400123457"]\n',
    "contacts.csv": "phone,reason\n+5511987650005,spam\n",
}
HAS_CLI = shutil.which("pulumi") is not None
TOOLS = {"cd", "mkdir", "printf", "pip", "python3", "curl", "grep", "test", "git", "npm", "export"}
"""Commands that are not ours."""


def project(folder: Path, program: str, **config: Any) -> Path:
    values = {**CONFIG, "whatsapp:accounts": {"value": ACCOUNTS}, "blocked": {"value": ["+5511987650004"]}, **config}
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump({"name": "demo", "runtime": "python", "config": values}))
    (folder / "__main__.py").write_text(program)
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


def environment(home: Path) -> dict[str, str]:
    """Return an environment without the user's own login, stacks and accounts."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "WHATSAPP_"))}
    (home / "backend").mkdir(parents=True, exist_ok=True)
    return {
        **kept,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PULUMI_HOME": str(home),
        "PULUMI_BACKEND_URL": (home / "backend").as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "NO_COLOR": "1",
    }


def shell(command: str, folder: Path, env: dict[str, str]) -> str:
    """Run a command as a page has it, and return what it printed to either stream."""
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    printed = done.stdout.decode()
    assert done.returncode == 0, printed
    return printed


def assert_printed(expected: str, printed: str) -> None:
    """Assert that something was printed: ``…`` stands for anything, on a line of its own for any lines."""
    lines = [line.rstrip() for line in expected.strip("\n").splitlines()]
    parts = [r"(?:.*\n)*?" if line.strip() == "…" else _pattern(line) + r"\n" for line in lines]
    actual = "".join(f"{line.rstrip()}\n" for line in printed.splitlines())
    assert re.fullmatch("".join(parts) + r"\n*", actual), f"the page has\n{expected}\nand printed is\n{actual}"


def _pattern(line: str) -> str:
    return ".*".join(re.escape(part) for part in line.split("…"))


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.name)
def test_a_block_is_of_a_kind_that_is_checked(block: Block) -> None:
    languages = {"python", "typescript", "sh", "console", "json", "yaml", "{toctree}", "{eval-rst}"}
    printed = {
        "README.md",
        "errors.md",
        "architecture.md",
        "typescript.md",
    }  # whose blocks of text have a test of their own below
    assert block.language in languages or (block.language == "text" and block.page.name in printed)


@pytest.mark.parametrize("block", blocks_in("python"), ids=lambda block: block.name)
def test_python_compiles(block: Block) -> None:
    compile(block.text, block.name, "exec")


@pytest.mark.parametrize("block", blocks_in("json", "yaml"), ids=lambda block: block.name)
def test_data_can_be_read(block: Block) -> None:
    assert (json.loads if block.language == "json" else yaml.safe_load)(block.text) is not None


@pytest.mark.parametrize("block", blocks_in("typescript"), ids=lambda block: block.name)
def test_typescript_uses_what_the_schema_has(block: Block) -> None:
    schema = json.loads(published())
    kinds = {token.rpartition(":")[2]: spec for token, spec in schema["resources"].items()}
    kinds["Provider"] = schema["provider"]
    functions = {f"{token.rpartition(':')[2]}Output" for token in schema["functions"]}
    made = re.findall(r'new whatsapp\.(\w+)\("[^"]*", \{(.*?)\}', block.text, re.DOTALL)
    called = re.findall(r"whatsapp\.(\w+)\(", block.text)
    assert made or called
    assert {*called} <= {*kinds, *functions}
    for kind, inputs in made:
        assert {*re.findall(r"(?:^|,|\n)\s*(\w+):", inputs)} <= {*kinds[kind]["inputProperties"]}, kind


PROGRAMS = [
    block for block in blocks_in("python") if "import pulumi_whatsapp" in block.text and "def test_" not in block.text
]


@pytest.mark.parametrize("block", PROGRAMS, ids=lambda block: block.name)
def test_a_program_runs_and_is_taken_back(block: Block, tmp_path: Path) -> None:
    engine = Engine(project(tmp_path, block.text), "test", passphrase="test")
    up = engine.up()
    assert up.ok, up.errors
    assert engine.destroy().ok


@pytest.mark.parametrize("block", blocks_in("sh", "console"), ids=lambda block: block.name)
def test_commands_and_options_exist(block: Block) -> None:
    text = block.text
    if block.language == "console":
        text = "\n".join(line[2:] for line in text.splitlines() if line.startswith("$ "))
    found = list(commands(text))
    assert found
    for command in found:
        check(command)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_of_ours_in_the_text_exist(page: Path) -> None:
    for text in re.findall(r"`((?:pulumi-whatsapp|make) [^`…|]+)`", page.read_text(encoding="utf-8")):
        for command in commands(text.replace("\n", " ")):
            check(command)


def check(command: list[str]) -> None:
    """Assert that a command is one, and takes these options."""
    while re.fullmatch(r"[A-Z_]+=.*", command[0]):
        name = command[0].partition("=")[0]
        assert not name.startswith("WHATSAPP_") or name in {variable("default", key) for key in ACCOUNT_KEYS}, name
        command = command[1:]
    tool, *words = command
    if tool.endswith("pulumi-whatsapp"):
        check_ours(words)
    elif tool == "make":
        targets = re.findall(r"^([a-z-]+(?: [a-z-]+)*):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert words[0] in " ".join(targets).split()
    elif tool == ".venv/bin/python":
        assert words[:2] == ["-m", "pytest"]
        assert [word for word in words if word.startswith("tests/") and not (ROOT / word).exists()] == []
    elif tool == "pulumi":
        if words[0] == "new" and "templates/" in words[1]:
            assert (ROOT / "templates" / words[1].rpartition("/")[2]).is_dir()
        for word in words:
            key = re.fullmatch(r"whatsapp:(?:accounts\.\w+\.)?(\w+)", word)
            assert key is None or key[1] in ACCOUNT_KEYS, word
    else:
        assert Path(tool).name in TOOLS, command


def check_ours(words: list[str]) -> None:
    """Assert that a command of ours takes these words; nothing is run."""
    command: Any = get_command(app)
    while words:
        context = command.context_class(command)
        _, words, _ = command.make_parser(context).parse_args(list(words))
        if not getattr(command, "commands", None) or not words:
            return
        _, command, words = command.resolve_command(context, words)


@pytest.mark.engine
@pytest.mark.skipif(not HAS_CLI, reason="the Pulumi CLI is not on PATH")
def test_options_of_pulumi_exist(tmp_path: Path) -> None:
    env = environment(tmp_path)
    for block in blocks_in("sh"):
        for tool, *words in commands(block.text):
            if tool == "pulumi":
                names = [word for word in words if re.fullmatch(r"[a-z]+", word)][: 2 if words[0] in GROUPS else 1]
                told = shell(f"pulumi {' '.join(names)} --help", tmp_path, env)
                options = [word.partition("=")[0] for word in words if word.startswith("-")]
                assert [option for option in options if option not in re.split(r"[\s,]+", told)] == [], words


GROUPS = {"stack", "config", "plugin", "package"}


def needs_cli(block: Block) -> bool:
    return re.search(r"^\$ pulumi ", block.text, re.MULTILINE) is not None


WALKS = [
    pytest.param(
        page,
        id=page.name,
        marks=[pytest.mark.engine, pytest.mark.skipif(not HAS_CLI, reason="the Pulumi CLI is not on PATH")]
        if any(map(needs_cli, blocks_of(page)))
        else [],
    )
    for page in PAGES
    if any(block.language == "console" for block in blocks_of(page))
]
DONE_BY_THE_WALK = {"printf", "pulumi stack", "pulumi config", "pulumi up", "pulumi destroy"}


@pytest.mark.parametrize("page", WALKS)
def test_a_page_prints_what_it_says(page: Path, tmp_path: Path) -> None:
    """Follow the page: write its programs, and run its commands; those that make the project, too."""
    folder, env = tmp_path / "demo", environment(tmp_path / "home")
    folder.mkdir()
    makes_its_own = any(block.language == "sh" and "Pulumi.yaml" in block.text for block in blocks_of(page))
    if not makes_its_own:
        project(folder, "")
        values = {"name": "demo", "runtime": "python", "config": CONFIG}
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump(values))
        (folder / "Pulumi.dev.yaml").touch()
    for block in blocks_of(page):
        if block in PROGRAMS:
            (folder / "__main__.py").write_text(block.text)
        elif block.language == "console":
            for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block.text, re.MULTILINE):
                assert_printed(expected, shell(command, folder, env))
        elif block.language == "sh" and makes_its_own:
            lines = [" ".join(command) for command in commands(block.text)]
            if all(line.startswith(tuple(DONE_BY_THE_WALK)) for line in lines):
                shell(block.text, folder, env)
    if makes_its_own:
        assert live(folder) == set()


def live(folder: Path) -> set[str]:
    sandbox = Sandbox(folder / ".sandbox" / "whatsapp.sqlite")
    try:
        return sandbox.account("zapi", "demo").blocked()
    finally:
        sandbox.close()


@pytest.mark.engine
@pytest.mark.skipif(not HAS_CLI, reason="the Pulumi CLI is not on PATH")
@pytest.mark.parametrize(
    ("page", "package"), [("README.md", "pulumi_whatsapp"), ("docs/typescript.md", "pulumi_whatsapp.native")]
)
def test_the_preview_that_a_page_shows(page: str, package: str, tmp_path: Path) -> None:
    """The native resources are declared in Python here: what is printed of them is the same in every language."""
    folder, env = tmp_path / "demo", environment(tmp_path / "home")
    folder.mkdir()
    (shown,) = (block.text for block in blocks_of(ROOT / page) if block.language == "text")
    reasons = {"README.md": ("order 1881", ""), "docs/typescript.md": ("order 1881", "order 1904")}[page]
    contacts = dict(zip(["+5511987650001", "+5511987650002"], reasons, strict=True))
    program = f'import {package} as whatsapp\n\nwhatsapp.Blocklist("chargebacks", contacts={{}})\n'
    project(folder, program.format(contacts))
    shell("pulumi stack init dev && pulumi up --yes --skip-preview", folder, env)
    del contacts["+5511987650002"]
    (folder / "__main__.py").write_text(program.format(contacts))
    said, _, diff = shown.partition("\n")
    printed = shell("pulumi preview --diff", folder, env)
    assert f"{said}\n" in printed
    assert_printed(f"…\n{diff}…", printed.replace(f"{said}\n", ""))
    assert live(folder) == {"+5511987650001", "+5511987650002"}


def messages(result: Result) -> str:
    return "\n".join(f"{item.severity}: {' '.join(item.message.split())}" for item in result.diagnostics)


def test_the_messages_on_the_page_of_errors(tmp_path: Path) -> None:
    refused, failed, kept = (block.text for block in blocks_of(ROOT / "docs" / "errors.md") if block.language == "text")

    wrong = 'import pulumi_whatsapp as whatsapp\n\nwhatsapp.BlockedContact("a", phone="12")\n'
    printed = messages(Engine(project(tmp_path, wrong), "test", passphrase="test").preview())
    assert re.search(_pattern(refused.strip()), printed), printed

    states = {"+5511987650001": ("refused", "a reason"), "+5511987650002": ("pending", "a reason")}
    outputs = {contact: {"state": state, "why": why} for contact, (state, why) in states.items()}
    (said,) = failures("Blocklist 'chargebacks'", outputs, hidden=False, allowed=False, warn=pytest.fail)
    assert re.fullmatch(_pattern(failed.strip()), f"error: {said}")

    twelve = [f"+55119876500{number:02}" for number in range(1, 13)]
    program = f'import pulumi_whatsapp as whatsapp\n\nwhatsapp.Blocklist("chargebacks", contacts={twelve})\n'
    engine = Engine(project(tmp_path, program, **{"whatsapp:maxRetries": 0}), "test", passphrase="test")
    assert engine.up().ok
    sandbox = Sandbox(tmp_path / ".sandbox" / "whatsapp.sqlite")
    sandbox.account("zapi", "demo").fault("outage", on="unblock", times=1)
    sandbox.close()
    printed = messages(engine.destroy())
    assert re.search(_pattern(kept.strip()), printed), printed


def test_the_house_is_drawn_as_it_stands() -> None:
    (house,) = (block.text for block in blocks_of(ROOT / "docs" / "architecture.md") if block.language == "text")
    folder, named = ROOT, []
    for line in house.splitlines():
        if line[0] != " ":
            folder = ROOT / line.split()[0]
            named.append(folder)
        elif found := re.match(r"  ([\w.]+/?) ", line):
            named.append(folder / found[1])
    assert len(named) > 10
    assert [str(path) for path in named if not path.exists()] == []
