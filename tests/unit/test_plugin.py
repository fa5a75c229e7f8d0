"""When a plugin that nobody ended ends itself."""

from __future__ import annotations

import asyncio
import errno
from typing import Any

import pytest

from pulumi_whatsapp.native.plugin import _until_gone


async def test_only_an_engine_that_refuses_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """To end in the middle of a request would lose what became of it."""
    answers = [OSError(errno.EMFILE, "Too many open files"), TimeoutError(), ConnectionRefusedError()]

    async def connect(*_: Any) -> None:
        raise answers.pop(0)

    monkeypatch.setattr(asyncio, "open_connection", connect)
    await _until_gone("127.0.0.1:1")
    assert answers == []
