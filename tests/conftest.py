"""Fixtures for every suite: a clean environment and a sandbox of its own for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from whatsapp_sandbox import Sandbox


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
