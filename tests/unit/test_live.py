"""Reading the live account where no Pulumi program runs."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest

from pulumi_whatsapp import ConfigurationError, Unsupported, get_blocked_contacts
from pulumi_whatsapp.gateways.registry import GATEWAYS
from whatsapp_sandbox import Sandbox


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_outside_of_a_program_the_error_says_what_is_read() -> None:
    with pytest.raises(ConfigurationError) as error:
        get_blocked_contacts()
    assert "WHATSAPP_GATEWAY in the environment); outside of a Pulumi program only the environment is read" in str(
        error.value
    )
    frames = traceback.extract_tb(error.value.__traceback__)
    assert [Path(frame.filename).name for frame in frames[1:]] == ["live.py"] * (len(frames) - 1)
    assert error.value.__suppress_context__


def test_what_a_gateway_cannot_do_is_a_sentence_with_advice(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in {"GATEWAY": "zapi", "INSTANCE": "3A5B", "SANDBOX": str(sandbox.path)}.items():
        monkeypatch.setenv(f"WHATSAPP_{key}", value)
    with pytest.raises(Unsupported) as error:
        get_blocked_contacts()
    able = ", ".join(gateway.title for gateway in GATEWAYS.values() if gateway.capabilities.lists_blocked)
    assert str(error.value) == f"Z-API cannot list who is blocked; only {able} can"
