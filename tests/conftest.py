"""Fixtures for every suite: a clean environment and a sandbox of its own for each test."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import settings

from whatsapp_sandbox import Sandbox

from .preloaded import preloaded

settings.register_profile("quick", max_examples=30)


@pytest.fixture(autouse=True)
def _only_given_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no account of whoever runs the tests get in, and no proxy between loopback and us."""
    for name in [name for name in os.environ if name.startswith("WHATSAPP_")]:
        monkeypatch.delenv(name)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "127.0.0.1,localhost")


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox file of the test's own."""
    made = Sandbox(tmp_path / "whatsapp.sandbox")
    yield made
    made.close()


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home for the Pulumi CLI, in place of the user's."""
    return tmp_path_factory.mktemp("pulumi-home")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return how many workers run at once: more than cores, because tests wait for processes."""
    return (os.cpu_count() or 1) * 3 // 2


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option of `make test`."""
    parser.addoption("--preloaded", action="store_true", help="fork processes that have their modules loaded")


@pytest.fixture(scope="session", autouse=True)
def _processes(pytestconfig: pytest.Config) -> Iterator[None]:
    """Fork processes, where that is asked for."""
    with preloaded() if pytestconfig.getoption("preloaded") and sys.platform == "linux" else nullcontext():
        yield
