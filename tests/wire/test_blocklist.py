"""`Blocklist`, call by call: how many requests of which kind, and what the state then says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pulumi.runtime.proto import engine_pb2

from pulumi_whatsapp.sandbox import Sandbox

from .conftest import Take
from .harness import ProviderError, ProviderProcess, without_provider

ONE, TWO, THREE = "+16505551001", "+16505551002", "+16505551003"
BRAZIL, BRAZIL_ID = "+5531987654321", "553187654321"


def numbers(count: int) -> list[str]:
    """Return so many people."""
    return [f"+1650556{number:04}" for number in range(count)]


@pytest.mark.parametrize("gateway", ["meta", "360dialog", "zapi"])
def test_create_update_and_delete_touch_only_what_is_declared(take: Take, gateway: str) -> None:
    account = take(gateway)
    account.phone.block(THREE)
    listed = account.resource("Blocklist")

    listed.up({"contacts": {TWO: "", ONE: "spam"}, "account": account.name})

    assert listed.id.startswith(f"{account.id}/blocklist/")
    assert without_provider(listed.outputs) == {
        "contacts": {ONE: "spam", TWO: ""},
        "mode": "additive",
        "account": account.name,
        "accountId": account.id,
        "failed": {},
        "foreign": [],
        "waIds": {},
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
    assert listed.outputs["failedRun"] == "run-1"

    listed = account.next_run(listed)
    assert listed.up(news, run="run-2")

    assert listed.outputs["failed"] == {}
    assert account.phone.blocked() == {ONE, TWO, THREE}
    assert any(f"pulumi up tries again: {min(failed)}" in text for text in account.later.engine.texts(ephemeral=False))
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
    assert listed.outputs["contacts"] == {ONE: "", THREE: ""}
    assert listed.outputs["foreign"] == [THREE]

    listed.on(another_process(account)).delete()
    assert account.phone.blocked() == {THREE}

    listed = listed.on(another_process(account))
    assert listed.up(news)
    assert account.phone.blocked() == {ONE}
    assert listed.outputs["foreign"] == []


def test_most_of_a_list_gone_at_once_is_not_believed(take: Take) -> None:
    account = take("meta")
    listed = account.resource("Blocklist")
    listed.up({"contacts": numbers(8), "account": account.name})
    account.phone.fault("short_list", on="list", times=None)

    listed = account.next_run(listed)
    with pytest.raises(ProviderError, match=r"8 of 8 contacts .*WHATSAPP_ACCEPT_VANISHED=true"):
        listed.refresh()
    account.phone.clear_faults()


def test_more_unblocks_than_allowed_are_none_at_all(
    take: Take, another_process: Callable[..., ProviderProcess]
) -> None:
    account = take("meta")
    listed = account.resource("Blocklist")
    listed.up({"contacts": numbers(5), "account": account.name})

    careful = listed.on(another_process(account, maxUnblocks=2))
    checked = careful.check({"contacts": numbers(2), "account": account.name})
    with pytest.raises(ProviderError, match=r"would unblock 3 contacts .*maxUnblocks is 2.*WHATSAPP_MAX_UNBLOCKS"):
        careful.update(checked.inputs)
    assert account.asked("unblock") == 0

    variable = f"WHATSAPP_ACCOUNTS_{account.name.upper().replace('-', '_')}_MAX_UNBLOCKS"
    raised = another_process(account, maxUnblocks=2, environment={variable: "3"})
    listed.on(raised).up({"contacts": numbers(2), "account": account.name})
    assert len(account.phone.blocked()) == 2


def test_who_moves_to_another_resource_of_the_run_is_never_unblocked(take: Take) -> None:
    account = take("meta")
    moving = "+16505551099"
    old = account.resource("Blocklist")
    old.up({"contacts": [ONE, moving], "account": account.name})
    old = account.next_run(old)

    old.up(
        {
            "contacts": [ONE],
            "account": account.name,
            "others": {"own": "1", "contacts": {account.id: [moving]}, "unknown": {}},
        }
    )
    moved = account.next_run(account.resource("BlockedContact"))
    moved.up({"phone": moving, "account": account.name})

    assert account.phone.blocked() == {ONE, moving}
    assert account.asked("unblock") == 0
    assert "others" not in old.inputs
    said = [text for text in account.later.engine.texts(ephemeral=False) if moving in text]
    assert said == [f"still blocked, because another resource of the program declares them: {moving}"]


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
