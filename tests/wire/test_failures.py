"""Whatever goes wrong is one line, without a traceback and without a credential."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from .conftest import Lease, Start, Take
from .harness import UNKNOWN, ProviderError, ProviderProcess

PHONE = "+16505551234"
SECRETS = {"token": "SECRET+tok=en 1", "clientToken": "SECRET-client-2", "apiKey": "SECRET-key-3"}


def secretive(account: Lease) -> dict[str, str]:
    """Return unmistakable credentials in place of the account's own."""
    account.keys = {**account.keys, **{key: value for key, value in SECRETS.items() if key in account.keys}}
    return SECRETS


def one_line(error: ProviderError) -> str:
    """Return the line, once it is one and shows nothing that it must not."""
    line = str(error)
    assert "\n" not in line
    assert "Traceback" not in line
    assert "InternalError" not in line
    assert "SECRET" not in line
    return line


GATEWAYS = ("zapi", "meta", "360dialog")
FAULTS = {
    "unauthorized": "check ",
    "forbidden": "check |not allowed",
    "not_found": "check ",
    "rate_limit": "too many|[Rr]ate",
    "outage": "try again later",
    "drop": "did not answer|cannot be reached",
    "timeout": "did not answer|cannot be reached",
    "html": "something it does not document: <!doctype html>",
    "wrong_shape": "something it does not document",
}


@pytest.fixture(scope="module")
def failing(
    take: Take, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[ProviderProcess, dict[tuple[str, str], Lease]]]:
    """One account for each way to fail, on one process."""
    accounts = {}
    for gateway, fault in itertools.product(GATEWAYS, FAULTS):
        account = accounts[gateway, fault] = take(gateway)
        secretive(account)
        account.keys |= {"maxRetries": 0, "timeout": 0.3 if fault == "timeout" else 20}
        account.phone.fault(fault, times=None, retry_after=0)
    stack = json.dumps({account.name: account.keys for account in accounts.values()})
    process = ProviderProcess({"accounts": stack}, tmp_path_factory.mktemp("failing"))
    yield process, accounts
    process.close()


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_gateway_that_fails_is_one_line(
    failing: tuple[ProviderProcess, dict[tuple[str, str], Lease]], gateway: str, fault: str
) -> None:
    process, accounts = failing
    news = {"phone": PHONE, "account": accounts[gateway, fault].name}
    contact = process.resource("BlockedContact")
    said = None
    try:
        contact.up(news)
    except ProviderError as failed:
        said = one_line(failed)
    if said is None:  # nobody can tell whether it took effect, so the state says that
        assert contact.outputs["failed"][PHONE]["state"] == "unknown"
        said = contact.outputs["failed"][PHONE]["why"]

    assert re.search(FAULTS[fault], said)
    assert "\n" not in said
    assert "SECRET" not in said
    assert "SECRET" not in "".join(process.engine.texts()) + process.printed.read_text()


def test_a_wrong_token_is_told_for_every_call_and_changes_nothing(take: Take, another_process: Start) -> None:
    account = take("zapi")
    contact, setting = account.resource("BlockedContact"), account.resource("PrivacySetting")
    contact.up({"phone": PHONE, "account": account.name})
    setting.up({"setting": "online", "value": "match_last_seen", "baseline": "all", "account": account.name})
    secretive(account)
    process = another_process(account)

    for call in (
        contact.on(process).delete,
        setting.on(process).delete,
        lambda: process.resource("BlockedContact").up({"phone": "+16505550000", "account": account.name}),
        lambda: process.resource("Blocklist").up({"contacts": ["+16505550001"], "account": account.name}),
        lambda: setting.on(process).up({"setting": "online", "value": "all", "account": account.name}),
    ):
        with pytest.raises(ProviderError) as failed:
            call()
        assert "check" in one_line(failed.value)

    assert account.phone.blocked() == {PHONE}
    assert account.phone.privacy()["online"] == "match_last_seen"


def test_an_answer_that_quotes_the_credentials_does_not_show_them(take: Take, another_process: Start) -> None:
    account = take("meta")
    account.keys["token"] = "html"  # stands in what the fault answers
    account.phone.fault("html", times=None)
    process = another_process(account, maxRetries=0)

    with pytest.raises(ProviderError, match=r"<!doctype \[redacted\]>"):
        process.resource("BlockedContact").up({"phone": PHONE, "account": account.name})
    account.phone.clear_faults()


def test_a_fault_of_this_package_says_so_on_one_line(provider: ProviderProcess) -> None:
    broken = provider.resource("BlockedContact")
    checked = provider.resource("BlockedContact").check({"phone": PHONE}).inputs
    broken.outputs = {"__provider": checked.get("__provider", "")}

    with pytest.raises(ProviderError, match=r"^KeyError: [^\n]*WHATSAPP_DEBUG=1$"):
        broken.delete()


def test_tracebacks_are_there_for_whoever_asks(take: Take, another_process: Start) -> None:
    account = take("meta")
    account.phone.fault("unauthorized", times=None)
    process = another_process(account, environment={"WHATSAPP_DEBUG": "1"})

    with pytest.raises(ProviderError, match="Traceback"):
        process.resource("BlockedContact").up({"phone": PHONE, "account": account.name})


def test_an_unknown_value_never_reaches_a_gateway(take: Take) -> None:
    previews: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
        ("BlockedContact", {"phone": PHONE}, {"phone": UNKNOWN, "reason": UNKNOWN}),
        ("Blocklist", {"contacts": [PHONE]}, {"contacts": [PHONE, UNKNOWN]}),
        ("Blocklist", {"contacts": [PHONE]}, {"contacts": {PHONE: UNKNOWN}, "mode": "exclusive"}),
        ("Blocklist", {"contacts": [PHONE]}, {"contacts": [PHONE], "mode": UNKNOWN}),
    ]
    for kind, known, unknown in previews:
        fresh, account = take("meta"), take("meta")
        fresh.resource(kind).check({**unknown, "account": fresh.name}, preview=True)
        assert UNKNOWN not in str(fresh.phone.requests())
        existing = account.resource(kind)
        existing.up({**known, "account": account.name})
        account.phone.clear_requests()
        assert existing.preview({**unknown, "account": account.name}) == (True, [])
        assert UNKNOWN not in str(account.phone.requests())
