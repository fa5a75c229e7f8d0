"""Where a run of the native resources goes another way than one of the dynamic ones."""

from __future__ import annotations

from .conftest import Deploy
from .world import DIALOG, ONE, THREE, TWO, keys_of, only_native, said

pytestmark = only_native

LIST = 'listed = whatsapp.Blocklist("list", contacts={}{})\n'
GONE = f'whatsapp.BlockedContact("gone", phone="{THREE}")'


def test_a_refused_contact_fails_its_own_step_and_stops_the_deletes(deploy: Deploy) -> None:
    """What was done is recorded, nobody is unblocked, and the next run goes on from there."""
    stack = deploy(DIALOG)
    stack.up(LIST.format([ONE], "") + GONE)
    stack.account.contact(TWO, messaged_recently=False)

    error = stack.fails(LIST.format([ONE, TWO], ""))

    assert f"{TWO} refused (" in error
    assert "131047" in error
    assert stack.failed("list") == {TWO: "refused"}
    assert stack.unblocked() == set()
    stack.holds(ONE, THREE)

    said(stack.stack.preview(), f"Blocklist 'list': blocks 1: {TWO}")
    stack.account.contact(TWO, messaged_recently=True)
    stack.up()
    assert stack.unblocked() == keys_of([THREE])
    stack.holds(ONE, TWO)
    stack.destroy()
    stack.holds()


def test_an_allowed_refusal_stops_nothing(deploy: Deploy) -> None:
    stack = deploy(DIALOG)
    stack.up(LIST.format([ONE], "") + GONE)
    stack.account.contact(TWO, messaged_recently=False)

    said(stack.up(LIST.format([ONE, TWO], ", allow_failures=True")), f"{TWO} refused")

    assert stack.unblocked() == keys_of([THREE])
    stack.holds(ONE)
    assert stack.up().steps == {}


def test_a_refused_contact_of_a_replaced_list_leaves_the_old_one_to_the_next_run(deploy: Deploy) -> None:
    stack = deploy(DIALOG)
    stack.up(LIST.format([ONE, THREE], ""))
    stack.account.contact(TWO, messaged_recently=False)

    assert f"{TWO} refused (" in stack.fails(LIST.format([ONE, TWO], ""))
    assert stack.unblocked() == set()
    stack.holds(ONE, THREE)

    stack.account.contact(TWO, messaged_recently=True)
    stack.up()
    assert stack.unblocked() == keys_of([THREE])
    stack.holds(ONE, TWO)
    assert stack.left_behind() == set()
