"""A state never acts on another account than its own."""

from __future__ import annotations

import pytest

from .conftest import Deploy
from .world import ACCOUNTS, META, ONE, STRANGER, TWO, ZAPI, DeployedWorld, only_error, said, well

BOTH = f"""
    whatsapp.BlockedContact("single", phone="{ONE}", account="{{0}}")
    whatsapp.Blocklist("list", contacts=["{TWO}"], account="{{0}}")
    whatsapp.PrivacySetting("photo", setting="profile_photo", value="none", baseline="all", account="{{0}}")
"""
SUPPORT = {"gateway": "zapi", "instance": "support"}
SALES = {"gateway": "zapi", "instance": "sales"}


def named(deploy: Deploy, **accounts: dict[str, str]) -> DeployedWorld:
    """Return a stack with these accounts only."""
    stack = deploy(ZAPI)
    stack.configure(accounts=accounts)
    return stack


def test_a_renamed_account_changes_nothing(deploy: Deploy) -> None:
    stack = named(deploy, support=SUPPORT)
    account = stack.at(ZAPI, "support")
    stack.up(BOTH.format("support"))
    account.clear_requests()

    stack.configure(accounts={"helpdesk": SUPPORT})
    stack.up(BOTH.format("helpdesk"))

    assert account.requests() == []
    assert account.blocked() == {ONE, TWO}
    stack.destroy()
    assert account.blocked() == set()
    assert account.privacy()["profile_photo"] == "all"


@pytest.mark.slow
def test_the_default_account_becomes_a_named_one(deploy: Deploy) -> None:
    stack = deploy(ZAPI)
    stack.up(BOTH.replace(', account="{0}"', ""))
    stack.account.clear_requests()

    stack.configure(accounts={"support": ACCOUNTS[ZAPI]})
    stack.up(BOTH.format("support"))

    assert stack.quiet()
    stack.holds(ONE, TWO)
    stack.destroy()
    stack.holds()


def test_an_account_that_became_another_in_its_place_is_refused(deploy: Deploy) -> None:
    """The same configuration with another number: the old one's contacts would stay blocked, and nobody know it."""
    stack = named(deploy, support=SUPPORT)
    support, other = stack.at(ZAPI, "support"), stack.at(ZAPI, "other")
    other.block(ONE, STRANGER)
    stack.up(BOTH.format("support"))
    support.clear_requests()

    stack.configure(accounts={"support": {**SUPPORT, "instance": "other"}})
    for refused in (stack.stack.preview(), stack.stack.up()):
        assert refused.exit != 0
        said(refused, "account 'sandbox/zapi/support', which is not configured", "`formerly`")

    assert support.requests() == other.requests() == []
    assert (support.blocked(), other.blocked()) == ({ONE, TWO}, {ONE, STRANGER})
    assert set(stack.stack.state()) == {"single", "list", "photo"}


@pytest.mark.slow
def test_another_account_is_another_resource(deploy: Deploy) -> None:
    stack = named(deploy, support=SUPPORT, sales=SALES)
    support, sales = stack.at(ZAPI, "support"), stack.at(ZAPI, "sales")
    sales.block(STRANGER)
    stack.up(BOTH.format("support"))
    assert sales.blocked() == {STRANGER}

    moved = stack.up(BOTH.format("sales"))

    assert set(moved.steps) == {"single", "list", "photo"}
    assert (support.blocked(), sales.blocked()) == (set(), {ONE, TWO, STRANGER})
    assert (support.privacy()["profile_photo"], sales.privacy()["profile_photo"]) == ("all", "none")
    stack.owns(ONE, TWO)


@pytest.mark.slow
def test_an_account_goes_after_its_resources(deploy: Deploy) -> None:
    stack = named(deploy, support=SUPPORT, sales=SALES)
    support = stack.at(ZAPI, "support")
    stack.up(BOTH.format("support"))
    support.clear_requests()

    stack.configure(accounts={"sales": SALES})
    stack.stack.program(BOTH.format("sales"))
    for refused in (stack.stack.preview(), stack.stack.up()):
        assert refused.exit != 0
        said(
            refused,
            "account 'sandbox/zapi/support', which is not configured",
            "Remove an account only after its resources",
        )
    stack.stack.program("")
    assert "which is not configured" in stack.stack.up().errors[0]
    assert support.requests() == []
    assert stack.at(ZAPI, "sales").requests() == []
    assert set(stack.stack.state()) == {"single", "list", "photo"}

    configured = {"GATEWAY": "zapi", "INSTANCE": "support", "SANDBOX": str(stack.sandbox.path)}
    stack.up("", **{f"WHATSAPP_ACCOUNTS_SUPPORT_{key}": value for key, value in configured.items()})
    assert support.blocked() == set()
    assert stack.stack.state() == {}


@pytest.mark.slow
def test_the_same_account_under_a_new_id_keeps_its_contacts(deploy: Deploy) -> None:
    """The instance was made again: the new one stands for the old one, which is never asked."""
    stack = named(deploy, support=SUPPORT)
    stack.up(BOTH.format("support"))
    old, new = stack.at(ZAPI, "support"), stack.at(ZAPI, "again")
    new.block(ONE, TWO, STRANGER)
    new.set_privacy("profile_photo", "none")
    old.clear_requests()

    stack.configure(accounts={"support": {**SUPPORT, "instance": "again", "formerly": "sandbox/zapi/support"}})
    assert stack.up().steps == {}
    stack.up(f'whatsapp.Blocklist("list", contacts=["{ONE}"], account="support")')
    assert new.blocked() == {ONE, STRANGER}
    stack.destroy()
    assert new.blocked() == {STRANGER}
    assert old.requests() == []


@pytest.mark.slow
def test_a_number_that_moved_to_another_gateway(deploy: Deploy) -> None:
    stack = deploy(META)
    stack.up(f'whatsapp.Blocklist("list", contacts=["{ONE}", "{TWO}"])')
    stack.account.clear_requests()
    moved = stack.at(ZAPI)
    moved.block(ONE, TWO)

    stack.configure(**ACCOUNTS[ZAPI], formerly=["sandbox/meta/106540352242922"])
    assert stack.up().steps == {}
    stack.destroy()
    assert moved.blocked() == set()
    assert stack.quiet()


@pytest.mark.slow
def test_the_sandbox_is_not_the_real_account(deploy: Deploy) -> None:
    """Neither way round, and no request leaves the machine to find out."""
    stack = deploy()
    stack.up(f'whatsapp.Blocklist("list", contacts=["{ONE}"])')
    stack.account.clear_requests()

    stack.stack.configure({**ACCOUNTS[META], "token": "never-sent", "baseUrl": "http://127.0.0.1:9", "maxRetries": 0})
    refused = only_error(stack.stack.up())
    assert "account 'sandbox/meta/106540352242922', which is not configured" in refused
    assert "never-sent" not in refused
    stack.stack.program("")
    assert "which is not configured" in only_error(stack.stack.up())

    stack.configure(**ACCOUNTS[META])
    stack.stack.program(f'whatsapp.Blocklist("list", contacts=["{ONE}"])')
    well(stack.stack.up())
    stack.holds(ONE)
    assert stack.quiet()


@pytest.mark.slow
def test_the_real_account_s_state_is_not_taken_to_the_sandbox(deploy: Deploy) -> None:
    from whatsapp_sandbox.server import running

    stack = deploy()
    with running(stack.sandbox.path) as url:
        stack.stack.configure({**ACCOUNTS[META], "baseUrl": url, "token": "secret"})
        stack.up(f'whatsapp.Blocklist("list", contacts=["{ONE}"])')
        stack.account.clear_requests()

        stack.configure(**ACCOUNTS[META])
        refused = only_error(stack.stack.up())
        assert f"account 'meta/{url.removeprefix('http://')}/106540352242922', which is not configured" in refused
        assert stack.quiet()
        stack.holds(ONE)


@pytest.mark.slow
def test_a_stray_variable_for_who_the_account_is_is_an_error(deploy: Deploy) -> None:
    stack = deploy()
    stack.up(f'whatsapp.BlockedContact("single", phone="{ONE}")')
    stack.account.clear_requests()

    error = stack.fails(None, WHATSAPP_PHONE_NUMBER_ID="999")

    assert "WHATSAPP_PHONE_NUMBER_ID in the environment contradicts whatsapp:phoneNumberId" in error
    assert stack.quiet()
    assert stack.stack.destroy(WHATSAPP_SANDBOX="other.sandbox").exit != 0
    stack.holds(ONE)
