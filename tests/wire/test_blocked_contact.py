"""`BlockedContact`, call by call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import ONLY_DYNAMIC, Lease, Take
from .harness import ProviderError, ProviderProcess, without_provider

PHONE = "+5531987654321"
WA_ID = "553187654321"
OTHER = "+16505551234"


def declared(account: Lease, **more: Any) -> dict[str, Any]:
    return {"phone": "+55 31 98765-4321", "account": account.name, **more}


@pytest.mark.parametrize("gateway", ["meta", "360dialog", "zapi"])
def test_create_blocks_once_and_delete_unblocks_once(take: Take, gateway: str) -> None:
    account = take(gateway)
    contact = account.resource("BlockedContact")

    contact.up(declared(account, reason="spam"))

    says_own_id = gateway != "zapi"
    assert contact.id == f"{account.id}/{WA_ID if says_own_id else PHONE[1:]}"
    assert without_provider(contact.outputs) == {
        "instance": contact.outputs["instance"],
        "phone": PHONE,
        "reason": "spam",
        "account": account.name,
        "accountId": account.id,
        "waId": WA_ID if says_own_id else PHONE[1:],
        "failed": {},
    }
    assert account.phone.blocked() == {f"+{WA_ID}"}
    assert account.asked("block") == 1

    account.next_run(contact).delete()

    assert account.phone.blocked() == set()
    assert account.asked("unblock") == 1


@pytest.mark.parametrize("gateway", ["meta", "360dialog"])
def test_who_is_blocked_already_is_adopted_without_a_block(take: Take, gateway: str) -> None:
    account = take(gateway)
    account.phone.block(PHONE)
    account.phone.let_a_day_pass()
    contact = account.resource("BlockedContact")

    contact.up(declared(account))

    assert contact.outputs["waId"] == WA_ID
    assert account.asked("block") == 0


def test_who_is_not_blocked_any_more_is_deleted(take: Take) -> None:
    account = take("meta")
    contact = account.resource("BlockedContact")
    contact.up(declared(account))
    account.phone.unblock(PHONE)

    account.next_run(contact).delete()

    assert account.phone.blocked() == set()


def test_a_new_reason_or_spelling_calls_no_gateway(take: Take) -> None:
    account = take("zapi")
    contact = account.resource("BlockedContact")
    contact.up(declared(account))
    account.phone.clear_requests()

    assert contact.up(declared(account, reason="because"))
    assert contact.up({"phone": "+553187654321", "account": account.name})

    assert contact.outputs["phone"] == "+553187654321"
    assert "reason" not in contact.outputs
    assert account.asked() == 0


def test_another_person_is_another_resource_and_the_old_one_goes_at_the_end(take: Take) -> None:
    account = take("meta")
    contact = account.resource("BlockedContact")
    contact.up(declared(account))
    contact = account.next_run(contact)

    changes, old = contact.deploy({"phone": OTHER, "account": account.name})

    assert changes
    assert old is not None
    assert contact.outputs["waId"] == OTHER[1:]
    assert account.phone.blocked() == {f"+{WA_ID}", OTHER}
    old.delete()
    assert account.phone.blocked() == {OTHER}


def test_an_update_to_another_person_is_refused(take: Take) -> None:
    account = take("meta")
    contact = account.resource("BlockedContact")
    contact.up(declared(account))
    contact = account.next_run(contact)
    checked = contact.check({"phone": OTHER, "account": account.name})

    with pytest.raises(ProviderError, match="an update would lose contacts that are still blocked"):
        contact.update(checked.inputs)

    assert account.phone.blocked() == {f"+{WA_ID}"}


@ONLY_DYNAMIC
def test_a_delete_before_the_end_of_the_program_unblocks_nobody(take: Take) -> None:
    account = take("meta")
    contact = account.resource("BlockedContact")
    contact.up(declared(account))
    contact = account.next_run(contact)
    _, old = contact.deploy({"phone": OTHER, "account": account.name})
    assert old is not None

    with pytest.raises(ProviderError, match=r"^nobody is unblocked [^\n]*end[^\n]*$"):
        old.delete_now()
    assert account.phone.blocked() == {f"+{WA_ID}", OTHER}
    assert account.asked("unblock") == 0

    old.delete()
    assert account.phone.blocked() == {OTHER}


def test_where_no_program_runs_a_delete_needs_no_end_of_it(
    take: Take, another_process: Callable[..., ProviderProcess]
) -> None:
    account = take("meta")
    contact = account.resource("BlockedContact")
    contact.up(declared(account))

    contact.on(another_process(account)).delete_now()

    assert account.phone.blocked() == set()


def test_the_state_tells_two_resources_of_one_contact_apart(take: Take) -> None:
    """They have one id, as after a rename that was stopped before its delete."""
    account = take("meta")
    one, two = account.resource("BlockedContact", "one"), account.resource("BlockedContact", "two")
    one.up(declared(account))
    two = account.next_run(two)
    two.up(declared(account, reason="renamed"))
    assert one.id == two.id
    assert len({one.outputs["instance"], two.outputs["instance"]}) == 2

    before = two.outputs["instance"]
    two = account.next_run(two)
    two.up(declared(account, reason="another reason"))
    two.refresh()
    assert two.outputs["instance"] == before


def left_out(**declares: Any) -> dict[str, Any]:
    """Return a resource as the program tells of it."""
    return {"label": "BlockedContact 'left out'", "account": None, "account_known": True, "contacts": None, **declares}


@ONLY_DYNAMIC
def test_whom_the_program_declares_in_what_the_run_leaves_out_stays_blocked(take: Take) -> None:
    account = take("meta")
    contact = account.resource("BlockedContact")
    contact.up(declared(account))
    contact = account.next_run(contact)
    for resource, says in (
        (left_out(account=account.name, contacts=["+553187654321"]), "'left out' declares it, and this run leaves"),
        (left_out(account=account.name), "leaves BlockedContact 'left out' out, so it is not known whom that declares"),
        (left_out(account_known=False, contacts=[PHONE]), "'left out' declares it, and this run leaves"),
    ):
        with pytest.raises(ProviderError, match=says):
            contact.delete(resource)
    assert account.phone.blocked() == {f"+{WA_ID}"}
    assert account.asked("unblock") == 0

    own = left_out(
        account=account.name, contacts=[PHONE], instance=contact.outputs["instance"]
    )  # as with `destroy --run-program`
    elsewhere = left_out(account=take("meta").name, contacts=[PHONE])
    setting = left_out(account=account.name, setting="about")
    contact.delete(own, elsewhere, setting)
    assert account.phone.blocked() == set()


def test_read_finds_it_gone_only_after_a_second_look(take: Take, another_process: Any) -> None:
    account = take("meta")
    contact = account.resource("BlockedContact")
    contact.up(declared(account))
    account.phone.fault("short_list", on="list")
    account.phone.clear_requests()

    seen = contact.on(another_process(account))
    assert seen.refresh()
    assert account.asked("list") == 2

    account.phone.unblock(PHONE)
    account.phone.clear_requests()
    seen = contact.on(another_process(account))
    assert not seen.refresh()
    assert account.asked("list") == 2


def test_read_leaves_the_state_where_a_gateway_cannot_list(take: Take) -> None:
    account = take("zapi")
    contact = account.resource("BlockedContact")
    contact.up(declared(account))
    account.phone.unblock(PHONE)
    account.phone.clear_requests()
    before = dict(contact.outputs)

    assert contact.refresh()

    assert contact.outputs == before
    assert account.asked() == 0


def test_a_refused_contact_is_recorded_and_tried_again(take: Take) -> None:
    account = take("meta")
    account.phone.contact(PHONE, messaged_recently=False)
    contact = account.resource("BlockedContact")

    contact.up(declared(account), run="run-1")

    failure = contact.outputs["failed"][PHONE]
    assert failure["state"] == "refused"
    assert "131047" in failure["why"]
    assert "\n" not in failure["why"]
    assert contact.failed_in("run-1")
    assert account.phone.blocked() == set()

    account.phone.contact(PHONE, messaged_recently=True)
    assert contact.up(declared(account), run="run-2")
    assert contact.outputs["failed"] == {}
    assert account.phone.blocked() == {f"+{WA_ID}"}


def test_a_refused_contact_is_not_ours_to_unblock(take: Take) -> None:
    account = take("meta")
    account.phone.contact(PHONE, messaged_recently=False)
    contact = account.resource("BlockedContact")
    contact.up(declared(account))
    account.phone.block(PHONE)  # somebody else did, by hand

    account.next_run(contact).delete()

    assert account.phone.blocked() == {f"+{WA_ID}"}


def test_a_lost_answer_is_settled_by_the_list(take: Take) -> None:
    account = take("meta")
    account.phone.fault("lost_answer", on="block")
    contact = account.resource("BlockedContact")

    contact.up(declared(account))

    assert contact.outputs["failed"] == {}
    assert account.asked("block") == 1
    assert account.phone.blocked() == {f"+{WA_ID}"}


def test_an_answer_that_nobody_can_settle_is_recorded_and_tried_again(take: Take) -> None:
    account = take("zapi")
    account.phone.fault("lost_answer", on="block", times=2)
    contact = account.resource("BlockedContact")

    contact.up(declared(account), run="run-1")

    assert contact.outputs["failed"][PHONE]["state"] == "unknown"
    assert contact.failed_in("run-1")

    assert contact.up(declared(account), run="run-2")

    assert contact.outputs["failed"] == {}
    assert not contact.failed_in("run-2")
    assert not contact.up(declared(account), run="run-3")
