"""What ``check`` returns, and what it refuses; nothing of it asks a gateway."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest

from pulumi_whatsapp.account.claims import Declarer
from pulumi_whatsapp.config import load
from pulumi_whatsapp.connect import connect
from pulumi_whatsapp.engine.engine_report import SilentReport
from pulumi_whatsapp.gateways.registry import GATEWAYS
from pulumi_whatsapp.lifecycle.inputs import Inputs

from .conftest import Take
from .harness import UNKNOWN, ProviderError, ProviderProcess, without_provider

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
    assert ("__provider" in checked.inputs) == (account.provider.face == "dynamic")
    assert account.asked() == 0


def test_checking_what_was_checked_changes_nothing(take: Take) -> None:
    for kind, sent in SENT.items():
        account = take("zapi")
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
def test_unknown_values_pass_through(take: Take, kind: str, inputs: dict[str, Any], unknown: set[str]) -> None:
    account = take("meta" if kind == "Blocklist" else "zapi")

    checked = account.resource(kind).check({"account": account.name, **inputs})

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
    take: Take, kind: str, gateway: str, inputs: dict[str, Any], why: dict[str, str]
) -> None:
    account = take(gateway)

    checked = account.resource(kind).check({"account": account.name, **inputs})

    assert checked.failures.keys() == why.keys()
    for key, part in why.items():
        assert part in checked.failures[key]
        assert "\n" not in checked.failures[key]


@pytest.mark.parametrize(
    ("kind", "inputs", "hidden"),
    [
        ("PrivacySetting", {"setting": "about", "value": "s3cr3t"}, ["value"]),
        ("PrivacySetting", {"setting": "about", "value": "all", "baseline": "s3cr3t"}, ["baseline"]),
        ("PrivacySetting", {"setting": "s3cr3t", "value": "all"}, ["setting"]),
        ("BlockedContact", {"phone": "+5511987654321", "account": "s3cr3t"}, ["account"]),
        ("Blocklist", {"contacts": [], "mode": "s3cr3t"}, ["mode"]),
    ],
)
def test_a_secret_that_is_wrong_is_not_quoted(take: Take, kind: str, inputs: dict[str, Any], hidden: list[str]) -> None:
    account = take("zapi")

    shown = account.resource(kind).check({"account": account.name, **inputs})
    concealed = account.resource(kind).check({"account": account.name, **inputs}, hidden=hidden)

    assert "s3cr3t" in str(shown.failures)
    assert concealed.failures
    assert "s3cr3t" not in str(concealed.failures)


@pytest.mark.parametrize("contacts", [["11 98765-4321"], {"11 98765-4321": "a", "11 98765-4322": "b"}])
def test_a_number_in_national_form_is_no_error_of_its_own_where_the_account_is_one(
    take: Take, contacts: object
) -> None:
    resource = take("zapi").resource("Blocklist")

    assert resource.check({"account": "nobody", "contacts": contacts}).failures.keys() == {"account"}
    impossible = resource.check({"account": "nobody", "contacts": ["+12"]})
    assert impossible.failures.keys() == {"account", "contacts"}
    later = resource.check({"account": UNKNOWN, "contacts": contacts}, preview=True)
    assert later.failures == {}
    assert later.inputs["contacts"] == UNKNOWN


def test_every_mistake_is_reported_at_once(take: Take) -> None:
    account = take("zapi")

    checked = account.resource("Blocklist").check(
        {"account": account.name, "contacts": ["nope"], "mode": "exclusive", "allowFailures": "yes"}
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
    resource = provider.resource(kind)

    checked = resource.check({**SENT[kind], **named})

    if account == "broken" and provider.face == "native":
        # A check is not told whether it is a preview's, and a preview needs no credentials.
        assert "account" not in checked.failures
        if kind != "BlockedContact":
            return
        with pytest.raises(ProviderError) as refused:
            resource.create({"phone": "+5511987654321", "account": account})
        said = str(refused.value)
    else:
        assert checked.failures.keys() == {"account"}
        said = checked.failures["account"]
    for part in parts:
        assert part in said


def test_national_numbers_need_a_region(take: Take) -> None:
    account = take("brazil")

    checked = account.resource("BlockedContact").check({"phone": "(11) 98765-4321", "account": account.name})

    assert checked.failures == {}
    assert checked.inputs["phone"] == "+5511987654321"


def test_a_number_that_the_state_holds_already_is_not_refused_any_more(take: Take) -> None:
    account = take("zapi")
    resource = account.resource("BlockedContact")
    resource.inputs = {
        **resource.check({"phone": "+5511987654321", "account": account.name}).inputs,
        "phone": "+999123",
    }

    checked = resource.check({"phone": "+999123", "account": account.name})

    assert checked.failures == {}
    assert checked.inputs["phone"] == "+999123"


def test_of_two_spellings_in_a_map_the_same_one_is_kept_in_any_order(tmp_path: Path) -> None:
    keys = {"gateway": "zapi", "instance": "demo", "sandbox": "unused"}
    accounts = connect(load(keys, {}, GATEWAYS, root=tmp_path), SilentReport())
    spellings = {"+55 11 98765-4321": "", "551187654321": "", "+551187654321": "why"}

    kept = [
        Inputs({"contacts": dict(order)}, {}, accounts, Declarer("it", "it")).contacts("contacts")
        for order in itertools.permutations(spellings.items())
    ]

    assert kept == [{"+5511987654321": "why"}] * 6


ONE, TWO = "+16505551001", "+16505551002"
TWICE: list[tuple[str, dict[str, Any], str, dict[str, Any], str, str]] = [
    ("BlockedContact", {"phone": ONE}, "BlockedContact", {"phone": "1 (650) 555-1001 "}, "phone", f"{ONE} is declared"),
    ("Blocklist", {"contacts": [TWO, ONE]}, "BlockedContact", {"phone": ONE}, "phone", f"{ONE} is declared twice"),
    ("BlockedContact", {"phone": ONE}, "Blocklist", {"contacts": [TWO, ONE]}, "contacts", f"{ONE} is declared twice"),
    (
        "BlockedContact",
        {"phone": "+553187654321"},
        "Blocklist",
        {"contacts": ["+55 31 98765-4321"]},
        "contacts",
        ", as +553187654321,",
    ),
    (
        "Blocklist",
        {"contacts": [ONE], "mode": "exclusive"},
        "BlockedContact",
        {"phone": TWO},
        "phone",
        "an exclusive list must be the only one",
    ),
    (
        "BlockedContact",
        {"phone": TWO},
        "Blocklist",
        {"contacts": [], "mode": "exclusive"},
        "contacts",
        "an exclusive list must be the only one",
    ),
    (
        "PrivacySetting",
        {"setting": "about", "value": "all"},
        "PrivacySetting",
        {"setting": "ABOUT", "value": "none"},
        "setting",
        "about is declared twice",
    ),
]


@pytest.mark.parametrize(("kind", "inputs", "other", "more", "property_name", "says"), TWICE)
def test_what_is_declared_twice_is_refused_and_names_both(
    take: Take, kind: str, inputs: dict[str, Any], other: str, more: dict[str, Any], property_name: str, says: str
) -> None:
    account = take("zapi" if kind == "PrivacySetting" else "meta")
    first, second = account.resource(kind, "first"), account.resource(other, "second")
    assert first.check({**inputs, "account": account.name}).failures == {}

    checked = second.check({**more, "account": account.name})

    assert checked.failures.keys() == {property_name}
    assert says in checked.failures[property_name]
    assert first.label in checked.failures[property_name]
    assert second.label in checked.failures[property_name]
    assert account.asked("block") + account.asked("unblock") + account.asked("privacy") == 0


def test_one_contact_may_be_declared_for_two_accounts(take: Take) -> None:
    for account in (take("meta"), take("meta"), take("zapi")):
        checked = account.resource("BlockedContact").check({"phone": ONE, "account": account.name})
        assert checked.failures == {}


def test_a_resource_that_is_checked_again_declares_what_it_was_given_last(take: Take) -> None:
    account = take("meta")
    listed, contact = account.resource("Blocklist"), account.resource("BlockedContact")
    listed.check({"contacts": [ONE, TWO], "account": account.name})
    listed.check({"contacts": [TWO], "account": account.name}, new=True)

    assert contact.check({"phone": ONE, "account": account.name}).failures == {}
    assert contact.check({"phone": TWO, "account": account.name}).failures.keys() == {"phone"}


def test_a_secret_that_is_declared_twice_is_not_shown(take: Take) -> None:
    account = take("meta")
    account.resource("BlockedContact", "first").check({"phone": ONE, "account": account.name}, secret=True)

    checked = account.resource("BlockedContact", "second").check({"phone": ONE, "account": account.name})

    assert ONE[1:] not in checked.failures["phone"]
    assert ONE[-4:] in checked.failures["phone"]


@pytest.mark.parametrize("kind", SENT)
def test_a_resource_that_keeps_all_of_its_inputs_is_checked_without_a_message(take: Take, kind: str) -> None:
    account = take("zapi")
    resource = account.resource(kind)
    resource.up({**SENT[kind], "account": account.name})
    resource = account.next_run(resource)

    for _ in range(2):  # the engine may check a resource twice: that is one claim
        kept = resource.check(without_provider(resource.inputs), run=None)
        assert kept.failures == {}
        assert kept.inputs == resource.inputs
    assert resource.diff(kept.inputs) == (False, [])


def test_what_is_declared_without_a_message_is_a_claim_and_a_secret_stays_one(take: Take) -> None:
    account = take("meta")
    kept = account.resource("BlockedContact")
    kept.inputs = kept.check({"phone": ONE, "account": account.name}, secret=True).inputs
    kept = account.next_run(kept)

    checked = kept.check(without_provider(kept.inputs), run=None)
    assert checked.failures == {}
    assert checked.inputs == kept.inputs

    twin = account.next_run(account.resource("BlockedContact")).check({"phone": ONE, "account": account.name})
    assert "is declared twice" in twin.failures["phone"]
    assert ONE[1:] not in twin.failures["phone"]
