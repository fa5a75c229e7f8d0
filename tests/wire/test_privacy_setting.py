"""`PrivacySetting`, call by call, on a gateway that cannot read values but can read exceptions (Z-API)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Lease, Take
from .harness import ProviderProcess, without_provider

ONE, TWO, THREE = "+16505551001", "+16505551002", "+16505551003"

EVERY = {
    "last_seen": "contacts",
    "profile_photo": "none",
    "about": "none",
    "group_add": "contacts",
    "online": "match_last_seen",
    "read_receipts": "none",
    "default_message_timer": "7d",
}


def writes(account: Lease) -> list[Any]:
    """Return the bodies of the requests that changed a setting."""
    return [request.json for request in account.phone.requests() if request.operation == "privacy_write"]


@pytest.mark.parametrize(("setting", "value"), EVERY.items())
def test_every_setting_is_set_with_one_request_and_given_back(take: Take, setting: str, value: str) -> None:
    account = take("zapi")
    before = account.phone.privacy()[setting]
    resource = account.resource("PrivacySetting")

    resource.up({"setting": setting, "value": value, "baseline": before, "account": account.name})

    assert resource.id == f"{account.id}/privacy/{setting}"
    assert without_provider(resource.outputs) == {
        "instance": resource.outputs["instance"],
        "setting": setting,
        "value": value,
        "baseline": before,
        "onDestroy": "restore",
        "account": account.name,
        "accountId": account.id,
        "failed": {},
        "foreign": [],
    }
    assert account.phone.privacy()[setting] == value
    assert account.asked() == 1

    account.next_run(resource).delete()

    assert account.phone.privacy()[setting] == before
    assert account.asked() == 2


def test_exceptions_are_changed_by_what_differs(take: Take) -> None:
    account = take("zapi")
    account.phone.set_privacy("about", "contact_blacklist")
    account.phone.add_exceptions("about", THREE)
    news: dict[str, Any] = {"setting": "about", "value": "contact_blacklist", "account": account.name}
    resource = account.resource("PrivacySetting")

    resource.up({**news, "exceptions": [ONE, TWO]})

    assert account.phone.exceptions("about") == {ONE, TWO, THREE}
    assert resource.outputs["exceptions"] == {ONE: "", TWO: ""}
    assert len(writes(account)) == 1

    account.phone.clear_requests()
    assert resource.up({**news, "exceptions": {ONE: "boss"}})

    assert account.phone.exceptions("about") == {ONE, THREE}
    assert [body["contactsBlacklist"] for body in writes(account)] == [[{"action": "remove", "phone": TWO[1:]}]]

    account.phone.clear_requests()
    assert resource.up({**news, "exceptions": {ONE: "the boss"}})
    assert writes(account) == []


def test_exclusive_exceptions_remove_the_others(take: Take) -> None:
    account = take("zapi")
    account.phone.add_exceptions("last_seen", THREE)
    resource = account.resource("PrivacySetting")
    news: dict[str, Any] = {
        "setting": "last_seen",
        "value": "contact_blacklist",
        "exceptions": [ONE],
        "exceptionsMode": "exclusive",
        "account": account.name,
    }

    resource.up(news)
    assert account.phone.exceptions("last_seen") == {ONE}

    account.phone.add_exceptions("last_seen", TWO)
    heard = len(account.provider.engine.messages)
    assert resource.preview(news) == (True, [])
    assert [message.message for message in account.provider.engine.messages[heard:]] == [
        f"pulumi up would remove 1 contact from the exclusive exceptions of last_seen: {TWO}"
    ]
    assert account.phone.exceptions("last_seen") == {ONE, TWO}

    resource.up(news)
    assert account.phone.exceptions("last_seen") == {ONE}


def test_refresh_shows_exceptions_one_by_one(take: Take) -> None:
    account = take("zapi")
    resource = account.resource("PrivacySetting")
    resource.up({"setting": "about", "value": "contact_blacklist", "exceptions": [ONE, TWO], "account": account.name})
    account.phone.remove_exceptions("about", TWO)
    account.phone.add_exceptions("about", THREE)

    assert resource.refresh()

    assert resource.inputs["exceptions"] == resource.outputs["exceptions"] == {ONE: ""}


def test_an_empty_list_of_exceptions_may_be_another_value_and_is_not_recorded(take: Take) -> None:
    account = take("zapi")
    resource = account.resource("PrivacySetting")
    resource.up({"setting": "about", "value": "contact_blacklist", "exceptions": [ONE], "account": account.name})
    account.phone.set_privacy("about", "all")
    heard = len(account.provider.engine.messages)

    assert resource.refresh()

    assert resource.outputs["exceptions"] == {ONE: ""}
    assert any("The state is left as it was" in message.message for message in account.provider.engine.messages[heard:])


def test_without_a_value_to_go_back_to_it_stays_and_says_so(take: Take) -> None:
    account = take("zapi")
    resource = account.resource("PrivacySetting")
    resource.up({"setting": "online", "value": "match_last_seen", "account": account.name})

    account.next_run(resource).delete()

    assert account.phone.privacy()["online"] == "match_last_seen"
    assert any(
        f"online of {account.id} stays 'match_last_seen'" in text and "baseline" in text
        for text in account.later.engine.texts(ephemeral=False)
    )


def test_keep_asks_nobody(take: Take) -> None:
    account = take("zapi")
    resource = account.resource("PrivacySetting")
    news = {"setting": "online", "value": "match_last_seen", "baseline": "all", "onDestroy": "keep"}
    resource.up({**news, "account": account.name})
    account.phone.clear_requests()

    account.next_run(resource).delete()

    assert account.asked() == 0


def test_a_setting_that_another_resource_of_the_run_declares_is_not_given_back(take: Take) -> None:
    account = take("zapi")
    news = {"setting": "online", "value": "match_last_seen", "baseline": "all", "account": account.name}
    old = account.resource("PrivacySetting")
    old.up(news)

    account.next_run(account.resource("PrivacySetting")).up(news)
    account.next_run(old).delete()

    assert account.phone.privacy()["online"] == "match_last_seen"


def test_a_lost_answer_is_recorded_and_sent_again_by_the_next_run(take: Take) -> None:
    account = take("zapi")
    account.phone.fault("lost_answer", on="privacy", times=2)
    news = {"setting": "online", "value": "match_last_seen", "account": account.name}
    resource = account.resource("PrivacySetting")

    resource.up(news, run="run-1")
    assert resource.outputs["failed"]["value"]["state"] == "unknown"
    assert resource.failed_in("run-1")

    resource = account.next_run(resource)
    assert resource.up(news, run="run-2")
    assert resource.outputs["failed"] == {}
    assert not resource.up(news, run="run-3")


def test_a_false_success_is_no_verdict_on_the_setting(take: Take) -> None:
    account = take("zapi")
    account.phone.fault("no_success", on="privacy")

    resource = account.resource("PrivacySetting")
    resource.up({"setting": "online", "value": "all", "account": account.name})
    assert resource.outputs["failed"]["value"]["state"] == "unknown"
    assert "could not set online" in resource.outputs["failed"]["value"]["why"]


def test_exceptions_left_behind_are_named(take: Take, another_process: Callable[..., ProviderProcess]) -> None:
    account = take("zapi")
    resource = account.resource("PrivacySetting")
    news = {"setting": "about", "value": "contact_blacklist", "exceptions": [ONE], "baseline": "all"}
    resource.up({**news, "account": account.name})
    process = another_process(account)

    resource.on(process).delete()

    assert account.phone.privacy()["about"] == "all"
    (said,) = process.engine.texts()
    assert f"about of {account.id} is 'all' again" in said
    assert ONE in said
