"""A program that reads the live account."""

from __future__ import annotations

import pytest

from .conftest import Deploy
from .world import ONE, RYZE, STRANGER, ZAPI, only_error, said

BLOCKED = """
live = whatsapp.get_blocked_contacts()
pulumi.log.warn(f"{live.account_id} blocks {', '.join(live.contacts)}")
"""
PRIVACY = """
live = whatsapp.get_privacy_settings()
pulumi.log.warn(f"{live.account_id} has online {live.values['online']}")
"""
CAUGHT = """
try:
    whatsapp.get_blocked_contacts()
except whatsapp.Unsupported as error:
    pulumi.log.warn(f"caught: {error}")
"""


def test_who_is_blocked_now(deploy: Deploy) -> None:
    stack = deploy()
    stack.account.block(STRANGER, ONE)
    said(stack.up(BLOCKED), f"sandbox/meta/106540352242922 blocks {ONE}, {STRANGER}")


@pytest.mark.slow
def test_the_privacy_settings_now(deploy: Deploy) -> None:
    stack = deploy(RYZE)
    stack.account.set_privacy("online", "match_last_seen")
    said(stack.up(PRIVACY), "sandbox/ryzeapi/demo has online match_last_seen")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("gateway", "program", "says"),
    [
        (ZAPI, BLOCKED, "Z-API cannot list who is blocked"),
        ("meta", PRIVACY, "Meta cannot read privacy settings"),
    ],
)
def test_what_the_gateway_cannot_read_is_one_line(deploy: Deploy, gateway: str, program: str, says: str) -> None:
    stack = deploy(gateway)
    stack.stack.program(program)
    assert says in only_error(stack.stack.preview())


@pytest.mark.slow
def test_a_gateway_that_fails_is_one_line(deploy: Deploy) -> None:
    stack = deploy()
    stack.account.fault("unauthorized", times=None)
    stack.stack.program(BLOCKED)
    assert "refused the credentials" in only_error(stack.stack.preview())


@pytest.mark.slow
def test_a_program_can_catch_what_a_gateway_cannot_do(deploy: Deploy) -> None:
    stack = deploy(ZAPI)
    said(stack.up(CAUGHT), "caught: Z-API cannot list who is blocked")


@pytest.mark.slow
def test_a_misspelt_key_is_noticed_by_a_program_that_only_reads(deploy: Deploy) -> None:
    stack = deploy(maxUnblock=1)
    stack.stack.program(BLOCKED)
    assert "maxUnblock is not a key of this provider; did you mean maxUnblocks?" in only_error(stack.stack.preview())
