"""`BlockedContact`, call by call."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Lease, Take
from .harness import ProviderError, without_provider

PHONE = "+5531987654321"
WA_ID = "553187654321"


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


def test_an_update_carries_a_phone_that_was_unknown_before(take: Take) -> None:
    account = take("meta")
    contact = account.resource("BlockedContact")
    contact.up(declared(account))
    contact = account.next_run(contact)
    checked = contact.check({"phone": "+16505551234", "account": account.name})

    contact.update(checked.inputs)

    assert contact.outputs["waId"] == "16505551234"
    assert account.phone.blocked() == {"+16505551234"}


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


def test_a_refused_contact_is_one_line_and_no_resource(take: Take) -> None:
    account = take("meta")
    account.phone.contact(PHONE, messaged_recently=False)

    with pytest.raises(ProviderError) as refused:
        account.resource("BlockedContact").up(declared(account))

    text = str(refused.value)
    assert text.strip().count("\n") == 0
    assert text.startswith(f"pulumi_whatsapp.WhatsAppError: {PHONE} is not blocked: Meta: ")
    assert "131047" in text
    assert account.phone.blocked() == set()


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
    assert contact.outputs["failedRun"] == "run-1"

    assert contact.up(declared(account), run="run-2")

    assert contact.outputs["failed"] == {}
    assert "failedRun" not in contact.outputs
    assert not contact.up(declared(account), run="run-3")
