"""Every scenario on the local engine, and on the real CLI, where there is one, over both faces."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from whatsapp_sandbox import Sandbox

from ..engine.project import CliProject
from .engines import LocalStack
from .languages import Spoken, TypeScriptProject, YamlProject, node_modules, require
from .native import is_left_out
from .world import CLI, META, NATIVE, DeployedWorld

Deploy = Callable[..., DeployedWorld]
Speak = Callable[..., Spoken]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the native face does not run."""
    left_out = [item for item in items if is_left_out(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the native plugin: this checkout's, whatever is installed."""
    folder = tmp_path_factory.mktemp("plugin")
    script = folder / "pulumi-resource-whatsapp"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pulumi_whatsapp.native "$@"\n')
    script.chmod(0o755)
    return folder


@pytest.fixture(params=["local", CLI, NATIVE])
def engine(request: pytest.FixtureRequest) -> str:
    """What runs the stack: the local engine, the CLI, or the CLI with the native resources.

    `tests.guards.world` has the choices of a test that is not about all of them.
    """
    return str(request.param)


@pytest.fixture
def deploy(tmp_path: Path, sandbox: Sandbox, engine: str, request: pytest.FixtureRequest) -> Deploy:
    """Make a stack with these keys of the namespace ``whatsapp``, and the account that it is about."""

    def make(gateway: str = "meta", **config: Any) -> DeployedWorld:
        folder = tmp_path / "project"
        folder.mkdir()
        world = DeployedWorld(sandbox, gateway, config)
        if engine == "local":
            world.stack = LocalStack(folder, world.config)
        else:
            plugin = request.getfixturevalue("plugin") if engine == "native" else None
            world.stack = CliProject(folder, request.getfixturevalue("home"), world.config, plugin)
        return world

    return make


@pytest.fixture(params=["yaml", pytest.param("typescript", marks=pytest.mark.slow)])
def language(request: pytest.FixtureRequest) -> str:
    """The language of the programs."""
    require(str(request.param))
    return str(request.param)


@pytest.fixture
def speak(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    home: Path,
    plugin: Path,
    sandbox: Sandbox,
    language: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Speak:
    """Make a stack in a language, with these keys of the namespace ``whatsapp``, and the account that it is about."""
    monkeypatch.setenv("PULUMI_NODEJS_TRANSPILE_ONLY", "true")  # half of the time would go into type checking

    def make(gateway: str = META, **config: Any) -> Spoken:
        folder = tmp_path / "project"
        folder.mkdir()
        world = Spoken(sandbox, gateway, config)
        world.language = language
        if language == "yaml":
            world.stack = YamlProject(folder, home, world.config, plugin, runtime="yaml")
        else:
            base = tmp_path_factory.getbasetemp()
            shared = base.parent if base.name.startswith("popen-") else base  # pytest-xdist: a folder each process
            world.stack = TypeScriptProject(folder, home, world.config, plugin, node_modules(shared / "node"))
        return world

    return make
