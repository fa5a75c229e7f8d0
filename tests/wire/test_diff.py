"""What ``diff`` answers. Only an exclusive list asks the gateway for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from .conftest import Lease, Take
from .harness import UNKNOWN, EngineResource, ProviderError

PHONE = "+5511987654321"
OTHER = "+5511987654399"
LIST = {"contacts": [PHONE, OTHER]}
SETTING: dict[str, Any] = {"setting": "about", "value": "contact_blacklist", "exceptions": [PHONE]}


@pytest.fixture(scope="module")
def existing(take: Take) -> dict[str, EngineResource]:
    """One resource of each kind, each on an account of its own."""
    return {kind: lease.resource for kind, lease in _one_of_each(take).items()}


@dataclass
class Made:
    """A resource, and its account."""

    account: Lease
    resource: EngineResource


def _one_of_each(take: Take) -> dict[str, Made]:
    made = {}
    for kind, news in (("BlockedContact", {"phone": PHONE}), ("Blocklist", LIST), ("PrivacySetting", SETTING)):
        account = take("zapi")
        made[kind] = Made(account, account.resource(kind))
        made[kind].resource.up({**news, "account": account.name})
        account.phone.clear_requests()
    return made


SAME: list[tuple[str, dict[str, Any]]] = [
    ("BlockedContact", {"phone": "+55 (11) 98765-4321"}),
    ("BlockedContact", {"phone": "5511987654321@c.us"}),
    ("Blocklist", {"contacts": {OTHER: "", "55 11 98765 4321": ""}}),
    ("Blocklist", {"contacts": [OTHER, PHONE, PHONE], "mode": "additive"}),
    ("PrivacySetting", {**SETTING, "setting": "about", "value": "CONTACT_BLACKLIST", "exceptions": {PHONE: ""}}),
    ("PrivacySetting", {**SETTING, "onDestroy": "restore", "exceptionsMode": "additive"}),
]


@pytest.mark.parametrize(("kind", "news"), SAME)
def test_another_spelling_is_no_change(existing: dict[str, EngineResource], kind: str, news: dict[str, Any]) -> None:
    resource = existing[kind]

    assert resource.preview({**news, "account": resource.inputs["account"]}) == (False, [])


CHANGED: list[tuple[str, dict[str, Any], list[str]]] = [
    ("BlockedContact", {"phone": OTHER}, ["phone"]),
    ("BlockedContact", {"phone": PHONE, "reason": "new"}, []),
    ("BlockedContact", {"phone": "+551187654321"}, []),
    ("BlockedContact", {"phone": UNKNOWN}, []),
    ("BlockedContact", {"phone": PHONE, "reason": UNKNOWN}, []),
    ("BlockedContact", {"phone": PHONE, "account": UNKNOWN}, []),
    ("BlockedContact", {"phone": PHONE, "account": "elsewhere"}, ["account"]),
    ("Blocklist", {"contacts": [PHONE]}, ["contacts"]),
    ("Blocklist", {"contacts": [OTHER, "+5511987654300"]}, ["contacts"]),
    ("Blocklist", {"contacts": [PHONE, OTHER, "+5511987654300"]}, []),
    ("Blocklist", {"contacts": []}, ["contacts"]),
    ("Blocklist", {"contacts": {PHONE: "now with a reason", OTHER: ""}}, []),
    ("Blocklist", {"contacts": [PHONE, UNKNOWN]}, []),
    ("Blocklist", {**LIST, "mode": UNKNOWN}, []),
    ("Blocklist", {**LIST, "allowFailures": True}, []),
    ("Blocklist", {**LIST, "account": UNKNOWN}, []),
    ("Blocklist", {**LIST, "account": "elsewhere"}, ["account"]),
    ("PrivacySetting", {**SETTING, "exceptions": [OTHER]}, []),
    ("PrivacySetting", {"setting": "about", "value": "none"}, []),
    ("PrivacySetting", {"setting": "about", "value": UNKNOWN}, []),
    ("PrivacySetting", {"setting": UNKNOWN, "value": "all"}, []),
    ("PrivacySetting", {**SETTING, "baseline": "all"}, []),
    ("PrivacySetting", {**SETTING, "onDestroy": "keep"}, []),
    ("PrivacySetting", {**SETTING, "setting": "last_seen"}, ["setting"]),
    ("PrivacySetting", {**SETTING, "account": "elsewhere"}, ["account"]),
]


@pytest.mark.parametrize(("kind", "news", "replaces"), CHANGED)
def test_a_change_is_an_update_unless_somebody_goes_or_it_is_another_setting_or_account(
    take: Take, existing: dict[str, EngineResource], kind: str, news: dict[str, Any], replaces: list[str]
) -> None:
    resource = existing[kind]
    if news.get("account") == "elsewhere":
        news = {**news, "account": take("zapi").name}

    assert resource.preview({"account": resource.inputs["account"], **news}) == (True, replaces)


def test_none_of_it_asked_the_gateway(take: Take) -> None:
    made = _one_of_each(take)

    for kind, news in SAME:
        made[kind].resource.preview({**news, "account": made[kind].account.name})
    for kind, news, _ in CHANGED:
        if news.get("account") != "elsewhere":
            made[kind].resource.preview({"account": made[kind].account.name, **news})

    assert [each.account.asked() for each in made.values()] == [0, 0, 0]


def test_a_renamed_account_is_no_change_and_one_that_nobody_configures_is_refused(
    take: Take, another_process: Any
) -> None:
    account = take("meta")
    resource = account.resource("BlockedContact")
    resource.up({"phone": PHONE, "account": account.name})

    account.name = "renamed"
    renamed = resource.on(another_process(account))
    assert renamed.preview({"phone": PHONE, "account": "renamed"}) == (False, [])

    other = take("meta")
    elsewhere = resource.on(another_process(other))
    checked = elsewhere.check({"phone": PHONE, "account": other.name})
    with pytest.raises(ProviderError, match=rf"account '{account.id}', which is not configured.*`formerly`"):
        elsewhere.diff(checked.inputs)
    with pytest.raises(ProviderError, match="Remove an account only after its resources"):
        elsewhere.delete()
    assert account.phone.blocked() == {PHONE}
    assert other.asked() == 0


def test_an_account_that_moved_is_the_same_one(take: Take) -> None:
    account = take("moved")
    resource = account.resource("BlockedContact")
    resource.up({"phone": PHONE, "account": account.name})
    resource.outputs["accountId"] = "zapi/old"
    resource.id = f"zapi/old/{resource.outputs['waId']}"

    assert resource.preview({"phone": PHONE, "account": account.name}) == (False, [])
    account.next_run(resource).delete()
    assert account.phone.blocked() == set()


def test_a_new_exclusive_list_names_whom_the_next_run_would_unblock_and_changes_nothing(take: Take) -> None:
    account = take("meta")
    account.phone.block("+16505551234", "+16505551235")
    resource = account.resource("Blocklist")
    news = {"contacts": ["+16505551234", "+16505551236"], "mode": "exclusive", "account": account.name}
    heard = len(account.provider.engine.messages)

    resource.preview(news)

    told = [each.message for each in account.provider.engine.messages[heard:] if not each.ephemeral]
    assert told[0] == "Blocklist 'it': blocks 1: +16505551236"
    assert "does not declare 1 contact of" in told[1]
    assert "+16505551235" in told[1]
    assert "the next pulumi up would unblock them" in told[1]
    assert len(told) == 2
    assert account.asked() == account.asked("list")
    assert account.phone.blocked() == {"+16505551234", "+16505551235"}


def test_an_exclusive_list_is_replaced_for_a_stranger_and_names_it(take: Take) -> None:
    account = take("meta")
    resource = account.resource("Blocklist")
    news = {"contacts": [PHONE], "mode": "exclusive", "account": account.name}
    resource.up(news)
    account.phone.block("+16505551235")
    resource = account.next_run(resource)
    heard = len(account.later.engine.messages)

    assert resource.preview(news) == (True, ["contacts"])

    told = [each.message for each in account.later.engine.messages[heard:] if not each.ephemeral]
    assert told == ["Blocklist 'it': unblocks 1: +16505551235"]
    assert account.phone.blocked() == {PHONE, "+16505551235"}


def test_an_exclusive_list_with_unknown_contacts_asks_nobody(take: Take) -> None:
    account = take("meta")

    account.resource("Blocklist").check(
        {"contacts": UNKNOWN, "mode": "exclusive", "account": account.name}, preview=True
    )

    assert account.asked() == 0
