"""Nobody is dropped from the state, or called unblocked, by one listing that came back short."""

from __future__ import annotations

import pytest

from .conftest import Deploy
from .world import FIVE, FOUR, KALEYRA, ONE, STRANGER, THREE, TWO, only_error, said, well

LIST = 'whatsapp.Blocklist("list", contacts={}, mode="{}")'
FIVE_OF_THEM = [ONE, TWO, THREE, FOUR, FIVE]


@pytest.mark.slow
def test_a_create_on_a_short_listing_knows_who_was_blocked_before(deploy: Deploy) -> None:
    stack = deploy()
    stack.account.block(ONE)
    stack.account.contact(ONE, messaged_recently=False)
    stack.account.fault("short_list", on="list")

    stack.up(LIST.format([ONE, TWO], "additive"))

    assert stack.failed("list") == {}
    stack.holds(ONE, TWO)


@pytest.mark.slow
def test_an_update_on_a_short_listing_converges(deploy: Deploy) -> None:
    stack = deploy()
    stack.up(LIST.format([ONE, TWO], "exclusive"))
    stack.account.block(STRANGER)
    stack.account.let_a_day_pass()
    stack.account.contact(THREE, messaged_recently=True)
    stack.account.fault("short_list", on="list")

    stack.up(LIST.format([ONE, THREE], "exclusive"))
    stack.up()
    stack.holds(ONE, THREE)


def test_a_refresh_looks_twice(deploy: Deploy) -> None:
    stack = deploy()
    stack.up(LIST.format([ONE, TWO], "additive") + f'\nwhatsapp.BlockedContact("contact", phone="{THREE}")')
    stack.account.fault("short_list", on="list")

    assert well(stack.stack.refresh()).steps == {}
    stack.holds(ONE, TWO, THREE)


@pytest.mark.slow
def test_a_delete_on_a_short_listing_unblocks(deploy: Deploy) -> None:
    stack = deploy()
    stack.up(LIST.format([ONE, TWO], "additive") + f'\nwhatsapp.BlockedContact("contact", phone="{THREE}")')
    stack.account.fault("short_list", on="list", times=None)

    stack.up(LIST.format([ONE], "additive"))
    stack.blocked(ONE)
    stack.destroy()
    stack.blocked()


def test_a_list_that_vanishes_for_good_is_not_believed(deploy: Deploy) -> None:
    stack = deploy()
    stack.up(LIST.format(FIVE_OF_THEM, "additive"))
    stack.account.fault("short_list", on="list", times=None)

    error = only_error(stack.stack.refresh())
    assert "5 of 5 contacts are no longer on the block list" in error
    assert "nothing was recorded" in error
    assert "WHATSAPP_ACCEPT_VANISHED=true" in error
    stack.holds(*FIVE_OF_THEM)
    stack.up()
    stack.destroy()
    stack.holds()


@pytest.mark.slow
def test_contacts_that_vanish_together_are_not_believed_either(deploy: Deploy) -> None:
    stack = deploy()
    stack.up("""
        for last in range(1, 9):
            whatsapp.BlockedContact(f"c{last}", phone=f"+1650555100{last}")
    """)
    stack.account.let_a_day_pass()
    stack.account.fault("short_list", on="list", times=None)

    refused = stack.stack.refresh()
    assert refused.exit != 0
    said(refused, "are no longer on the block list", "WHATSAPP_ACCEPT_VANISHED=true")
    assert len(stack.recorded()) == 5, "the first three may be somebody's work"

    stack.account.clear_faults()
    stack.up()
    assert stack.unblocked() == set()
    stack.destroy()
    stack.holds()


@pytest.mark.slow
def test_the_end_of_a_list_that_is_cut_off_is_looked_for_again(deploy: Deploy) -> None:
    """The second of three pages has its own cursor as the next one, so the third is missing."""
    stack = deploy(KALEYRA)
    stack.account.block(STRANGER)
    many = [f"+1650555{number}" for number in range(2000, 2060)]
    stack.up(LIST.format(many, "additive"))
    stack.account.fault("repeated_cursor", on="list", after=1)

    assert well(stack.stack.refresh()).steps == {}
    stack.up()
    stack.holds(*many, others=[STRANGER])
    stack.destroy()
    stack.holds(others=[STRANGER])


@pytest.mark.slow
def test_a_few_that_vanish_for_good_come_back(deploy: Deploy) -> None:
    """Few enough to be somebody's work: they are believed to be gone, and taken back."""
    stack = deploy()
    stack.account.block(STRANGER)
    stack.up(LIST.format([ONE, TWO], "additive"))
    stack.account.let_a_day_pass()
    stack.account.fault("short_list", on="list", times=None)
    assert well(stack.stack.refresh()).steps == {"list": ["update"]}
    stack.owns()

    assert "2 not as declared" in stack.fails()
    assert stack.unblocked() == set()
    stack.account.clear_faults()
    stack.up()
    stack.holds(ONE, TWO, others=[STRANGER])
    stack.destroy()
    stack.holds(others=[STRANGER])


@pytest.mark.slow
def test_what_somebody_unblocked_is_blocked_again_and_taken_back(deploy: Deploy) -> None:
    stack = deploy()
    stack.account.block(STRANGER)
    stack.up(LIST.format(FIVE_OF_THEM, "additive"))
    stack.account.unblock(*FIVE_OF_THEM)
    assert stack.stack.refresh().exit != 0
    well(stack.stack.refresh(WHATSAPP_ACCEPT_VANISHED="true"))
    stack.holds(others=[STRANGER])

    stack.up()
    stack.holds(*FIVE_OF_THEM, others=[STRANGER])
    stack.destroy()
    stack.holds(others=[STRANGER])
