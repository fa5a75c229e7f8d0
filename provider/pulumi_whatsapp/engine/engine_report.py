"""The engine that runs this provider process, as the place where a user reads what goes on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cached_property
from typing import Final

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

speaker: Final[ContextVar[str]] = ContextVar("speaker", default="")
"""The URN of the resource that the call under way is about, so that a line stands on its row; empty for the stack's."""


Line = tuple[engine_pb2.LogSeverity.ValueType, str]
_held: Final[ContextVar[list[Line] | None]] = ContextVar("held", default=None)


class EngineReport:
    """Shows lines on the engine's own display; see `pulumi_whatsapp.report.Report`."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._warned: set[str] = set()

    @cached_property
    def _engine(self) -> engine_pb2_grpc.EngineStub:
        return engine_pb2_grpc.EngineStub(grpc.insecure_channel(self._address))

    def status(self, text: str) -> None:
        """Show a line on the stack's row for as long as the work runs."""
        self._log(engine_pb2.INFO, text, ephemeral=True)

    def info(self, text: str) -> None:
        """Leave a line under Diagnostics."""
        self._log(engine_pb2.INFO, text)

    def warning(self, text: str) -> None:
        """Leave a warning under Diagnostics, once: with a refresh first, the engine asks for each diff twice."""
        if _held.get() is not None:
            self._log(engine_pb2.WARNING, text)  # it may never be said
        elif text not in self._warned:
            self._warned.add(text)
            self._log(engine_pb2.WARNING, text)

    def say(self, lines: Iterable[Line]) -> None:
        """Say what was held back."""
        for severity, text in lines:
            if severity == engine_pb2.WARNING:
                self.warning(text)
            else:
                self._log(severity, text)

    def _log(self, severity: engine_pb2.LogSeverity.ValueType, text: str, *, ephemeral: bool = False) -> None:
        held = _held.get()
        if held is not None and not ephemeral:
            held.append((severity, text))
            return
        request = engine_pb2.LogRequest(severity=severity, message=text, ephemeral=ephemeral, urn=speaker.get())
        try:
            self._engine.Log(request, timeout=5)  # a line is not worth a run that hangs
        except grpc.RpcError:
            return  # what was done counts, whether or not somebody hears of it


@contextmanager
def holding_back() -> Iterator[list[Line]]:
    """Keep what is said in the block, for who knows later whether it is to be said."""
    lines: list[Line] = []
    token = _held.set(lines)
    try:
        yield lines
    finally:
        _held.reset(token)


class SilentReport:
    """Says nothing: for a process that no engine started."""

    def status(self, text: str) -> None:
        """Ignore the line."""

    def info(self, text: str) -> None:
        """Ignore the line."""

    def warning(self, text: str) -> None:
        """Ignore the line."""

    def say(self, lines: Iterable[Line]) -> None:
        """Ignore the lines."""


def engine_report(address: str) -> EngineReport | SilentReport:
    """Return the report of the engine at an address; a silent one where there is none."""
    return EngineReport(address) if address else SilentReport()
