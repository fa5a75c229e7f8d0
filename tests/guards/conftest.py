"""Every scenario on the local engine, and on the real CLI where there is one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from whatsapp_sandbox import Sandbox

from ..engine.project import Project
from .engines import LocalStack
from .world import CLI, DeployedWorld

MakeWorld = Callable[..., DeployedWorld]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home for the CLI, in place of the user's."""
    return tmp_path_factory.mktemp("pulumi-home")


@pytest.fixture(params=["local", CLI])
def engine(request: pytest.FixtureRequest) -> str:
    """The engine that runs the stack; `tests.guards.world.only_cli` chooses the CLI alone."""
    return str(request.param)


@pytest.fixture
def world(tmp_path: Path, sandbox: Sandbox, engine: str, request: pytest.FixtureRequest) -> MakeWorld:
    """Make a stack with these keys of the namespace ``whatsapp``, and the account that it is about."""

    def make(gateway: str = "meta", **config: Any) -> DeployedWorld:
        folder = tmp_path / "project"
        folder.mkdir()
        world = DeployedWorld(sandbox, gateway, config)
        if engine == "cli":
            world.stack = Project(folder, request.getfixturevalue("home"), world.config)
        else:
            world.stack = LocalStack(folder, world.config)
        return world

    return make
