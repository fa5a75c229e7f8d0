"""Projects for the real CLI; without one the suite is skipped."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .project import CliProject

MakeProject = Callable[..., CliProject]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.engine)


def pytest_runtest_setup() -> None:
    """Skip all of it, with one line in the summary, where there is no CLI."""
    if shutil.which("pulumi") is None:
        pytest.skip("the Pulumi CLI is not on PATH")


@pytest.fixture
def make_project(tmp_path: Path, home: Path) -> MakeProject:
    """Make a project with these keys of the namespace ``whatsapp``; the sandbox is the fixture `sandbox`."""

    def make(**config: Any) -> CliProject:
        folder = tmp_path / "project"
        folder.mkdir()
        return CliProject(folder, home, {"sandbox": str(tmp_path / "whatsapp.sandbox"), **config})

    return make
