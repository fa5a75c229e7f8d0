"""The pytest plugin, as a user's own tests have it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulumi_whatsapp.testing import MakeStack

PROGRAM = """
import pulumi
import pulumi_whatsapp as whatsapp

spammer = whatsapp.BlockedContact("spammer", phone="+55 11 98765-4321")
pulumi.export("wa_id", spammer.wa_id)
"""
ZAPI = {"whatsapp:gateway": "zapi", "whatsapp:instance": "demo"}


@pytest.fixture
def program(tmp_path: Path) -> Path:
    folder = tmp_path / "infrastructure"
    folder.mkdir()
    (folder / "__main__.py").write_text(PROGRAM)
    return folder


def test_a_program_goes_through_its_whole_life(program: Path, whatsapp_stack: MakeStack) -> None:
    stack = whatsapp_stack(program, config=ZAPI)
    account = stack.sandbox.account("zapi", "demo")

    assert stack.preview().changes == {"create": 2}
    assert account.blocked() == set()

    up = stack.up()
    assert up.ok
    assert up.outputs["wa_id"] == "5511987654321"
    assert account.blocked() == {"+5511987654321"}
    assert set(stack.preview().changes) == {"same"}

    assert stack.destroy().ok
    assert account.blocked() == set()


def test_a_fault_of_the_gateway_is_an_error_of_the_run(program: Path, whatsapp_stack: MakeStack) -> None:
    stack = whatsapp_stack(program, config=ZAPI)
    stack.sandbox.account("zapi", "demo").fault("unauthorized", times=None)

    up = stack.up()

    assert not up.ok
    assert any("refused the credentials" in error for error in up.errors)
    assert stack.sandbox.account("zapi", "demo").blocked() == set()


def test_the_configuration_of_whoever_runs_the_tests_stays_out(
    program: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("WHATSAPP_INSTANCE", "production")

    stack = request.getfixturevalue("whatsapp_stack")(program, config=ZAPI)

    assert stack.up().ok


def test_the_project_s_own_configuration_is_used(whatsapp_stack: MakeStack) -> None:
    root = Path(__file__).parents[2]
    stack = whatsapp_stack(root / "programs" / "exclusive_list")

    assert stack.up().ok
    assert [account for account in stack.sandbox.accounts() if account.blocked()]
