"""State that an earlier version wrote is read as it stands: names in it are a promise."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Deploy
from .engines import STATE
from .world import ONE, STRANGER, THREE, TWO, ZAPI

RECORDED = Path(__file__).with_name("recorded") / "state.json"
"""Of `PROGRAM`, by the local engine, before the first release."""
PROGRAM = f"""
whatsapp.BlockedContact("single", phone="{ONE}", reason="spam")
whatsapp.Blocklist("list", contacts={{"{TWO}": "order 1881", "{THREE}": ""}})
whatsapp.PrivacySetting(
    "seen", setting="last_seen", value="contact_blacklist", baseline="contacts", exceptions=["{STRANGER}"]
)
whatsapp.PrivacySetting("receipts", setting="read_receipts", value="none", baseline="all", on_destroy="keep")
"""


@pytest.mark.parametrize("engine", ["local"])
def test_the_state_of_an_earlier_version_is_as_declared(deploy: Deploy) -> None:
    stack = deploy(ZAPI)
    stack.stack.program(PROGRAM)
    stack.account.block(ONE, TWO, THREE)
    state = stack.stack.folder / STATE
    state.parent.mkdir()
    state.write_bytes(RECORDED.read_bytes())

    assert stack.stack.preview().steps == {}
    assert stack.up().steps == {}
    assert stack.quiet()
    assert stack.stack.state().keys() == {"single", "list", "seen", "receipts"}

    stack.up("")
    assert stack.account.blocked() == set()
