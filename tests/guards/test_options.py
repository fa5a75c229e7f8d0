"""Pulumi's own options and commands, as far as they touch who is blocked."""

from __future__ import annotations

import pytest

from ..engine.project import Project
from .conftest import MakeWorld
from .world import ONE, STRANGER, THREE, TWO, only_cli, only_error, people, said, well


def test_a_protected_contact_is_not_unblocked(world: MakeWorld) -> None:
    stack = world()
    program = 'whatsapp.BlockedContact("contact", phone="{}", opts=pulumi.ResourceOptions(protect=True))'
    stack.up(program.format(ONE))

    assert any("protect" in error for error in stack.stack.destroy().errors)
    stack.stack.program("")
    assert any("protect" in error for error in stack.stack.up().errors)
    stack.stack.program(program.format(TWO))
    assert stack.stack.up().exit != 0
    assert stack.unblocked() == set()
    assert ONE in stack.account.blocked()


def test_a_retained_contact_stays_blocked_and_is_let_go(world: MakeWorld) -> None:
    stack = world()
    program = "whatsapp.{}, opts=pulumi.ResourceOptions(retain_on_delete=True))\n"
    stack.up(
        program.format(f'BlockedContact("contact", phone="{ONE}"')
        + program.format(f'Blocklist("list", contacts=["{TWO}"]')
    )
    stack.up(program.format(f'Blocklist("list", contacts=["{TWO}"]'))
    stack.destroy()

    assert stack.stack.state() == {}
    stack.blocked(ONE, TWO)


def test_contacts_that_are_ignored_stay_as_they_are(world: MakeWorld) -> None:
    stack = world()
    program = 'whatsapp.Blocklist("list", contacts={}, opts=pulumi.ResourceOptions(ignore_changes=["contacts"]))'
    stack.up(program.format([ONE, TWO]))
    stack.account.clear_requests()

    assert stack.up(program.format([THREE])).steps == {}
    assert stack.quiet()
    stack.holds(ONE, TWO)
    stack.destroy()
    stack.blocked()


@pytest.mark.parametrize("ignored", ["allow_failures", '["allow_failures"]', "allowFailures"])
def test_an_ignored_argument_may_have_its_name_in_python(world: MakeWorld, ignored: str) -> None:
    stack = world()
    program = 'whatsapp.Blocklist("list", contacts=["{}"], allow_failures={}, opts={})'
    stack.up(program.format(ONE, True, None))
    ignoring = f"pulumi.ResourceOptions(ignore_changes=[{ignored!r}])"

    assert stack.up(program.format(ONE, False, ignoring)).steps == {}


@pytest.mark.parametrize("ignored", ["contacts", "*"])
def test_strangers_are_not_declared_by_contacts_that_are_ignored(world: MakeWorld, ignored: str) -> None:
    """The engine hands out the state's contacts as the program's own, and with them whom a refresh had found."""
    stack = world()
    program = 'whatsapp.Blocklist("list", contacts=["{}"], mode="{}", opts={})'
    ignoring = f"pulumi.ResourceOptions(ignore_changes=[{ignored!r}])"
    stack.up(program.format(ONE, "exclusive", None))
    stack.account.block(STRANGER)
    well(stack.stack.refresh())

    if ignored == "contacts":
        stack.up(program.format(ONE, "additive", ignoring))
    else:
        assert "exclusive" in stack.fails(program.format(ONE, "additive", ignoring))
    stack.destroy()

    assert stack.unblocked() == people([ONE])
    stack.blocked(STRANGER)


def test_aliases_rename_without_a_request(world: MakeWorld) -> None:
    stack = world()
    program = f"""
        def aliases(name):
            return pulumi.ResourceOptions(aliases=[pulumi.Alias(name=name)])

        whatsapp.BlockedContact("{{0}}", phone="{ONE}", opts=aliases("{{1}}"))
        whatsapp.Blocklist("{{0}}-list", contacts=["{TWO}"], opts=aliases("{{1}}-list"))
    """
    stack.up(program.format("old", "older"))
    stack.account.clear_requests()

    renamed = stack.up(program.format("new", "old"))

    assert renamed.steps == {}
    assert stack.quiet()
    assert set(stack.stack.state()) == {"new", "new-list"}
    stack.holds(ONE, TWO)


@only_cli
def test_a_rename_in_the_state_is_no_change(world: MakeWorld) -> None:
    stack = world()
    stack.up(f'whatsapp.Blocklist("old", contacts=["{ONE}"])')
    stack.account.clear_requests()
    assert isinstance(stack.stack, Project)
    urn = stack.stack.state()["old"]["urn"]

    stack.stack.cli("state", "rename", urn, "new", "--yes", "--stack", "dev")

    assert stack.up(f'whatsapp.Blocklist("new", contacts=["{ONE}"])').steps == {}
    assert stack.quiet()
    stack.destroy()
    stack.blocked()


@only_cli
def test_a_target_leaves_the_others_alone(world: MakeWorld) -> None:
    stack = world()
    stack.account.block(STRANGER)
    program = """
        whatsapp.Blocklist("list", contacts={})
        whatsapp.BlockedContact("contact", phone="{}")
    """
    stack.up(program.format([ONE], TWO))
    stack.account.clear_requests()

    stack.up(program.format([ONE, THREE], "+16505557777"), "--target", "**::list")

    assert stack.unblocked() == set()
    stack.holds(ONE, TWO, THREE, others=[STRANGER])
    stack.destroy("--target", "**::contact")
    stack.holds(ONE, THREE, others=[STRANGER])


@only_cli
def test_a_targeted_list_knows_what_the_rest_of_the_program_declares(world: MakeWorld) -> None:
    stack = world()
    stack.up(f'whatsapp.Blocklist("list", contacts=["{ONE}", "{TWO}"])')
    stack.account.let_a_day_pass()

    moved = stack.up(
        f"""
        whatsapp.Blocklist("list", contacts=["{ONE}"])
        whatsapp.BlockedContact("contact", phone="{TWO}")
        """,
        "--target",
        "**::list",
    )
    said(moved, "this run leaves out BlockedContact 'contact' (--target")
    assert stack.unblocked() == set()
    stack.blocked(ONE, TWO)

    stack.up()
    stack.holds(ONE, TWO)


@only_cli
@pytest.mark.parametrize("command", ["preview", "up"])
def test_a_targeted_delete_says_what_it_cannot_see(world: MakeWorld, command: str) -> None:
    """A known limit: the provider is told of the targets only."""
    stack = world()
    stack.up(f'whatsapp.BlockedContact("old", phone="{ONE}")\nwhatsapp.BlockedContact("other", phone="{TWO}")')
    stack.stack.program(
        f'whatsapp.BlockedContact("new", phone="{ONE}")\nwhatsapp.BlockedContact("other", phone="{TWO}")'
    )

    targeted = well(getattr(stack.stack, command)("--target", "**::old"))

    said(targeted, "this run leaves out BlockedContact 'new' (--target", "Without --target it stays")
    if command == "up":
        assert stack.unblocked() == people([ONE])
        stack.owns(TWO)
        stack.up()
    assert not any("leaves out" in line for line in stack.stack.preview().said)


def test_max_unblocks_is_asked_before_anything_is_sent(world: MakeWorld) -> None:
    stack = world(maxUnblocks=2)
    people_of = [f"+1650555{number}" for number in range(2001, 2006)]
    stack.up(f'whatsapp.Blocklist("list", contacts={people_of})')
    stack.account.clear_requests()

    stack.stack.program(f'whatsapp.Blocklist("list", contacts={people_of[:2]})')
    error = only_error(stack.stack.up())
    assert "this would unblock 3 contacts" in error
    assert "maxUnblocks is 2" in error
    assert "WHATSAPP_MAX_UNBLOCKS" in error
    assert stack.quiet()
    stack.holds(*people_of)

    stack.up(f'whatsapp.Blocklist("list", contacts={people_of[:3]})')
    stack.holds(*people_of[:3])
    assert "this would unblock 3 contacts" in only_error(stack.stack.destroy())
    stack.holds(*people_of[:3])
    stack.destroy(WHATSAPP_MAX_UNBLOCKS="3")
    stack.holds()


def test_who_stays_blocked_does_not_count_towards_max_unblocks(world: MakeWorld) -> None:
    stack = world(maxUnblocks=0)
    stack.up(f"""
        whatsapp.BlockedContact("old", phone="{ONE}")
        whatsapp.Blocklist("old-list", contacts=["{TWO}", "{THREE}"])
    """)

    stack.up(f"""
        whatsapp.BlockedContact("new", phone="{TWO}")
        whatsapp.Blocklist("new-list", contacts=["{ONE}", "{THREE}"])
    """)

    assert stack.unblocked() == set()
    stack.holds(ONE, TWO, THREE)


def test_max_unblocks_is_a_budget_of_the_run(world: MakeWorld) -> None:
    stack = world(maxUnblocks=10)
    program = """
        for number in range(2000, 2050):
            whatsapp.BlockedContact(f"c{number}", phone=f"+1650555{number}")
    """
    stack.up(program)

    stopped = stack.stack.destroy()
    assert stopped.exit != 0
    said(stopped, "maxUnblocks is 10", "WHATSAPP_MAX_UNBLOCKS")
    left = stack.account.blocked()
    assert len(left) == 40
    stack.holds(*left)

    stack.destroy(WHATSAPP_MAX_UNBLOCKS="40")
    stack.holds()
