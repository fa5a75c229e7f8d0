"""What both faces write beside what the lifecycle records."""

from __future__ import annotations

import pytest
from pulumi.runtime import rpc

from pulumi_whatsapp.engine.marks import concealed, debugging, fault


def test_outputs_that_name_secret_contacts_are_marked() -> None:
    outputs = {"contacts": {"+5511987654321": ""}, "waIds": {"a": "b"}, "mode": "additive", "secret": True, "lids": {}}
    marked = concealed(outputs, "contacts")
    assert {key for key, value in marked.items() if rpc.is_rpc_secret(value)} == {"contacts", "waIds"}
    plain = {key: value for key, value in outputs.items() if key != "secret"}
    assert concealed(plain, "contacts") == plain


def test_a_fault_is_one_line_that_says_what_to_do() -> None:
    said = str(fault(KeyError("a\nb")))
    assert "\n" not in said
    assert said.startswith("KeyError: ")
    assert "WHATSAPP_DEBUG=1" in said


@pytest.mark.parametrize(("value", "wanted"), [("1", True), ("", False)])
def test_tracebacks_are_for_whoever_asks(monkeypatch: pytest.MonkeyPatch, value: str, wanted: bool) -> None:
    monkeypatch.setenv("WHATSAPP_DEBUG", value)
    assert debugging() is wanted
