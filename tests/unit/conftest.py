"""Asynchronous tests run on virtual time."""

from __future__ import annotations

import inspect
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import respx
from hypothesis import settings

from .clock import run
from .contact_files import Write
from .fake import LINKED, READING, FakeWorld
from .stacks import ListStack

_HERE = Path(__file__).parent


settings.register_profile("unit", deadline=None)  # the machine may be busy
settings.load_profile("unit")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a test of this folder that is a coroutine function."""
    if _HERE not in pyfuncitem.path.parents or not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


@pytest.fixture
def http() -> Iterator[respx.MockRouter]:
    """Stand in for the network; every request needs a route, every route a request."""
    with respx.mock(assert_all_called=True) as router:
        yield router


@pytest.fixture
def world() -> FakeWorld:
    """A gateway in memory with every capability, and the accounts on it."""
    return FakeWorld()


@pytest.fixture
def linked(world: FakeWorld) -> FakeWorld:
    """A gateway that writes values, and reads exceptions only."""
    world.can = LINKED
    return world


@pytest.fixture
def reading(world: FakeWorld) -> FakeWorld:
    """A gateway that reads values too."""
    world.can = READING
    return world


@pytest.fixture
def stack(world: FakeWorld) -> ListStack:
    """A list that does not exist yet."""
    return ListStack(world)


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a file into the working directory, and return its name."""
    monkeypatch.chdir(tmp_path)

    def written(name: str, content: str | bytes, encoding: str = "utf-8") -> str:
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return name

    return written


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path
