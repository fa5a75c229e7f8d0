"""`Blocklist`, call by call: how many requests of which kind, and what the state then says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pulumi.runtime.proto import engine_pb2

from whatsapp_sandbox import Sandbox

from ..unit.fake import numbers
from .conftest import ONLY_DYNAMIC, Take
from .harness import ProviderError, ProviderProcess, without_provider

ONE, TWO, THREE = "+16505551001", "+16505551002", "+16505551003"
BRAZIL, BRAZIL_ID = "+5531987654321", "553187654321"


@pytest.mark.parametrize("gateway", ["meta", "360dialog", "zapi"])
def test_create_update_and_delete_touch_only_what_is_declared(take: Take, gateway: str) -> None:
    account = take(gateway)
    account.phone.block(THREE)
    listed = account.resource("Blocklist")

    listed.up({"contacts": {TWO: "", ONE: "spam"}, "account": account.name})

    assert listed.id.startswith(f"{account.id}/blocklist/")
    assert without_provider(listed.outputs) == {
        "instance": listed.outputs["instance"],
        "contacts": {ONE: "spam", TWO: ""},
        "mode": "additive",
        "account": account.name,
        "accountId": account.id,
        "failed": {},
        "foreign": [],
        "waIds": {},
        "userIds": {},
        "lids": {},
    }
    assert account.phone.blocked() == {ONE, TWO, THREE}

    listed = account.next_run(listed)
    listed.up({"contacts": {ONE: "spam", BRAZIL: ""}, "account": account.name})

    assert account.phone.blocked() == {ONE, f"+{BRAZIL_ID}", THREE}
    assert listed.outputs["waIds"] == ({} if gateway == "zapi" else {BRAZIL: BRAZIL_ID})


def test_delete_unblocks_what_the_list_owns_and_nobody_else(
    take: Take, another_process: Callable[..., ProviderProcess]
) -> None:
    account = take("meta")
    account.phone.block(THREE)
    listed = account.resource("Blocklist")
    listed.up({"contacts": [ONE, TWO], "account": account.name})
    account.phone.unblock(TWO)
    account.phone.clear_requests()

    listed.on(another_process(account)).delete()

    assert account.phone.blocked() == {THREE}
    assert account.asked("unblock") == 1


def test_a_thousand_contacts_are_one_request(take: Take) -> None:
    account = take("meta")
    listed = account.resource("Blocklist")

    listed.up({"contacts": numbers(2500), "account": account.name})

    sent = [request.contacts for request in account.phone.requests() if request.operation == "block"]
    assert sent == [1000, 1000, 500]
    assert len(account.phone.blocked()) == 2500
    assert listed.outputs["failed"] == {}

    account.phone.clear_requests()
    assert not listed.up({"contacts": numbers(2500), "account": account.name})
    assert account.asked() == 0


def test_who_is_blocked_already_is_adopted(take: Take) -> None:
    account = take("360dialog")
    account.phone.block(ONE, BRAZIL)
    account.phone.let_a_day_pass()
    account.phone.contact(TWO, messaged_recently=True)
    listed = account.resource("Blocklist")

    listed.up({"contacts": [ONE, TWO, BRAZIL], "account": account.name})

    assert listed.outputs["failed"] == {}
    assert [request.contacts for request in account.phone.requests() if request.operation == "block"] == [1]


@pytest.mark.parametrize("gateway", ["meta", "360dialog"])
def test_half_a_batch_that_failed_is_recorded_and_healed_by_the_next_run(take: Take, gateway: str) -> None:
    account = take(gateway)
    account.phone.fault("half_failed", on="block")
    news = {"contacts": [ONE, TWO, THREE], "account": account.name}
    listed = account.resource("Blocklist")

    listed.up(news, run="run-1")

    failed = listed.outputs["failed"]
    assert account.phone.blocked() == {ONE, TWO, THREE} - failed.keys()
    assert len(failed) in (1, 2)
    assert {failure["state"] for failure in failed.values()} == {"refused"}
    assert all("131047" in failure["why"] for failure in failed.values())
    assert listed.failed_in("run-1")

    listed = account.next_run(listed)
    assert listed.up(news, run="run-2")

    assert listed.outputs["failed"] == {}
    assert account.phone.blocked() == {ONE, TWO, THREE}
    assert not listed.up(news, run="run-3")


def test_refused_contacts_wait_for_the_next_edit_where_failures_are_allowed(take: Take) -> None:
    account = take("meta")
    account.phone.contact(ONE, messaged_recently=False)
    news = {"contacts": [ONE, TWO], "allowFailures": True, "account": account.name}
    listed = account.resource("Blocklist")
    listed.up(news)
    assert listed.outputs["failed"].keys() == {ONE}

    listed = account.next_run(listed)
    assert not listed.up(news)

    account.phone.contact(ONE, messaged_recently=True)
    assert listed.up({**news, "contacts": [ONE, TWO, THREE]})
    assert listed.outputs["failed"] == {}
    assert account.phone.blocked() == {ONE, TWO, THREE}


def test_a_refused_contact_is_not_unblocked_with_the_list(
    take: Take, another_process: Callable[..., ProviderProcess]
) -> None:
    account = take("meta")
    account.phone.contact(ONE, messaged_recently=False)
    listed = account.resource("Blocklist")
    listed.up({"contacts": [ONE, TWO], "account": account.name})
    account.phone.block(ONE)  # somebody else did, by hand

    listed.on(another_process(account)).delete()

    assert account.phone.blocked() == {ONE}


def test_refresh_shows_who_is_gone_and_nobody_else(take: Take) -> None:
    account = take("meta")
    listed = account.resource("Blocklist")
    listed.up({"contacts": {ONE: "spam", TWO: "", BRAZIL: ""}, "account": account.name})
    account.phone.unblock(TWO)
    account.phone.block(THREE)
    account.phone.clear_requests()

    listed = account.next_run(listed)
    assert listed.refresh()

    assert listed.inputs["contacts"] == listed.outputs["contacts"] == {ONE: "spam", BRAZIL: ""}
    assert account.asked() == account.asked("list") == 2


def test_refresh_of_an_exclusive_list_shows_strangers_and_destroy_leaves_them(
    take: Take, another_process: Callable[..., ProviderProcess]
) -> None:
    account = take("meta")
    news = {"contacts": [ONE], "mode": "exclusive", "account": account.name}
    listed = account.resource("Blocklist")
    listed.up(news)
    account.phone.block(THREE)

    listed = account.next_run(listed)
    listed.refresh()
    assert listed.outputs["contacts"] == {ONE: ""}
    assert listed.outputs["foreign"] == [THREE]

    listed.on(another_process(account)).delete_now()
    assert account.phone.blocked() == {THREE}


def test_a_new_exclusive_list_only_blocks_and_the_next_run_lets_strangers_go(
    take: Take, another_process: Callable[..., ProviderProcess]
) -> None:
    account = take("meta")
    account.phone.block(THREE)
    news = {"contacts": [ONE], "mode": "exclusive", "account": account.name}
    listed = account.resource("Blocklist")
    listed.up(news)
    assert account.phone.blocked() == {ONE, THREE}
    assert listed.outputs["foreign"] == [THREE]

    process = another_process(account)
    listed = listed.on(process)
    changes, old = listed.deploy(news)
    assert changes
    assert old is not None
    assert account.phone.blocked() == {ONE, THREE}
    account.phone.block(TWO)  # nobody has named this one
    old.delete()

    assert account.phone.blocked() == {ONE, TWO}
    assert any(THREE in text and TWO not in text for text in process.engine.texts(ephemeral=False))


def test_most_of_a_list_gone_at_once_is_not_believed(take: Take) -> None:
    account = take("meta")
    listed = account.resource("Blocklist")
    listed.up({"contacts": numbers(8), "account": account.name})
    account.phone.fault("short_list", on="list", times=None)

    listed = account.next_run(listed)
    with pytest.raises(ProviderError, match=r"8 of 8 contacts .*WHATSAPP_ACCEPT_VANISHED=true"):
        listed.refresh()
    account.phone.clear_faults()


def test_who_leaves_a_list_is_unblocked_by_the_delete_of_the_old_one_and_by_nothing_else(take: Take) -> None:
    account = take("meta")
    people = numbers(1200)
    listed = account.resource("Blocklist")
    listed.up({"contacts": [*people, BRAZIL], "account": account.name})
    account.phone.clear_requests()
    listed = account.next_run(listed)

    changes, old = listed.deploy({"contacts": [*people[1:], BRAZIL], "account": account.name})

    assert changes
    assert old is not None
    assert old.id != listed.id
    assert account.asked() == 0  # who stays is known to be blocked, and by which id
    assert listed.outputs["waIds"] == {BRAZIL: BRAZIL_ID}

    old.delete()
    assert account.phone.blocked() == {*people[1:], f"+{BRAZIL_ID}"}
    (unblocked,) = account.phone.requests()
    assert (unblocked.operation, unblocked.contacts) == ("unblock", 1)
    assert not account.next_run(listed).up({"contacts": [*people[1:], BRAZIL], "account": account.name})


@ONLY_DYNAMIC
def test_a_delete_before_the_end_of_the_program_unblocks_nobody(take: Take) -> None:
    account = take("meta")
    listed = account.resource("Blocklist")
    listed.up({"contacts": [ONE, TWO], "account": account.name})
    listed = account.next_run(listed)
    _, old = listed.deploy({"contacts": [ONE], "account": account.name})
    assert old is not None

    with pytest.raises(ProviderError, match="nobody is unblocked"):
        old.delete_now()
    assert account.phone.blocked() == {ONE, TWO}

    old.delete()  # what is left behind is settled by the same rule
    assert account.phone.blocked() == {ONE}


def test_an_update_never_loses_anybody(take: Take) -> None:
    account = take("meta")
    listed = account.resource("Blocklist")
    listed.up({"contacts": [ONE, TWO], "account": account.name})
    listed = account.next_run(listed)
    checked = listed.check({"contacts": [ONE], "account": account.name})

    with pytest.raises(ProviderError, match="an update would lose contacts that are still blocked"):
        listed.update(checked.inputs)

    assert account.phone.blocked() == {ONE, TWO}


def test_more_unblocks_than_allowed_are_none_at_all(
    take: Take, another_process: Callable[..., ProviderProcess]
) -> None:
    account = take("meta")
    listed = account.resource("Blocklist")
    listed.up({"contacts": numbers(5), "account": account.name})
    fewer = {"contacts": numbers(2), "account": account.name}
    says = r"would unblock 3 contacts .*maxUnblocks is 2.*WHATSAPP_MAX_UNBLOCKS"

    careful = listed.on(another_process(account, maxUnblocks=2))
    with pytest.raises(ProviderError, match=says):
        careful.preview(fewer)
    with pytest.raises(ProviderError, match=says):
        listed.on(another_process(account, maxUnblocks=2)).deploy(fewer)
    with pytest.raises(ProviderError, match=r"would unblock 5 contacts .*maxUnblocks is 2"):
        listed.on(another_process(account, maxUnblocks=2)).delete_now()
    assert account.asked("unblock") == 0

    variable = f"WHATSAPP_ACCOUNTS_{account.name.upper().replace('-', '_')}_MAX_UNBLOCKS"
    raised = another_process(account, maxUnblocks=2, environment={variable: "3"})
    listed.on(raised).up(fewer)
    assert len(account.phone.blocked()) == 2


def test_a_list_that_loses_more_than_half_is_refused_until_that_is_accepted(
    take: Take, another_process: Callable[..., ProviderProcess]
) -> None:
    account = take("meta")
    listed = account.resource("Blocklist")
    listed.up({"contacts": numbers(10), "account": account.name})
    fewer = {"contacts": numbers(4), "account": account.name}

    for act in (listed.on(another_process(account)).preview, listed.on(another_process(account)).up):
        with pytest.raises(ProviderError, match=r"would unblock 6 of its 10 contacts.*WHATSAPP_ACCEPT_SHRINK=true"):
            act(fewer)
    assert len(account.phone.blocked()) == 10

    accepting = another_process(account, environment={"WHATSAPP_ACCEPT_SHRINK": "true"})
    assert listed.on(accepting).up(fewer)
    assert len(account.phone.blocked()) == 4


def test_a_preview_names_who_comes_and_who_goes_on_one_line(take: Take) -> None:
    account = take("meta")
    listed = account.resource("Blocklist", "spam")
    engine = account.provider.engine
    heard = len(engine.messages)

    listed.preview({"contacts": [ONE, TWO], "account": account.name})
    listed.up({"contacts": [ONE, TWO], "account": account.name})
    listed.preview({"contacts": [ONE, THREE], "account": account.name})
    listed.up({"contacts": [ONE, THREE], "account": account.name})

    assert [message.message for message in engine.messages[heard:] if not message.ephemeral] == [
        f"Blocklist 'spam': blocks 2: {ONE}, {TWO}",
        f"Blocklist 'spam': blocks 1: {THREE}; unblocks 1: {TWO}",
    ]


def test_who_moves_to_another_resource_of_the_run_is_never_unblocked(take: Take) -> None:
    account = take("meta")
    moving = "+16505551099"
    listed = account.resource("Blocklist")
    listed.up({"contacts": [ONE, moving], "account": account.name})
    listed = account.next_run(listed)

    _, old = listed.deploy({"contacts": [ONE], "account": account.name})
    account.phone.contact(moving, messaged_recently=False)  # whoever is unblocked now is lost
    moved = account.next_run(account.resource("BlockedContact"))
    moved.up({"phone": moving, "account": account.name})
    assert old is not None
    old.delete()

    assert moved.outputs["failed"] == {}
    assert account.phone.blocked() == {ONE, moving}
    assert account.asked("unblock") == 0
    said = [text for text in account.later.engine.texts(ephemeral=False) if moving in text]
    assert said == [f"still blocked, because another resource of the program declares them: {moving}"]


def test_who_moves_to_a_resource_that_does_not_get_so_far_stays_with_the_old_one(take: Take) -> None:
    account = take("meta")
    listed = account.resource("Blocklist")
    listed.up({"contacts": [ONE, TWO], "account": account.name})
    listed = account.next_run(listed)

    _, old = listed.deploy({"contacts": [ONE], "account": account.name})
    moved = account.next_run(account.resource("BlockedContact", "x"))
    moved.check({"phone": TWO, "account": account.name})  # its create is never reached
    assert old is not None
    with pytest.raises(ProviderError, match="BlockedContact 'x' declares it and has not blocked it"):
        old.delete()

    assert account.phone.blocked() == {ONE, TWO}
    assert account.asked("unblock") == 0


def test_who_is_declared_by_a_resource_that_keeps_all_of_its_inputs_stays_blocked(take: Take) -> None:
    account = take("meta")
    listed, kept = account.resource("Blocklist"), account.resource("BlockedContact")
    kept.up({"phone": ONE, "account": account.name})
    listed.up({"contacts": [TWO, THREE], "account": account.name})
    left_behind = listed.on(account.later)
    left_behind.outputs["contacts"] = {ONE: "", TWO: "", THREE: ""}  # as a run that was cut short leaves it

    kept, listed = account.next_run(kept), account.next_run(listed)
    assert kept.deploy(without_provider(kept.inputs), run=None) == (False, None)
    assert listed.deploy({"contacts": [TWO], "account": account.name})[0]
    left_behind.delete()

    assert account.phone.blocked() == {ONE, TWO}


def test_progress_is_on_the_status_line_and_leaves_nothing_behind(take: Take) -> None:
    account = take("zapi")
    engine = account.provider.engine
    heard = len(engine.messages)

    account.resource("Blocklist").up({"contacts": numbers(3), "account": account.name})

    messages = engine.messages[heard:]
    assert any(message.message.startswith(f"blocking contacts of {account.id}: ") for message in messages)
    assert all(message.ephemeral and message.severity == engine_pb2.INFO for message in messages)


def test_nothing_is_printed(provider: ProviderProcess, later: ProviderProcess) -> None:
    assert provider.printed.read_text() == ""
    assert later.printed.read_text() == ""


@pytest.mark.parametrize("fault", ["list_changed", "repeated_cursor", "empty_page", "rate_limit", "outage"])
def test_a_list_that_misbehaves_is_still_read_whole(take: Take, fault: str) -> None:
    account = take("meta")
    people = numbers(1200)
    listed = account.resource("Blocklist")
    listed.up({"contacts": people, "account": account.name})
    account.phone.fault(fault, on="list", **({"retry_after": 0} if fault == "rate_limit" else {}))

    listed = account.next_run(listed)
    listed.refresh()

    assert len(listed.outputs["contacts"]) == len(people)
    assert any(f"reading the block list of {account.id}" in text for text in account.later.engine.texts(ephemeral=True))


def test_a_list_in_the_sandbox_of_the_process_itself(tmp_path: Any) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: demo\nruntime: python\n")
    (tmp_path / "program").mkdir()
    process = ProviderProcess(
        {"gateway": "meta", "phoneNumberId": "106540352242922", "sandbox": "whatsapp.sandbox"}, tmp_path / "program"
    )
    try:
        listed = process.resource("Blocklist")
        listed.up({"contacts": [ONE]})
        assert listed.outputs["accountId"] == "sandbox/meta/106540352242922"
        assert listed.refresh()
    finally:
        process.close()

    sandbox = Sandbox(tmp_path / "whatsapp.sandbox")
    assert sandbox.account("meta", "106540352242922").blocked() == {ONE}
    sandbox.close()
