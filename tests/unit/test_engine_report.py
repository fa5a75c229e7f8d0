"""What is said to the engine, and what is held back until somebody asks for it."""

from __future__ import annotations

import grpc
import pytest
from pulumi.runtime.proto import engine_pb2

from pulumi_whatsapp.engine.engine_report import EngineReport, engine_report, holding_back, speaker


class ListeningEngine:
    def __init__(self) -> None:
        self.requests: list[engine_pb2.LogRequest] = []
        self.error: grpc.RpcError | None = None

    @property
    def heard(self) -> list[str]:
        return [request.message for request in self.requests]

    def Log(self, request: engine_pb2.LogRequest, timeout: float) -> None:  # noqa: ARG002, N802
        if self.error is not None:
            raise self.error
        self.requests.append(request)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> ListeningEngine:
    """An engine that listens."""
    heard = ListeningEngine()
    monkeypatch.setattr(EngineReport, "_engine", heard)
    return heard


def test_a_warning_is_said_once(engine: ListeningEngine) -> None:
    report = EngineReport("")
    report.warning("careful")
    report.warning("careful")
    assert engine.heard == ["careful"]


def test_a_warning_that_was_held_back_and_dropped_is_said_when_it_is_asked_for(engine: ListeningEngine) -> None:
    """A refresh compares each resource, and says nothing of it; the preview after it does."""
    report = EngineReport("")
    for _ in range(2):
        with holding_back() as lines:
            report.warning("careful")
    assert engine.heard == []
    report.say(lines)
    report.say(lines)
    assert engine.heard == ["careful"]


def test_a_line_stands_on_the_row_of_the_resource_that_the_call_is_about(engine: ListeningEngine) -> None:
    token = speaker.set("urn:pulumi:dev::shop::whatsapp:index:Blocklist::spam")
    try:
        EngineReport("").info("blocks 2")
    finally:
        speaker.reset(token)
    EngineReport("").info("of the stack")
    assert [request.urn.rpartition("::")[2] for request in engine.requests] == ["spam", ""]


def test_a_status_is_shown_at_once_and_never_kept(engine: ListeningEngine) -> None:
    report = EngineReport("")
    with holding_back() as lines:
        report.status("blocking: 6/9")
        report.info("blocks 9")
    assert engine.heard == ["blocking: 6/9"]
    assert [request.ephemeral for request in engine.requests] == [True]
    report.say(lines)
    assert engine.heard == ["blocking: 6/9", "blocks 9"]
    assert not engine.requests[-1].ephemeral


def test_an_engine_that_is_gone_takes_its_lines_with_it_and_nothing_else(engine: ListeningEngine) -> None:
    engine.error = grpc.RpcError("unavailable")
    EngineReport("").info("blocks 2")
    EngineReport("").warning("careful")
    assert engine.heard == []


def test_without_an_engine_nobody_is_told() -> None:
    report = engine_report("")
    for say in (report.status, report.info, report.warning):
        say("blocks 2")
    report.say([(engine_pb2.WARNING, "careful")])
    assert isinstance(engine_report("127.0.0.1:1"), EngineReport)
