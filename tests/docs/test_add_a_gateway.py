"""`make gateway` writes what works: in a copy of the tree, lint and the suites pass over the gateway that it made."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("provider", "scripts", "tests", "docs", "README.md", "CHANGELOG.md", "pyproject.toml")


class Tree:
    """A copy of the repository."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for part in PARTS:
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / part, folder / part)

    def python(self, *arguments: str) -> str:
        """Run Python in it, and return what it wrote where it failed."""
        path = os.pathsep.join([str(self.folder / "provider"), str(self.folder)])
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, *arguments]
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        return done.stdout + done.stderr if done.returncode else ""

    def pytest(self, *arguments: str) -> str:
        """Run tests in it."""
        return self.python("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *arguments)

    def make(self, name: str, title: str) -> str:
        """Make a gateway."""
        return self.python("scripts/new_gateway.py", name, title)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """A copy with a gateway more."""
    made = Tree(tmp_path_factory.mktemp("tree"))
    assert made.make("acme", "Acme Talk 2.0") == ""
    return made


def test_what_is_written_is_clean(tree: Tree) -> None:
    assert tree.python("-m", "ruff", "format", "--check", ".") == ""
    assert tree.python("-m", "ruff", "check", ".") == ""


def test_the_gateway_works_and_the_pages_follow(tree: Tree) -> None:
    """A part of the contract suite; the slow test below runs all of it."""
    contract = [f"tests/contract/{name}.py" for name in ("test_refusals", "test_listing")]
    pages = ["tests/unit/test_acme.py", "tests/docs/test_docs.py", "tests/cli/test_command_line.py"]
    assert tree.pytest("tests/native/test_schema.py", "-k", "code_makes") == ""
    assert tree.pytest(*pages, *contract, "-k", "acme or page or table or section") == ""


@pytest.mark.slow
def test_the_whole_contract_suite_passes_over_it(tree: Tree) -> None:
    assert tree.pytest("tests/contract", "-k", "acme") == ""


@pytest.mark.slow
def test_the_types_are_right(tree: Tree) -> None:
    assert tree.python("-m", "mypy", "provider", "scripts", "tests") == ""


@pytest.mark.parametrize(
    ("name", "title", "why"),
    [
        ("zapi", "Another", "gateways/zapi.py is there already; choose another NAME"),
        ("hand", "Hand", "whatsapp_sandbox/hand.py is there already"),
        ("status", "Acme", "would be a class Status, which there is already"),
        ("360x", "Acme", "is no name of a module"),
        ("class", "Acme", "is no name of a module"),
        ("../x", "Acme", "is no name of a module"),
        ("other", "Z-API", "has a section in docs/gateways.md already"),
        ("other", 'A"', "is no title"),
        ("other", "A\nB", "is no title"),
        ("", "Acme", "make gateway NAME=acme TITLE=Acme"),
    ],
)
def test_what_cannot_be_made_is_one_line_and_writes_nothing(tree: Tree, name: str, title: str, why: str) -> None:
    def files() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in tree.folder.rglob("*") if path.is_file()}

    before = files()
    said = tree.make(name, title)
    assert why in said
    assert said.startswith("error: ")
    assert "Traceback" not in said
    assert files() == before
