"""A secret contact or reason is in plaintext in no state, id, preview, message or error."""

from __future__ import annotations

import pytest

from .conftest import Deploy
from .world import DIALOG, META, ONE, RYZE, TWO, ZAPI, DeployedWorld, variant

SECRET = "pulumi.Output.secret"
PHONES = {"phone": "+5531987654321", "key": "+16505554712", "map": "+16505554713", "excepted": "+16505554714"}
REASONS = {"contact": "fraud-case-4711", "entry": "fraud-case-4712", "map": "fraud-case-4713"}
EXCLUSIVE_SECRET = 'whatsapp.Blocklist("{}", contacts=pulumi.Output.secret({}), mode="exclusive")'
PROGRAM = f"""
    secret = pulumi.Output.secret
    contact = whatsapp.BlockedContact("phone", phone=secret("{PHONES["phone"]}"))
    whatsapp.BlockedContact("reason", phone="+16505551001", reason=secret("{REASONS["contact"]}"))
    listed = whatsapp.Blocklist("key", contacts=[secret("{PHONES["key"]}"), "+16505551002"])
    whatsapp.Blocklist("entry", contacts={{"+16505551003": secret("{REASONS["entry"]}")}})
    whatsapp.Blocklist("map", contacts=secret({{"{PHONES["map"]}": "{REASONS["map"]}"}}))
    pulumi.export("ids", [contact.id, contact.wa_id, listed.id, listed.failed])
"""
HIDDEN = [*(phone[1:] for phone in PHONES.values()), "553187654321", *REASONS.values()]


def nowhere(stack: DeployedWorld, *shown: object) -> None:
    """Assert that no secret is in what was shown, nor in what the state holds."""
    left = [path for path in stack.stack.folder.rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc"}]
    text = "\n".join([*map(str, shown), *(path.read_bytes().decode(errors="replace") for path in left)])
    assert stack.stack.written() in b"".join(path.read_bytes() for path in sorted(left))
    assert [secret for secret in HIDDEN if secret in text] == []


@pytest.mark.slow
def test_secret_contacts_and_reasons_are_nowhere(deploy: Deploy) -> None:
    stack = deploy(META, maxRetries=0)
    stack.account.contact(PHONES["key"], messaged_recently=False)
    stack.account.contact(PHONES["map"], messaged_recently=False)
    stack.stack.program(PROGRAM)

    nowhere_yet = [stack.stack.preview(), failed := stack.stack.up()]
    assert failed.exit != 0
    assert any("…4712 refused" in error or "…4713 refused" in error for error in failed.errors), failed.errors
    nowhere(stack, *nowhere_yet)
    stack.account.contact(PHONES["key"], messaged_recently=True)
    stack.account.contact(PHONES["map"], messaged_recently=True)
    nowhere(stack, stack.stack.preview(), stack.up(), stack.stack.refresh())
    stack.holds(PHONES["phone"], PHONES["key"], PHONES["map"], *(f"+1650555100{last}" for last in "123"))
    assert stack.up().steps == {}

    stack.stack.program(PROGRAM.replace(PHONES["key"], "+16505551009"))
    stack.account.fault("outage", on="unblock", times=None)
    stuck = stack.stack.up()
    assert stuck.exit != 0
    assert any("not unblocked yet (…4712)" in error for error in stuck.errors), stuck.errors
    nowhere(stack, stuck, stack.stack.destroy())
    stack.account.clear_faults()
    nowhere(stack, stack.destroy())
    stack.holds()


@pytest.mark.slow
def test_what_is_declared_twice_in_secret_is_not_named(deploy: Deploy) -> None:
    stack = deploy(META)
    stack.stack.program(PROGRAM + f'    whatsapp.BlockedContact("twice", phone=secret("{PHONES["key"]}"))\n')
    refused = stack.stack.preview()
    assert any("…4712 is declared twice" in error for error in refused.errors), refused.errors
    assert not any(secret in f"{refused}" for secret in HIDDEN)


@pytest.mark.slow
def test_a_secret_number_that_is_not_possible_is_not_quoted(deploy: Deploy) -> None:
    stack = deploy(RYZE)
    number = "+5531987654321999"
    for bad in (
        f'BlockedContact("bad", phone={SECRET}("{number}"))',
        f'Blocklist("bad", contacts=[{SECRET}("{number}")])',
    ):
        stack.stack.program(f"whatsapp.{bad}")
        refused = stack.stack.preview()
        assert refused.exit != 0
        assert any("a secret contact (…1999) is not a possible phone number" in error for error in refused.errors)
        assert "31987654321" not in f"{refused}"


@pytest.mark.slow
def test_contacts_that_become_a_secret_are_not_named_any_more(deploy: Deploy) -> None:
    """Whoever was let go of at the same time never was one."""
    stack = deploy(META, maxRetries=0)
    program = """
        whatsapp.Blocklist("list", contacts={})
    """
    stack.up(program.format(["+16505551001", PHONES["key"]]))
    stack.account.fault("outage", on="unblock", times=None)
    stack.stack.program(program.format(f'pulumi.Output.secret(["{PHONES["key"]}", "{PHONES["map"]}"])'))

    planned, stuck = stack.stack.preview(), stack.stack.up()
    assert any("not unblocked yet" in error for error in stuck.errors), stuck.errors
    shown = f"{planned.said} {stuck.said} {stuck.errors} {stack.stack.preview().said}"
    assert [secret for secret in HIDDEN if secret in shown] == []
    stack.account.clear_faults()
    stack.up()
    stack.holds(PHONES["key"], PHONES["map"])


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["additive", variant("exclusive")])
def test_contacts_that_were_a_secret_are_not_named_by_the_change(deploy: Deploy, mode: str) -> None:
    stack = deploy(META)
    stack.up(EXCLUSIVE_SECRET.replace("exclusive", mode).format("list", [PHONES["key"], "+16505551002"]))
    stack.stack.program(f'whatsapp.Blocklist("list", contacts=["+16505551002", "+16505551003"], mode="{mode}")')

    nowhere(stack, planned := stack.stack.preview(), stack.up(), stack.stack.refresh())

    assert any("unblocks 1: …4712" in line for line in planned.said), planned.said
    stack.holds("+16505551002", "+16505551003")


def test_contacts_that_were_a_secret_are_not_named_by_what_they_leave_behind(deploy: Deploy) -> None:
    stack = deploy(META, maxRetries=0)
    stack.up(EXCLUSIVE_SECRET.replace("exclusive", "additive").format("list", [PHONES["key"], "+16505551002"]))
    stack.account.fault("outage", on="unblock", times=None)
    stack.stack.program('whatsapp.Blocklist("list", contacts=["+16505551002", "+16505551003"])')

    stuck = stack.stack.up()
    assert any("not unblocked yet (…4712)" in error for error in stuck.errors), stuck.errors
    assert stack.left_behind() == {"list"}
    nowhere(stack, stuck, stack.stack.refresh(), stack.stack.preview())
    stack.account.clear_faults()
    nowhere(stack, stack.up())
    stack.holds("+16505551002", "+16505551003")


@pytest.mark.slow
def test_failures_of_contacts_that_never_were_a_secret_are_readable(deploy: Deploy) -> None:
    stack = deploy(META, maxRetries=0)
    stack.account.contact(TWO, messaged_recently=False)
    stack.stack.program(f'whatsapp.Blocklist("list", contacts=["{ONE}", "{TWO}"])')
    assert any(f"{TWO} refused" in error for error in stack.stack.up().errors)
    assert TWO in stack.stack.state()["list"]["outputs"]["failed"]
    assert TWO.encode() in stack.stack.written()


@pytest.mark.slow
def test_secret_exceptions_are_nowhere(deploy: Deploy) -> None:
    stack = deploy(ZAPI)
    program = """
        whatsapp.PrivacySetting("seen", setting="last_seen", value="{}", baseline="contacts"{})
    """
    excepted = f', exceptions=[pulumi.Output.secret("{PHONES["excepted"]}")]'
    stack.stack.program(program.format("contact_blacklist", excepted))
    nowhere(stack, stack.up(), stack.stack.preview(), stack.stack.refresh())
    assert stack.account.exceptions("last_seen") == {PHONES["excepted"]}

    nowhere(stack, stack.up(program.format("none", "")))
    nowhere(stack, stack.destroy())


@pytest.mark.slow
def test_a_secret_contact_that_was_refused_is_not_named(deploy: Deploy) -> None:
    stack = deploy(DIALOG)
    stack.account.contact(TWO, messaged_recently=False)
    stack.stack.program(EXCLUSIVE_SECRET.format("list", [ONE, TWO]))
    assert stack.stack.up().exit != 0
    stack.account.block(TWO)

    stack.stack.program(EXCLUSIVE_SECRET.format("list", [ONE]))
    shown = f"{stack.stack.preview()}{stack.stack.up()}"

    assert TWO[1:] not in shown
    stack.holds(ONE)


@pytest.mark.slow
def test_a_secret_contact_that_goes_with_a_rename_is_not_named(deploy: Deploy) -> None:
    stack = deploy(DIALOG)
    stack.up(EXCLUSIVE_SECRET.format("old", [ONE, TWO]))

    stack.stack.program(EXCLUSIVE_SECRET.format("new", [ONE]))
    shown = f"{stack.stack.preview()}{stack.stack.up()}"

    assert TWO[1:] not in shown
    stack.holds(ONE)
