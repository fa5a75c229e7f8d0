"""A new sandbox for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from whatsapp_sandbox import Sandbox

from .clients import MakeClient, make


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A new sandbox."""
    made = Sandbox(tmp_path / "folder" / "whatsapp.sandbox")
    yield made
    made.close()


@pytest.fixture
def client(sandbox: Sandbox) -> MakeClient:
    """Make a client of a gateway."""
    return lambda gateway: make(sandbox, gateway)
