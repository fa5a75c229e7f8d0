"""An exclusive list names whom it would unblock, and a destroy unblocks only what was declared."""

from __future__ import annotations

import pytest

from .conftest import Deploy
from .world import META, ONE, STRANGER, THREE, TWO, keys_of, only_error, said, variant

LIST = 'whatsapp.Blocklist("list", contacts={contacts}, mode="{mode}")'


def test_a_new_exclusive_list_only_blocks_and_names_strangers(deploy: Deploy) -> None:
    stack = deploy()
    stack.account.block(STRANGER)
    stack.stack.program(LIST.format(contacts=[ONE], mode="exclusive"))

    planned = stack.stack.preview()
    said(planned, f"Blocklist 'list': blocks 1: {ONE}")
    said(planned, "new exclusive list and does not declare 1 contact", STRANGER, "This update only blocks")
    stack.up()
    assert stack.unblocked() == set()
    stack.holds(ONE, others=[STRANGER])
    assert stack.stack.state()["list"]["outputs"]["foreign"] == [STRANGER]

    said(stack.stack.preview(), "Blocklist 'list': unblocks 1", STRANGER)
    assert stack.unblocked() == set()
    said(stack.up(), "unblocking", STRANGER)
    stack.holds(ONE)
    assert stack.unblocked() == keys_of([STRANGER])


@pytest.mark.slow
def test_strangers_are_named_before_they_are_unblocked(deploy: Deploy) -> None:
    stack = deploy()
    stack.up(LIST.format(contacts=[ONE], mode="exclusive"))
    stack.account.block(STRANGER, THREE)

    told = [text for text in stack.stack.preview("--refresh").said if "unblocks" in text]
    assert told == [f"Blocklist 'list': unblocks 2: {THREE}, {STRANGER}"]
    stack.holds(ONE, others=[STRANGER, THREE])
    stack.up()
    stack.holds(ONE)


@pytest.mark.slow
def test_a_stranger_who_joins_after_the_comparison_stays(deploy: Deploy) -> None:
    """Only whom the comparison named is let go of; whoever came since is named by the next one."""
    stack = deploy()
    stack.up(LIST.format(contacts=[ONE], mode="exclusive"))
    stack.account.block(STRANGER)
    joins = f"""
        from pulumi.dynamic import CreateResult, Resource, ResourceProvider
        from whatsapp_sandbox import Sandbox

        class Hands(ResourceProvider):
            def create(self, props):
                Sandbox({str(stack.sandbox.path)!r}).account("meta", "106540352242922").block("{THREE}")
                return CreateResult("hand", {{}})

        class Hand(Resource):
            def __init__(self, name, opts):
                super().__init__(Hands(), name, {{}}, opts)

        listed = {LIST.format(contacts=[ONE], mode="exclusive")}
        Hand("hand", pulumi.ResourceOptions(depends_on=[listed]))
    """

    stack.up(joins)

    stack.holds(ONE, others=[THREE])
    assert stack.unblocked() == keys_of([STRANGER])
    said(stack.stack.preview(), "unblocks 1", THREE)


def test_a_renamed_exclusive_list_lets_no_stranger_go(deploy: Deploy) -> None:
    """The one of the new name is a new list, also where a refresh has compared the old one."""
    stack = deploy()
    stack.up(LIST.format(contacts=[ONE, TWO], mode="exclusive"))
    stack.account.let_a_day_pass()
    stack.account.block(STRANGER)

    stack.up(LIST.replace('"list"', '"new"').format(contacts=[ONE, TWO], mode="exclusive"), "--refresh")

    assert stack.unblocked() == set()
    stack.holds(ONE, TWO, others=[STRANGER])


@pytest.mark.slow
def test_a_destroy_leaves_foreign_contacts(deploy: Deploy) -> None:
    stack = deploy()
    stack.up(LIST.format(contacts=[ONE], mode="exclusive"))
    stack.account.block(STRANGER)

    stack.stack.refresh()
    stack.owns(ONE)
    assert stack.stack.state()["list"]["outputs"]["foreign"] == [STRANGER]
    stack.stack.refresh()
    stack.destroy()

    stack.blocked(STRANGER)


@pytest.mark.slow
def test_a_refresh_then_an_up_unblocks_what_the_preview_said(deploy: Deploy) -> None:
    stack = deploy()
    stack.up(LIST.format(contacts=[ONE], mode="exclusive"))
    stack.account.block(STRANGER)
    stack.account.unblock(ONE)
    stack.stack.refresh()

    said(stack.stack.preview(), f"Blocklist 'list': blocks 1: {ONE}; unblocks 1: {STRANGER}")
    stack.up()
    stack.holds(ONE)


@pytest.mark.slow
def test_a_list_that_stops_being_exclusive_lets_foreign_contacts_be(deploy: Deploy) -> None:
    stack = deploy()
    stack.up(LIST.format(contacts=[ONE, TWO], mode="exclusive"))
    stack.account.block(STRANGER)
    stack.stack.refresh()

    stack.up(LIST.format(contacts=[ONE], mode="additive"))
    stack.holds(ONE, others=[STRANGER])


def test_a_destroy_that_refreshes_leaves_foreign_contacts(deploy: Deploy) -> None:
    stack = deploy()
    stack.up(LIST.format(contacts=[ONE, TWO], mode="exclusive"))
    stack.account.block(STRANGER)
    stack.account.unblock(TWO)

    stack.destroy("--refresh")

    assert stack.stack.state() == {}
    stack.blocked(STRANGER)


@pytest.mark.slow
@pytest.mark.parametrize("declared", ["+5531987654321", variant("+5215512345678")], ids=["brazil", "mexico"])
def test_a_declared_contact_is_not_foreign_in_whatsapp_s_spelling(deploy: Deploy, declared: str) -> None:
    stack = deploy()
    program = LIST.format(contacts=[declared], mode="exclusive")
    stack.up(program)
    stack.account.let_a_day_pass()

    quiet = stack.stack.preview()
    assert (quiet.steps, quiet.said) == ({}, [])
    stack.up(None, "--refresh")
    assert stack.stack.state()["list"]["outputs"]["foreign"] == []
    assert stack.unblocked() == set()
    stack.holds(declared)


def test_an_exclusive_list_is_the_only_one_of_its_account(deploy: Deploy) -> None:
    stack = deploy()
    stack.account.block(STRANGER)
    exclusive = LIST.format(contacts=[ONE], mode="exclusive")
    other = f'whatsapp.BlockedContact("other", phone="{TWO}")'
    for program in (f"{exclusive}\n{other}", f"{other}\n{exclusive}"):
        stack.stack.program(program)
        error = only_error(stack.stack.preview())
        assert "an exclusive list must be the only one" in error
        assert "'list'" in error
        assert "'other'" in error
        assert stack.stack.up().exit != 0
        stack.holds(*stack.recorded(), others=[STRANGER])
    assert stack.unblocked() == set()


@pytest.mark.slow
def test_an_exclusive_list_of_one_account_lets_another_account_be(deploy: Deploy) -> None:
    stack = deploy()
    number = {"gateway": META, "phoneNumberId": "7"}
    stack.configure(**stack.keys, accounts={"other": number})
    other = stack.at(META, "7")
    for account in (stack.account, other):
        account.block(STRANGER)

    for _ in range(2):
        stack.up(f"""
            whatsapp.Blocklist("list", contacts=["{ONE}"], mode="exclusive")
            whatsapp.Blocklist("additive", contacts=["{ONE}", "{TWO}"], account="other")
        """)

    assert (stack.account.blocked(), other.blocked()) == ({ONE}, {ONE, TWO, STRANGER})


@pytest.mark.slow
def test_strangers_count_towards_max_unblocks(deploy: Deploy) -> None:
    stack = deploy(maxUnblocks=1)
    stack.up(LIST.format(contacts=[ONE], mode="exclusive"))
    stack.account.block(STRANGER, THREE)

    error = only_error(stack.stack.preview())
    assert "this would unblock 2 contacts" in error
    assert "WHATSAPP_MAX_UNBLOCKS" in error
    assert error.partition("this would")[2] == stack.fails().partition("this would")[2]
    stack.holds(ONE, others=[STRANGER, THREE])
    stack.up(None, WHATSAPP_MAX_UNBLOCKS="2")
    stack.holds(ONE)


@pytest.mark.slow
def test_an_empty_exclusive_list_unblocks_everybody_and_says_so(deploy: Deploy) -> None:
    stack = deploy()
    stack.account.block(ONE, TWO)
    stack.stack.program(LIST.format(contacts=[], mode="exclusive"))

    said(stack.stack.preview(), "does not declare 2 contacts", ONE, TWO)
    stack.up()
    stack.holds(others=[ONE, TWO])
    said(stack.stack.preview(), "Blocklist 'list': unblocks 2", ONE, TWO)
    stack.blocked(ONE, TWO)
    stack.up()
    stack.holds()

    stack.account.block(STRANGER)
    stack.up(LIST.format(contacts=[], mode="additive"))
    stack.holds(others=[STRANGER])
