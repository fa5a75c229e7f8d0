"""What a gateway did not confirm is not recorded, what it confirmed is, and each failure keeps its owner."""

from __future__ import annotations

import pytest

from .conftest import MakeWorld
from .world import DIALOG, FOUR, META, ONE, STRANGER, THREE, TWO, ZAPI, only_cli, people, said, variant, well

LIST = 'whatsapp.Blocklist("list", contacts={}{})'


def test_who_was_refused_is_never_unblocked(world: MakeWorld) -> None:
    stack = world(DIALOG)
    stack.account.contact(TWO, messaged_recently=False)
    contact = f'\nwhatsapp.BlockedContact("contact", phone="{ONE}")'
    error = stack.fails(LIST.format([TWO, THREE], "") + contact)
    assert f"Blocklist 'list': 1 not as declared: {TWO} refused (" in error
    assert "131047" in error
    stack.holds(ONE, THREE)
    stack.account.block(TWO)

    stack.up(LIST.format([THREE], "") + contact)
    stack.destroy()

    assert stack.unblocked() == people([ONE, THREE])
    stack.blocked(TWO)


def test_a_contact_that_was_refused_leaves_no_state(world: MakeWorld) -> None:
    stack = world(DIALOG)
    stack.account.contact(ONE, messaged_recently=False)
    error = stack.fails(f'whatsapp.BlockedContact("contact", phone="{ONE}")')
    assert f"{ONE} is not blocked" in error
    assert stack.stack.state() == {}
    stack.blocked()


def test_who_may_be_blocked_is_unblocked_when_removed(world: MakeWorld) -> None:
    stack = world(ZAPI, maxRetries=0)
    kinds = {
        "Blocklist": 'whatsapp.Blocklist("{0}", contacts=["{1}"])',
        "BlockedContact": 'whatsapp.BlockedContact("{0}", phone="{1}")',
    }
    for kind, declared in kinds.items():
        stack.account.fault("lost_answer", on="block")
        error = stack.fails(declared.format(kind, ONE))
        assert f"{kind} '{kind}': 1 not as declared: {ONE} unknown" in error
        assert stack.failed(kind) == {ONE: "unknown"}
        stack.blocked(ONE)

        stack.up("")
        stack.holds()


def test_a_lost_answer_is_settled_by_the_list(world: MakeWorld) -> None:
    stack = world(DIALOG, maxRetries=0)
    stack.account.fault("lost_answer", on="block")
    stack.up(LIST.format([ONE, TWO], ""))
    stack.holds(ONE, TWO)
    assert stack.failed("list") == {}


def test_an_unblock_that_failed_is_kept_and_tried_again(world: MakeWorld) -> None:
    stack = world(maxRetries=0)
    stack.up(LIST.format([ONE, TWO], ""))
    stack.account.fault("outage", on="unblock", times=None)

    first = stack.fails(LIST.format([ONE, THREE], ""))
    assert f"{TWO} unblock_pending" in first
    assert stack.failed("list") == {TWO: "unblock_pending"}
    stack.holds(ONE, TWO, THREE)
    again = stack.fails(LIST.format([ONE, THREE, FOUR], ""))
    assert f"{TWO} unblock_pending" in again
    stack.holds(ONE, TWO, THREE, FOUR)
    stuck = stack.stack.destroy()
    assert stuck.exit != 0
    said(stuck, "4 of 4 contacts are not unblocked yet", "run it again to go on")
    stack.holds(ONE, TWO, THREE, FOUR)

    stack.account.clear_faults()
    stack.destroy()
    stack.holds()


def test_nobody_is_unblocked_before_the_others_are_blocked(world: MakeWorld) -> None:
    stack = world(ZAPI, maxRetries=0)
    stack.up(LIST.format([ONE], ""))
    stack.account.fault("rate_limit", on="block")

    stack.fails(LIST.format([TWO], ""))
    assert stack.unblocked() == set()
    stack.holds(ONE)
    stack.up()
    stack.holds(TWO)


def test_an_unblock_that_failed_is_forgotten_when_the_contact_is_declared_again(world: MakeWorld) -> None:
    stack = world(maxRetries=0)
    stack.up(LIST.format([ONE, TWO], ""))
    stack.account.fault("outage", on="unblock")
    stack.fails(LIST.format([ONE, THREE], ""))
    stack.account.clear_requests()

    stack.up(LIST.format([ONE, TWO, THREE], ""))
    assert stack.unblocked() == set()
    assert stack.failed("list") == {}
    stack.holds(ONE, TWO, THREE)


@pytest.mark.parametrize("allowed", ["True", "pulumi.Output.from_input(True)", "later(True)"])
def test_allowed_refusals_are_a_warning_once(world: MakeWorld, allowed: str) -> None:
    stack = world(DIALOG)
    stack.account.contact(TWO, messaged_recently=False)

    program = "async def later(value):\n    return value\n\n" + LIST.format([ONE, TWO], f", allow_failures={allowed}")
    said(stack.up(program), f"{TWO} refused")
    stack.holds(ONE)
    stack.account.clear_requests()
    quiet = stack.up()
    assert (quiet.steps, quiet.said) == ({}, [])
    assert stack.quiet()

    stack.account.contact(TWO, messaged_recently=True)
    stack.up(LIST.format([ONE, TWO, THREE], ", allow_failures=True"))
    stack.holds(ONE, TWO, THREE)
    assert stack.failed("list") == {}


@pytest.mark.parametrize("gateway", [META, variant(ZAPI)])
def test_what_a_gateway_refuses_to_unblock_is_let_go_with_a_warning(world: MakeWorld, gateway: str) -> None:
    stack = world(gateway)
    stack.up(LIST.format([ONE, TWO], "") + f'\nwhatsapp.BlockedContact("contact", phone="{THREE}")')
    stack.account.fault("reject_unblock", times=None)

    said(stack.up(LIST.format([ONE], "")), f"refuses to unblock {TWO}", "no longer managed")
    stack.owns(ONE)
    said(stack.destroy(), f"refuses to unblock {ONE}", "no longer managed")
    assert stack.stack.state() == {}
    stack.blocked(ONE, TWO, THREE)


@pytest.mark.parametrize("gateway", [META, variant(ZAPI)])
def test_a_refusal_that_names_no_contact_forgets_nobody(world: MakeWorld, gateway: str) -> None:
    stack = world(gateway)
    stack.up(LIST.format([ONE, TWO], "") + f'\nwhatsapp.BlockedContact("contact", phone="{THREE}")')
    stack.account.fault("html", on="unblock", times=None, status=402)

    stuck = stack.stack.destroy()
    assert stuck.exit != 0
    said(stuck, "not unblocked yet", "HTTP 402")
    stack.holds(ONE, TWO, THREE)
    stack.account.clear_faults()
    stack.destroy()
    stack.holds()


def test_a_lost_answer_is_not_an_allowed_failure(world: MakeWorld) -> None:
    stack = world(ZAPI, maxRetries=0)
    stack.account.fault("lost_answer", on="block")
    error = stack.fails(LIST.format([ONE], ", allow_failures=True"))
    assert f"{ONE} unknown" in error
    stack.holds(ONE)

    stack.up()
    assert stack.failed("list") == {}
    stack.up("")
    stack.holds()


def test_old_failures_fail_neither_a_refresh_nor_a_destroy(world: MakeWorld) -> None:
    stack = world(DIALOG)
    stack.account.block(STRANGER)
    stack.account.contact(TWO, messaged_recently=False)
    stack.fails(LIST.format([ONE, TWO], ""))

    well(stack.stack.refresh())
    assert stack.failed("list") == {TWO: "refused"}
    well(stack.stack.preview())
    stack.destroy()
    stack.holds(others=[STRANGER])
    assert people([TWO, STRANGER]).isdisjoint(stack.unblocked())


@only_cli
def test_old_failures_do_not_fail_another_run(world: MakeWorld) -> None:
    stack = world(DIALOG)
    stack.account.block(STRANGER)
    stack.account.contact(TWO, messaged_recently=False)
    program = LIST.format([ONE, TWO], "") + '\nwhatsapp.BlockedContact("contact", phone="{}", reason="{}")'
    stack.fails(program.format(THREE, "first"))

    well(stack.stack.up("--target", "**::contact"))
    stack.up(program.format(THREE, "second"), "--target", "**::contact")
    well(stack.stack.refresh())
    well(stack.stack.destroy("--run-program"))
    assert stack.stack.state() == {}
    stack.blocked(STRANGER)


@only_cli
def test_a_destroy_that_runs_the_program_unblocks_all_the_same(world: MakeWorld) -> None:
    stack = world()
    stack.account.block(STRANGER)
    stack.up(f'whatsapp.BlockedContact("contact", phone="{ONE}")\n{LIST.format([TWO], "")}')
    stack.stack.program(f'whatsapp.BlockedContact("new-name", phone="{ONE}")\n{LIST.format([TWO, THREE], "")}')

    well(stack.stack.destroy("--run-program"))

    assert stack.stack.state() == {}
    stack.blocked(STRANGER)
