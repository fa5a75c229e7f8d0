"""What is said to the engine, and what is held back until somebody asks for it."""

from __future__ import annotations

import pytest
from pulumi.runtime.proto import engine_pb2

from pulumi_whatsapp.engine.engine_report import EngineReport, holding_back


class _Engine:
    def __init__(self) -> None:
        self.heard: list[str] = []

    def Log(self, request: engine_pb2.LogRequest, timeout: float) -> None:  # noqa: ARG002, N802
        self.heard.append(request.message)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> _Engine:
    """An engine that listens."""
    heard = _Engine()
    monkeypatch.setattr(EngineReport, "_engine", heard)
    return heard


def test_a_warning_is_said_once(engine: _Engine) -> None:
    report = EngineReport("")
    report.warning("careful")
    report.warning("careful")
    assert engine.heard == ["careful"]


def test_a_warning_that_was_held_back_and_dropped_is_said_when_it_is_asked_for(engine: _Engine) -> None:
    """A refresh compares each resource, and says nothing of it; the preview after it does."""
    report = EngineReport("")
    for _ in range(2):
        with holding_back() as lines:
            report.warning("careful")
    assert engine.heard == []
    report.say(lines)
    report.say(lines)
    assert engine.heard == ["careful"]
