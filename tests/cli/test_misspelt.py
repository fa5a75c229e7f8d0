"""What is misspelt in the configuration is noticed by the run itself, not only by ``doctor``."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulumi_local_engine import Engine

from .conftest import PROJECT

PROGRAM = """
import pulumi_whatsapp as whatsapp

whatsapp.BlockedContact("ann", phone="+16505551234")
whatsapp.BlockedContact("bob", phone="+447400123456")
"""


@pytest.fixture(autouse=True)
def _program(project: Path) -> None:
    (project / "__main__.py").write_text(PROGRAM)


def test_a_misspelt_seat_belt_stops_the_preview(project: Path) -> None:
    (project / "Pulumi.yaml").write_text(f"{PROJECT}  whatsapp:maxUnblock: 1\n")
    result = Engine(project, "dev").preview()
    assert not result.ok
    assert any(
        "whatsapp:maxUnblock is not a key of this provider; did you mean maxUnblocks?" in error
        for error in result.errors
    )


def test_a_misspelt_seat_belt_of_an_account_that_is_not_used_stops_it_too(project: Path) -> None:
    (project / "Pulumi.yaml").write_text(f"{PROJECT}        maxUnblock: 1\n")
    result = Engine(project, "dev").preview()
    says = "whatsapp:accounts.support.maxUnblock is not a key of this provider; did you mean maxUnblocks?"
    assert any(says in error for error in result.errors), result.errors


def test_a_misspelt_variable_is_warned_of_once_a_run(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHATSAPP_MAX_UNBLOCK", "1")
    result = Engine(project, "dev").preview()
    assert result.ok, result.errors
    warnings = [line.message for line in result.diagnostics if line.severity == "warning"]
    assert warnings == ["WHATSAPP_MAX_UNBLOCK in the environment is ignored; did you mean WHATSAPP_MAX_UNBLOCKS?"]
