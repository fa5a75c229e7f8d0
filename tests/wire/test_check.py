"""What ``check`` returns, and what it refuses; nothing of it asks a gateway."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from pulumi_whatsapp.config import load
from pulumi_whatsapp.connect import connect
from pulumi_whatsapp.dynamic._engine import SilentReport
from pulumi_whatsapp.gateways.registry import GATEWAYS
from pulumi_whatsapp.lifecycle.inputs import Inputs

from .conftest import Take
from .harness import UNKNOWN, ProviderProcess, without_provider

SENT: dict[str, dict[str, Any]] = {
    "BlockedContact": {"phone": "+55 (11) 98765-4321", "reason": "spam"},
    "Blocklist": {"contacts": ["+55 11 98765-4322", "5511987654321@s.whatsapp.net", "5511987654321"]},
    "PrivacySetting": {
        "setting": "lastSeen",
        "value": "CONTACT_BLACKLIST",
        "exceptions": {"+55 11 98765-4321": "boss", "+55 11 98765-4300": ""},
    },
}
CHECKED: dict[str, dict[str, Any]] = {
    "BlockedContact": {"phone": "+5511987654321", "reason": "spam"},
    "Blocklist": {"contacts": {"+5511987654321": "", "+5511987654322": ""}, "mode": "additive"},
    "PrivacySetting": {
        "setting": "last_seen",
        "value": "contact_blacklist",
        "exceptions": {"+5511987654300": "", "+5511987654321": "boss"},
        "exceptionsMode": "additive",
        "onDestroy": "restore",
    },
}


@pytest.mark.parametrize("kind", SENT)
def test_inputs_become_canonical_and_what_travels_with_the_run_is_gone(take: Take, kind: str) -> None:
    account = take("zapi")

    checked = account.resource(kind).check({**SENT[kind], "account": account.name}, run="run-7")

    assert checked.failures == {}
    assert without_provider(checked.inputs) == {**CHECKED[kind], "account": account.name}
    assert checked.inputs["__provider"]
    assert account.asked() == 0


def test_checking_what_was_checked_changes_nothing(take: Take) -> None:
    account = take("zapi")
    for kind, sent in SENT.items():
        resource = account.resource(kind)
        resource.inputs = resource.check({**sent, "account": account.name}).inputs

        again = resource.check(without_provider(resource.inputs))

        assert again.failures == {}
        assert again.inputs == resource.inputs


@pytest.mark.parametrize(
    ("kind", "inputs", "unknown"),
    [
        ("BlockedContact", {"phone": UNKNOWN, "reason": UNKNOWN}, {"phone", "reason"}),
        ("BlockedContact", {"phone": "+5511987654321", "account": UNKNOWN}, {"account"}),
        ("Blocklist", {"contacts": UNKNOWN}, {"contacts"}),
        ("Blocklist", {"contacts": ["+5511987654321", UNKNOWN]}, {"contacts"}),
        ("Blocklist", {"contacts": {"+5511987654321": UNKNOWN}}, {"contacts"}),
        ("Blocklist", {"contacts": [], "mode": UNKNOWN, "allowFailures": UNKNOWN}, {"mode", "allowFailures"}),
        ("PrivacySetting", {"setting": UNKNOWN, "value": "all"}, {"setting"}),
        ("PrivacySetting", {"setting": "online", "value": UNKNOWN, "baseline": UNKNOWN}, {"value", "baseline"}),
        (
            "PrivacySetting",
            {"setting": "about", "value": "contact_blacklist", "exceptions": UNKNOWN, "exceptionsMode": UNKNOWN},
            {"exceptions", "exceptionsMode"},
        ),
    ],
)
def test_unknown_values_pass_through(
    provider: ProviderProcess, kind: str, inputs: dict[str, Any], unknown: set[str]
) -> None:
    account = "meta-0" if kind == "Blocklist" else "zapi-0"

    checked = provider.resource(kind).check({"account": account, **inputs})

    assert checked.failures == {}
    assert {key for key, value in checked.inputs.items() if value == UNKNOWN} == unknown


BAD: list[tuple[str, str, dict[str, Any], dict[str, str]]] = [
    ("BlockedContact", "zapi", {"phone": "call me"}, {"phone": "'call me' is not a possible phone number"}),
    ("BlockedContact", "zapi", {"phone": "+55 11 9"}, {"phone": "too short for its country"}),
    ("BlockedContact", "zapi", {"phone": "011 98765-4321"}, {"phone": "whatsapp:defaultRegion"}),
    ("BlockedContact", "zapi", {}, {"phone": "it is missing"}),
    ("BlockedContact", "zapi", {"phone": 5511987654321.0}, {"phone": "must be a string, not a number"}),
    ("BlockedContact", "meta", {"phone": "12345@lid"}, {"phone": "does not take LIDs"}),
    ("Blocklist", "zapi", {"contacts": ["+5511987654321", "nope"]}, {"contacts": "'nope' is not a possible"}),
    (
        "Blocklist",
        "meta",
        {"contacts": {"+55 11 98765-4321": "a", "551187654321": "b"}},
        {"contacts": "two reasons, 'a' and 'b'"},
    ),
    ("Blocklist", "zapi", {"contacts": "+5511987654321"}, {"contacts": "must be a list of contacts or a map"}),
    ("Blocklist", "zapi", {"contacts": [], "mode": "total"}, {"mode": "one of additive, exclusive"}),
    ("Blocklist", "zapi", {"contacts": [], "mode": "exclusive"}, {"mode": "Z-API cannot list who is blocked"}),
    ("Blocklist", "zapi", {"contacts": [], "allowFailures": "yes"}, {"allow_failures": "true or false"}),
    ("PrivacySetting", "zapi", {"setting": "lastsee", "value": "all"}, {"setting": "last_seen"}),
    ("PrivacySetting", "zapi", {"setting": "about", "value": "friends"}, {"value": "contact_blacklist"}),
    ("PrivacySetting", "zapi", {"setting": "online", "value": "none"}, {"value": "match_last_seen"}),
    ("PrivacySetting", "zapi", {"setting": "online", "value": "all", "baseline": "x"}, {"baseline": "match_last_seen"}),
    ("PrivacySetting", "zapi", {"setting": "call_add", "value": "all"}, {"setting": "Z-API cannot set call_add"}),
    ("PrivacySetting", "meta", {"setting": "about", "value": "all"}, {"setting": "Meta cannot set about"}),
    ("PrivacySetting", "360dialog", {"setting": "about", "value": "all"}, {"setting": "360dialog cannot set about"}),
    (
        "PrivacySetting",
        "zapi",
        {"setting": "about", "value": "none", "exceptions": ["+5511987654321"]},
        {"exceptions": "only under value 'contact_blacklist', and value is 'none'"},
    ),
    (
        "PrivacySetting",
        "zapi",
        {"setting": "about", "value": "all", "exceptionsMode": "exclusive"},
        {"exceptions": "only under value 'contact_blacklist'"},
    ),
    (
        "PrivacySetting",
        "zapi",
        {"setting": "about", "value": "all", "onDestroy": "reset"},
        {"on_destroy": "restore, keep"},
    ),
]


@pytest.mark.parametrize(("kind", "gateway", "inputs", "why"), BAD)
def test_what_is_not_possible_is_refused_with_the_property_and_the_reason(
    provider: ProviderProcess, kind: str, gateway: str, inputs: dict[str, Any], why: dict[str, str]
) -> None:
    checked = provider.resource(kind).check({"account": f"{gateway}-0", **inputs})

    assert checked.failures.keys() == why.keys()
    for key, part in why.items():
        assert part in checked.failures[key]
        assert "\n" not in checked.failures[key]


def test_every_mistake_is_reported_at_once(provider: ProviderProcess) -> None:
    checked = provider.resource("Blocklist").check(
        {"account": "zapi-0", "contacts": ["nope"], "mode": "exclusive", "allowFailures": "yes"}
    )

    assert checked.failures.keys() == {"contacts", "mode", "allow_failures"}


@pytest.mark.parametrize(
    ("account", "parts"),
    [
        (None, ("no account 'default' is configured", "brazil", "pulumi config set")),
        ("nobody", ("no account 'nobody' is configured", "whatsapp:accounts.nobody.gateway")),
        (
            "broken",
            (
                "whatsapp:accounts.broken.token is missing",
                "pulumi config set --secret",
                "WHATSAPP_ACCOUNTS_BROKEN_TOKEN",
            ),
        ),
    ],
)
@pytest.mark.parametrize("kind", SENT)
def test_missing_configuration_is_refused_with_the_line_that_mends_it(
    provider: ProviderProcess, kind: str, account: str | None, parts: tuple[str, ...]
) -> None:
    named = {} if account is None else {"account": account}

    checked = provider.resource(kind).check({**SENT[kind], **named})

    assert checked.failures.keys() == {"account"}
    for part in parts:
        assert part in checked.failures["account"]


def test_national_numbers_need_a_region(take: Take) -> None:
    account = take("brazil")

    checked = account.resource("BlockedContact").check({"phone": "(11) 98765-4321", "account": account.name})

    assert checked.failures == {}
    assert checked.inputs["phone"] == "+5511987654321"


def test_a_number_that_the_state_holds_already_is_not_refused_any_more(provider: ProviderProcess) -> None:
    resource = provider.resource("BlockedContact")
    resource.inputs = {**resource.check({"phone": "+5511987654321", "account": "zapi-0"}).inputs, "phone": "+999123"}

    checked = resource.check({"phone": "+999123", "account": "zapi-0"})

    assert checked.failures == {}
    assert checked.inputs["phone"] == "+999123"


def test_of_two_spellings_in_a_map_the_same_one_is_kept_in_any_order(tmp_path: Path) -> None:
    keys = {"gateway": "zapi", "instance": "demo", "sandbox": "unused"}
    accounts = connect(load(keys, {}, GATEWAYS, root=tmp_path), SilentReport())
    spellings = {"+55 11 98765-4321": "", "551187654321": "", "+551187654321": "why"}

    kept = [
        Inputs({"contacts": dict(order)}, {}, accounts).contacts("contacts")
        for order in itertools.permutations(spellings.items())
    ]

    assert kept == [{"+5511987654321": "why"}] * 6
