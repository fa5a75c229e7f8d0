"""What the native face records of a create or an update that did not do everything."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from pulumi_whatsapp.engine.engine_report import SilentReport
from pulumi_whatsapp.native import servicer
from pulumi_whatsapp.native.properties import Received, received
from pulumi_whatsapp.native.resource_kinds import KINDS


def test_the_record_of_a_failure_fits_into_a_header(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine's gRPC drops the connection at a header of 16 MiB, and the record is lost."""
    kind = KINDS["whatsapp:index:Blocklist"]
    contacts = [f"+1650{number:07}" for number in range(10_000)]
    failed = {contact: {"state": "pending", "why": "others failed before its turn: " * 10} for contact in contacts}
    outputs: dict[str, Any] = {"contacts": dict.fromkeys(contacts, ""), "failed": failed}
    monkeypatch.setattr(servicer, "_LARGEST_FAILURE", 2 * 1024 * 1024)
    process: Any = servicer.Servicer("")
    process._serving = SimpleNamespace(report=SilentReport())

    with pytest.raises(servicer.PartlyDone) as partly:
        process._recorded(
            kind, "urn:pulumi:a::b::whatsapp:index:Blocklist::c", "id", Received({}, frozenset()), outputs
        )

    assert partly.value.outputs.ByteSize() <= 2 * 1024 * 1024
    recorded = received(partly.value.outputs).props["failed"]
    short = {"state": "pending", "why": "others failed before its turn: others fa"}
    assert recorded == {contact: short for contact in contacts}  # noqa: C420
