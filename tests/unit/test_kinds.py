"""What a key may be, and what is said of a value that it may not be."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_whatsapp.config import ACCOUNT_KEYS
from pulumi_whatsapp.config import SECRETS as SECRET_KEYS
from pulumi_whatsapp.errors import ConfigurationError
from pulumi_whatsapp.redact import Redactor

from .configured import META, ROOT, ZAPI, load_accounts, why_not_usable


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("maxRetries", "-1", "is '-1'; it must be a whole number, 0 or more"),
        ("phoneNumber", "US.1349", "is 'US.1349'; it must be a phone number, not another id"),
        ("phoneNumber", "1349@lid", "is '1349@lid'; it must be a phone number, not another id"),
        ("requestsPerMinute", "0", "is '0'; it must be a whole number above 0"),
        ("maxUnblocks", "many", "is 'many'; it must be a whole number, 0 or more"),
        ("maxConcurrency", "0", "is '0'; it must be a whole number above 0"),
        ("timeBudget", "0", "is '0'; it must be a number of seconds above 0"),
        ("timeBudget", "inf", "is 'inf'; it must be a number of seconds above 0"),
        ("timeout", "nan", "is 'nan'; it must be a number of seconds above 0"),
        ("timeout", "٣", "is '٣'; it must be a number of seconds above 0"),
        ("maxUnblocks", "٣", "is '٣'; it must be a whole number, 0 or more"),
        ("maxUnblocks", "+5511987654321", "is '+5511987654321'; it must be a whole number, 0 or more"),
        ("maxRetries", "1.5", "is '1.5'; it must be a whole number, 0 or more"),
        ("phoneNumber", "123", "too short"),
        ("apiVersion", "23", "is '23'; it must be a version like v23.0"),
        ("acceptVanished", "perhaps", "is 'perhaps'; it must be true or false"),
        ("formerly", "[zapi", "is '[zapi'; it must be account ids"),
        ("formerly", "[1]", "is '[1]'; it must be account ids"),
        ("phoneNumberId", "x" * 50, f"is '{'x' * 40}…'; it must be digits only"),
        ("baseUrl", "api.test", "is wrong: it must be an http(s) URL"),
        ("baseUrl", "https://api.test:99999", "is wrong: it must be an http(s) URL"),
        ("baseUrl", "https://api.test:0", "is wrong: it must be an http(s) URL"),
        ("baseUrl", "https://api test/x", "is wrong: it must be an http(s) URL"),
        ("baseUrl", "https://a\x07b.test", "is wrong: it must be an http(s) URL"),
        ("baseUrl", "ftp://api.test", "http"),
        ("giveUp", "[+55", "is '[+55'; it must be contacts"),
        ("giveUp", "+12", "is wrong: '+12' is not a possible phone number"),
        ("baseUrl", "http://api.test", "https"),
        ("defaultRegion", "BR\n", "it must be a country's two capital letters"),
        ("region", "br", "is 'br'; it must be one of in, ap, eu, na"),
        ("sid", "", "is ''; it must be a text in UTF-8 that is not empty"),
        ("sandbox", "wa\udcff", "it must be the file of a sandbox"),
        ("sid", "3A\udcff", "it must be a text in UTF-8 that is not empty"),
    ],
)
def test_a_wrong_value_is_explained(key: str, value: str, says: str) -> None:
    text = why_not_usable(load_accounts({**ZAPI, key: value}))
    assert f"whatsapp:{key} is " in text
    assert says in text
    for jargon in ("Input should", "String should", "Value error", "Expecting"):
        assert jargon not in text


@pytest.mark.parametrize(("text", "on"), [("true", True), ("Yes", True), ("1", True), (" off", False), ("no", False)])
def test_a_switch_has_more_than_one_word(text: str, on: bool) -> None:
    assert load_accounts({**ZAPI, "acceptVanished": text})["default"].accept_vanished is on


@pytest.mark.parametrize("address", ["https://me:s3cret@[api.test", "https://me:s3cret@a\u2100.test"])
def test_an_address_that_is_none_is_not_quoted(address: str) -> None:
    assert "whatsapp:baseUrl is wrong: it must be an http(s) URL" in why_not_usable(
        load_accounts({**ZAPI, "baseUrl": address})
    )


@pytest.mark.parametrize(
    "address", ["https://api.test:443/x", "http://[::1]:8080", "https://münchen.test", "http://localhost"]
)
def test_an_address_is_taken_as_it_is(address: str) -> None:
    assert load_accounts({**ZAPI, "baseUrl": address})["default"].base_url == address


@pytest.mark.parametrize("text", ["+55 11 98765-4321, 1234567890@lid", '["+5511987654321", "1234567890@lid"]'])
def test_who_is_given_up_is_read_in_any_spelling_and_holds_for_every_account(text: str) -> None:
    configured = load_accounts(ZAPI, {"WHATSAPP_GIVE_UP": text}, support=META)
    for name in ("default", "support"):
        assert configured[name].give_up == ("+5511987654321", "1234567890@lid")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:1", "https://x.test/a/"])
def test_plain_http_is_for_this_machine(url: str) -> None:
    assert load_accounts({**ZAPI, "baseUrl": url})["default"].base_url == url.rstrip("/")


@pytest.mark.parametrize("user", ["me:s3cret", "me:s3%2Fcr@et", "s3cret"])
def test_the_user_and_the_password_of_a_proxy_are_secrets(user: str) -> None:
    account = load_accounts({**ZAPI, "baseUrl": f"https://{user}@proxy.test/z"})["default"]
    _, _, password = user.partition(":")
    text = f"GET {httpx.URL(f'https://{user}@proxy.test/z')} as {password}, {unquote(password)}"
    shown = Redactor(account.secrets())(text)
    assert "proxy.test/z" in shown
    assert "s3" not in shown


def test_a_sandbox_in_the_home_of_an_unknown_user_is_told() -> None:
    text = why_not_usable(load_accounts({**ZAPI, "sandbox": "~nouser/wa.sandbox"}))
    assert "whatsapp:sandbox is '~nouser/wa.sandbox'; it must be the file of a sandbox" in text


def test_a_relative_sandbox_lies_beside_pulumi_yaml() -> None:
    assert load_accounts({**ZAPI, "sandbox": "state/wa.sandbox"})["default"].sandbox == ROOT / "state" / "wa.sandbox"
    assert load_accounts({**ZAPI, "sandbox": "/var/wa.sandbox"})["default"].sandbox == Path("/var/wa.sandbox")
    assert load_accounts(ZAPI, {"WHATSAPP_SANDBOX": "wa.sandbox"})["default"].sandbox == ROOT / "wa.sandbox"


@pytest.mark.parametrize("value", ["true", "True", "yes", "1", "on", "false", "no", "0", "off"])
def test_a_sandbox_is_a_file_and_no_switch(value: str) -> None:
    text = why_not_usable(load_accounts({**ZAPI, "sandbox": value}))
    assert f"whatsapp:sandbox is {value!r}; it must be the file of a sandbox, e.g. .sandbox/whatsapp.sqlite" in text
    assert "WHATSAPP_SANDBOX is" in why_not_usable(load_accounts(ZAPI, {"WHATSAPP_SANDBOX": value}))


def test_a_sandbox_of_a_named_account_is_no_switch() -> None:
    for value in (True, False):
        text = why_not_usable(load_accounts({**ZAPI, "sandbox": "wa.sandbox"}, real={**META, "sandbox": value}), "real")
        assert f"whatsapp:accounts.real.sandbox is '{value}'; it must be the file of a sandbox" in text
        assert "(for the real gateway empty it)" in text


@pytest.mark.parametrize("spelt", [["zapi/OLD", "meta/1"], '["zapi/OLD", "meta/1"]', "zapi/OLD,meta/1"])
def test_formerly_is_one_id_or_a_list(spelt: object) -> None:
    account = load_accounts({}, support={**ZAPI, "formerly": spelt})["support"]
    assert account.formerly == ("zapi/OLD", "meta/1")


@pytest.mark.parametrize("key", ["token", "clientToken"])
def test_the_line_break_of_a_file_is_no_part_of_a_credential(key: str) -> None:
    account = load_accounts({**ZAPI, key: "s3cret\n"})["default"]
    assert "s3cret" in account.secrets()
    assert not any("\n" in secret for secret in account.secrets())


@pytest.mark.parametrize("value", ["  \n", "two\nlines", "tökên"])
def test_a_credential_that_no_header_can_carry_is_told_without_showing_it(value: str) -> None:
    with pytest.raises(ConfigurationError, match="whatsapp:token is wrong: a credential is printable ASCII") as error:
        load_accounts({**ZAPI, "token": value})["default"]
    assert value.strip() == "" or value not in str(error.value)


@given(
    st.sampled_from(sorted({*ACCOUNT_KEYS} - {"gateway"})),
    st.text(max_size=12) | st.sampled_from(["[", "{}", "null", "~", "https://[", "0x1", "1e400", "\ud83d", "+5511"]),
)
def test_any_text_is_read_or_explained_in_one_line(key: str, text: str) -> None:
    """Whatever the configuration or the environment gives: no traceback, and no credential in the line."""
    configured = load_accounts({**ZAPI, key: text})
    try:
        account = configured["default"]
    except ConfigurationError as error:
        why = str(error)
    else:
        assert account.gateway == "zapi"
        return
    assert f"whatsapp:{key} " in why
    assert len(why.splitlines()) == 1
    assert not (key in SECRET_KEYS and len(text) > 6 and text in why)
