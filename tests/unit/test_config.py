"""Accounts from the stack's configuration and the environment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from pulumi.dynamic import Config

from pulumi_whatsapp.account.account import Account
from pulumi_whatsapp.account.accounts import Accounts, account_id
from pulumi_whatsapp.config import ACCOUNT_KEYS, AccountConfig, Configuration, exposed, load, load_provider
from pulumi_whatsapp.connect import connect, project_root
from pulumi_whatsapp.dynamic._keys import provider_configuration
from pulumi_whatsapp.errors import ConfigurationError
from pulumi_whatsapp.gateways.base import STATUSES, Gateway
from pulumi_whatsapp.gateways.registry import GATEWAYS
from pulumi_whatsapp.redact import Redactor
from pulumi_whatsapp.transport import Transport

from .fake import Heard

ROOT = Path("/project")
ZAPI = {"gateway": "zapi", "instance": "3A5B", "token": "t0ken", "clientToken": "cl1ent"}
META = {"gateway": "meta", "phoneNumberId": "106540352242922", "token": "m3ta"}
SECRETS = ("t0ken", "cl1ent", "m3ta", "s3cret")


def _load(
    config: dict[str, Any] | None = None, environment: dict[str, str] | None = None, **accounts: dict[str, Any]
) -> Configuration:
    given = {key: str(value) for key, value in (config or {}).items()}
    if accounts:
        given["accounts"] = json.dumps(accounts)
    return load(given, environment or {}, GATEWAYS, root=ROOT)


def _error(configured: Configuration, name: str = "default") -> str:
    with pytest.raises(ConfigurationError) as error:
        configured[name]
    assert "\n" not in str(error.value)
    assert not any(secret in str(error.value) for secret in SECRETS)
    return str(error.value)


def _secret(account: AccountConfig) -> str:
    assert account.token is not None
    return account.token.reveal()


# -- precedence


def test_the_environment_wins_for_secrets() -> None:
    account = _load(ZAPI, {"WHATSAPP_TOKEN": "rotated"})["default"]
    assert _secret(account) == "rotated"
    assert account.secrets() == ["rotated", "cl1ent"]


@pytest.mark.parametrize(
    ("key", "variable", "field", "value"),
    [
        ("maxUnblocks", "WHATSAPP_MAX_UNBLOCKS", "max_unblocks", 3),
        ("timeout", "WHATSAPP_TIMEOUT", "timeout", 5),
        ("maxRetries", "WHATSAPP_MAX_RETRIES", "max_retries", 1),
        ("requestsPerMinute", "WHATSAPP_REQUESTS_PER_MINUTE", "requests_per_minute", 9),
        ("maxConcurrency", "WHATSAPP_MAX_CONCURRENCY", "max_concurrency", 2),
        ("timeBudget", "WHATSAPP_TIME_BUDGET", "time_budget", 60),
    ],
)
def test_the_environment_wins_for_tuning_and_limits(key: str, variable: str, field: str, value: int) -> None:
    assert getattr(_load({**ZAPI, key: 77})["default"], field) == 77
    assert getattr(_load({**ZAPI, key: 77}, {variable: str(value)})["default"], field) == value
    assert getattr(_load(ZAPI, {variable: str(value)})["default"], field) == value


@pytest.mark.parametrize(
    ("config", "key", "other"),
    [
        (ZAPI, "gateway", "meta"),
        (ZAPI, "instance", "OTHER"),
        (META, "phoneNumberId", "1"),
        ({**ZAPI, "baseUrl": "https://a.test"}, "baseUrl", "https://b.test"),
        ({**ZAPI, "sandbox": "a"}, "sandbox", "b"),
    ],
)
def test_an_identity_that_contradicts_itself_is_an_error(config: dict[str, str], key: str, other: str) -> None:
    variable = {"phoneNumberId": "WHATSAPP_PHONE_NUMBER_ID", "baseUrl": "WHATSAPP_BASE_URL"}.get(
        key, f"WHATSAPP_{key.upper()}"
    )
    text = _error(_load(config, {variable: other}))
    assert f"{variable} in the environment contradicts whatsapp:{key}" in text
    assert f"it is {other!r} in the environment and {config[key]!r} in the stack" in text
    assert isinstance(_load(config, {variable: config[key]})["default"], AccountConfig)
    fallback = {name: value for name, value in config.items() if name != key}
    assert str(getattr(_load(fallback, {variable: config[key]})["default"], _snake(key))).endswith(config[key])


def test_a_contradiction_shows_no_more_of_an_address_than_its_host() -> None:
    config = {**ZAPI, "baseUrl": "https://me:s3cret@a.test/s3cret?s3cret"}
    text = _error(_load(config, {"WHATSAPP_BASE_URL": "https://[s3cret"}))
    assert "it is '…' in the environment and 'https://a.test/…' in the stack" in text


def _snake(key: str) -> str:
    return "".join(f"_{mark.lower()}" if mark.isupper() else mark for mark in key)


def test_everything_may_come_from_the_environment() -> None:
    environment = {
        "WHATSAPP_GATEWAY": "zapi",
        "WHATSAPP_INSTANCE": "3A5B",
        "WHATSAPP_TOKEN": "t0ken",
        "WHATSAPP_CLIENT_TOKEN": "cl1ent",
        "WHATSAPP_DEFAULT_REGION": "BR",
    }
    account = _load({}, environment)["default"]
    assert (account.gateway, account.instance, account.default_region) == ("zapi", "3A5B", "BR")


def test_an_empty_variable_is_none() -> None:
    assert _secret(_load(ZAPI, {"WHATSAPP_TOKEN": "", "WHATSAPP_INSTANCE": ""})["default"]) == "t0ken"


# -- named accounts


def test_named_accounts_stand_beside_the_default_one() -> None:
    configured = _load(ZAPI, support=META, **{"on-call": {**ZAPI, "instance": "X"}})
    assert configured.names() == ["default", "on-call", "support"]
    assert configured["support"].phone_number_id == "106540352242922"
    assert configured["on-call"].instance == "X"


def test_named_accounts_get_their_own_variables_longest_key_first() -> None:
    environment = {
        "WHATSAPP_ACCOUNTS_ON_CALL_PHONE_NUMBER_ID": "42",
        "WHATSAPP_ACCOUNTS_ON_CALL_PHONE_NUMBER": "+5511900000000",
        "WHATSAPP_ACCOUNTS_ON_CALL_CLIENT_TOKEN": "client",
        "WHATSAPP_ACCOUNTS_ON_CALL_TOKEN": "token",
        "WHATSAPP_ACCOUNTS_ON_CALL_REGION": "eu",
        "WHATSAPP_ACCOUNTS_ON_CALL_DEFAULT_REGION": "BR",
        "WHATSAPP_TOKEN": "of the default account",
    }
    account = _load({}, environment, **{"on-call": {"gateway": "meta"}})["on-call"]
    assert account.phone_number_id == "42"
    assert account.phone_number == "+5511900000000"
    assert account.client_token is not None
    assert account.client_token.reveal() == "client"
    assert _secret(account) == "token"
    assert (account.region, account.default_region) == ("eu", "BR")


def test_an_account_may_stand_in_the_environment_only() -> None:
    environment = {
        "WHATSAPP_ACCOUNTS_NIGHT_SHIFT_GATEWAY": "meta",
        "WHATSAPP_ACCOUNTS_NIGHT_SHIFT_PHONE_NUMBER_ID": "42",
        "WHATSAPP_ACCOUNTS_NIGHT_SHIFT_TOKEN": "m3ta",
    }
    assert _load({}, environment).names() == ["night-shift"]
    assert _load({}, environment)["night-shift"].phone_number_id == "42"


def test_an_account_whose_name_is_part_of_a_key() -> None:
    environment = {"WHATSAPP_ACCOUNTS_CLIENT_TOKEN": "token", "WHATSAPP_ACCOUNTS_CLIENT_CLIENT_TOKEN": "client"}
    account = _load({}, environment, client={"gateway": "zapi", "instance": "I"})["client"]
    assert account.secrets() == ["token", "client"]


def test_tuning_and_the_sandbox_are_inherited_and_nothing_else() -> None:
    default = {**ZAPI, "timeout": 5, "maxUnblocks": 2, "apiVersion": "v25.0", "defaultRegion": "BR"}
    default |= {"sandbox": "wa.sandbox", "formerly": "zapi/OLD"}
    configured = _load(default, {"WHATSAPP_MAX_RETRIES": "1"}, support={"gateway": "meta", "timeout": 9})
    text = _error(configured, "support")
    assert "whatsapp:accounts.support.phoneNumberId is missing" in text
    account = _load(default, {"WHATSAPP_MAX_RETRIES": "1"}, support={**META, "timeout": 9})["support"]
    assert (account.timeout, account.max_unblocks, account.max_retries) == (9, 2, 1)
    assert (account.api_version, account.default_region) == ("v25.0", "BR")
    assert account.sandbox == ROOT / "wa.sandbox"
    assert account.formerly == ()
    assert account.instance is None
    assert account.client_token is None


def test_a_safety_limit_in_the_environment_holds_for_every_account() -> None:
    account = _load(ZAPI, {"WHATSAPP_MAX_UNBLOCKS": "50"}, support={**META, "maxUnblocks": 2})["support"]
    assert account.max_unblocks == 50
    own = {"WHATSAPP_MAX_UNBLOCKS": "50", "WHATSAPP_ACCOUNTS_SUPPORT_MAX_UNBLOCKS": "3"}
    assert _load(ZAPI, own, support={**META, "maxUnblocks": 2})["support"].max_unblocks == 3


def test_credentials_are_never_inherited() -> None:
    text = _error(_load(ZAPI, {"WHATSAPP_TOKEN": "s3cret"}, twin={"gateway": "zapi", "instance": "X"}), "twin")
    assert "accounts.twin.token is missing" in text
    assert "accounts.twin.clientToken is missing" in text


def test_a_named_account_can_leave_an_inherited_sandbox() -> None:
    assert _load({**ZAPI, "sandbox": "wa.sandbox"}, real={**META, "sandbox": ""})["real"].sandbox is None


def test_numbers_and_truths_of_structured_configuration_are_taken() -> None:
    # `pulumi config set --path` stores what looks like a number as one, the + of a phone number lost
    account = _load({}, support={**META, "phoneNumberId": 106540352242922, "token": 12345})["support"]
    assert account.phone_number_id == "106540352242922"
    assert _secret(account) == "12345"
    account = _load(
        {},
        support={
            "gateway": "360dialog",
            "apiKey": "k",
            "phoneNumber": 5511900000000,
            "maxUnblocks": 0,
            "timeout": 2.5,
            "acceptVanished": True,
        },
    )["support"]
    assert account.phone_number == "+5511900000000"
    assert (account.max_unblocks, account.timeout, account.accept_vanished) == (0, 2.5, True)


def test_nothing_in_structured_configuration_is_as_if_it_were_not_there() -> None:
    account = _load({}, support={**META, "maxUnblocks": None, "sandbox": None, "clientToken": None})["support"]
    assert (account.max_unblocks, account.sandbox, account.client_token) == (None, None, None)
    assert "whatsapp:accounts.support.timeout is 'None'; it must be a number of seconds above 0" in _error(
        _load({}, support={**META, "timeout": None}), "support"
    )


# -- mistakes


def test_one_error_names_every_mistake_and_what_mends_it() -> None:
    text = _error(_load({"gateway": "zapi", "timeout": "soon", "colour": "red", "defaultRegion": "Brazil"}))
    assert text.startswith("the default account is not usable: ")
    assert "pulumi config set whatsapp:instance <value>, or WHATSAPP_INSTANCE in the environment" in text
    assert "pulumi config set --secret whatsapp:token <value>, or WHATSAPP_TOKEN in the environment" in text
    assert "pulumi config set --secret whatsapp:clientToken <value>, or WHATSAPP_CLIENT_TOKEN" in text
    assert "whatsapp:timeout is 'soon'; it must be a number of seconds above 0" in text
    assert "whatsapp:colour is not a key of this provider; remove it" in text
    assert "whatsapp:defaultRegion is 'Brazil'; it must be a country's two capital letters, e.g. BR" in text


def test_mistakes_are_told_in_one_order() -> None:
    wrong = {"WHATSAPP_TIMEOUT": "soon", "WHATSAPP_MAX_RETRIES": "many"}
    assert _error(_load(ZAPI, wrong)) == _error(_load(ZAPI, dict(reversed(wrong.items()))))


def test_the_mistakes_of_a_named_account_have_its_path() -> None:
    text = _error(_load({}, **{"on-call": {"gateway": "meta", "token": ""}}), "on-call")
    assert text.startswith("account 'on-call' is not usable: ")
    assert "pulumi config set --path whatsapp:accounts.on-call.phoneNumberId <value>" in text
    assert "pulumi config set --secret --path whatsapp:accounts.on-call.token <value>" in text
    assert "WHATSAPP_ACCOUNTS_ON_CALL_TOKEN in the environment" in text


def test_without_anything_the_gateway_is_asked_for() -> None:
    text = _error(_load())
    assert "pulumi config set whatsapp:gateway <one of zapi," in text


@pytest.mark.parametrize("gateway", [["meta"], {"meta": 1}, True])
def test_a_gateway_that_is_no_text_is_an_unknown_one(gateway: object) -> None:
    text = _error(_load({}, support={**META, "gateway": gateway}), "support")
    assert f"whatsapp:accounts.support.gateway is {gateway!r}; it must be one of zapi, " in text


def test_an_unknown_gateway_names_the_known_ones() -> None:
    text = _error(_load({**ZAPI, "gateway": "twilio"}))
    assert "whatsapp:gateway is 'twilio'; it must be one of zapi, " in text
    assert "is missing" not in text


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
    text = _error(_load({**ZAPI, key: value}))
    assert f"whatsapp:{key} is " in text
    assert says in text
    for jargon in ("Input should", "String should", "Value error", "Expecting"):
        assert jargon not in text


@pytest.mark.parametrize(("text", "on"), [("true", True), ("Yes", True), ("1", True), (" off", False), ("no", False)])
def test_a_switch_has_more_than_one_word(text: str, on: bool) -> None:
    assert _load({**ZAPI, "acceptVanished": text})["default"].accept_vanished is on


@pytest.mark.parametrize("address", ["https://me:s3cret@[api.test", "https://me:s3cret@a\u2100.test"])
def test_an_address_that_is_none_is_not_quoted(address: str) -> None:
    assert "whatsapp:baseUrl is wrong: it must be an http(s) URL" in _error(_load({**ZAPI, "baseUrl": address}))


@pytest.mark.parametrize(
    "address", ["https://api.test:443/x", "http://[::1]:8080", "https://münchen.test", "http://localhost"]
)
def test_an_address_is_taken_as_it_is(address: str) -> None:
    assert _load({**ZAPI, "baseUrl": address})["default"].base_url == address


@pytest.mark.parametrize("text", ["+55 11 98765-4321, 1234567890@lid", '["+5511987654321", "1234567890@lid"]'])
def test_who_is_given_up_is_read_in_any_spelling_and_holds_for_every_account(text: str) -> None:
    configured = _load(ZAPI, {"WHATSAPP_GIVE_UP": text}, support=META)
    for name in ("default", "support"):
        assert configured[name].give_up == ("+5511987654321", "1234567890@lid")


def test_a_sandbox_has_no_address() -> None:
    text = _error(_load({**ZAPI, "sandbox": "a", "baseUrl": "https://api.test"}))
    assert "whatsapp:baseUrl and whatsapp:sandbox contradict each other" in text
    other = _load({**ZAPI, "sandbox": "a"}, support={**META, "baseUrl": "https://api.test"})
    assert "whatsapp:accounts.support.baseUrl and whatsapp:sandbox contradict" in _error(other, "support")
    assert _load({**ZAPI, "sandbox": "a"}, support={**META, "baseUrl": "https://api.test", "sandbox": ""})["support"]


# -- credentials: where they come from, and a preview without them


def test_an_account_says_where_each_credential_comes_from() -> None:
    configured = _load(ZAPI, {"WHATSAPP_TOKEN": "rotated", "WHATSAPP_ACCOUNTS_SUPPORT_TOKEN": "x"}, support=META)
    assert configured["default"].called == "the default account"
    assert configured["default"].whence("token") == "token (WHATSAPP_TOKEN in the environment)"
    assert configured["default"].whence("clientToken") == "clientToken (whatsapp:clientToken in the stack)"
    assert configured["support"].called == "account 'support'"
    assert configured["support"].whence("token") == "token (WHATSAPP_ACCOUNTS_SUPPORT_TOKEN in the environment)"


def _none() -> Transport:
    raise NotImplementedError


def test_a_refused_credential_is_told_with_its_account_and_where_it_comes_from() -> None:
    gateway = GATEWAYS["zapi"](_load(ZAPI, {"WHATSAPP_TOKEN": "t0ken"})["default"], _none)
    error = gateway.failure(STATUSES[401], "HTTP 401: no")
    assert str(error) == (
        "Z-API 3A5B refused the credentials (HTTP 401: no); check token (WHATSAPP_TOKEN in the environment) and "
        "clientToken (whatsapp:clientToken in the stack) of the default account"
    )


def test_a_preview_takes_an_account_without_credentials_and_says_so_once() -> None:
    configured = _load({key: value for key, value in ZAPI.items() if key != "clientToken"})
    report = Heard()
    accounts = connect(configured, report)
    with pytest.raises(ConfigurationError, match="clientToken is missing"):
        accounts.named(None)
    accounts.preview = True
    account = accounts.named(None)
    assert accounts.by_id(account.id) is accounts.named("default") is account
    assert accounts.is_account(None, account.id)
    (said,) = report.infos
    assert said.startswith(
        "the default account lacks token or clientToken here, so this preview asks its gateway nothing"
    )
    with pytest.raises(ConfigurationError, match="clientToken is missing"):
        _ = account.gateway.http


@pytest.mark.parametrize("missing", ["instance", "gateway"])
def test_a_preview_takes_no_account_that_nobody_can_tell(missing: str) -> None:
    accounts = connect(_load({key: value for key, value in ZAPI.items() if key != missing}), Heard())
    accounts.preview = True
    with pytest.raises(ConfigurationError):
        accounts.named(None)


def test_a_credential_in_plain_text_is_told() -> None:
    plain = {**ZAPI, "accounts": json.dumps({"support": META})}
    told = exposed(plain, ["clientToken"])
    assert [text.partition(" stands in the stack's file in plain text")[0] for text in told] == [
        "a credential in whatsapp:accounts",
        "whatsapp:token",
    ]
    assert "pulumi config set --secret whatsapp:token <value>" in told[1]
    assert not any(secret in text for secret in SECRETS for text in told)
    assert exposed(plain, ["clientToken", "token", "accounts"]) == []
    assert exposed({**plain, "sandbox": "a"}, []) == []
    assert exposed({"accounts": "no JSON"}, []) == []


def test_a_key_that_no_gateway_asks_for_is_never_another_gateway_s() -> None:
    asked = {key for gateway in GATEWAYS.values() for key in gateway.requirements.keys}
    given = dict.fromkeys(ACCOUNT_KEYS, "1")
    for name in GATEWAYS:
        said = "".join(_load({**given, "gateway": name}).unused["default"])
        assert {key for key in ACCOUNT_KEYS if f"whatsapp:{key} " in said} == asked - {
            *GATEWAYS[name].requirements.keys
        }


def test_a_wrong_value_is_named_where_it_stands() -> None:
    configured = _load({**ZAPI, "timeout": "soon"}, {"WHATSAPP_MAX_UNBLOCKS": "many"}, support=META)
    for name in configured.names():
        text = _error(configured, name)
        assert "whatsapp:timeout is 'soon'" in text
        assert "WHATSAPP_MAX_UNBLOCKS is 'many'" in text


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("maxUnblock", "maxUnblocks"),
        ("max_unblocks", "maxUnblocks"),
        ("client_token", "clientToken"),
        ("tokne", "token"),
        ("account", "accounts"),
    ],
)
def test_a_misspelt_key_spoils_every_account(written: str, meant: str) -> None:
    configured = _load({**ZAPI, written: "1"}, support=META)
    for name in ("default", "support"):
        says = f"whatsapp:{written} is not a key of this provider; did you mean {meant}?"
        assert says in _error(configured, name)


def test_a_misspelt_key_of_a_named_account() -> None:
    configured = _load(ZAPI, support={**META, "maxUnblock": "1"})
    says = "whatsapp:accounts.support.maxUnblock is not a key of this provider; did you mean maxUnblocks?"
    for name in ("default", "support"):
        assert _error(configured, name).count(says) == 1


def test_a_project_with_the_namespace_s_name_may_have_keys_of_its_own() -> None:
    def configured(**more: str) -> Configuration:
        return load({**ZAPI, **more}, {}, GATEWAYS, root=ROOT, project="whatsapp")

    assert configured(greeting="hello")["default"].instance == "3A5B"
    assert "did you mean maxUnblocks?" in _error(configured(maxUnblock="1"))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("WHATSAPP_MAX_UNBLOCK", "WHATSAPP_MAX_UNBLOCKS"),
        ("WHATSAPP_MAXUNBLOCKS", "WHATSAPP_MAX_UNBLOCKS"),
        ("WHATSAPP_TOKN", "WHATSAPP_TOKEN"),
        ("WHATSAPP_ACCOUNTS_ON_CALL_MAX_UNBLOCK", "WHATSAPP_ACCOUNTS_ON_CALL_MAX_UNBLOCKS"),
        ("WHATSAPP_ACCOUNT_ON_CALL_CLIENT_TOKEN", "WHATSAPP_ACCOUNTS_ON_CALL_CLIENT_TOKEN"),
        ("WHATSAPP_ACCOUNTS_ONCAL_MAX_UNBLOCKS", "WHATSAPP_ACCOUNTS_ON_CALL_MAX_UNBLOCKS"),
    ],
)
def test_a_misspelt_variable_is_warned_of(written: str, meant: str) -> None:
    configured = _load(ZAPI, {written: "1"}, **{"on-call": META})
    assert configured.warnings() == [f"{written} in the environment is ignored; did you mean {meant}?"]
    assert configured["default"].max_unblocks is None


def test_variables_of_other_programs_are_none_of_ours() -> None:
    others = ("WHATSAPP_DEBUG", "WHATSAPP_ID", "WHATSAPP_API_URL", "WHATSAPP_VERIFY_TOKEN", "WHATSAPP_WEBHOOK_SECRET")
    ours = {"WHATSAPP_MAX_UNBLOCKS": "1", "WHATSAPP_ACCOUNTS_ON_CALL_REGION": "eu", "WHATSAPP_TOKN": ""}
    assert _load(ZAPI, {**dict.fromkeys(others, "1"), **ours}, **{"on-call": META}).warnings() == []


def test_what_the_provider_is_handed_is_read_whole() -> None:
    handed = Config({"whatsapp:gateway": "zapi", "whatsapp:maxUnblock": "1", "demo:maxUnblock": "2"}, "demo")
    assert provider_configuration(handed) == {"gateway": "zapi", "maxUnblock": "1"}


def test_a_key_of_another_gateway_is_named_beside_the_missing_ones() -> None:
    text = _error(_load({"gateway": "zapi", "instance": "3A5B", "apiKey": "s3cret"}))
    assert "whatsapp:token is missing" in text
    assert "whatsapp:apiKey is not used by zapi, which takes instance, token, clientToken" in text
    text = _error(_load({}, {"WHATSAPP_ACCOUNTS_X_INSTANCE": "3A5B"}, x={"gateway": "meta"}), "x")
    assert "WHATSAPP_ACCOUNTS_X_INSTANCE is not used by meta, which takes phoneNumberId, token" in text
    configured = _load({**ZAPI, "apiKey": "s3cret"})
    assert configured["default"].instance == "3A5B"
    assert configured.unused["default"] == [
        "whatsapp:apiKey is not used by zapi, which takes instance, token, clientToken"
    ]


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:1", "https://x.test/a/"])
def test_plain_http_is_for_this_machine(url: str) -> None:
    assert _load({**ZAPI, "baseUrl": url})["default"].base_url == url.rstrip("/")


@pytest.mark.parametrize("text", ["[]", "no json", '"x"', '{"a": 1}', '{"a": []}'])
def test_accounts_must_be_an_object_of_objects(text: str) -> None:
    assert "whatsapp:accounts must be an object" in _error(_load({**ZAPI, "accounts": text}))


@pytest.mark.parametrize("name", ["On-Call", "on_call", "a b", "", "default"])
def test_account_names_are_plain(name: str) -> None:
    configured = _load(ZAPI, **{name: META})
    assert "rename it" in _error(configured)
    assert "rename it" in _error(configured, "support")


def test_an_account_that_nobody_uses_may_be_broken() -> None:
    configured = _load(ZAPI, support={"gateway": "meta"})
    assert configured["default"].instance == "3A5B"
    _error(configured, "support")


def test_an_account_that_does_not_exist_names_those_that_do() -> None:
    text = _error(_load(ZAPI, support=META), "sales")
    assert "no account 'sales' is configured (there is: default, support)" in text
    assert "pulumi config set --path whatsapp:accounts.sales.gateway" in text


def test_no_secret_shows_in_a_repr() -> None:
    account = _load(ZAPI)["default"]
    for shown in (repr(account), str(account), repr(asdict(account)), f"{account.token} {account.token!r}"):
        assert not any(secret in shown for secret in SECRETS)


@pytest.mark.parametrize("user", ["me:s3cret", "me:s3%2Fcr@et", "s3cret"])
def test_who_a_proxy_is_asked_as_is_a_secret(user: str) -> None:
    account = _load({**ZAPI, "baseUrl": f"https://{user}@proxy.test/z"})["default"]
    _, _, password = user.partition(":")
    text = f"GET {httpx.URL(f'https://{user}@proxy.test/z')} as {password}, {unquote(password)}"
    shown = Redactor(account.secrets())(text)
    assert "proxy.test/z" in shown
    assert "s3" not in shown


def test_a_wrong_secret_is_not_quoted() -> None:
    text = _error(_load({}, support={**META, "token": ["s3cret"]}), "support")
    assert "whatsapp:accounts.support.token is wrong" in text


# -- the sandbox


def test_a_sandbox_in_the_home_of_nobody_is_a_line() -> None:
    text = _error(_load({**ZAPI, "sandbox": "~nouser/wa.sandbox"}))
    assert "whatsapp:sandbox is '~nouser/wa.sandbox'; it must be the file of a sandbox" in text


def test_a_relative_sandbox_lies_beside_pulumi_yaml() -> None:
    assert _load({**ZAPI, "sandbox": "state/wa.sandbox"})["default"].sandbox == ROOT / "state" / "wa.sandbox"
    assert _load({**ZAPI, "sandbox": "/var/wa.sandbox"})["default"].sandbox == Path("/var/wa.sandbox")
    assert _load(ZAPI, {"WHATSAPP_SANDBOX": "wa.sandbox"})["default"].sandbox == ROOT / "wa.sandbox"


def test_a_sandbox_needs_an_identity_and_no_credentials() -> None:
    account = _load({"gateway": "zapi", "instance": "3A5B", "sandbox": "wa.sandbox"})["default"]
    assert account.token is not None
    text = _error(_load({"gateway": "zapi", "sandbox": "wa.sandbox"}))
    assert "whatsapp:instance is missing" in text
    assert "token" not in text


@pytest.mark.parametrize("value", ["true", "True", "yes", "1", "on", "false", "no", "0", "off"])
def test_a_sandbox_is_a_file_and_no_switch(value: str) -> None:
    text = _error(_load({**ZAPI, "sandbox": value}))
    assert f"whatsapp:sandbox is {value!r}; it must be the file of a sandbox, e.g. .sandbox/whatsapp.sqlite" in text
    assert "WHATSAPP_SANDBOX is" in _error(_load(ZAPI, {"WHATSAPP_SANDBOX": value}))


def test_a_sandbox_of_a_named_account_is_no_switch() -> None:
    for value in (True, False):
        text = _error(_load({**ZAPI, "sandbox": "wa.sandbox"}, real={**META, "sandbox": value}), "real")
        assert f"whatsapp:accounts.real.sandbox is '{value}'; it must be the file of a sandbox" in text
        assert "(for the real gateway empty it)" in text


def test_the_project_is_the_nearest_folder_with_a_pulumi_yaml(tmp_path: Path) -> None:
    deep = tmp_path / "project" / "src" / "deep"
    deep.mkdir(parents=True)
    assert project_root(deep) == deep
    (tmp_path / "Pulumi.yaml").touch()
    (tmp_path / "project" / "Pulumi.yml").touch()
    assert project_root(deep) == tmp_path / "project"


# -- who an account is


def _accounts(configured: Configuration) -> Accounts:
    def no_gateway(account_id: str, _config: AccountConfig, _gateway: type[Gateway]) -> Account:
        raise NotImplementedError(account_id)

    return Accounts(configured, no_gateway, Heard())


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (ZAPI, "zapi/3A5B"),
        (META, "meta/106540352242922"),
        ({"gateway": "360dialog", "apiKey": "k", "phoneNumber": "+55 11 90000-0000"}, "360dialog/+5511900000000"),
        ({**ZAPI, "sandbox": "x"}, "sandbox/zapi/3A5B"),
        ({**ZAPI, "baseUrl": "https://api.z-api.io/"}, "zapi/3A5B"),
        ({**ZAPI, "baseUrl": "https://proxy.test:8443/z"}, "zapi/proxy.test:8443/3A5B"),
        ({**ZAPI, "baseUrl": "https://me:s3cret@proxy.test/z"}, "zapi/proxy.test/3A5B"),
    ],
)
def test_the_public_identity_of_an_account(config: dict[str, str], expected: str) -> None:
    identity = account_id(_load(config)["default"])
    assert identity == expected
    assert not any(secret in identity for secret in SECRETS)


def test_an_account_is_found_by_what_it_is_or_formerly_was() -> None:
    accounts = _accounts(_load({**ZAPI, "formerly": "zapi/OLD, meta/1"}, support=META))
    for wanted in ("zapi/3A5B", "zapi/OLD", "meta/1"):
        assert accounts.is_account(None, wanted)
        with pytest.raises(NotImplementedError):
            accounts.by_id(wanted)
    assert not accounts.is_account("support", "zapi/3A5B")


@pytest.mark.parametrize("formerly", ["zapi/NEW", "zapi/NEW, zapi/OLD"])
def test_an_account_that_is_configured_is_not_taken_for_one_that_formerly_was_it(formerly: str) -> None:
    accounts = _accounts(_load({**ZAPI, "formerly": formerly}, support={**ZAPI, "instance": "NEW"}))
    contradiction = "`formerly` of account zapi/3A5B names zapi/NEW"
    with pytest.raises(ConfigurationError, match=contradiction):
        accounts.by_id("zapi/NEW")
    with pytest.raises(ConfigurationError, match=contradiction):
        accounts.named(None)
    assert not accounts.is_account(None, "zapi/NEW")
    assert accounts.is_account("support", "zapi/NEW")


def test_an_account_that_is_not_usable_is_still_not_what_another_formerly_was() -> None:
    accounts = _accounts(_load({**ZAPI, "formerly": "zapi/OLD"}, support={"gateway": "zapi", "instance": "OLD"}))
    with pytest.raises(
        ConfigurationError, match=r"'zapi/OLD', which is not configured \(account 'support' is not usable: "
    ):
        accounts.by_id("zapi/OLD")


@pytest.mark.parametrize(
    ("other", "differ"),
    [
        ({"maxUnblocks": 0}, "maxUnblocks"),
        ({"token": "m3ta"}, "token"),
        ({"token": "m3ta", "clientToken": "s3cret", "defaultRegion": "BR"}, "clientToken, defaultRegion, token"),
    ],
)
@pytest.mark.parametrize("name", [None, "support"])
def test_two_names_of_one_account_say_the_same(other: dict[str, Any], differ: str, name: str | None) -> None:
    accounts = _accounts(_load(ZAPI, support={**ZAPI, **other}))
    with pytest.raises(ConfigurationError) as error:
        accounts.named(name)
    text = str(error.value)
    assert text.startswith("account zapi/3A5B has two names, 'default' and 'support', with different ")
    assert sorted(text.partition("different ")[2].partition(";")[0].split(", ")) == differ.split(", ")
    assert not any(secret in text for secret in SECRETS)


def test_two_names_of_one_account_that_say_the_same_are_one() -> None:
    with pytest.raises(NotImplementedError, match=r"^zapi/3A5B$"):
        _accounts(_load(ZAPI, support=ZAPI)).named("support")


@pytest.mark.parametrize("owner", [None, "support"])
def test_what_an_account_formerly_was_is_no_other_account(owner: str | None) -> None:
    old = {**ZAPI, "instance": "OLD"}
    now = {**ZAPI, "formerly": "zapi/OLD"}
    configured = _load(now, support=old) if owner is None else _load(old, support=now)
    with pytest.raises(
        ConfigurationError,
        match="`formerly` of account zapi/3A5B names zapi/OLD, which is still another configured account",
    ):
        _accounts(configured).named(owner)


@pytest.mark.parametrize("spelt", [["zapi/OLD", "meta/1"], '["zapi/OLD", "meta/1"]', "zapi/OLD,meta/1"])
def test_formerly_is_one_id_or_a_list(spelt: object) -> None:
    account = _load({}, support={**ZAPI, "formerly": spelt})["support"]
    assert account.formerly == ("zapi/OLD", "meta/1")


def test_a_state_whose_account_is_gone_says_how_to_go_on() -> None:
    accounts = _accounts(_load(ZAPI, support={"gateway": "meta"}))
    with pytest.raises(ConfigurationError) as error:
        accounts.by_id("zapi/GONE")
    text = str(error.value)
    assert "'zapi/GONE', which is not configured" in text
    assert "`formerly`" in text
    assert "account 'support' is not usable" in text
    assert "Remove an account only after its resources" in text


@pytest.mark.parametrize("key", ["token", "clientToken"])
def test_the_line_break_of_a_file_is_no_part_of_a_credential(key: str) -> None:
    account = _load({**ZAPI, key: "s3cret\n"})["default"]
    assert "s3cret" in account.secrets()
    assert not any("\n" in secret for secret in account.secrets())


@pytest.mark.parametrize("value", ["  \n", "two\nlines", "tökên"])
def test_a_credential_that_no_header_can_carry_is_told_without_showing_it(value: str) -> None:
    with pytest.raises(ConfigurationError, match="whatsapp:token is wrong: a credential is printable ASCII") as error:
        _load({**ZAPI, "token": value})["default"]
    assert value.strip() == "" or value not in str(error.value)


# -- an explicit provider


def _provider(keys: Mapping[str, Any], environment: dict[str, str] | None = None) -> AccountConfig | ConfigurationError:
    configured = load_provider("support-line", keys, environment or {}, GATEWAYS, root=ROOT)
    assert configured.default == "provider:support-line"
    try:
        return configured[configured.default]
    except ConfigurationError as error:
        return error


def test_an_explicit_provider_is_one_account_of_its_own_keys() -> None:
    account = _provider(META)
    assert isinstance(account, AccountConfig)
    assert (account.gateway, account.named) == ("meta", None)
    assert account.called == "provider 'support-line'"
    assert account.whence("token") == "token of provider 'support-line'"
    with pytest.raises(ConfigurationError, match="names none: remove `account`"):
        load_provider("support-line", META, {}, GATEWAYS, root=ROOT)["other"]


def test_the_environment_speaks_to_a_provider_by_its_name() -> None:
    keys = {key: value for key, value in META.items() if key != "token"}
    why = _provider(keys, {"WHATSAPP_TOKEN": "m3ta", "WHATSAPP_GATEWAY": "zapi"})
    assert isinstance(why, ConfigurationError)
    assert "token of provider 'support-line' is missing (give it" in str(why)
    assert "WHATSAPP_ACCOUNTS_SUPPORT_LINE_TOKEN" in str(why)
    account = _provider(keys, {"WHATSAPP_ACCOUNTS_SUPPORT_LINE_TOKEN": "m3ta", "WHATSAPP_MAX_UNBLOCKS": "3"})
    assert isinstance(account, AccountConfig)
    assert account.max_unblocks == 3
    assert account.whence("token") == "WHATSAPP_ACCOUNTS_SUPPORT_LINE_TOKEN"


def test_what_a_provider_does_not_have_is_refused_with_what_was_meant() -> None:
    why = str(_provider({**META, "maxUnblock": 1}))
    assert "maxUnblock of provider 'support-line' is not a key" in why
    assert "did you mean maxUnblocks?" in why
    assert "contradicts phoneNumberId of provider" in str(
        _provider(META, {"WHATSAPP_ACCOUNTS_SUPPORT_LINE_PHONE_NUMBER_ID": "2"})
    )
