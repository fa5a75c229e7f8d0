"""State of the dynamic resources becomes native by changing the import, and goes back."""

from __future__ import annotations

import pytest

from ..engine.project import CliProject
from .conftest import Deploy
from .world import META, ONE, STRANGER, THREE, TWO, ZAPI, DeployedWorld, keys_of, only_native, said, well

pytestmark = only_native
SECRET, SECRET_REASON = "+16505557001", "a reason of nobody else's"

both_ways = pytest.mark.parametrize("faces", [["dynamic", "native"], ["native", "dynamic"]], ids=["over", "back"])

ALL_KINDS = f"""
    whatsapp.BlockedContact("single", phone="{ONE}", reason="spam")
    whatsapp.BlockedContact(
        "secret", phone=pulumi.Output.secret("{SECRET}"), reason=pulumi.Output.secret("{SECRET_REASON}")
    )
    whatsapp.Blocklist("list", contacts={{"{TWO}": "order 1881", "{THREE}": ""}})
    whatsapp.PrivacySetting(
        "seen", setting="last_seen", value="contact_blacklist", baseline="contacts", exceptions=["{ONE}", "{TWO}"]
    )
    whatsapp.PrivacySetting("receipts", setting="read_receipts", value="none", baseline="all", on_destroy="keep")
"""


def imports(stack: DeployedWorld, face: str) -> None:
    """Let the next programs import a face."""
    assert isinstance(stack.stack, CliProject)
    stack.stack.package = {"dynamic": "pulumi_whatsapp", "native": "pulumi_whatsapp.native"}[face]


def types(stack: DeployedWorld) -> set[str]:
    """Return the faces of the resources in the state."""
    return {"native" if each["type"].startswith("whatsapp:index:") else "dynamic" for each in stack.stack.resources()}


@both_ways
def test_all_kinds_go_over_unchanged(deploy: Deploy, faces: list[str]) -> None:
    stack = deploy(ZAPI)
    stack.account.block(STRANGER)
    imports(stack, faces[0])
    stack.up(ALL_KINDS)
    ids = {name: resource["id"] for name, resource in stack.stack.state().items()}
    stack.account.clear_requests()

    for face in (*faces[1:], faces[0]):
        imports(stack, face)
        stack.stack.program(ALL_KINDS)
        planned = well(stack.stack.preview("--expect-no-changes"))
        assert (planned.steps, planned.said) == ({}, [])
        assert stack.up().steps == {}
        assert types(stack) == {face}
        assert {name: resource["id"] for name, resource in stack.stack.state().items()} == ids

    assert stack.quiet()
    written = stack.stack.written().decode(errors="replace")
    assert [secret for secret in (SECRET[1:], SECRET_REASON) if secret in written] == []
    stack.holds(ONE, TWO, THREE, SECRET, others=[STRANGER])
    stack.destroy()
    stack.holds(others=[STRANGER])
    assert stack.account.privacy()["last_seen"] == "contacts"
    assert stack.account.privacy()["read_receipts"] == "none"


EDITED = """
    listed = whatsapp.Blocklist("list", contacts={}, account="{}")
    whatsapp.BlockedContact("single", phone="{}", account="{}", opts=pulumi.ResourceOptions(depends_on=[listed]))
"""


@both_ways
def test_who_leaves_with_the_takeover_is_the_only_one_unblocked(deploy: Deploy, faces: list[str]) -> None:
    """In one run somebody leaves the list, another moves, and the account is renamed."""
    stack = deploy()
    four = "+16505551004"
    keys = {"gateway": META, "phoneNumberId": "106540352242922"}
    stack.configure(accounts={"support": keys})
    stack.account.block(STRANGER)
    imports(stack, faces[0])
    stack.up(EDITED.format([ONE, TWO, THREE], "support", four, "support"))
    stack.account.let_a_day_pass()
    stack.account.clear_requests()

    imports(stack, faces[1])
    stack.configure(accounts={"helpdesk": keys})
    stack.stack.program(EDITED.format([TWO, four], "helpdesk", ONE, "helpdesk"))
    said(stack.stack.preview(), "Blocklist 'list': blocks 1:", "unblocks", THREE)
    stack.up()

    assert stack.unblocked() == keys_of([THREE])
    assert types(stack) == {faces[1]}
    assert stack.left_behind() == set()
    stack.holds(ONE, TWO, four, others=[STRANGER])


@both_ways
def test_a_takeover_with_an_early_delete_unblocks_nobody(deploy: Deploy, faces: list[str]) -> None:
    stack = deploy()
    imports(stack, faces[0])
    stack.up(f'whatsapp.Blocklist("list", contacts=["{ONE}", "{TWO}"])')
    stack.account.let_a_day_pass()
    moved = f"""
listed = whatsapp.Blocklist("list", contacts=["{TWO}"])
whatsapp.BlockedContact("taker", phone="{ONE}", opts=pulumi.ResourceOptions(depends_on=[listed]))
"""

    imports(stack, faces[1])
    stack.deletes_too_early(moved, ONE, TWO)
    assert types(stack) == {faces[1]}
